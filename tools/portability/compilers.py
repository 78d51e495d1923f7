"""Build with Clang, and compare its bits with those of the installed build, and with arm64's.

A part of make test: a reduced set of inputs, and with each instruction set of this processor the
tests in which a compiler has most to say.
"""

from __future__ import annotations

import shutil
import sys
from itertools import pairwise
from pathlib import Path

from bits import FEW, Results, of_build, on_arm64
from builds import INSTALLED, ROOT, build, python

CLANG = ROOT / "build" / "clang"
NATIVE = Path(__file__).parent / "clang.ini"
TESTS = ("test_caller.py", "test_environment.py", "test_small.py")


def with_clang() -> dict[str, Results]:
    """Build with Clang and run the tests; empty, and a line, where Clang is not installed."""
    if not shutil.which("clang++"):
        print("Clang: not compared, for want of clang++")
        return {}
    build(CLANG, f"--native-file={NATIVE}")
    found = of_build(CLANG, FEW)
    for name, results in found.items():
        print(f"{', '.join(TESTS)} with {results.name}:", flush=True)
        tests = [str(ROOT / "tests/kernels" / test) for test in TESTS]
        python(CLANG, ["-m", "pytest", "-q", *tests], NONLIN_INSTRUCTION_SET=name)
    return found


def main() -> None:
    """Compare all that can be compared here."""
    ours, theirs, arm64 = of_build(INSTALLED, FEW), with_clang(), on_arm64(FEW)
    pairs = [(ours[name], results) for name, results in theirs.items()]
    # Without a fused instruction v2 rounds twice where the others do so once.
    same = [results for name, results in ours.items() if name != "v2"]
    pairs += pairwise([*same, *([arm64] if arm64 else [])])
    different = [key for first, second in pairs for key in first.differing(second)]
    names = [results.name for results in (*ours.values(), *theirs.values())]
    names += [arm64.name] if arm64 else []
    print(f"Compared on {FEW} inputs a result: {', '.join(names)}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
