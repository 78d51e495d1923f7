"""The ledger: every claim of the document, in its order, with what measures and what judges it.

A claim's rule stands in `RULES` at the top of the phenomenon file that measures it, above the
measuring code: a pure function from the claim's numbers to a verdict, tested without a network. Its
sentences (claim, method, rule, finding) are the messages `study.claims.<id>.*`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

from nonlin.study.context import Context
from nonlin.study.results import Outcome, Rule, Rules

__all__ = [
    "CLAIMS",
    "COUNTED",
    "PHENOMENA",
    "PROVED",
    "SECONDS",
    "UNJUDGED",
    "Claim",
    "Phenomenon",
    "Rule",
    "get",
    "ids",
    "judged",
    "phenomena_of",
]


class Phenomenon(Protocol):
    """A file that measures claims together: their rules, and the measuring itself."""

    RULES: Rules

    def measure(self, context: Context) -> list[Outcome]:
        """Measure the phenomenon and judge every claim that the context wants."""


@dataclass(frozen=True)
class Claim:
    """One claim of the document.

    Parameters
    ----------
    id : letter and number; the letter is the document's section.
    functions : which functions it speaks of.
    phenomenon : what tests it.
    lines : the thresholds of its rule and its method, by the name that the sentences
        `study.claims.<id>.rule` and `.method` give them.
    """

    id: str
    functions: tuple[str, ...]
    phenomenon: str
    lines: Mapping[str, float] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        """The pure function that turns the claim's numbers into its verdict."""
        return phenomenon(self.phenomenon).RULES[self.id]


_FIVE = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")

CLAIMS: tuple[Claim, ...] = (
    # A sum of 64 products and a bias rounds 65 times, a network of ten such layers 650 times.
    Claim("N1", (), "linearity", {"roundings": 650, "misfit": 0.01}),
    Claim("N2", _FIVE, "linearity", {"chance": 0.65, "solved": 0.95}),
    Claim("S1", ("sigmoid",), "ranges"),
    Claim("S2", ("sigmoid",), "derivatives"),
    Claim("S3", ("sigmoid",), "derivatives", {"largest": 0.25, "small": 0.05, "most": 0.5}),
    Claim("S4", ("sigmoid",), "probability"),
    Claim("S5", ("sigmoid",), "derivatives", {"step": 0.02}),
    # S6 and R4 by one measure: what the first of 30 layers receives of the last one's gradient.
    # Less than a hundredth is severe; "almost none" loses less at a layer than a factor's margin.
    Claim("S6", ("sigmoid",), "vanishing", {"severe": 0.01 ** (1 / 29), "depth": 30}),
    Claim("S7", ("sigmoid",), "centring", {"ratio": 0.25}),
    Claim("S8", ("sigmoid",), "cost"),
    Claim("V1", ("sigmoid",), "vanishing", {"r_squared": 0.98}),
    Claim("V2", ("sigmoid",), "vanishing"),
    Claim("V3", ("sigmoid",), "vanishing", {"target": 0.5}),
    Claim("V4", ("sigmoid",), "vanishing", {"stuck": 0.98, "most": 0.5, "curvature": 0.01}),
    Claim("V5", ("relu", "leaky_relu", "elu"), "vanishing"),
    Claim("T1", ("tanh",), "ranges"),
    Claim("T2", ("tanh",), "derivatives"),
    Claim("T3", ("tanh",), "centring", {"ratio": 0.1}),
    Claim("T4", ("tanh", "sigmoid"), "centring", {"target": 0.1}),
    Claim("T5", ("tanh", "sigmoid"), "vanishing", {"depth": 30}),
    Claim("T6", ("tanh",), "cost"),
    Claim("T7", ("tanh", "sigmoid"), "derivatives"),
    Claim("R1", ("relu",), "ranges"),
    Claim("R2", ("relu",), "derivatives"),
    Claim("R3", ("relu",), "cost"),
    Claim("R4", ("relu",), "vanishing", {"depth": 30}),
    Claim("R5", ("relu",), "sparsity", {"zeros": 0.25}),
    Claim("R6", ("relu",), "dying"),
    Claim("R7", ("relu",), "centring", {"ratio": 0.25}),
    Claim("R8", ("relu",), "usage"),
    Claim("K1", ("leaky_relu",), "derivatives", {"slope": 0.01}),
    Claim("K2", ("leaky_relu", "relu"), "dying", {"most": 0.5}),
    Claim("K3", ("leaky_relu",), "cost"),
    Claim("K4", ("leaky_relu",), "slope"),
    Claim("K5", ("leaky_relu", "relu"), "dying", {"some": 0.01}),
    Claim("K6", ("leaky_relu", "relu"), "sparsity", {"depth": 30}),
    Claim("E1", ("elu",), "ranges"),
    Claim("E2", ("elu",), "derivatives"),
    Claim("E3", ("elu",), "centring", {"ratio": 0.25}),
    Claim("E4", ("elu", "relu"), "dying", {"most": 0.5, "some": 0.01}),
    Claim("E5", ("elu", "relu"), "comparison"),
    Claim("E6", ("elu",), "cost"),
)

# The order of measuring, and the seconds that one block of seeds takes, for a progress bar's
# proportions: what takes a second comes first, so that an interrupted study has much to show, and
# `cost` comes before anything that heats the processor.
SECONDS: Mapping[str, int] = {
    "usage": 1,
    "linearity": 6,
    "ranges": 1,
    "derivatives": 3,
    "cost": 10,
    "probability": 5,
    "centring": 19,
    "sparsity": 5,
    "dying": 8,
    "slope": 6,
    "vanishing": 33,
    "comparison": 17,
}
PHENOMENA: tuple[str, ...] = tuple(SECONDS)

# Theorems, counts, and what one machine cannot judge: none of them is a hypothesis that runs could
# support.
PROVED = ("S1", "S2", "S3", "T1", "T2", "T6", "T7", "R1", "R2", "K1", "E1", "E2")
COUNTED = ("R8",)
UNJUDGED = ("S8", "R3", "K3", "E6")

_BY_ID = {claim.id: claim for claim in CLAIMS}


def ids() -> tuple[str, ...]:
    """Every claim's id, in the document's order."""
    return tuple(_BY_ID)


def judged() -> tuple[str, ...]:
    """The claims whose verdict rests on runs: the family that shares one error rate."""
    return tuple(key for key in _BY_ID if key not in PROVED + COUNTED + UNJUDGED)


def get(claim_id: str) -> Claim:
    """The claim with this id; a KeyError names the id when there is none."""
    return _BY_ID[claim_id]


def phenomenon(name: str) -> Phenomenon:
    """The phenomenon's module, imported when it is first needed."""
    return cast(Phenomenon, importlib.import_module(f"nonlin.study.{name}"))


def phenomena_of(ids: Iterable[str]) -> tuple[str, ...]:
    """The phenomena that measure these claims, in the order of measuring."""
    needed = {_BY_ID[key].phenomenon for key in ids}
    return tuple(name for name in PHENOMENA if name in needed)
