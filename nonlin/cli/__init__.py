"""The command line: ``nonlin list | show | plot | study``."""

from nonlin.cli.entry import main

__all__ = ["main"]
