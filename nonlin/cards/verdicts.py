"""What a study found, a row a claim, and the measurement that ships with the package."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from nonlin.cards.finding import finding
from nonlin.messages import language, text

if TYPE_CHECKING:
    from rich.table import Table

    from nonlin.study.results import Results

__all__ = ["COLOURS", "html", "reference", "table"]


@cache
def reference() -> Results | None:
    """Load the study that ships with the package.

    Returns
    -------
    Results or None
        None where none ships, or where the study's own extra is missing.
    """
    source = files("nonlin").joinpath("study", "reference_results.json")
    if not source.is_file():
        return None
    try:
        from nonlin.study.results import load
    except ImportError:
        return None
    with as_file(source) as path:
        return load(path)


COLOURS = {
    "holds": "green",
    "fails": "red",
    "depends": "yellow",
    "undecided": "blue",
    "unjudged": "dim",
}

# Below this width five columns leave the sentences too little room.
WIDE = 120
_COLUMNS = ("id", "claim", "verdict", "evidence", "finding")
_NARROW = ("id", "verdict", "claim")

_LEFT = "text-align:left;vertical-align:top"
# A verdict is a word or two, which Korean would break after any letter.
_WHOLE = f"{_LEFT};white-space:nowrap"


def table(results: Results, lang: str | None = None, width: int = WIDE) -> Table:
    """Make a table of claims, verdicts and findings that fits so many letters."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    lang = language(lang)
    wide = width >= WIDE
    made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for key in _COLUMNS if wide else _NARROW:
        made.add_column(text(f"cli.study.{key}", lang), overflow="fold")
    for outcome in results.outcomes.values():
        word = text(f"report.verdict.{outcome.verdict}", lang)
        verdict = Text(word, style=COLOURS[outcome.verdict], no_wrap=True)
        evidence = Text(text(f"report.evidence.{outcome.evidence}", lang), style="dim")
        claim = Text(text(f"study.claims.{outcome.id}.claim", lang))
        found = Text(finding(outcome, lang))
        if wide:
            made.add_row(outcome.id, claim, verdict, evidence, found)
        else:
            found.stylize("dim")
            both = Text("\n").join([claim, found])
            made.add_row(outcome.id, Text("\n").join([verdict, evidence]), both)
    return made


def html(results: Results, lang: str | None = None) -> str:
    """Write the table as HTML; what was found stands below its claim."""
    lang = language(lang)
    head = "".join(
        f'<th style="{_WHOLE}">{escape(text(f"cli.study.{key}", lang))}</th>' for key in _NARROW
    )
    rows = "".join(
        f'<tr><td style="{_WHOLE}">{outcome.id}</td>'
        f'<td style="{_WHOLE}">{escape(text(f"report.verdict.{outcome.verdict}", lang))}</td>'
        f'<td style="{_LEFT};word-break:keep-all">'
        f"{escape(text(f'study.claims.{outcome.id}.claim', lang))}<br>"
        f'<span style="opacity:.75">{escape(finding(outcome, lang))}</span></td></tr>'
        for outcome in results.outcomes.values()
    )
    return f'<table lang="{lang}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
