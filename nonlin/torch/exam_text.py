"""An examination for people: findings first, then a row a site."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from nonlin.messages import language, text
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch.factors import Change, factors
from nonlin.torch.finding import Finding
from nonlin.torch.reading import Site
from nonlin.torch.seen import UNJUDGED, sentences, standing

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

COLUMNS = (
    "name", "activation", "units", "dead", "saturated", "zeros", "length", "gradient", "factor",
    "predicted",
)  # fmt: skip
MARKS = {"error": "✗", "warning": "!", "note": "·"}


def plain_text(exam: Exam, lang: str | None = None) -> str:
    """Write an examination as plain text, with the letters that standard output can show.

    Parameters
    ----------
    exam : Exam
    lang : str, optional
        By the locale otherwise, and by what standard output can show.

    Returns
    -------
    str
    """
    lang = language(lang) if lang else spoken_by(language())
    lines = [_headline(exam, lang), *_unseen(exam, lang)]
    for finding in exam.findings:
        lines += ["", *_finding(finding, lang)]
    if exam.sites:
        rows = [[fitting(cell) for cell in row] for row in table(exam, lang)]
        lines += ["", *_aligned(rows), "", text("examination.caption", lang)]
    return fitting("\n".join(lines))


def html(exam: Exam, lang: str | None = None) -> str:
    """Write an examination as a fragment of HTML, for a notebook."""
    lang = language(lang)
    parts = [f"<p><strong>{escape(_headline(exam, lang))}</strong></p>"]
    parts += [f"<p>{escape(line)}</p>" for line in _unseen(exam, lang)]
    for finding in exam.findings:
        head, *rest = (escape(line) for line in _finding(finding, lang))
        parts.append(f"<p><strong>{head}</strong><br>{'<br>'.join(rest)}</p>")
    rows = table(exam, lang) if exam.sites else []
    tags = ["th"] + ["td"] * len(rows)
    lines = (
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(tags, rows, strict=False)
    )
    if rows:
        parts.append(f"<table>{''.join(lines)}</table>")
        parts.append(f"<p>{escape(text('examination.caption', lang))}</p>")
    return "\n".join(parts)


def table(exam: Exam, lang: str) -> list[tuple[str, ...]]:
    """Write the column's names, then a row a site."""
    head = tuple(text(f"examination_report.column.{key}", lang) for key in COLUMNS)
    changes = factors(exam.reading)
    unknown = Change(math.nan, math.nan)
    return [head, *(_row(site, changes.get(site.name, unknown)) for site in exam.sites)]


def _row(site: Site, change: Change) -> tuple[str, ...]:
    units = site.units
    values = max(units.observations * units.count, 1)
    dead = int(np.sum(units.active_samples == 0))
    return (
        site.name,
        site.activation.removeprefix("nl."),
        f"{units.count:,}",
        f"{dead:,}" if site.can_die else "",
        _share(float(units.saturated.sum() / values)),
        _share(float(units.zeros.sum() / values)),
        _number(site.length),
        _number(site.gradient_rms),
        _number(change.measured),
        _number(change.predicted),
    )


def _headline(exam: Exam, lang: str) -> str:
    case = exam.case
    counts = {
        f"{severity}s": sum(x.severity == severity for x in exam.findings) for severity in MARKS
    }
    model = text("examination.model", lang) if case is None else type(case.model).__name__
    if not exam.findings and (nothing := _nothing(exam, lang)):
        return f"{model}: {nothing}"
    healthy = "healthy" if standing(exam.reading) == "all" else "healthy_in_part"
    return text(
        f"examination.{'found' if exam.findings else healthy}",
        lang,
        model=model,
        sites=f"{len(exam.sites):,}",
        samples=f"{exam.reading.samples:,}",
        **counts,
    )


def _nothing(exam: Exam, lang: str) -> str:
    """Say that there was nothing to judge; "" where there was."""
    return sentences(exam.reading, lang)[0] if standing(exam.reading) in UNJUDGED else ""


def _unseen(exam: Exam, lang: str) -> list[str]:
    """Say what was not seen, but for what the headline says."""
    said = sentences(exam.reading, lang)
    return said if exam.findings or not _nothing(exam, lang) else said[1:]


def _finding(finding: Finding, lang: str) -> Iterator[str]:
    from nonlin.torch.wording import describe

    severity = text(f"examination_report.severity.{finding.severity}", lang)
    kind = text(f"examination_report.kind.{finding.kind}", lang)
    yield f"{MARKS[finding.severity]} {severity}: {kind} · {finding.site}"
    yield f"  {describe(finding, lang)}"
    if finding.caused_by is not None:
        yield f"  {text('examination.follows', lang, site=finding.caused_by)}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Set the first two columns to the left and the numbers to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(cell + space if place < 2 else space + cell)
        yield "  ".join(cells).rstrip()


def _width(cell: str) -> int:
    """Count columns of a terminal: a Korean letter takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in cell)


def _share(share: float) -> str:
    return f"{100 * share:.1f}%" if 0.0 < share < 1.0 else f"{100 * share:.0f}%"


def _number(x: float) -> str:
    return "" if math.isnan(x) else "∞" if math.isinf(x) else f"{x:.3g}"
