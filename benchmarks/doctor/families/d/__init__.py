"""Population D: held back after C was spent, and looked at once."""
