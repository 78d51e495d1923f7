"""An examination for people: findings first, then a row a site."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from nonlin.messages import language, text
from nonlin.messages.columns import aligned, wrapped
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import wording
from nonlin.torch.factors import Change, factors
from nonlin.torch.finding import Finding, worst
from nonlin.torch.places import Places
from nonlin.torch.reading import Site
from nonlin.torch.seen import UNJUDGED, sentences, standing

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

COLUMNS = (
    "name", "activation", "units", "dead", "saturated", "zeros", "length", "gradient", "factor",
    "predicted",
)  # fmt: skip
MARKS = {"error": "✗", "warning": "!", "note": "·"}

# Of a terminal that nobody has made wider, and what a table leaves out first to fit it.
WIDTH = 80
DROPPABLE = tuple(map(COLUMNS.index, ("length", "zeros", "saturated", "predicted")))


def plain_text(exam: Exam, lang: str | None = None) -> str:
    """Write an examination as plain text of at most 80 columns.

    With the letters that standard output can show.

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
    lines = wrapped(_headline(exam, lang), WIDTH)
    for line in _unseen(exam, lang):
        lines += wrapped(line, WIDTH)
    for head, *rest in paragraphs(exam.findings, Places.of_reading(exam.reading), lang):
        first, *more = wrapped(head, WIDTH - 2)
        lines += ["", first, *(f"  {line}" for line in more)]
        lines += [line for each in rest for line in wrapped(each, WIDTH, "  ")]
    for note in _notes(exam, lang):
        lines += ["", *wrapped(note, WIDTH)]
    if exam.sites:
        cells = [[fitting(cell) for cell in row] for row in table(exam, lang)]
        rows = aligned(cells, WIDTH, DROPPABLE)
        lines += ["", *("  ".join(row).rstrip() for row in rows), ""]
        lines += wrapped(text("examination.caption", lang), WIDTH)
    return fitting("\n".join(lines))


def html(exam: Exam, lang: str | None = None) -> str:
    """Write an examination as a fragment of HTML, for a notebook."""
    lang = language(lang)
    parts = [f"<p><strong>{escape(_headline(exam, lang))}</strong></p>"]
    parts += [f"<p>{escape(line)}</p>" for line in _unseen(exam, lang)]
    for told in paragraphs(exam.findings, Places.of_reading(exam.reading), lang):
        head, *rest = map(escape, told)
        parts.append(f"<p><strong>{head}</strong><br>{'<br>'.join(rest)}</p>")
    parts += [f"<p>{escape(line)}</p>" for line in _notes(exam, lang)]
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


def paragraphs(findings: Sequence[Finding], places: Places, lang: str) -> Iterator[list[str]]:
    """Tell the findings, those that differ in their place alone together.

    Parameters
    ----------
    findings : sequence of Finding
    places : Places
        What the places are called.
    lang : str

    Yields
    ------
    list of str
        How bad, what and where; then the proof and the cause; then what it follows from, if it
        does.
    """
    for group in places.paragraphs(findings):
        first = worst(group)
        severity, title = wording.severity(first.severity, lang), wording.title(first, lang)
        where = places.row([each.site for each in group], lang)
        told = [f"{MARKS.get(first.severity, '?')} {severity}: {title} · {where}"]
        told.append(wording.describe(group, lang))
        if first.caused_by is not None:
            place = places.exact(first.caused_by, lang)
            told.append(text("examination.follows", lang, site=place))
        yield told


def table(exam: Exam, lang: str) -> list[tuple[str, ...]]:
    """Write the column's names, then a row a site."""
    head = tuple(text(f"examination_report.column.{key}", lang) for key in COLUMNS)
    changes, places = factors(exam.reading), Places.of_reading(exam.reading)
    dead = {each.site: len(each.units) for each in exam.findings if each.kind == "dead_units"}
    unknown = Change(math.nan, math.nan)
    return [
        head,
        *(
            (
                places.called(site.name, lang),
                *_row(site, dead.get(site.name, 0), changes.get(site.name, unknown)),
            )
            for site in exam.sites
        ),
    ]


def _row(site: Site, dead: int, change: Change) -> tuple[str, ...]:
    units = site.units
    values = max(units.observations * units.count, 1)
    return (
        site.activation.removeprefix("nl."),
        f"{units.count:,}",
        f"{dead:,}",
        _share(float(np.sum(units.saturated) / values)),
        _share(float(np.sum(units.zeros) / values)),
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


def _notes(exam: Exam, lang: str) -> list[str]:
    return [text(f"doctor.note.{x.key}", lang, **x.fields) for x in exam.reading.notes]


def _nothing(exam: Exam, lang: str) -> str:
    """Say that there was nothing to judge; "" where there was."""
    return sentences(exam.reading, lang)[0] if standing(exam.reading) in UNJUDGED else ""


def _unseen(exam: Exam, lang: str) -> list[str]:
    """Say what was not seen, but for what the headline says."""
    said = sentences(exam.reading, lang)
    return said if exam.findings or not _nothing(exam, lang) else said[1:]


def _share(share: float) -> str:
    return f"{100 * share:.1f}%" if 0.0 < share < 1.0 else f"{100 * share:.0f}%"


def _number(x: float) -> str:
    return "" if math.isnan(x) else "∞" if math.isinf(x) else f"{x:.3g}"
