"""Writes the page of the results. Nothing on it is typed by hand but its sentences."""

from __future__ import annotations

from pathlib import Path

from speed.bars import Bar, bars
from speed.cases import IN_CACHE, OUT_OF_CACHE
from speed.figures import titles
from speed.page_tables import (
    backward_table,
    cache_tables,
    copy_table,
    family_table,
    lead_table,
    scale_table,
    small_tables,
    statements,
    threads_table,
    together_table,
)
from speed.results import Results
from speed.tables import table
from speed.words import say

# More misses than this fold away.
FEW = 12


def write(results: Results, path: Path, lang: str) -> list[Bar]:
    """Write the page to `path` and return what it says about each bar."""
    threads = results.data["setting"]["environment"]["threads"]
    judged = bars(results, threads, lang)
    parts = [
        say("head", lang, sample=results.data["setting"]["sample"]),
        _setting(results, lang),
        f"{say('asked', lang)}\n\n{bar_table(judged, lang)}",
        misses(judged, lang),
        f"{say('cache', lang, size=IN_CACHE)}\n\n{cache_tables(results, lang)}",
        f"{say('lead', lang)}\n\n{lead_table(results, lang)}",
        f"{say('copies', lang, size=OUT_OF_CACHE)}\n\n{copy_table(results, lang)}",
        f"{say('scaled', lang)}\n\n{scale_table(results, lang)}",
        f"{say('small', lang)}\n\n{small_tables(results, lang)}",
        f"{say('backward', lang)}\n\n{backward_table(results, lang)}",
        f"{say('together', lang)}\n\n{together_table(results, lang)}",
        f"{say('many', lang, count=threads)}\n\n{threads_table(results, threads, lang)}",
        family_table(results, lang),
        f"{say('figures', lang)}\n\n{_figures(lang)}",
        f"{say('timed', lang)}\n\n{statements(results, lang)}",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return judged


def bar_table(judged: list[Bar], lang: str) -> str:
    rows = [
        [bar.demand, say(f"verdict.{bar.verdict}", lang), bar.figure, f"{bar.compared:,}"]
        for bar in judged
    ]
    return table(say("columns.asked", lang).split("|"), rows, left=3)


def misses(judged: list[Bar], lang: str) -> str:
    missed = [bar for bar in judged if bar.misses]
    if not missed:
        return say("nothing_missed", lang)
    lines = [say("missed", lang)]
    for bar in missed:
        listed = "\n".join(f"- {miss}" for miss in bar.misses)
        counted = {"missed": len(bar.misses), "compared": bar.compared}
        title = say("miss.title", lang, demand=bar.demand, **counted)
        if len(bar.misses) > FEW:
            lines.append(f"<details><summary>{title}</summary>\n\n{listed}\n\n</details>")
        else:
            lines.append(f"{title}.\n\n{listed}")
        if bar.why and bar.why not in lines:
            lines.append(bar.why)
    return "\n\n".join(lines)


def _figures(lang: str) -> str:
    return "\n\n".join(f"![{title}]({file})" for file, title in titles(lang).items())


def _setting(results: Results, lang: str) -> str:
    setting = results.data["setting"]
    about = setting["environment"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    keys = ["processor", "set", "system", *["quick"] * setting["quick"]]
    return "\n".join(say(key, lang, **about, all=versions) for key in keys)
