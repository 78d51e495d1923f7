"""The site: tutorial, guides, functions, reference and results, in both languages."""
