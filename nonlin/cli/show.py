"""``nonlin show NAME``: the card of one function."""

import argparse
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin import cards
from nonlin.cards.verdicts import COLOURS
from nonlin.catalogue.along_axis import find_axis_function
from nonlin.cli import terminal
from nonlin.cli.errors import CommandError
from nonlin.cli.functions import add_function, one_or_gate
from nonlin.cli.measurement import read
from nonlin.cli.show_axis import show_axis
from nonlin.cli.show_gate import show_gate
from nonlin.facts import properties
from nonlin.facts.shown import table
from nonlin.gate import Gate
from nonlin.messages import text

if TYPE_CHECKING:
    from rich.table import Table

    from nonlin.study.elsewhere import Elsewhere
    from nonlin.study.results import Results

__all__ = ["add_arguments", "run"]

_USUAL_FOLDERS = (Path("study"), Path("nonlin-study"))


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    add_function(parser, lang)
    parser.add_argument("--study", type=Path, metavar="DIR", help=text("cli.show.help.study", lang))
    parser.add_argument("--cost", action="store_true", help=text("cli.show.help.cost", lang))


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Print the card.

    Parameters
    ----------
    arguments : argparse.Namespace
    lang : str
        Language of the sentences.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CommandError
        For an unknown name, or a folder without a study.
    """
    along_axis = find_axis_function(arguments.name) if arguments.formula is None else None
    if along_axis is not None:
        return show_axis(along_axis, arguments, lang)
    activation = one_or_gate(arguments, lang)
    if isinstance(activation, Gate):
        return show_gate(activation, arguments.json, lang)
    results, source, ships = _results(arguments.study, lang)
    card = cards.card(activation, lang, results)
    claims = dict.fromkeys(point.claim for each in card.points.values() for point in each)
    if results is not None and ships:
        source.append(_measured_again(results, claims, lang))
    known = properties(activation)
    if arguments.json:
        terminal.print_json(_plain(card) | {"facts": known.to_json(arguments.cost)})
    else:
        facts = table(known, lang, arguments.cost)
        _print(card, facts, source if claims else [], lang)
    return 0


def _results(folder: Path | None, lang: str) -> "tuple[Results | None, list[str], bool]":
    """Find the numbers, say where they come from and what to hold of them, and if they ship."""
    if folder is not None and not (folder / "results.json").is_file():
        raise CommandError(text("cli.show.no_study", lang, path=folder))
    candidates = _USUAL_FOLDERS if folder is None else (folder,)
    for candidate in candidates:
        file = candidate / "results.json"
        if file.is_file():
            results = read(file, lang)
            notes = [text("cli.show.from_study", lang, path=file)]
            return results, notes + _reservations(results, lang), False
    from nonlin.study.elsewhere import elsewhere

    shipped = cards.reference()
    if shipped is None:
        return None, [text("cli.show.unmeasured", lang)], False
    here = elsewhere(shipped)
    fields = {**_setting(here), "first": here.seeds[0], "last": here.seeds[1]}
    return shipped, [text("cli.show.from_reference", lang, **fields)], True


def _setting(of: "Elsewhere") -> dict[str, Any]:
    return {
        "processor": of.processor,
        "kernels": of.instruction_set,
        "torch": of.torch_instruction_set,
    }


def _measured_again(results: "Results", claims: Collection[str], lang: str) -> str:
    """Say whether verdicts were others with other roundings, seeds and processors."""
    from nonlin.study.elsewhere import contradicting, published

    others = contradicting(results, claims)
    if others:
        return text("cli.show.other_elsewhere", lang, claims=", ".join(others))
    again = published()

    def each(name: str) -> str:
        return ", ".join(dict.fromkeys(_setting(one)[name] for one in again))

    return text(
        "cli.show.same_elsewhere",
        lang,
        kernels=each("kernels"),
        torch=each("torch"),
        processors=each("processor"),
        last=max(one.seeds[1] for one in again),
    )


def _reservations(results: "Results", lang: str) -> list[str]:
    doubts = {"incomplete": not results.complete, "quick": results.settings["quick"]}
    return [text(f"cli.show.{doubt}", lang) for doubt, holds in doubts.items() if holds]


def _plain(card: cards.Card) -> dict[str, Any]:
    formulas = asdict(card.formulas) if card.formulas else {}
    points = {kind: [_plain_point(point) for point in each] for kind, each in card.points.items()}
    return {
        "name": card.name,
        "title": card.title,
        "summary": card.summary,
        "parameters": dict(card.parameters),
        **formulas,
        "paper": card.paper,
        "url": card.url,
        **points,
    }


def _plain_point(point: cards.Point) -> dict[str, Any]:
    """A verdict stands on the sentence only where it is the claim's; elsewhere under "see"."""
    plain = asdict(point)
    del plain["related"]
    if point.related is None:
        return plain | {"see": None}
    see = {"claim": point.claim, "text": point.related, "verdict": point.verdict}
    return plain | {"verdict": None, "see": see}


def _print(card: cards.Card, facts: "Table", notes: list[str], lang: str) -> None:
    from rich.text import Text

    console = terminal.console()
    console.print(Text(card.title, style="bold"))
    if card.summary:
        console.print(Text(card.summary))
    if card.formulas:
        console.print()
        console.print(_formulas(card, lang))
    console.print()
    console.print(Text(text("cli.show.facts", lang), style="bold"))
    console.print(facts)
    for kind, points in card.points.items():
        if not points:
            continue
        console.print()
        console.print(Text(text(f"cards.{kind}", lang), style="bold"))
        console.print(_points(points, lang))
    console.print()
    for note in notes:
        console.print(Text(note, style="dim"))


def _formulas(card: cards.Card, lang: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 3, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    rows = {"parameters": card.settings or text("cards.no_parameters", lang)}
    if card.formulas:
        formulas = card.formulas
        rows["definition"] = _spaced(formulas.definition)
        rows["derivative"] = _spaced(formulas.derivative)
    rows["paper"] = f"{card.paper}\n{card.url}"
    for key in ("definition", "derivative", "parameters", "paper"):
        facts.add_row(text(f"cards.{key}", lang), Text(rows[key]))
    return facts


def _spaced(formula: str) -> str:
    """Leave a line free below a formula of several lines."""
    return f"{formula}\n" if "\n" in formula else formula


def _points(points: tuple[cards.Point, ...], lang: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    shown = Table.grid(padding=(0, 2, 0, 0))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column(overflow="fold")
    for point in points:
        said, see = cards.said(point, lang)
        sentence = Text(said)
        if see:
            sentence.append(f"\n{see}")
        if point.verdict:
            word = text(f"report.verdict.{point.verdict}", lang)
            colour = COLOURS[point.verdict]
            sentence.append(" " if see else "  ").append(word, style=colour)
        if point.finding and not point.repeated:
            sentence.append(f"\n{point.finding}", style="dim")
        shown.add_row(f"  {point.claim}", sentence)
    return shown
