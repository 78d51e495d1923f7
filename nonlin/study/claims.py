"""The ledger: every claim of the document, in its order, with what measures and what judges it.

A claim's rule stands in `RULES` at the top of the phenomenon file that measures it, above the
measuring code: a pure function from the claim's numbers to a verdict, tested without a network. Its
sentences (claim, method, rule, finding) are the messages `study.claims.<id>.*`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from nonlin.study.context import Context
from nonlin.study.results import Outcome, Rule, Rules


class Phenomenon(Protocol):
    """A file that measures claims together: their rules, and the measuring itself."""

    RULES: Rules

    def measure(self, context: Context) -> list[Outcome]:
        """Measure the phenomenon and judge every claim that the context wants."""


@dataclass(frozen=True)
class Claim:
    """One claim of the document: which functions it speaks of, and which phenomenon tests it."""

    id: str
    functions: tuple[str, ...]
    phenomenon: str

    @property
    def rule(self) -> Rule:
        """The pure function that turns the claim's numbers into its verdict."""
        return phenomenon(self.phenomenon).RULES[self.id]


_FIVE = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")

CLAIMS: tuple[Claim, ...] = (
    Claim("N1", (), "linearity"),
    Claim("N2", _FIVE, "linearity"),
    Claim("S1", ("sigmoid",), "ranges"),
    Claim("S2", ("sigmoid",), "derivatives"),
    Claim("S3", ("sigmoid",), "derivatives"),
    Claim("S4", ("sigmoid",), "probability"),
    Claim("S5", ("sigmoid",), "derivatives"),
    Claim("S6", ("sigmoid",), "vanishing"),
    Claim("S7", ("sigmoid",), "centring"),
    Claim("S8", ("sigmoid",), "cost"),
    Claim("V1", ("sigmoid",), "vanishing"),
    Claim("V2", ("sigmoid",), "vanishing"),
    Claim("V3", ("sigmoid",), "vanishing"),
    Claim("V4", ("sigmoid",), "vanishing"),
    Claim("V5", ("relu", "leaky_relu", "elu"), "vanishing"),
    Claim("T1", ("tanh",), "ranges"),
    Claim("T2", ("tanh",), "derivatives"),
    Claim("T3", ("tanh",), "centring"),
    Claim("T4", ("tanh", "sigmoid"), "centring"),
    Claim("T5", ("tanh", "sigmoid"), "vanishing"),
    Claim("T6", ("tanh",), "cost"),
    Claim("R1", ("relu",), "ranges"),
    Claim("R2", ("relu",), "derivatives"),
    Claim("R3", ("relu",), "cost"),
    Claim("R4", ("relu",), "vanishing"),
    Claim("R5", ("relu",), "sparsity"),
    Claim("R6", ("relu",), "dying"),
    Claim("R7", ("relu",), "centring"),
    Claim("K1", ("leaky_relu",), "derivatives"),
    Claim("K2", ("leaky_relu", "relu"), "dying"),
    Claim("K3", ("leaky_relu",), "cost"),
    Claim("K4", ("leaky_relu",), "slope"),
    Claim("E1", ("elu",), "ranges"),
    Claim("E2", ("elu",), "derivatives"),
    Claim("E3", ("elu",), "centring"),
    Claim("E4", ("elu", "relu"), "dying"),
    Claim("E5", ("elu", "relu"), "comparison"),
    Claim("E6", ("elu",), "cost"),
)

# The order of measuring: what takes a second comes first, so that an interrupted study has much to
# show, and `cost` comes before anything that heats the processor.
PHENOMENA: tuple[str, ...] = (
    "linearity",
    "ranges",
    "derivatives",
    "cost",
    "probability",
    "centring",
    "sparsity",
    "dying",
    "slope",
    "vanishing",
    "comparison",
)

_BY_ID = {claim.id: claim for claim in CLAIMS}


def ids() -> tuple[str, ...]:
    """Every claim's id, in the document's order."""
    return tuple(_BY_ID)


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
