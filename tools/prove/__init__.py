"""Proofs of float64's bounds: the page is docs/accuracy.md."""
