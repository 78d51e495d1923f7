"""What a checkup shows: findings with their proof, a row a site, what happened over time."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nonlin.cli import terminal
from nonlin.cli.doctor_checkup import Checkup, plain, sites, standing, unseen
from nonlin.messages import text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from nonlin.torch.finding import Finding
    from nonlin.torch.runs import Run

__all__ = ["COLOURS", "show"]

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_MARKS = {"error": "✗", "warning": "!", "note": "·"}
_OUTCOMES = {"cured": "green", "better": "yellow"}
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
    for line in _findings(checkup, lang):
        console.print(line)
    _print_remedies(console, checkup, lang)
    _print_sites(console, checkup, lang)
    if html is not None:
        console.print(Text(_word("report", lang, path=html)), soft_wrap=True)


def _word(key: str, lang: str, **fields: object) -> str:
    return text(f"doctor_command.{key}", lang, **fields)


def _kind(kind: str, lang: str) -> str:
    return text(f"examination_report.kind.{kind}", lang)


def _readings(run: "Run", lang: str) -> str:
    first, last = run.snapshots[0], run.snapshots[-1]
    return _word(
        "readings",
        lang,
        model=run.header["model"]["class"],
        count=run.count,
        first=f"{first.step:,}",
        last=f"{last.step:,}",
        before=f"{first.loss:.4g}",
        after=f"{last.loss:.4g}",
    )


def _findings(checkup: Checkup, lang: str) -> "Iterator[Text]":
    from rich.text import Text

    since = {} if checkup.run is None else _since(checkup.run)
    for finding in checkup.findings:
        yield from _finding(finding, since.get((finding.kind, finding.site)), lang)
    if checkup.findings:
        counts = {
            severity: sum(each.severity == severity for each in checkup.findings)
            for severity in COLOURS
        }
        yield Text(_word("tally", lang, **counts), style="bold")
    yield from _seen(checkup, lang)
    yield from _over(checkup.run, lang)
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


def _finding(finding: "Finding", began: int | None, lang: str) -> "Iterator[Text]":
    from rich.text import Text

    from nonlin.torch.runs.wording import spoken

    colour = COLOURS[finding.severity]
    head = Text.assemble(
        (f"{_MARKS[finding.severity]} {_word(f'severity.{finding.severity}', lang)} ", colour),
        (_kind(finding.kind, lang), f"bold {colour}"),
        (f"  {finding.site}", "bold"),
    )
    if began is not None:
        head.append(f"  {_word('since', lang, step=f'{began:,}')}", style="dim")
    yield head
    yield Text(spoken(finding, lang))
    if finding.caused_by is not None:
        yield Text(_word("caused_by", lang, site=finding.caused_by), style="dim")
    yield Text()


def _over(run: "Run | None", lang: str) -> "Iterator[Text]":
    from rich.text import Text

    ended = [] if run is None else [each for each in run.troubles if each.ended is not None]
    if ended:
        yield Text()
        yield Text(_word("over", lang))
    for each in ended:
        fields = {
            "kind": _kind(each.finding.kind, lang),
            "site": each.finding.site,
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


def _print_sites(console: "Console", checkup: Checkup, lang: str) -> None:
    from rich.text import Text

    from nonlin.report.examined.rows import columns, row

    rows = [row(site) for site in sites(checkup)]
    keys = [key for key in columns(rows) if key in _COLUMNS]
    table = terminal.table(_word("column.site", lang), *(_word(f"column.{k}", lang) for k in keys))
    for column in table.columns[2:]:
        column.justify = "right"
    for each in rows:
        cells = dict(each.cells)
        name = Text(each.name, style=COLOURS.get(each.health, ""))
        table.add_row(name, *(cells[key] for key in keys))
    console.print(table)
