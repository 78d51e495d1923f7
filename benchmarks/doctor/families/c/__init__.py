"""Population C: looked at once, when the page is written."""
