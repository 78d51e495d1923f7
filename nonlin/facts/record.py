"""The record of everything that is known of one function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nonlin.above import Tabular, ask
from nonlin.activation import Activation, expect_activation
from nonlin.facts.cost import cost
from nonlin.facts.deadline import SECONDS
from nonlin.facts.fact import FACTS, UNDER_NORMAL, Fact, Gaussian
from nonlin.facts.shipped import shipped

__all__ = ["Properties", "anew", "of_activation"]


def _fact(name: str) -> cached_property[Fact]:
    """Find a fact when it is first asked for, and keep it."""
    return cached_property(lambda known: known._find(name))


@dataclass(frozen=True)
class Properties(Tabular):
    """Facts of one function, each found when it is first asked for and kept.

    A `Fact` has a value, says whether it was proved or measured, and how. `facts()` finds them all.
    What they are for other Gaussian inputs `gaussian(deviation)` says, and `cost()` times: nothing
    else does, unless it is asked to.

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
    seconds: float = field(default=SECONDS, repr=False)

    range = _fact("range")
    limits = _fact("limits")
    asymptotes = _fact("asymptotes")
    continuity = _fact("continuity")
    not_differentiable = _fact("not_differentiable")
    monotone = _fact("monotone")
    convex = _fact("convex")
    parity = _fact("parity")
    zeros = _fact("zeros")
    fixed_points = _fact("fixed_points")
    derivative_range = _fact("derivative_range")
    lipschitz = _fact("lipschitz")
    steepest = _fact("steepest")
    at_zero = _fact("at_zero")
    near_identity = _fact("near_identity")
    saturated = _fact("saturated")
    dead = _fact("dead")
    gain = _fact("gain")
    self_normalising = _fact("self_normalising")
    inverse = _fact("inverse")
    rounding = _fact("rounding")

    def _find(self, name: str) -> Fact:
        # What is known already needs none of this.
        from nonlin.facts.finders import FINDERS
        from nonlin.facts.portrait import portrait

        return FINDERS[name](portrait(self.activation, self.activation.record, self.seconds))

    @cached_property
    def _normal(self) -> Gaussian:
        from nonlin.propagation.errors import NotConvergedError

        try:
            return self.gaussian()
        except NotConvergedError:
            unknown = Fact(None, "measured", "quadrature")
            return Gaussian(1.0, unknown, unknown, unknown, unknown, unknown)

    def gaussian(self, deviation: float = 1.0) -> Gaussian:
        """Give E[phi], E[phi^2], E[phi'^2], sparsity and share of zero slopes under N(0, s^2)."""
        from nonlin.facts.gaussian import under_normal

        return under_normal(self.activation, deviation, self.zeros, self.dead)

    def cost(self, rounds: int = 200) -> Fact:
        """Time the function beside ReLU on this machine."""
        return cost(self.activation, rounds)

    def facts(self) -> Mapping[str, Fact]:
        """Find every fact, in the order of reading; those of z are for N(0, 1)."""
        return {name: self[name] for name in FACTS}

    def shown(self, cost: bool = False) -> Mapping[str, Fact]:
        """Find what tables show: every fact and, only if asked for, the cost on this machine."""
        return {**self.facts(), "cost": self.cost()} if cost else self.facts()

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
        written: str = ask("text", self)
        return written

    def to_json(self, cost: bool = False) -> dict[str, Any]:
        """Give what tables show as plain data; infinite numbers are "inf" and "-inf".

        A fact whose proof was given up has a key more, "not_proved_within": seconds.
        """
        found: dict[str, Any] = ask("json", self, cost)
        return found


def of_activation(act: Activation, seconds: float = SECONDS) -> Properties:
    """Know an activation: what of it is constant is shipped."""
    known = anew(act, seconds)
    facts = dict(shipped(act))
    if facts:
        # A cached property that is in the instance's dictionary is not computed.
        vars(known)["_normal"] = Gaussian(1.0, *(facts.pop(name) for name in UNDER_NORMAL))
        vars(known).update(facts)
    return known


def anew(act: Activation | str, seconds: float = SECONDS) -> Properties:
    """Know a function as `properties` does, but find every fact, even those that are constants."""
    act = expect_activation("properties", act)
    if not seconds > 0.0:
        raise ValueError(f"seconds must be a positive number, got {seconds!r}")
    if act.record is None:
        from nonlin.facts.measured import require_values

        require_values(act)
    return Properties(act, seconds)
