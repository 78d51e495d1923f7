"""What a study leaves behind: reports and figures in both languages, a table on the screen."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from nonlin.cards import finding, verdicts
from nonlin.cli import terminal
from nonlin.messages import languages, text

if TYPE_CHECKING:
    from nonlin.study.results import Outcome, Results

__all__ = ["show", "write"]


def write(results: "Results", folder: Path, lang: str) -> dict[str, Path]:
    """Write the figures and the report, each in every language.

    Parameters
    ----------
    results : Results
    folder : Path
        Of the study; ``results.json`` is there already.
    lang : str
        Language of ``index.html``; the other language's is ``index.<language>.html``.

    Returns
    -------
    dict of str to Path
        ``report``, ``results`` and ``figures``.
    """
    from nonlin.report import study_html

    print(text("cli.study.drawing", lang), file=sys.stderr)
    names = {each: "index.html" if each == lang else f"index.{each}.html" for each in languages()}
    for each in languages():
        other = next(name for language, name in names.items() if language != each)
        page = study_html(results, _figures(results, folder, each), each, other)
        (folder / names[each]).write_text(page, encoding="utf-8")
    return {
        "report": folder / names[lang],
        "results": folder / "results.json",
        "figures": folder / "figures",
    }


def _figures(results: "Results", folder: Path, lang: str) -> dict[str, str]:
    """Draw what was measured; the SVG text of each phenomenon."""
    from nonlin import study_figures
    from nonlin.study import claims

    drawn = {}
    for phenomenon in claims.phenomena_of(results.outcomes):
        figure = study_figures.draw(phenomenon, results.outcomes, lang)
        if figure is not None:
            files = study_figures.save(figure, folder / "figures" / lang / phenomenon)
            svg = next(file for file in files if file.suffix == ".svg")
            drawn[phenomenon] = svg.read_text(encoding="utf-8")
    return drawn


def show(results: "Results", files: dict[str, Path], lang: str, as_json: bool) -> None:
    """Print the verdicts and where the files are.

    Parameters
    ----------
    results : Results
    files : dict of str to Path
        What `write` returned.
    lang : str
        Language of the sentences.
    as_json : bool
        Print for programs.
    """
    if as_json:
        terminal.print_json(
            {
                "complete": results.complete,
                "settings": dict(results.settings),
                "outcomes": {key: _plain(each, lang) for key, each in results.outcomes.items()},
                "files": {name: str(file) for name, file in files.items()},
            }
        )
    else:
        _print(results, files, lang)


def _plain(outcome: "Outcome", lang: str) -> dict[str, object]:
    plain = asdict(outcome)
    del plain["series"]
    claim = text(f"study.claims.{outcome.id}.claim", lang)
    return plain | {"claim": claim, "finding": finding(outcome, lang)}


def _print(results: "Results", files: dict[str, Path], lang: str) -> None:
    from rich.text import Text

    console = terminal.console()
    console.print(verdicts.table(results, lang, console.width), "")
    counts = {
        verdict: sum(each.verdict == verdict for each in results.outcomes.values())
        for verdict in verdicts.COLOURS
    }
    console.print(Text(text("cli.study.tally", lang, count=len(results.outcomes), **counts)))
    if results.settings["quick"]:
        console.print(Text(text("report.quick", lang), style="yellow"))
    for name, file in files.items():
        console.print(Text(f"{text(f'cli.study.{name}', lang)}: {file}"), soft_wrap=True)
