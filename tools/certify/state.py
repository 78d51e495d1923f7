"""What has been measured so far: one line a chunk, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import nonlin

ROOT = Path(__file__).parents[2]
PACKAGES = {"NumPy": "numpy", "SciPy": "scipy", "PyTorch": "torch", "JAX": "jax"}

Key = tuple[str, str, str, int]
Tallies = Mapping[str, Mapping[str, Any]]


def versions() -> dict[str, str]:
    return {name: metadata.version(package) for name, package in PACKAGES.items()}


def digest() -> str:
    """What the results depend on: all sources that compute, less comments, and the versions."""
    sources = [*ROOT.glob("kernels/*.hpp"), *ROOT.glob("kernels/activations/*.hpp")]
    sources += [ROOT / "kernels/loops.cpp", *ROOT.glob("tools/certify/*.hpp")]
    hashed = hashlib.sha256()
    for source in sorted(path for path in sources if path.name != "catalogue.hpp"):
        hashed.update("".join(re.sub("//.*", "", source.read_text()).split()).encode())
    hashed.update(repr((versions(), nonlin.instruction_set(), platform.machine())).encode())
    return hashed.hexdigest()[:16]


@dataclass
class Summary:
    """The chunks of one function, kind and dtype together, a tally a library."""

    chunks: int = 0
    libraries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, tallies: Tallies) -> None:
        self.chunks += 1
        for library, new in tallies.items():
            old = self.libraries.setdefault(library, dict.fromkeys(new, 0) | {"largest": -1.0})
            for count in ("inputs", "misrounded", "wrong_specials"):
                old[count] += new[count]
            if new["largest"] > old["largest"]:
                old["largest"], old["where"] = new["largest"], new["where"]


class State:
    """The finished chunks, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.finished: dict[Key, Tallies] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._remember(line)
            if path.read_bytes()[-1:] not in (b"", b"\n"):
                path.write_bytes(path.read_bytes() + b"\n")
        path.parent.mkdir(parents=True, exist_ok=True)

    def _remember(self, line: str) -> None:
        try:
            function, kind, dtype, chunk, tallies = json.loads(line)
        except ValueError:  # the line that an interruption cut off
            return
        self.finished[function, kind, dtype, chunk] = tallies

    def finish(self, key: Key, tallies: Tallies) -> None:
        self.finished[key] = tallies
        with self.path.open("a") as file:
            file.write(json.dumps([*key, tallies]) + "\n")

    def summaries(self) -> Iterator[tuple[tuple[str, str, str], Summary]]:
        found: dict[tuple[str, str, str], Summary] = {}
        for (function, kind, dtype, _), tallies in sorted(self.finished.items()):
            found.setdefault((function, kind, dtype), Summary()).add(tallies)
        return iter(found.items())
