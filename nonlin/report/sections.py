"""What the page says, claim by claim, before any HTML."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nonlin.cards import conditions, pieces
from nonlin.messages import text
from nonlin.report.numbers import interval, shown
from nonlin.report.template import inline
from nonlin.study import claims
from nonlin.study.results import VERDICTS, Number, Outcome, Results

__all__ = ["OPEN", "ClaimView", "Drawing", "Section", "sections", "tally"]

# The document's chapters are the letters of its claims' ids; four of them are about a function.
FUNCTIONS = {"S": "sigmoid", "T": "tanh", "R": "relu", "K": "leaky_relu", "E": "elu"}
OPEN = "open"
# Claims that the figure of their phenomenon does not show: the collapse of a network without
# activations is one number, ReLU attains its bound, so there is no distance to it, an identity is
# one curve, and what Leaky ReLU keeps is two numbers.
_UNPICTURED = ("N1", "R1", "T7", "K6")


@dataclass(frozen=True)
class Quantity:
    """A number of a claim, written out."""

    name: str
    value: str
    interval: str
    n: str


@dataclass(frozen=True)
class ClaimView:
    """A claim with its sentences; the verdict is `OPEN` where it was not measured.

    `finding` is in pieces, each with whether it is an interval; `pictured` says whether the figure
    of its phenomenon shows it.
    """

    id: str
    claim: str
    verdict: str
    evidence: str
    finding: tuple[tuple[str, bool], ...]
    method: str
    rule: str
    quantities: tuple[Quantity, ...]
    phenomenon: str
    pictured: bool


@dataclass(frozen=True)
class Drawing:
    """A figure of one phenomenon, ready to stand in the page."""

    phenomenon: str
    title: str
    caption: str
    svg: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A chapter of the document: its claims and the figures that belong to most of them."""

    key: str
    function: str | None
    title: str
    introduction: str
    claims: tuple[ClaimView, ...]
    drawings: tuple[Drawing, ...]


def sections(results: Results, figures: Mapping[str, str], lang: str) -> list[Section]:
    """Arrange the study as the document is arranged.

    Parameters
    ----------
    results : Results
    figures : mapping of str to str
        Phenomenon to SVG file.
    lang : str
        Language of every sentence.

    Returns
    -------
    list of Section
        In the document's order; every claim of the ledger is in exactly one.
    """
    views = [_view(claim.id, results.outcomes.get(claim.id), lang) for claim in claims.CLAIMS]
    keys = dict.fromkeys(view.id[0] for view in views)
    homes = {name: _home(name) for name in figures}
    return [
        Section(
            key=key,
            function=FUNCTIONS.get(key),
            title=text(f"document.sections.{key}", lang),
            introduction=text(f"document.introductions.{key}", lang),
            claims=tuple(view for view in views if view.id[0] == key),
            drawings=tuple(
                _drawing(name, figures[name], views, lang)
                for name in claims.PHENOMENA
                if homes.get(name) == key
            ),
        )
        for key in keys
    ]


def tally(views: Iterable[ClaimView]) -> dict[str, int]:
    """Count the verdicts, those that did not occur included.

    Parameters
    ----------
    views : iterable of ClaimView

    Returns
    -------
    dict of str to int
        In the order holds, fails, depends, undecided, unjudged, open.
    """
    counted = Counter(view.verdict for view in views)
    return {verdict: counted[verdict] for verdict in (*VERDICTS, OPEN)}


def _view(claim_id: str, outcome: Outcome | None, lang: str) -> ClaimView:
    def sentence(part: str) -> str:
        return text(f"study.claims.{claim_id}.{part}", lang)

    return ClaimView(
        id=claim_id,
        claim=sentence("claim"),
        verdict=outcome.verdict if outcome else OPEN,
        evidence=outcome.evidence if outcome else "",
        finding=tuple(pieces(outcome, lang)) if outcome else (),
        method=text(f"study.claims.{claim_id}.method", lang, **claims.get(claim_id).lines),
        rule=conditions(claim_id, lang),
        quantities=_quantities(outcome, lang) if outcome else (),
        phenomenon=claims.get(claim_id).phenomenon,
        pictured=claim_id not in _UNPICTURED,
    )


def _quantities(outcome: Outcome, lang: str) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(
            name=text(f"study.numbers.{number.name}", lang),
            value=shown(number.value, number.unit, keep_zeros=_is_fraction(number), lang=lang),
            interval=interval(number.low, number.high, number.unit, lang=lang),
            n="" if number.n is None else f"{number.n:,}",
        )
        for number in outcome.numbers
    )


def _is_fraction(number: Number) -> bool:
    """Whether it has an interval whose ends are no whole numbers: it then shows their digits."""
    ends = (number.low, number.high)
    return any(end is not None and not float(end).is_integer() for end in ends)


def _home(phenomenon: str) -> str:
    """The chapter with the most claims of a phenomenon, the first of several."""
    letters = [claim.id[0] for claim in claims.CLAIMS if claim.phenomenon == phenomenon]
    return Counter(letters).most_common(1)[0][0]


def _drawing(phenomenon: str, svg: str, views: Iterable[ClaimView], lang: str) -> Drawing:
    shown_claims = [
        view for view in views if view.phenomenon == phenomenon and view.finding and view.pictured
    ]
    title = text(f"report.phenomena.{phenomenon}.title", lang)
    caption = text(f"report.phenomena.{phenomenon}.caption", lang)
    found = [
        piece for view in shown_claims for piece, is_interval in view.finding if not is_interval
    ]
    label = " ".join([caption, "".join(found)])
    return Drawing(
        phenomenon=phenomenon,
        title=title,
        caption=caption,
        svg=inline(svg, phenomenon, label),
        claims=tuple(view.id for view in shown_claims),
    )
