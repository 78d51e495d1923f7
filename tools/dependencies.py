"""Say what each dependency is for, how large it is and what it was chosen over: make dependencies

docs/dependencies.md and its Korean twin are written from pyproject.toml, from what is installed
here, and from the sentences in dependencies.toml, where every requirement has its reason.
"""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement

import nonlin
from nonlin.installation import EXTRAS
from nonlin.messages import languages

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dependencies.md"
LANGUAGES = languages()

SAID = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
REASONS = SAID["packages"]
NOTHING = dict.fromkeys(LANGUAGES, "–")


class Package(NamedTuple):
    """An installed package."""

    name: str
    version: str
    size: int


def say(key: str, lang: str, /, **fields: object) -> str:
    """What stands around the tables."""
    return str(SAID["words"][key][lang]).format(**fields)


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


def row(requirement: Requirement, lang: str) -> str:
    """A requirement's line."""
    name, reason = requirement.name, REASONS[requirement.name]
    found = package(name)
    if found is None:
        raise SystemExit(f"{name} is missing: make dependencies installs it")
    others = needs(name, frozenset(requirement.extras)) - needs("numpy") - {canonical(name)}
    brings = say("brings", lang, number=len(others), size=mb(size(others))) if others else "–"
    why, instead = (reason.get(key, NOTHING)[lang] for key in ("why", "instead"))
    cells = (f"`{requirement}`", found.version, mb(found.size), brings, why, instead)
    return f"| {' | '.join(cells)} |\n"


def total(extra: str) -> str:
    """An extra's line in the first table."""
    names, torch = brought(extra), needs("torch") - needs("numpy")
    of_torch = mb(size(torch)) if "torch" in names else "–"
    return f"| `{extra}` | {len(names)} | {mb(size(names))} | {of_torch} |\n"


def heading(extra: str, lang: str) -> str:
    """An extra's name, and those that it is made of."""
    parts = ", ".join(f"`{name}`" for name in dict.fromkeys(within(extra)) if name != extra)
    return say("made_of", lang, extra=f"`{extra}`", parts=parts) if parts else f"`{extra}`"


def page(lang: str) -> str:
    """The whole page."""

    def table(title: str, requirements: Iterable[Requirement]) -> str:
        rows = "".join(row(requirement, lang) for requirement in requirements)
        return f"\n{title}\n\n{say('head', lang)}{rows}"

    about = project()
    home = Path(nonlin.__file__).parent
    kernels = Path(nonlin.ufuncs.__file__)
    files = [path for path in home.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    own = sum(path.stat().st_size for path in files if path.suffix != ".so")
    text = say(
        "introduction",
        lang,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        torch=package("torch").version,
        own=mb(own + kernels.stat().st_size),
        kernels=mb(kernels.stat().st_size),
        extras="".join(map(total, EXTRAS)),
    )
    text += table(f"## {say('always', lang)}", map(Requirement, about["dependencies"]))
    for extra in EXTRAS:
        text += table(f"## {heading(extra, lang)}", required(extra))
    text += f"\n## {say('work', lang)}\n"
    for extra in about["optional-dependencies"]:
        if extra not in EXTRAS:
            text += table(f"### `{extra}`", required(extra))
    ours = [[each[key][lang] for key in ("what", "instead", "why")] for each in SAID["ours"]]
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in ours)
    return f"{text}\n{say('ours', lang)}{rows}"


if __name__ == "__main__":
    for lang in LANGUAGES:
        path = PAGE if lang == "en" else PAGE.with_suffix(f".{lang}.md")
        path.write_text(page(lang), encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
