"""Gappa's scripts: what they say, and what Gappa found."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from prove.arithmetic import ROUNDING, literal

SCRIPTS = Path(__file__).parents[2] / "build" / "prove"
MISSING = "The proofs need Gappa, which is not installed: on Debian or Ubuntu, apt install gappa."
# A hint with a quotient says what must not be 0, and Gappa proves that before it uses the hint; the
# check of its algebra, which comes before, can only warn.
HARMLESS = ("no need for the rewriting", "renaming identifier", "has been assumed to be nonzero")
Interval = tuple[Fraction, Fraction]


class UnprovedError(Exception):
    """Gappa found no bound, or doubts a hint."""


def installed() -> bool:
    return shutil.which("gappa") is not None


def outward(interval: Interval, bits: int = 140) -> str:
    """Write an interval as dyadic numbers, rounded outward."""
    scale = 2**bits
    lower, upper = math.floor(interval[0] * scale), math.ceil(interval[1] * scale)
    return f"[{literal(Fraction(lower, scale))}, {literal(Fraction(upper, scale))}]"


def script(
    definitions: Sequence[str],
    suppositions: Mapping[str, Interval | str],
    goals: Sequence[str],
    hints: Sequence[str] = (),
) -> str:
    """Ask for the least bounds that Gappa finds of |goal|, a defined name, under suppositions: an
    interval by expression, or a property as it stands."""
    given = [
        what if isinstance(where, str) else f"{what} in {outward(where)}"
        for what, where in suppositions.items()
    ]
    asked = " /\\ ".join(f"|{goal}| in ?" for goal in goals)
    logic = "{ " + "\n  -> ".join([*given, asked]) + " }"
    return "\n".join([ROUNDING, *definitions, "", logic, "", *(f"{hint};" for hint in hints), ""])


def bounds(name: str, text: str, goals: Sequence[str]) -> list[Fraction]:
    """Run Gappa on a script, kept under its name in build/prove, and return the bounds."""
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    (SCRIPTS / f"{name}.gappa").write_text(text)
    ran = subprocess.run(["gappa"], input=text, capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    doubts = [line for line in said.splitlines()
              if "Warning" in line and not any(known in line for known in HARMLESS)]  # fmt: skip
    number = r"(-?\d+)(?:b(-?\d+))?"
    found = [
        re.search(rf"^  \|{goal}\| in \[\S+(?: {{[^}}]*}})?, {number}", said, re.MULTILINE)
        for goal in goals
    ]
    if doubts or ran.returncode or not all(found):
        raise UnprovedError(f"{name}: {said.strip()}")
    return [Fraction(int(m[1])) * Fraction(2) ** int(m[2] or 0) for m in found if m]
