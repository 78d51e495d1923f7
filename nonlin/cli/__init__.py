"""The command line: ``nonlin list | show | compare | plot | propagate | phase | study | doctor | explore``."""

from nonlin.cli.entry import main

__all__ = ["main"]
