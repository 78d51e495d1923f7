"""The card's content: the document's sentences on a function, each with what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonlin.activation import Activation
from nonlin.cards.finding import finding
from nonlin.cards.formulas import Formulas, formulas
from nonlin.cards.settings import explained
from nonlin.facts import Fact, properties
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["KINDS", "POINTS", "RELATED", "Card", "Point", "card", "said"]

KINDS = ("features", "use", "strengths", "weaknesses")

# Which claims stand behind the document's features, use, strengths and weaknesses, in its order.
# The sentences are the messages document.<name>.<kind>.<claim id>.
POINTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sigmoid": (("S1", "S2", "S3"), ("S4",), ("S4", "S5"), ("S6", "S7", "S8")),
    "tanh": (("T7", "T1", "T2"), ("T4",), ("T3", "T4", "T5"), ("T5", "T6")),
    "relu": (("R8", "R1", "R2"), ("V5",), ("R3", "R4", "R5"), ("R6", "R7")),
    "leaky_relu": (("K1", "K5"), ("K2",), ("K6", "K2", "K3"), ("K4",)),
    "elu": (("E1", "E2", "E3"), ("E5",), ("E4", "E5"), ("E6",)),
}

# Sentences that say other than the claim named with them, or more: its verdict is not theirs.
RELATED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "sigmoid": {"use": ("S4",), "weaknesses": ("S7",)},
    "tanh": {"use": ("T4",), "strengths": ("T5",), "weaknesses": ("T5", "T6")},
    "relu": {"use": ("V5",), "strengths": ("R5",)},
    "leaky_relu": {"use": ("K2",), "strengths": ("K3",)},
    "elu": {"use": ("E5",)},
}

_NO_POINTS: tuple[tuple[str, ...], ...] = ((),) * len(KINDS)


@dataclass(frozen=True)
class Point:
    """One sentence of the document, the claim that goes with it, and what was measured, if it was.

    Attributes
    ----------
    claim : str
        The claim's id.
    sentence : str
        The document's.
    related : str or None
        The claim's own words where they are not the sentence's: the verdict is then on them alone.
    repeated : bool
        Whether the finding belongs to another sentence of the card.
    verdict, finding : str or None
        None where the claim was not measured.
    """

    claim: str
    sentence: str
    related: str | None = None
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
    settings : str
        The parameters as one line, such as "alpha = 1 (α in the formulas)"; empty without any.
    formulas : Formulas or None
    range : Fact or None
        That of `nonlin.properties`.
    points : mapping of str to tuple of Point
        By kind: features, use, strengths, weaknesses.
    """

    name: str
    title: str
    summary: str | None
    parameters: Mapping[str, float | str]
    settings: str
    formulas: Formulas | None
    range: Fact | None
    paper: str | None
    url: str | None
    points: Mapping[str, tuple[Point, ...]]

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
        If the parameters are not the catalogue's and SymPy is not installed.

    Examples
    --------
    >>> import nonlin as nl
    >>> [point.claim for point in card(nl.relu, "en").points["weaknesses"]]
    ['R6', 'R7']
    """
    record = activation.record
    if record is None:
        return Card(activation.name, activation.name, None, {}, "", None, None, None, None, {})
    return Card(
        name=activation.name,
        title=record.title,
        summary=text(f"document.{activation.name}.summary", lang),
        parameters=activation.parameters,
        settings=explained(activation.parameters, lang),
        formulas=formulas(activation),
        range=properties(activation).range,
        paper=record.paper,
        url=record.url,
        points=_points(activation.name, lang, results),
    )


def said(point: Point, lang: str) -> tuple[str, str]:
    """Write a sentence, and what leads from it to the verdict.

    Parameters
    ----------
    point : Point
    lang : str

    Returns
    -------
    tuple of str
        The sentence; then nothing, or the claim in its own words with the dash before its verdict.
    """
    if point.related is None:
        return point.sentence, ""
    see = text("cards.see", lang, claim=point.claim, related=point.related)
    return point.sentence, f"{see} –" if point.verdict else see


def _points(name: str, lang: str, results: "Results | None") -> dict[str, tuple[Point, ...]]:
    kinds = dict(zip(KINDS, POINTS.get(name, _NO_POINTS), strict=True))
    homes = _homes(name, kinds)
    return {
        kind: tuple(_point(name, kind, claim, homes[claim] != kind, lang, results) for claim in ids)
        for kind, ids in kinds.items()
    }


def _homes(name: str, kinds: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Where each claim's finding stands: at a sentence that says the same, else at the first."""
    homes: dict[str, str] = {}
    for said in (True, False):
        for kind, ids in kinds.items():
            for claim in ids:
                if (claim not in RELATED[name].get(kind, ())) == said:
                    homes.setdefault(claim, kind)
    return homes


def _point(
    name: str, kind: str, claim: str, repeated: bool, lang: str, results: "Results | None"
) -> Point:
    sentence = text(f"document.{name}.{kind}.{claim}", lang)
    is_related = claim in RELATED[name].get(kind, ())
    related = text(f"study.claims.{claim}.claim", lang) if is_related else None
    outcome = results.outcomes.get(claim) if results else None
    if outcome is None:
        return Point(claim, sentence, related, repeated)
    return Point(claim, sentence, related, repeated, outcome.verdict, finding(outcome, lang))
