"""Population B: reported."""
