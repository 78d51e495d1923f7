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
from builds import INSTALLED, ROOT, build, compiler_of, python

CLANG = ROOT / "build" / "clang"
NATIVE = Path(__file__).parent / "clang.ini"
TESTS = ("test_caller.py", "test_environment.py", "test_small.py")


def clang(ours: dict[str, Results]) -> list[str]:
    """Build with Clang, run the tests and list where its bits differ."""
    if not shutil.which("clang++"):
        print("Clang: not compared, for want of clang++")
        return []
    build(CLANG, f"--native-file={NATIVE}")
    theirs = of_build(CLANG, FEW)
    different = [key for name in ours for key in ours[name].differing(theirs[name])]
    for name in theirs:
        print(f"{', '.join(TESTS)} with {theirs[name].name}:", flush=True)
        tests = [str(ROOT / "tests/kernels" / test) for test in TESTS]
        python(CLANG, ["-m", "pytest", "-q", *tests], NONLIN_INSTRUCTION_SET=name)
    return different


def main() -> None:
    """Compare all that can be compared here."""
    ours = of_build(INSTALLED, FEW)
    # Without a fused instruction v2 rounds twice where the others do so once.
    same = [results for name, results in ours.items() if name != "v2"]
    if arm64 := on_arm64(FEW):
        same.append(arm64)
    different = [key for first, second in pairwise(same) for key in first.differing(second)]
    different += clang(ours)
    if different:
        sys.exit(1)
    print(f"Compared: {compiler_of(INSTALLED)} with {', '.join(ours)}; every other named above.")


if __name__ == "__main__":
    main()
