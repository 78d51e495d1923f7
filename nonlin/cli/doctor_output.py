"""What a checkup shows: findings with their proof, a row a site, what happened over time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nonlin.cli import terminal
from nonlin.cli.doctor_checkup import Checkup, places, plain, sites, standing, unseen
from nonlin.messages import text
from nonlin.messages.columns import aligned, wrapped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from nonlin.report.examined.rows import Row
    from nonlin.torch.exam import Exam
    from nonlin.torch.finding import Finding
    from nonlin.torch.places import Places
    from nonlin.torch.runs import Run

__all__ = ["COLOURS", "show"]

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_MARKS = {"error": "✗", "warning": "!", "note": "·"}
# What rich puts between two columns.
_GAP = 3
_OUTCOMES = {"cured": "green", "better": "yellow"}
_DROPPABLE = ("saturated", "predicted")
_COLUMNS = ("activation", "units", "dead", "saturated", "gradient", "factor", "predicted")


def show(checkup: Checkup, lang: str, as_json: bool, html: Path | None) -> None:
    """Print a checkup.

    Parameters
    ----------
    checkup : Checkup
    lang : str
    as_json : bool
        Print for programs.
    html : Path or None
        The report that was written.
    """
    if as_json:
        terminal.print_json(plain(checkup, lang) | {"report": None if html is None else str(html)})
        return
    from rich.text import Text

    console = terminal.console()
    if checkup.run is not None:
        console.print(Text(_readings(checkup.run, lang), style="dim"))
        console.print()
    for line in _findings(checkup, lang, console.width):
        console.print(line)
    _print_remedies(console, checkup, lang)
    _print_mended(console, checkup, lang)
    _print_sites(console, checkup, lang)
    if checkup.exam is not None:
        _print_others(console, checkup.exam, lang)
    if html is not None:
        console.print(Text(_word("report", lang, path=html)), soft_wrap=True)


def _word(key: str, lang: str, **fields: object) -> str:
    return text(f"doctor_command.{key}", lang, **fields)


def _readings(run: "Run", lang: str) -> str:
    first, last = run.snapshots[0], run.snapshots[-1]
    return _word(
        "readings",
        lang,
        model=run.model,
        count=run.count,
        first=f"{first.step:,}",
        last=f"{last.step:,}",
        before=f"{first.loss:.4g}",
        after=f"{last.loss:.4g}",
    )


def _findings(checkup: Checkup, lang: str, columns: int) -> "Iterator[Text]":
    from rich.text import Text

    known = places(checkup)
    since = {} if checkup.run is None else _since(checkup.run)
    for group in known.paragraphs(checkup.findings):
        steps = [since[key] for each in group if (key := (each.kind, each.site)) in since]
        yield from _paragraph(group, known, steps, lang, columns)
    if checkup.findings:
        counts = {
            severity: sum(each.severity == severity for each in checkup.findings)
            for severity in COLOURS
        }
        yield Text(_word("tally", lang, **counts), style="bold")
    yield from _seen(checkup, lang)
    yield from _over(checkup.run, known, lang)
    yield Text()


def _seen(checkup: Checkup, lang: str) -> "Iterator[Text]":
    """Say that nothing is wrong, or that nothing was seen; then what was not seen."""
    from rich.text import Text

    known = standing(checkup)
    if not checkup.findings and known == "all":
        yield Text(_word("healthy", lang), style="bold green")
    elif not checkup.findings and known == "part":
        yield Text(text("examination.unseen.part", lang), style="bold green")
    for line in unseen(checkup, lang):
        yield Text(line, style="yellow")


def _since(run: "Run") -> dict[tuple[str, str], int]:
    return {(each.finding.kind, each.finding.site): each.began for each in run.troubles}


def _paragraph(
    group: "Sequence[Finding]", known: "Places", steps: Sequence[int], lang: str, columns: int
) -> "Iterator[Text]":
    from rich.text import Text

    from nonlin.torch import wording
    from nonlin.torch.finding import worst

    first = worst(group)
    colour = COLOURS.get(first.severity, "")
    mark = _MARKS.get(first.severity, "?")
    head = Text.assemble(
        (f"{mark} {wording.severity(first.severity, lang)} ", colour),
        (wording.title(group, lang), f"bold {colour}".strip()),
        (f"  {known.row([each.site for each in group], lang)}", "bold"),
    )
    if steps:
        low, high = (f"{step:,}" for step in (min(steps), max(steps)))
        step = low if low == high else text("doctor.range", lang, low=low, high=high)
        head.append(f"  {_word('since', lang, step=step)}", style="dim")
    yield head
    for line in wrapped(wording.describe(group, lang), columns):
        yield Text(line)
    if first.caused_by is not None:
        place = known.exact(first.caused_by, lang)
        yield Text(_word("caused_by", lang, site=place), style="dim")
    yield Text()


def _over(run: "Run | None", known: "Places", lang: str) -> "Iterator[Text]":
    from rich.text import Text

    from nonlin.torch.wording import title

    ended = [] if run is None else [each for each in run.troubles if each.ended is not None]
    if ended:
        yield Text()
        yield Text(_word("over", lang))
    for each in ended:
        fields = {
            "kind": title(each.finding, lang),
            "site": known.exact(each.finding.site, lang),
            "began": f"{each.began:,}",
            "ended": f"{each.ended:,}",
        }
        yield Text("  " + _word("bout", lang, **fields), style="dim")


def _print_remedies(console: "Console", checkup: Checkup, lang: str) -> None:
    from rich.text import Text

    if checkup.remedies is None or not checkup.findings:
        return
    console.print(Text(_word("remedies" if checkup.remedies else "no_remedy", lang), style="bold"))
    for remedy in checkup.remedies:
        colour = _OUTCOMES.get(remedy.outcome, "")
        console.print()
        console.print(Text(remedy.describe(lang), style=f"bold {colour}".strip()))
        console.print(Text(remedy.result(lang)))
        for line in remedy.code.splitlines():
            console.print(Text(f"    {line}", style="dim"), soft_wrap=True)
    console.print()


def _print_mended(console: "Console", checkup: Checkup, lang: str) -> None:
    from rich.text import Text

    if checkup.mended is not None:
        console.print(Text(checkup.mended.text(lang)))
        console.print()


def _print_sites(console: "Console", checkup: Checkup, lang: str) -> None:
    from rich.text import Text

    from nonlin.report.examined.rows import columns, row

    known = places(checkup)
    rows = [row(site) for site in sites(checkup)]
    if not rows:
        return
    keys = [key for key in columns(rows) if key in _COLUMNS]
    heading = [_word("column.site", lang), *(_word(f"column.{key}", lang) for key in keys)]
    cells = [[known.called(each.name, lang), *_chosen(each, keys)] for each in rows]
    droppable = [1 + keys.index(key) for key in _DROPPABLE if key in keys]
    head, *lines = aligned([heading, *cells], console.width, droppable, gap=_GAP)
    table = terminal.table(*head)
    for column in table.columns:
        column.no_wrap = True
    for each, line in zip(rows, lines, strict=True):
        table.add_row(Text(line[0], style=COLOURS.get(each.health, "")), *line[1:])
    console.print(table)


def _print_others(console: "Console", exam: "Exam", lang: str) -> None:
    from nonlin.torch.exam_tables import others

    for table in others(exam.reading):
        head, *lines = aligned(table.lines(lang), console.width, (), gap=_GAP)
        shown = terminal.table(*head)
        for column in shown.columns:
            column.no_wrap = True
        for line in lines:
            shown.add_row(*line)
        console.print()
        console.print(shown)


def _chosen(row: "Row", keys: Sequence[str]) -> list[str]:
    cells = dict(row.cells)
    return [cells[key] for key in keys]
