"""Say what each dependency is for, how large it is and what it was chosen over: make dependencies

docs/dependencies.md is written from pyproject.toml, from what is installed here, and from the
reasons in dependencies.toml, of which every requirement has one.
"""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement

import nonlin
from nonlin.installation import EXTRAS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dependencies.md"

SAID = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
REASONS = SAID["packages"]

INTRODUCTION = """\
# Dependencies

`import nonlin` needs NumPy alone. Everything larger stands behind an extra; what is missing is
named in one sentence with the command that brings it. Each is here for a reason, and instead of
something.

`make dependencies` writes this page from what is installed where it runs: here Python {python} on
{system}, and of PyTorch its build for processors, {torch}. Sizes are those of the installed files
without compiled bytecode, in MB of 10^6 bytes; "brings" is what comes with a package beyond NumPy
and itself. nonlin itself takes {own} MB, of which {kernels} MB are its kernels.

## What an extra takes

| extra | packages beside NumPy | MB | of these PyTorch's |
| --- | --: | --: | --: |
{extras}
PyTorch for Linux is by default built for graphics cards too, and then brings libraries for them
that are several times as large as itself. Everything here runs on its build for processors:
install that first, by the command that PyTorch's own page gives for "CPU", and pip leaves it as
it is.
"""
HEAD = """
| package | version | MB | brings | why | instead of |
| --- | --- | --: | --- | --- | --- |
"""
OURS = """
## What is ours though others have it

| ours | others' | why ours |
| --- | --- | --- |
"""


class Package(NamedTuple):
    """An installed package."""

    name: str
    version: str
    size: int


def project() -> dict[str, Any]:
    """The metadata of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def canonical(name: str) -> str:
    """Spell a package's name as all spellings of it are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def package(name: str) -> Package | None:
    """Find an installed package; None where it is missing."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    paths = {Path(str(found.locate_file(file))).resolve() for file in found.files or ()}
    kept = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    return Package(name, found.version, sum(path.stat().st_size for path in kept))


@cache
def needs(name: str, extras: frozenset[str] = frozenset()) -> frozenset[str]:
    """Everything that comes with a package on this system, itself included."""
    found, waiting = set(), [(canonical(name), extras)]
    asked = set()
    while waiting:
        each = waiting.pop()
        if each in asked or package(each[0]) is None:
            continue
        asked.add(each)
        found.add(each[0])
        for line in metadata.requires(each[0]) or ():
            requirement = Requirement(line)
            wanted = requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in each[1] or {""}
            )
            if wanted:
                waiting.append((canonical(requirement.name), frozenset(requirement.extras)))
    return frozenset(found)


def required(extra: str) -> Iterator[Requirement]:
    """What an extra asks for by itself, without those that it is made of."""
    options = project()["optional-dependencies"]
    for line in options[extra]:
        requirement = Requirement(line)
        if requirement.name != "nonlin":
            yield requirement


def within(extra: str) -> Iterator[str]:
    """An extra and those that it is made of."""
    yield extra
    for line in project()["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == "nonlin":
            for inner in sorted(requirement.extras):
                yield from within(inner)


def brought(extra: str) -> frozenset[str]:
    """Every package that an extra brings beyond NumPy."""
    found: set[str] = set()
    for inner in within(extra):
        for requirement in required(inner):
            found |= needs(requirement.name, frozenset(requirement.extras))
    return frozenset(found - needs("numpy"))


def size(names: frozenset[str]) -> int:
    return sum(each.size for each in map(package, names) if each is not None)


def mb(size_in_bytes: int) -> str:
    number = size_in_bytes / 1e6
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}"


def row(requirement: Requirement) -> str:
    """A requirement's line."""
    name, reason = requirement.name, REASONS[requirement.name]
    found = package(name)
    if found is None:
        raise SystemExit(f"{name} is missing: make dependencies installs it")
    others = needs(name, frozenset(requirement.extras)) - needs("numpy") - {canonical(name)}
    brings = f"{len(others)}, {mb(size(others))} MB" if others else "–"
    instead = reason.get("instead", "–")
    cells = (f"`{requirement}`", found.version, mb(found.size), brings, reason["why"], instead)
    return f"| {' | '.join(cells)} |\n"


def total(extra: str) -> str:
    """An extra's line in the first table."""
    names, torch = brought(extra), needs("torch") - needs("numpy")
    of_torch = mb(size(torch)) if "torch" in names else "–"
    return f"| `{extra}` | {len(names)} | {mb(size(names))} | {of_torch} |\n"


def page() -> str:
    """The whole page."""
    about = project()
    home = Path(nonlin.__file__).parent
    kernels = Path(nonlin.ufuncs.__file__)
    files = [path for path in home.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    own = sum(path.stat().st_size for path in files if path.suffix != ".so")
    text = INTRODUCTION.format(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        torch=package("torch").version,
        own=mb(own + kernels.stat().st_size),
        kernels=mb(kernels.stat().st_size),
        extras="".join(map(total, EXTRAS)),
    )
    text += f"\n## Always\n{HEAD}"
    text += "".join(row(Requirement(line)) for line in about["dependencies"])
    for extra in EXTRAS:
        inner = ", ".join(f"`{name}`" for name in dict.fromkeys(within(extra)) if name != extra)
        text += f"\n## `{extra}`{f', made of {inner}' if inner else ''}\n{HEAD}"
        text += "".join(row(requirement) for requirement in required(extra))
    text += "\n## For work on nonlin itself\n"
    for extra in about["optional-dependencies"]:
        if extra not in EXTRAS:
            text += f"\n### `{extra}`\n{HEAD}"
            text += "".join(row(requirement) for requirement in required(extra))
    ours = [f"| {each['what']} | {each['instead']} | {each['why']} |\n" for each in SAID["ours"]]
    return text + OURS + "".join(ours)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
