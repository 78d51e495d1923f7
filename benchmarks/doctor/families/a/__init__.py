"""Population A: thresholds are set on it."""
