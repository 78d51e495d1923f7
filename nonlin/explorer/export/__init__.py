"""One file that shows a view anywhere: Plotly and computed data in it, asking nobody."""
