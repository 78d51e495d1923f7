"""The command line; `nonlin --help` lists its commands."""

from nonlin.cli.entry import main

__all__ = ["main"]
