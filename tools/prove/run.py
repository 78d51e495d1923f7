"""Start `command.py` without installing anything: python tools/prove/run.py --help"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    runpy.run_module("prove.command", run_name="__main__")
