"""An examination for people: findings first, then a row a site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nonlin.messages import language, text
from nonlin.messages.columns import aligned, wrapped
from nonlin.messages.encoding import fitting, spoken_by
from nonlin.torch import exam_tables, wording
from nonlin.torch.finding import Finding, worst
from nonlin.torch.places import Places
from nonlin.torch.seen import UNJUDGED, sentences, standing

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

MARKS = {"error": "✗", "warning": "!", "note": "·"}

# Of a terminal that nobody has made wider.
WIDTH = 80


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
    lines = wrapped(headline(exam, lang), WIDTH)
    for line in unseen_of(exam, lang):
        lines += wrapped(line, WIDTH)
    for head, *rest in paragraphs(exam.findings, Places.of_reading(exam.reading), lang):
        first, *more = wrapped(head, WIDTH - 2)
        lines += ["", first, *(f"  {line}" for line in more)]
        lines += [line for each in rest for line in wrapped(each, WIDTH, "  ")]
    for note in notes(exam, lang):
        lines += ["", *wrapped(note, WIDTH)]
    for table, droppable, caption in _tables(exam, lang):
        cells = [[fitting(cell) for cell in row] for row in table]
        rows = aligned(cells, WIDTH, droppable)
        lines += ["", *("  ".join(row).rstrip() for row in rows)]
        lines += ["", *wrapped(caption, WIDTH)] if caption else []
    return fitting("\n".join(lines))


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


def _tables(exam: Exam, lang: str) -> Iterator[tuple[list[exam_tables.Row], Sequence[int], str]]:
    """Give each table, which of its columns may go, and what explains it."""
    if exam.sites:
        rows = exam_tables.sites(exam.reading, exam.findings, lang)
        yield rows, exam_tables.DROPPABLE, text("examination.caption", lang)
    for table in exam_tables.others(exam.reading):
        explained = table.columns[0] == "attention"
        caption = text("examination.caption_of.attention", lang) if explained else ""
        yield table.lines(lang), (), caption


def model_name(exam: Exam, lang: str) -> str:
    """Name the class of what was examined."""
    return text("examination.model", lang) if exam.case is None else type(exam.case.model).__name__


def headline(exam: Exam, lang: str) -> str:
    counts = {
        f"{severity}s": sum(x.severity == severity for x in exam.findings) for severity in MARKS
    }
    model = model_name(exam, lang)
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


def notes(exam: Exam, lang: str) -> list[str]:
    return [text(f"doctor.note.{x.key}", lang, **x.fields) for x in exam.reading.notes]


def _nothing(exam: Exam, lang: str) -> str:
    """Say that there was nothing to judge; "" where there was."""
    return sentences(exam.reading, lang)[0] if standing(exam.reading) in UNJUDGED else ""


def unseen_of(exam: Exam, lang: str) -> list[str]:
    """Say what was not seen, but for what the headline says."""
    said = sentences(exam.reading, lang)
    return said if exam.findings or not _nothing(exam, lang) else said[1:]
