"""Brings tools/ into the path."""

import certificate  # noqa: F401
