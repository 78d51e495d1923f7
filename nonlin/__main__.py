"""``python -m nonlin`` is the same program as ``nonlin``."""

import sys

from nonlin.cli import main

if __name__ == "__main__":
    sys.exit(main())
