"""Writes the page in both languages; every number on it comes from the records."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

from doctor.controls import STATED
from doctor.overhead import Cost
from doctor.page_tables import kind_table, remedy_table, shown, table, tool_table
from doctor.record import STEPS
from doctor.shares import Share
from doctor.summary import Summary
from doctor.words import LANGUAGES, say


def write(found: Summary, path: Path, quick: bool = False) -> None:
    """Write the page, `path` in English and its twin with .ko before the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        name = path if lang == "en" else path.with_suffix(f".{lang}.md")
        name.write_text(_page(found, lang, quick), encoding="utf-8")


def demands(found: Summary, lang: str) -> str:
    """Write what is asked beside what was measured."""
    rows = [[_demand(key, lang), _measured(value), say("yes" if met else "no", lang)]
            for key, value, met in found.demands]  # fmt: skip
    head = [say(f"column.{key}", lang) for key in ("asked", "measured", "met")]
    return table(head, rows, left=1)


def _demand(key: str, lang: str) -> str:
    group, _, kind = key.partition(".")
    if group == "recall":
        return say("demand.recall", lang, kind=say(f"kind.{kind}", lang))
    return say(f"demand.{key}", lang)


def _measured(value: Share | Cost) -> str:
    if isinstance(value, Cost):
        return f"{value.share:.2%} ({value.reading:.1f} ms / 100 × {value.step:.1f} ms)"
    return shown(value)


def _page(found: Summary, lang: str, quick: bool) -> str:
    half, before = found.reported, found.calibration
    parts = [
        f"# {say('title', lang)}",
        _intro(found, lang),
        *_section("asked", lang, demands(found, lang)),
        *_section("kinds", lang, kind_table(half, lang)),
        *_section("remedies", lang, remedy_table(half, lang)),
        *_section("tools", lang, tool_table(found.tools, lang)),
        *_section("calibration", lang, kind_table(before, lang), quiet=shown(before.quiet),
                  exact=shown(before.exact), rooted=shown(before.rooted)),
        *_section("setting", lang, system=f"{platform.system()} {platform.machine()}",
                  python=platform.python_version(), torch=torch.__version__),
    ]  # fmt: skip
    if quick:
        parts.append(say("quick", lang))
    return "\n\n".join(parts) + "\n"


def _intro(found: Summary, lang: str) -> str:
    halves = found.reported, found.calibration
    return say(
        "intro",
        lang,
        faulty=sum(x.faulty for x in halves),
        healthy=sum(x.quiet.of for x in halves),
        dropped=found.dropped,
        stated=f"{STATED:.0%}",
        steps=STEPS,
    )


def _section(name: str, lang: str, *tables: str, **fields: object) -> list[str]:
    return [f"## {say(f'{name}.title', lang)}", say(name, lang, **fields), *tables]
