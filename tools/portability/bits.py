"""Compare the bits of every result on x86-64 with those on arm64: make certify-arm64

The kernels are compiled for arm64 by a cross-compiler, and qemu runs them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from builds import INSTALLED, ROOT, build, compiler_of
from cross import ARM64, BITS, BUILD, System, program

SETS = ("v2", "v3", "v4")
MANY, FEW = 1 << 18, 1 << 14


@dataclass(frozen=True)
class Results:
    """Hashes of what one build computes: by function, kind, dtype and parameters."""

    name: str
    instruction_set: str
    hashes: dict[str, str] = field(repr=False)

    def differing(self, other: Results) -> list[str]:
        """Say where another has other bits, and sum up; nothing may be missing."""
        if self.hashes.keys() != other.hashes.keys() or not self.hashes:
            raise SystemExit(f"{self.name} and {other.name} have other functions")
        found = [key for key, value in self.hashes.items() if value != other.hashes[key]]
        for key in found:
            print(f"{key}: {self.name} and {other.name} have other bits")
        same = len(self.hashes) - len(found)
        print(f"{same} of {len(self.hashes)} results: {self.name} and {other.name}, the same bits")
        return found


def results(name: str, command: Sequence[str], inputs: int, *ceiling: str) -> Results:
    """Run a bits program on so many inputs, with an instruction set at the most."""
    run = subprocess.run(
        [*command, str(inputs), *ceiling], check=True, capture_output=True, text=True
    )
    lines = (line.rpartition(" ") for line in run.stdout.splitlines())
    hashes = {key: value for key, _, value in lines}
    instruction_set = hashes.pop("instruction_set")
    return Results(f"{name} {instruction_set}", instruction_set, hashes)


def of_build(folder: Path, inputs: int) -> dict[str, Results]:
    """What the kernels of a build compute with each instruction set that the processor has."""
    # Objects from before a change of the sources are laid out otherwise than the program.
    build(folder)
    path = BUILD / folder.name / "bits"
    path.parent.mkdir(parents=True, exist_ok=True)
    sources = [BITS, ROOT / "kernels/dispatch/dispatch.cpp"]
    # Any compiler can link what another has compiled.
    subprocess.run(
        ["c++", "-std=c++20", "-O1", *sources, *folder.glob("libloops_*.a"), "-o", path], check=True
    )
    found = {}
    for ceiling in SETS:
        here = results(compiler_of(folder), [str(path)], inputs, ceiling)
        found[here.instruction_set] = here
    return found


def version(system: System) -> str:
    """The version of a system's compiler."""
    command = [*system.compiler, "-dumpfullversion"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def on_arm64(inputs: int) -> Results | None:
    """What the kernels compute on arm64; None, and a line, where that cannot be had here."""
    if missing := ARM64.missing():
        print(f"arm64: not compared, for want of {' and '.join(missing)}")
        return None
    command = [*(ARM64.runner or ()), str(program(ARM64))]
    return results(f"{ARM64.compiler[0]} {version(ARM64)}, {ARM64.name}", command, inputs)


def main() -> None:
    """Compare what is installed with arm64, and keep the answer for the accuracy page."""
    sys.path.insert(0, str(ROOT / "tools"))
    from certify.compared import ALL, keep

    ours = of_build(INSTALLED, MANY)
    theirs = on_arm64(MANY)
    if theirs is None:
        raise SystemExit("On Debian: apt install g++-aarch64-linux-gnu qemu-user")
    if "v3" not in ours:
        raise SystemExit("this processor has no v3, whose bits arm64 has")
    different = ours["v3"].differing(theirs)
    keep("arm64", "v3", different, len(theirs.hashes), {ALL: MANY})
    print(f"Compared on {MANY} inputs a result")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
