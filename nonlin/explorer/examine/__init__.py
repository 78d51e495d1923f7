"""A monitor's log on the page: read once, or followed while the training writes it."""
