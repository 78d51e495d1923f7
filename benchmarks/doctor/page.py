"""Writes the pages in both languages; every number on them comes from the records."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from doctor.judge import HARM, SLOWER
from doctor.overhead import Cost
from doctor.page_tables import failure_lists, kind_table, program_table, shown, table
from doctor.program import Population
from doctor.programs import Row
from doctor.shares import Share
from doctor.summary import Summary
from doctor.words import LANGUAGES, say

FINAL: Population = "D"  # what is held back; C was measured before


@dataclass(frozen=True)
class Found:
    """Everything on a page.

    Attributes
    ----------
    reported : Summary
        Of population B, or of what is held back on the page that is written once.
    calibration : Summary or None
        Of population A.
    asked : list
        A row a program of `doctor.asked`; see `doctor.programs`.
    """

    reported: Summary
    calibration: Summary | None = None
    costs: Sequence[Cost] = ()
    asked: Sequence[Row] = field(default_factory=list)

    @property
    def demands(self) -> list[tuple[str, Share | Cost, bool]]:
        """What is asked: its name, what was measured, and whether it is met."""
        costs: list[tuple[str, Share | Cost, bool]] = [
            (f"cost.{x.name}", x, x.meets) for x in self.costs
        ]
        return [*self.reported.demands, *costs]

    @property
    def holds(self) -> bool:
        """Whether every demand is met."""
        return all(met for _, _, met in self.demands)


def write(found: Found, path: Path, quick: bool = False) -> None:
    """Write the page, `path` in English and its twin with .ko before the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        name = path if lang == "en" else path.with_suffix(f".{lang}.md")
        name.write_text(_page(found, lang, quick, name.parent), encoding="utf-8")


def measured(path: Path) -> bool:
    """Tell whether a page reports what is held back now, and not what was before."""
    return path.exists() and f"Population {FINAL}:" in path.read_text(encoding="utf-8")


def demands(found: Found, lang: str) -> str:
    """Write what is asked beside what was measured."""
    rows = [[_demand(key, lang), _measured(value), say("yes" if met else "no", lang)]
            for key, value, met in found.demands]  # fmt: skip
    return table([say(f"column.{key}", lang) for key in ("asked", "measured", "met")], rows)


def _demand(key: str, lang: str) -> str:
    group, _, kind = key.partition(".")
    if group == "recall":
        return say("demand.recall", lang, kind=say(f"kind.{kind}", lang))
    return say(f"demand.{key}", lang)


def _measured(value: Share | Cost) -> str:
    if isinstance(value, Cost):
        return f"{value.share:.2%} ({value.reading:.1f} ms / 100 × {value.step:.1f} ms)"
    return shown(value)


def _page(found: Found, lang: str, quick: bool, folder: Path) -> str:
    final = found.calibration is None
    half = found.reported
    suffix = "" if lang == "en" else f".{lang}"
    parts = [f"# {say('title.final' if final else 'title', lang)}", _intro(found, lang)]
    if not final and (folder / f"doctor-final{suffix}.md").exists():
        parts.append(say("see.final", lang, link=f"doctor-final{suffix}.md"))
    parts += _section("asked", lang, demands(found, lang))
    parts += _section("kinds", lang, kind_table(half, lang), precision=shown(half.precision),
                      families=shown(half.quiet_families))  # fmt: skip
    if half.skipped:
        parts.append(say("skipped", lang, count=half.skipped))
    if found.asked:
        parts += _section("programs", lang, program_table(found.asked, lang))
    if found.calibration is not None:
        before = found.calibration
        parts += _section("calibration", lang, kind_table(before, lang), quiet=shown(before.quiet),
                          exact=shown(before.exact))  # fmt: skip
    parts += _section("failures", lang, failure_lists(half, lang))
    parts += _section("setting", lang, system=f"{platform.system()} {platform.machine()}",
                      python=platform.python_version(), torch=torch.__version__)  # fmt: skip
    if quick:
        parts.append(say("quick", lang))
    return "\n\n".join(parts) + "\n"


def _intro(found: Found, lang: str) -> str:
    half = found.reported
    return say(
        "intro.final" if found.calibration is None else "intro",
        lang,
        population=FINAL,
        families=half.families,
        healthy=half.trainings,
        faulty=sum(x.planted for x in half.kinds),
        dropped=len(half.dropped),
        harm=f"{100 * HARM:.0f}",
        slower=f"{SLOWER:.0f}",
    )


def _section(name: str, lang: str, *tables: str, **fields: object) -> list[str]:
    return [f"## {say(f'{name}.title', lang)}", say(name, lang, **fields), *tables]
