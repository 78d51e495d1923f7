"""The record of everything that is known of one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nonlin.activation import Activation, expect_activation
from nonlin.facts import (
    extent,
    inverse,
    normalisation,
    points,
    regions,
    rounding,
    shape,
    smoothness,
)
from nonlin.facts.cost import cost
from nonlin.facts.fact import Fact
from nonlin.facts.gaussian import Gaussian, gaussian, standard
from nonlin.facts.measured import require_values
from nonlin.facts.order import FACTS, UNDER_NORMAL

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Properties", "properties"]


def _fact(find: Callable[[Activation], Fact]) -> cached_property[Fact]:
    """Call a finder when its fact is first asked for, and keep what it found."""
    return cached_property(lambda known: find(known.activation))


@dataclass(frozen=True)
class Properties:
    """Facts of one function, each found when it is first asked for and kept.

    A `Fact` has a value, says whether it was proved or measured, and how. `facts()` finds them all.
    What they are for other Gaussian inputs `gaussian(deviation)` says, and `cost()` times.

    Attributes
    ----------
    range : Interval
    limits : (float, float)
        At -inf and +inf.
    asymptotes : pair of (slope, intercept) or None
        On the left and on the right.
    continuity : float
        How often phi is continuously differentiable; -1 if it jumps, inf if always.
    not_differentiable : tuple of float
    monotone : str
        "increasing", "non-decreasing", "decreasing", "non-increasing", "constant" or "neither".
    convex : "convex", "concave", "linear" or "neither"
    parity : "odd", "even" or "neither"
    zeros, fixed_points : tuple of Interval
    derivative_range : Interval
        The least interval that holds every phi'(x); at a kink phi' is the left one.
    lipschitz : float
        The supremum of |phi'|; inf if phi jumps.
    steepest : tuple of Interval
        Where |phi'| is at its supremum.
    at_zero : (phi(0), phi'(0))
    near_identity : bool
    saturated, dead : tuple of Interval
        Where |phi'| is below 1 % of its supremum, and where it is 0.
    gain : float or None
        1 / sqrt(E[phi(z)^2]), z ~ N(0, 1).
    self_normalising : bool
        Whether mean 0 and variance 1 are a stable fixed point of a layer.
    inverse : Inverse or None
    rounding : mapping of dtype to Rounding
    """

    activation: Activation

    range = _fact(extent.values)
    limits = _fact(extent.limits)
    asymptotes = _fact(extent.asymptotes)
    continuity = _fact(smoothness.continuity)
    not_differentiable = _fact(smoothness.not_differentiable)
    monotone = _fact(shape.monotone)
    convex = _fact(shape.convex)
    parity = _fact(shape.parity)
    zeros = _fact(points.zeros)
    fixed_points = _fact(points.fixed_points)
    derivative_range = _fact(extent.derivative_range)
    lipschitz = _fact(extent.lipschitz)
    steepest = _fact(extent.steepest)
    at_zero = _fact(points.at_zero)
    near_identity = _fact(points.near_identity)
    saturated = _fact(regions.saturated)
    dead = _fact(regions.dead)
    gain = _fact(normalisation.gain)
    self_normalising = _fact(normalisation.self_normalising)
    inverse = _fact(inverse.inverse)
    rounding = _fact(rounding.rounding)

    @cached_property
    def _normal(self) -> Gaussian:
        return standard(self.activation)

    def gaussian(self, deviation: float = 1.0) -> Gaussian:
        """Give E[phi], E[phi^2], E[phi'^2], sparsity and share of zero slopes under N(0, s^2)."""
        return gaussian(self.activation, deviation)

    def cost(self, rounds: int = 200) -> Fact:
        """Time the function beside ReLU on this machine."""
        return cost(self.activation, rounds)

    @cached_property
    def _cost(self) -> Fact:
        return self.cost()

    def facts(self) -> Mapping[str, Fact]:
        """Find every fact, in the order of reading; those of z are for N(0, 1)."""
        return {name: self[name] for name in FACTS}

    def shown(self) -> Mapping[str, Fact]:
        """Find what tables show: every fact and, last, the cost, timed once on this machine."""
        return {**self.facts(), "cost": self._cost}

    def __getitem__(self, name: str) -> Fact:
        if name not in FACTS:
            raise KeyError(f"there is no fact {name!r}; there are {', '.join(FACTS)}")
        found: Fact = getattr(self._normal if name in UNDER_NORMAL else self, name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __repr__(self) -> str:
        return f"nl.properties({self.activation!r})"

    def __str__(self) -> str:
        from nonlin.facts.words import lines
        from nonlin.messages.encoding import fitting

        return fitting("\n".join(f"{name}: {words}" for name, words in lines(self)))

    def to_json(self) -> dict[str, Any]:
        """Give what tables show as plain data; infinite numbers are "inf" and "-inf"."""
        from nonlin.facts.plain import plain

        return plain(self)

    def __rich__(self) -> Table:
        from nonlin.facts.tables import table

        return table(self)

    def _repr_html_(self) -> str:
        from nonlin.facts.notebook import html

        return html(self)


def properties(act: Activation) -> Properties:
    r"""Know a function: range, smoothness, shape, slopes, what it does to Gaussian inputs.

    Facts of the catalogue's functions are proved from their definitions where SymPy is installed
    and can do it within seconds: phi turns only at the zeros of phi', which lie between those of
    phi'', and so on (Rolle). Everything else, and all about a function of yours, is measured.

    Parameters
    ----------
    act : Activation

    Returns
    -------
    Properties
        Each fact is found when it is first asked for.

    Raises
    ------
    TypeError
        If `act` is not an `Activation`.
    UndefinedError
        If a function of yours has no finite value somewhere in [-8, 8].

    Examples
    --------
    >>> import nonlin as nl
    >>> known = properties(nl.sigmoid)
    >>> print(known.range, known.lipschitz)
    (0, 1) (proved) 0.25 (proved)
    >>> known.inverse.value.formula
    'log(-y/(y - 1))'
    """
    expect_activation("properties", act)
    if act.record is None:
        require_values(act)
    return Properties(act)
