"""An examination in a notebook: findings first, then what folds away, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from nonlin.messages import language, text
from nonlin.torch import exam_tables, wording
from nonlin.torch.exam_text import MARKS, headline, notes, paragraphs, unseen_of
from nonlin.torch.finding import Finding
from nonlin.torch.places import Part, Places, part

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam

# So many rows stand open.
FEW = 8

# A notebook's own colours, whether it is dark or light; the accents can be told on both.
STYLE = """
.nonlin-exam { max-width: 64rem; line-height: 1.5; overflow-wrap: anywhere; }
.nonlin-exam:lang(en) .ko, .nonlin-exam:lang(ko) .en { display: none; }
.nonlin-exam:lang(ko) { word-break: keep-all; }
.nonlin-exam details { margin: .5em 0; }
.nonlin-exam summary { cursor: pointer; }
.nonlin-exam .scroll { max-width: 100%; max-height: 34rem; overflow: auto; }
.nonlin-exam table { margin: .3em 0; border-collapse: collapse; font-size: .9em; }
.nonlin-exam th, .nonlin-exam td { padding: .1em .6em; text-align: right; overflow-wrap: normal;
  white-space: nowrap; }
.nonlin-exam th:first-child, .nonlin-exam td:first-child { text-align: left; }
.nonlin-exam .pictures { display: flex; flex-wrap: wrap; gap: 1em 2em; }
.nonlin-exam figure { flex: 1 1 18rem; max-width: 30rem; margin: .3em 0; }
.nonlin-exam figcaption { font-size: .85em; opacity: .8; }
.nonlin-exam svg { display: block; width: 100%; height: auto; fill: currentColor;
  font: 12px system-ui, sans-serif; }
.nonlin-exam svg .axis, .nonlin-exam svg .faint { opacity: .75; font-size: 11px; }
.nonlin-exam svg .grid { fill: none; stroke: currentColor; stroke-opacity: .2; }
.nonlin-exam svg path.seen { fill: none; stroke: #2f81c9; stroke-width: 2; }
.nonlin-exam svg circle.seen { fill: #2f81c9; }
.nonlin-exam svg circle.aside { fill: none; stroke: #2f81c9; stroke-width: 1.5; }
.nonlin-exam svg .theory { fill: none; stroke: currentColor; stroke-opacity: .6;
  stroke-width: 1.5; stroke-dasharray: 5 4; }
"""


def html(exam: Exam, lang: str | None = None) -> str:
    """Write an examination as a fragment of HTML, for a notebook.

    Parameters
    ----------
    exam : Exam
    lang : str, optional
        By the locale otherwise.

    Returns
    -------
    str
        A ``<div>`` with a style sheet for itself alone, and no script.
    """
    spoken = language(lang)
    told = [f"<p><strong>{escape(headline(exam, spoken))}</strong></p>"]
    told += [f"<p>{escape(line)}</p>" for line in unseen_of(exam, spoken)]
    for paragraph in paragraphs(exam.findings, Places.of_reading(exam.reading), spoken):
        head, *rest = map(escape, paragraph)
        told.append(f"<p><strong>{head}</strong><br>{'<br>'.join(rest)}</p>")
    told += [f"<p>{escape(line)}</p>" for line in notes(exam, spoken)]
    told += [*_pictures(exam, spoken), *_groups(exam, spoken), *_others(exam, spoken)]
    inside = "\n".join(told)
    return f'<div class="nonlin-exam" lang="{spoken}"><style>{STYLE}</style>\n{inside}\n</div>'


def _pictures(exam: Exam, lang: str) -> Iterator[str]:
    """Draw the gradient and the lengths by depth, where there is a depth."""
    from nonlin.report.examined.gradients import gradients, lengths
    from nonlin.report.examined.view import read, site_views

    sites = site_views(*read(exam, None), exam.reading)
    places, figures = Places.of_reading(exam.reading), []
    for key, draw in (("gradient", gradients), ("length", lengths)):
        # Of its own in a notebook with many.
        content = repr([(key, x.name, x.length, x.gradient_length) for x in sites])
        caption = f"nonlin-{key}-{sha256(content.encode()).hexdigest()[:12]}"
        drawn = draw(sites, caption, lambda name: places.called(name, lang))
        if drawn is not None:
            title, words = (
                escape(text(f"examination_report.{key}.{part}", lang))
                for part in ("title", "caption")
            )
            figures.append(
                f'<figure>{drawn}<figcaption id="{caption}"><strong>{title}.</strong> {words}'
                "</figcaption></figure>"
            )
    if figures:
        inside = f'<div class="pictures">{"".join(figures)}</div>'
        yield _fold(escape(text("examination.fold.pictures", lang)), inside, is_open=True)


def _groups(exam: Exam, lang: str) -> Iterator[str]:
    """Fold the rows of each part; open are those where something was found, and a short one."""
    groups = exam_tables.groups(exam.reading, exam.findings, lang)
    places = Places.of_reading(exam.reading)
    for group in groups:
        found = [each for each in exam.findings if part(each.site) == group.part]
        count = len(group.sites)
        key = "site" if count == 1 else "sites"
        words = [
            _named(group.part, group.sites, places, lang),
            escape(text(f"examination.fold.{key}", lang, count=f"{count:,}")),
            *_counts(found, lang),
        ]
        is_open = bool(found) or (len(groups) == 1 and count <= FEW)
        yield _fold(" · ".join(words), _table(group.lines), is_open)
    if groups:
        yield f"<p>{escape(text('examination.caption', lang))}</p>"


def _named(of: Part, sites: Sequence[str], places: Places, lang: str) -> str:
    blocks = escape(places.blocks(sites, lang)) if of.has_blocks else ""
    if of.path:
        named = f"<code>{escape(of.path)}</code>"
        return f"{named}, {blocks}" if blocks else named
    return blocks or escape(text("examination.fold.outside", lang))


def _counts(found: Sequence[Finding], lang: str) -> Iterator[str]:
    for severity in MARKS:
        count = sum(each.severity == severity for each in found)
        if count:
            yield escape(f"{wording.severity(severity, lang)}\N{NO-BREAK SPACE}{count:,}")


def _others(exam: Exam, lang: str) -> Iterator[str]:
    for table in exam_tables.others(exam.reading):
        title = escape(text(f"examination_report.column.{table.columns[0]}", lang))
        inside = _table(table.lines(lang))
        if table.columns[0] == "attention":
            inside += f"<p>{escape(text('examination.caption_of.attention', lang))}</p>"
        yield _fold(title, inside, is_open=len(table.rows) <= FEW)


def _fold(summary: str, inside: str, is_open: bool) -> str:
    state = " open" if is_open else ""
    return f"<details{state}><summary>{summary}</summary>{inside}</details>"


def _table(rows: Sequence[exam_tables.Row]) -> str:
    """Write rows, the first of names, without the columns in which there is nothing."""
    filled = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    rows = [tuple(row[place] for place in filled) for row in rows]
    tags = ["th"] + ["td"] * len(rows)
    lines = (
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(tags, rows, strict=False)
    )
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'
