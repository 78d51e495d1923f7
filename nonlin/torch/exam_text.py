"""An examination for people: findings first, then a row a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

    Each root is told whole, and what follows from it in a line each. Beside errors and warnings a
    note is told by its cause alone.

    Parameters
    ----------
    findings : sequence of Finding
    places : Places
        What the places are called.
    lang : str

    Yields
    ------
    list of str
        How bad, what and where; then the proof and the cause; then what follows from it.
    """
    groups = places.paragraphs(findings)
    # Of several findings at one place the root is the one that others follow from.
    ordered = sorted(enumerate(groups), key=lambda x: x[1][0].is_root)
    own = {each.site: number for number, group in ordered for each in group}
    roots = [_first_cause(number, groups, own) for number in range(len(groups))]
    calm = all(each.severity == "note" for each in findings)
    for number, group in enumerate(groups):
        if roots[number] == number:
            told = [_head(group, places, lang)]
            short = worst(group).severity == "note" and not calm
            said = (short and wording.cause(group, lang)) or wording.describe(group, lang)
            follow = [x for at, x in enumerate(groups) if roots[at] == number and at != number]
            told += [said, *(_consequence(x, places, lang) for x in follow)]
            yield [line for line in told if line]


def _first_cause(number: int, groups: Sequence[Sequence[Finding]], own: Mapping[str, int]) -> int:
    """Go from a group to what it follows from, and on, as far as that is among the findings."""
    seen = {number}
    while (cause := groups[number][0].caused_by) in own:
        number = own[str(cause)]
        if number in seen:
            break
        seen.add(number)
    return number


def _head(group: Sequence[Finding], places: Places, lang: str) -> str:
    first = worst(group)
    severity, title = wording.severity(first.severity, lang), wording.title(first, lang)
    where = places.row([each.site for each in group], lang)
    return f"{MARKS.get(first.severity, '?')} {severity}: {title} · {where}"


def _consequence(group: Sequence[Finding], places: Places, lang: str) -> str:
    where = places.row([each.site for each in group], lang)
    title = wording.title(group[0], lang)
    return text("examination.follows", lang, found=f"{title} · {where}")


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
    return str(exam.reading.environment.get("model", text("examination.model", lang)))


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
