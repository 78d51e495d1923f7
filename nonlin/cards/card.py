"""The card's content: the document's sentences on a function, each with what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonlin.activation import Activation
from nonlin.cards.finding import finding
from nonlin.cards.formulas import Formulas, formulas
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["KINDS", "POINTS", "Card", "Point", "card"]

KINDS = ("features", "use", "strengths", "weaknesses")

# Which claims stand behind the document's features, use, strengths and weaknesses, in its order.
# The sentences are the messages document.<name>.<kind>.<claim id>.
POINTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sigmoid": (("S1", "S2", "S3"), ("S4",), ("S4", "S5"), ("S6", "S7", "S8")),
    "tanh": (("T1", "T2"), ("T4",), ("T3", "T4", "T5"), ("T5", "T6")),
    "relu": (("R1", "R2"), ("V5",), ("R3", "R4", "R5"), ("R6", "R7")),
    "leaky_relu": (("K1",), ("K2",), ("K2", "K3"), ("K4",)),
    "elu": (("E1", "E2", "E3"), ("E5",), ("E4", "E5"), ("E6",)),
}

_NO_POINTS: tuple[tuple[str, ...], ...] = ((),) * len(KINDS)


@dataclass(frozen=True)
class Point:
    """One sentence of the document, the claim that tests it, and what was measured, if it was.

    `repeated` says that an earlier sentence of the card rests on the same claim.
    """

    claim: str
    sentence: str
    repeated: bool = False
    verdict: str | None = None
    finding: str | None = None


@dataclass(frozen=True)
class Card:
    """What is known of one function.

    Attributes
    ----------
    name, title : str
        In Python and in prose.
    summary, paper, url : str or None
        None for a function that is not of the catalogue, as are the formulas.
    parameters : mapping of str to float or str
    formulas : Formulas or None
    points : mapping of str to tuple of Point
        By kind: features, use, strengths, weaknesses.
    """

    name: str
    title: str
    summary: str | None
    parameters: Mapping[str, float | str]
    formulas: Formulas | None
    paper: str | None
    url: str | None
    points: Mapping[str, tuple[Point, ...]]

    @property
    def settings(self) -> str:
        """The parameters as one line, such as "alpha = 1"; empty without any."""
        return ", ".join(f"{name} = {_short(value)}" for name, value in self.parameters.items())

    @property
    def measured(self) -> bool:
        """Whether any sentence has its number."""
        return any(point.finding for points in self.points.values() for point in points)


def card(activation: Activation, lang: str, results: "Results | None" = None) -> Card:
    """Put together what is known of a function.

    Parameters
    ----------
    activation : Activation
        One made by `from_function` gives a card with its name alone.
    lang : str
        Language of the sentences.
    results : Results, optional
        A study whose numbers stand beside the sentences.

    Returns
    -------
    Card

    Raises
    ------
    ImportError
        If SymPy is not installed.

    Examples
    --------
    >>> import nonlin as nl
    >>> [point.claim for point in card(nl.relu, "en").points["weaknesses"]]
    ['R6', 'R7']
    """
    record = activation.record
    if record is None:
        return Card(activation.name, activation.name, None, {}, None, None, None, {})
    return Card(
        name=activation.name,
        title=record.title,
        summary=text(f"document.{activation.name}.summary", lang),
        parameters=activation.parameters,
        formulas=formulas(activation),
        paper=record.paper,
        url=record.url,
        points=_points(activation.name, lang, results),
    )


def _points(name: str, lang: str, results: "Results | None") -> dict[str, tuple[Point, ...]]:
    told: set[str] = set()
    points: dict[str, tuple[Point, ...]] = {}
    for kind, claims in zip(KINDS, POINTS.get(name, _NO_POINTS), strict=True):
        points[kind] = tuple(
            _point(
                claim, text(f"document.{name}.{kind}.{claim}", lang), claim in told, lang, results
            )
            for claim in claims
        )
        told.update(claims)
    return points


def _point(
    claim: str, sentence: str, repeated: bool, lang: str, results: "Results | None"
) -> Point:
    outcome = results.outcomes.get(claim) if results else None
    if outcome is None:
        return Point(claim, sentence, repeated)
    return Point(claim, sentence, repeated, outcome.verdict, finding(outcome, lang))


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
