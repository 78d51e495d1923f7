"""Start `command.py` without installing anything: python tools/certify/run.py --help"""

import runpy
import sys
from pathlib import Path

# A process that compares rows runs this file again, under another name.
if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    runpy.run_module("certify.command", run_name="__main__")
