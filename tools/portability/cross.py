"""Compile the kernels for other systems than this one, with the flags of meson.build."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "portability"
BITS = ROOT / "tools/portability/bits.cpp"
WITHOUT_PYTHON = [ROOT / "kernels/dispatch/dispatch.cpp", ROOT / "kernels/threads/pool.cpp"]


@dataclass(frozen=True)
class System:
    """One that the kernels are compiled for: by which compiler, and what runs its programs here."""

    name: str
    compiler: tuple[str, ...]
    processor: str
    runner: tuple[str, ...] | None = ()

    @property
    def is_zig(self) -> bool:
        """Whether the compiler is zig's."""
        return "ziglang" in self.compiler

    @property
    def folder(self) -> Path:
        """Where its objects go."""
        return BUILD / self.name.replace(" ", "-").lower()

    def missing(self) -> list[str]:
        """Which of its programs are not installed."""
        programs = (self.compiler[0], *(self.runner or ()))
        return [program for program in programs if not shutil.which(program)]


ARM64 = System("arm64", ("aarch64-linux-gnu-g++",), "arm64", ("qemu-aarch64",))


def written(name: str) -> Any:
    """The value that meson.build gives a variable, a literal of strings over several lines."""
    found = re.search(rf"^( *){name} = ([\[{{]\n.*?^\1[\]}}])$", _meson(), re.S | re.M)
    if not found:
        raise SystemExit(f"meson.build gives no list or dictionary to {name}")
    return ast.literal_eval(found[2])


def instruction_sets(system: System) -> dict[str, list[str]]:
    """The instruction sets that a system's kernels are compiled for, with their arguments."""
    if system.processor != "x86-64":
        return {"baseline": []}
    sets: dict[str, list[str]] = written("instruction_sets")
    if system.is_zig:  # writes x86_64_v3
        sets = {name: [f"-march=x86_64_{name}"] for name in sets}
    return sets


def compiled(system: System, more: Sequence[tuple[Path, Sequence[str]]] = ()) -> list[Path]:
    """Compile every kernel, what chooses among them and `more`, and return the objects.

    What is newer than all that it is made from is left as it is.
    """
    units = [*_units(system), *((source, "", arguments) for source, arguments in more)]
    newest = max(path.stat().st_mtime for path in _sources())
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as workers:
        return list(workers.map(lambda unit: _object(system, newest, *unit), units))


def program(system: System) -> Path:
    """The program bits.cpp, linked for `system` without shared libraries."""
    objects = compiled(system, [(BITS, ["-O1"])])
    path = system.folder / "bits"
    _call([*system.compiler, *map(str, objects), "-static", "-pthread", "-o", str(path)])
    return path


def _meson() -> str:
    return (ROOT / "meson.build").read_text(encoding="utf-8")


def _sources() -> Iterator[Path]:
    yield from (ROOT / "meson.build", BITS, Path(__file__))
    yield from (ROOT / "kernels").rglob("*.?pp")


def _units(system: System) -> Iterator[tuple[Path, str, Sequence[str]]]:
    loops = ROOT / "kernels/loops"
    families = [loops / "families" / f"{family}.cpp" for family in written("families")]
    gates = [loops / "gate_families" / f"{gate}.cpp" for gate in written("gate_families")]
    for name, arguments in instruction_sets(system).items():
        own = (loops / "table.cpp", loops / "axes.cpp", loops / "gates.cpp")
        for source in (*own, *families, *gates):
            yield source, name, [*arguments, f"-DNONLIN_INSTRUCTION_SET={name}"]
    for source in WITHOUT_PYTHON:
        yield source, "", []


def _object(
    system: System, newest: float, source: Path, name: str, arguments: Sequence[str]
) -> Path:
    path = system.folder / name / f"{source.parent.name}-{source.stem}.o"
    if not path.exists() or path.stat().st_mtime < newest:
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [*system.compiler, "-std=c++20", "-Wall", "-Wextra", "-DNDEBUG"]
        command += ["-fPIC", *written("kernel_arguments"), *arguments, "-c", str(source)]
        _call([*command, "-o", str(path)])
    return path


def _call(command: list[str]) -> None:
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)}\n{run.stderr}")
    if run.stderr:
        print(run.stderr, end="")
