"""One file that shows a view anywhere: the page's modules, and every answer they may ask."""
