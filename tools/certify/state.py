"""What has been measured so far: one line a chunk, so that an interrupted run goes on."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from certify.chunk import FILTER, Found, Key
from certify.library import FOLDER

ROOT = Path(__file__).parents[2]
Shard = tuple[int, int]  # which part of how many
PACKAGES = {"NumPy": "numpy", "SciPy": "scipy", "PyTorch": "torch", "JAX": "jax"}


def versions() -> dict[str, str]:
    return {name: metadata.version(package) for name, package in PACKAGES.items()}


@functools.cache
def digest() -> str:
    """What the results depend on: all sources that compute, less comments, and the versions.

    Read once: who edits a kernel during a run does not change what runs.
    """
    computing = ("vectors", "arithmetic", "activations", "loops")
    sources = [path for room in computing for path in ROOT.glob(f"kernels/{room}/**/*.?pp")]
    sources += ROOT.glob("tools/certify/*.?pp")
    sources += [ROOT / "tools/certify" / name for name in ("inputs.py", "functions.py", "peers.py")]
    left_out = ("families.hpp",)
    hashed = hashlib.sha256()
    for source in sorted(path for path in sources if path.name not in left_out):
        text = source.read_text()
        code = text if source.suffix == ".py" else re.sub("//.*", "", text)
        hashed.update("".join(code.split()).encode())
    hashed.update(repr((versions(), platform.machine())).encode())
    return hashed.hexdigest()[:16]


def states() -> dict[str, State]:
    """What has been measured of these sources, by instruction set."""
    start = f"{digest()}-"
    found = {path.name.removeprefix(start).partition(".")[0] for path in FOLDER.glob(f"{start}*")}
    return {name: state_of(name) for name in found}


def state_of(instruction_set: str, shard: Shard = (1, 1)) -> State:
    return State(FOLDER, f"{digest()}-{instruction_set}", shard)


@dataclass
class Summary:
    """The chunks of one function, kind and dtype together: a tally a library."""

    libraries: dict[str, dict[str, Any]] = field(default_factory=dict)
    filter_error: float | None = None

    def add(self, found: Found) -> None:
        for library, new in found.items():
            if library == FILTER:
                self.filter_error = new["largest"]
                continue
            old = self.libraries.setdefault(
                library, dict.fromkeys(new, 0) | {"chunks": 0, "largest": -1.0}
            )
            old["chunks"] += 1
            for count in ("inputs", "misrounded", "wrong_specials", "by_definition"):
                old[count] += new[count]
            if new["largest"] > old["largest"]:
                old["largest"], old["where"] = new["largest"], new["where"]


class State:
    """The finished chunks: in a file of that name, and in one for each shard."""

    def __init__(self, folder: Path, name: str, shard: Shard = (1, 1)) -> None:
        number, of = shard
        self.path = folder / (f"{name}.{number}-of-{of}.jsonl" if of > 1 else f"{name}.jsonl")
        self.finished: dict[Key, Found] = {}
        for path in sorted({self.path, *folder.glob(f"{name}.*jsonl")}):
            if path.exists():
                self._read(path)
        folder.mkdir(parents=True, exist_ok=True)

    def _read(self, path: Path) -> None:
        for line in path.read_text().splitlines():
            self._remember(line)
        if path == self.path and path.read_bytes()[-1:] not in (b"", b"\n"):
            path.write_bytes(path.read_bytes() + b"\n")

    def _remember(self, line: str) -> None:
        try:
            *key, found = json.loads(line)
        except ValueError:  # the line that an interruption cut off
            return
        self.finished[Key(*key)] = found

    def finish(self, key: Key, found: Found) -> None:
        self.finished[key] = found
        with self.path.open("a") as file:
            file.write(json.dumps([*key, found]) + "\n")

    def summaries(self) -> Iterator[tuple[tuple[str, str, str], Summary]]:
        """By function, kind and dtype."""
        found: dict[tuple[str, str, str], Summary] = {}
        for key, tallies in sorted(self.finished.items()):
            found.setdefault(key[:3], Summary()).add(tallies)
        return iter(found.items())
