"""What a gate is: facts of its two factors, and of their product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nonlin.above import Tabular, ask
from nonlin.activation import Activation
from nonlin.facts.deadline import SECONDS
from nonlin.facts.fact import Evidence, Fact, Interval
from nonlin.facts.record import Properties, of_activation
from nonlin.gate import Gate, expect_gate

# The facts in the order of reading.
GATE_FACTS = (
    "range",
    "bounded",
    "zeros_by_gate",
    "zeros_by_value",
    "linear_in_value",
    "at_zero",
    "slopes_at_one",
    "lipschitz",
    "lipschitz_within_one",
    "gain",
    "gradient_factor",
    "length_slope",
)

# How finely a square is searched for the steepest point, and how often around it.
GRID, ROUNDS = 401, 8


def _fact(name: str) -> cached_property[Fact]:
    return cached_property(lambda known: getattr(known, f"_{name}")())


@dataclass(frozen=True)
class GateProperties(Tabular):
    """Facts of one gate h(g, v) = phi(g) psi(v), each found when it is first asked for and kept.

    Attributes
    ----------
    range : Interval
    bounded : bool
    zeros_by_gate, zeros_by_value : tuple of Interval
        The gates and the values at which the product is 0 whatever the other input.
    linear_in_value : bool
        Whether psi is the identity: then h is linear in v.
    at_zero : (h, dh/dg, dh/dv)
        At g = v = 0.
    slopes_at_one : (dh/dg, dh/dv)
        The Jacobian at g = v = 1.
    lipschitz : float
        The supremum of the gradient's length on the whole plane; inf for every gate whose value is
        not capped.
    lipschitz_within_one : float
        The same on the square |g|, |v| <= 1; `lipschitz_within` takes another.
    gain : float or None
        1 / sqrt(E[h^2]) for independent g, v ~ N(0, 1).
    gradient_factor, length_slope : float or None
        What a gated layer with the first weights does to gradients and to deviations of a length.
    """

    gate: Gate
    seconds: float = field(default=SECONDS, repr=False)

    range = _fact("range")
    bounded = _fact("bounded")
    zeros_by_gate = _fact("zeros_by_gate")
    zeros_by_value = _fact("zeros_by_value")
    linear_in_value = _fact("linear_in_value")
    at_zero = _fact("at_zero")
    slopes_at_one = _fact("slopes_at_one")
    lipschitz = _fact("lipschitz")
    lipschitz_within_one = _fact("lipschitz_within_one")
    gain = _fact("gain")
    gradient_factor = _fact("gradient_factor")
    length_slope = _fact("length_slope")

    @cached_property
    def of_gate(self) -> Properties:
        """The facts of phi, as `nonlin.properties` gives them."""
        return self._of(self.gate.activation)

    @cached_property
    def of_value(self) -> Properties:
        """The facts of psi."""
        return self._of(self.gate.value_activation)

    def lipschitz_within(self, radius: float) -> Fact:
        """Measure the supremum of the gradient's length on the square |g|, |v| <= radius.

        Raises
        ------
        ValueError
            If the radius is no positive number.
        """
        if not (np.isfinite(radius) and radius > 0.0):
            raise ValueError(f"radius must be a positive number, got {radius!r}")
        return Fact(steepest(self.gate, float(radius)), "measured", "square")

    def facts(self) -> Mapping[str, Fact]:
        """Find every fact, in the order of reading."""
        return {name: self[name] for name in GATE_FACTS}

    def __getitem__(self, name: str) -> Fact:
        if name not in GATE_FACTS:
            raise KeyError(
                f"there is no fact {name!r} of a gate; there are {', '.join(GATE_FACTS)}"
            )
        found: Fact = getattr(self, name)
        return found

    def __repr__(self) -> str:
        return f"nl.properties({self.gate!r})"

    def __str__(self) -> str:
        written: str = ask("text", self)
        return written

    def _of(self, act: Activation) -> Properties:
        return of_activation(act, self.seconds)

    def _evidence(self, *facts: Fact) -> Evidence:
        return "proved" if all(fact.evidence == "proved" for fact in facts) else "measured"

    def _range(self) -> Fact:
        phi, psi = self.of_gate.range, self.of_value.range
        return Fact(product(phi.value, psi.value), self._evidence(phi, psi), "factors")

    def _bounded(self) -> Fact:
        found = self.range
        is_bounded = bool(np.isfinite([found.value.lower, found.value.upper]).all())
        return Fact(is_bounded, found.evidence, "factors")

    def _zeros_by_gate(self) -> Fact:
        found = self.of_gate.zeros
        return Fact(found.value, found.evidence, "factors")

    def _zeros_by_value(self) -> Fact:
        found = self.of_value.zeros
        return Fact(found.value, found.evidence, "factors")

    def _linear_in_value(self) -> Fact:
        return Fact(self.gate.value_activation.name == "identity", "proved", "factors")

    def _at_zero(self) -> Fact:
        value, slopes = self.gate(0.0, 0.0), self.gate.derivative(0.0, 0.0)
        return Fact((float(value), *map(float, slopes)), "measured", "values")

    def _slopes_at_one(self) -> Fact:
        return Fact(tuple(map(float, self.gate.derivative(1.0, 1.0))), "measured", "values")

    def _lipschitz(self) -> Fact:
        ranges = [self.of_gate.range, self.of_value.range]
        if not all(np.isfinite([r.value.lower, r.value.upper]).all() for r in ranges):
            # A factor without bounds multiplies the other's slope, which is somewhere not 0.
            return Fact(np.inf, self._evidence(*ranges), "factors")
        return Fact(steepest(self.gate, 1e3), "measured", "square")

    def _lipschitz_within_one(self) -> Fact:
        return self.lipschitz_within(1.0)

    def _gain(self) -> Fact:
        # Who asks for facts that are shipped does not wait for the theory.
        from nonlin.propagation.errors import NotConvergedError
        from nonlin.propagation.gated_layers import gate_gain

        try:
            return Fact(gate_gain(self.gate), "measured", "quadrature")
        except NotConvergedError:
            return Fact(None, "measured", "quadrature")

    @cached_property
    def _weights(self) -> Any:
        from nonlin.propagation.errors import NotConvergedError
        from nonlin.propagation.gated_layers import gated_weights

        try:
            return gated_weights(self.gate)
        except NotConvergedError:
            return None

    def _gradient_factor(self) -> Fact:
        value = None if self._weights is None else self._weights.gradient_factor
        return Fact(value, "measured", "quadrature")

    def _length_slope(self) -> Fact:
        value = None if self._weights is None else self._weights.length_slope
        return Fact(value, "measured", "quadrature")


def gate_properties(gate: Gate | str, seconds: float = SECONDS) -> GateProperties:
    """Know a gate: range, zeros, slopes, what it does to Gaussian inputs.

    Parameters
    ----------
    gate : Gate or str
    seconds : float
        Of processor time that a proof about a factor may take.

    Returns
    -------
    GateProperties

    Raises
    ------
    TypeError
        If `gate` is no gate.

    Examples
    --------
    >>> import nonlin as nl
    >>> known = gate_properties(nl.swiglu)
    >>> print(known.range, known.bounded.value, known.linear_in_value.value)
    (-∞, ∞) (proved) False True
    """
    return GateProperties(expect_gate("properties", gate), seconds)


def product(a: Interval, b: Interval) -> Interval:
    """Multiply two intervals; an end is attained where both factors attain it, or one its zero.

    Examples
    --------
    >>> print(product(Interval(0.0, 1.0, False, False), Interval(-2.0, 3.0)))
    (-2, 3)
    """
    ends = [
        _end(x, x_there, y, y_there)
        for x, x_there in ((a.lower, a.lower_attained), (a.upper, a.upper_attained))
        for y, y_there in ((b.lower, b.lower_attained), (b.upper, b.upper_attained))
    ]
    lower, upper = min(value for value, _ in ends), max(value for value, _ in ends)
    return Interval(
        lower,
        upper,
        any(there for value, there in ends if value == lower),
        any(there for value, there in ends if value == upper),
    )


def _end(x: float, x_there: bool, y: float, y_there: bool) -> tuple[float, bool]:
    if x == 0.0 or y == 0.0:
        return 0.0, (x == 0.0 and x_there) or (y == 0.0 and y_there)
    return x * y, x_there and y_there


def steepest(gate: Gate, radius: float) -> float:
    """Find the greatest length of the gradient on a square, on a grid that closes in on it."""
    phi, psi = gate.activation, gate.value_activation
    spread = np.concatenate([-np.geomspace(radius, radius * 1e-6, GRID // 2), [0.0]])
    axis = np.concatenate([spread, -spread[-2::-1]])
    sides = [(axis, axis)]
    best = 0.0
    for _ in range(ROUNDS):
        g, v = sides[-1]
        a, b = np.abs(phi.derivative(g)), np.abs(phi(g))
        c, d = np.abs(psi(v)), np.abs(psi.derivative(v))
        length = np.hypot(np.outer(a, c), np.outer(b, d))
        i, j = np.unravel_index(int(length.argmax()), length.shape)
        best = max(best, float(length[i, j]))
        sides.append((_around(g, int(i)), _around(v, int(j))))
    return best


def _around(axis: Any, index: int) -> Any:
    low, high = axis[max(index - 1, 0)], axis[min(index + 1, len(axis) - 1)]
    return np.linspace(low, high, 41)
