"""Compare the bits of every result on x86-64 (v3) with those on arm64: make certify-arm64

Both programs are compiled here, the one for arm64 by a cross-compiler, and qemu runs it. On Debian:
apt install g++ g++-aarch64-linux-gnu qemu-user.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

from certify.compared import keep

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "certify"
# Compiler, arguments of its own, and what runs the program.
PROCESSORS = {
    "v3": ("g++", ["-march=x86-64-v3"], []),
    "arm64": ("aarch64-linux-gnu-g++", [], ["qemu-aarch64"]),
}


def kernel_arguments() -> list[str]:
    """The flags that meson.build compiles the kernels with."""
    found = re.search(r"kernel_arguments = (\[.*?\])", (ROOT / "meson.build").read_text(), re.S)
    if not found:
        raise SystemExit("meson.build has no list kernel_arguments")
    arguments: list[str] = ast.literal_eval(found[1])
    return arguments


def hashes(name: str) -> dict[str, str]:
    """Function, kind and dtype -> hash of the results."""
    compiler, arguments, runner = PROCESSORS[name]
    for tool in (compiler, *runner):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing; see the top of {Path(__file__).name}")
    program = FOLDER / f"bits_{name}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-std=c++20", *kernel_arguments(), *arguments, "-static"]
    command += [f"-DNONLIN_INSTRUCTION_SET={name}", f"-I{ROOT / 'kernels/dispatch'}"]
    command += [*map(str, sorted(ROOT.glob("kernels/loops/**/*.cpp")))]
    command += [str(ROOT / "tools/certify/bits.cpp")]
    subprocess.run([*command, "-o", str(program)], check=True)
    output = subprocess.run([*runner, program], check=True, capture_output=True, text=True).stdout
    return {key: value for key, _, value in (line.rpartition(" ") for line in output.splitlines())}


def count() -> int:
    """How many inputs bits.cpp takes."""
    source = (ROOT / "tools/certify/bits.cpp").read_text()
    (power,) = re.findall(r"count = 1 << (\d+);", source)
    return 1 << int(power)


def main() -> None:
    ours, theirs = (hashes(name) for name in PROCESSORS)
    different = [key for key in ours if ours[key] != theirs.get(key)]
    for key in different:
        print(f"{key}: other bits on arm64")
    keep("arm64", "v3", different, len(ours), f"{count():,} numbers")
    print(f"{len(ours) - len(different)} of {len(ours)} results have the same bits on arm64")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
