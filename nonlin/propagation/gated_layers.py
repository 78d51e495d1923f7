"""Deep random networks of gated layers: lengths, gradients, what keeps a length, first weights.

A gated layer takes x, of mean square q, to

    y = Wo h(Wg x, Wv x),    h(g, v) = phi(g) psi(v),

with weights of variance sg2 / fan_in, sv2 / fan_in and so2 / fan_in and no biases, as the gated
layers of transformers have none. In the limit of wide layers g ~ N(0, sg2 q) and v ~ N(0, sv2 q)
are independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nonlin.above import Tabular, ask
from nonlin.gate import Gate, expect_gate
from nonlin.propagation.arguments import finite, variance, whole
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.gate_moments import GateMoments, gate_moments
from nonlin.propagation.quadrature import Array

# Where fixed points are looked for, as binary logarithms of the length: none at 1 itself, which the
# usual weights keep.
EXPONENTS = np.arange(-40.0, 40.0, 0.25) + 0.0971

# A length that changes by less than this share of itself stays as it is.
NEUTRAL = 1e-12

# Lengths beyond these are told as 0 and infinity.
SMALLEST, LARGEST = 1e-200, 1e200


@dataclass(frozen=True, slots=True)
class FixedLength:
    """A length that a gated layer keeps.

    Attributes
    ----------
    length : float
        q with so2 E[h^2] = q.
    slope : float
        Of the length map there: by which a deviation changes a layer. A product doubles the degree,
        so it mostly is above 1.
    gradient_factor : float
        chi there.
    stable : bool
        Whether lengths nearby come to it, slope < 1. If not, smaller lengths vanish and larger ones
        explode, or go to the next.
    """

    length: float
    slope: float
    gradient_factor: float
    stable: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GatedPropagation(Tabular):
    """What `propagate` found for a gate. Layer l is entry l - 1; arrays have the shape (depth,).

    Attributes
    ----------
    gate, gate_variance, value_variance, output_variance, depth, residual
        The network.
    lengths : array
        q_l, the mean square of the layer's input x; with `residual` of the stream.
    gradient_factors : array
        chi_l: the mean squared gradient by the input of layer l over that by its output.
    gradients : array
        The mean squared gradient by the input of layer l over that by the last layer's output.
    fixed_lengths : tuple of FixedLength
        In ascending order; empty with `residual`.
    """

    gate: Gate
    gate_variance: float
    value_variance: float
    output_variance: float
    depth: int
    residual: float | None
    lengths: Array
    gradient_factors: Array
    gradients: Array
    fixed_lengths: tuple[FixedLength, ...]

    def __repr__(self) -> str:
        written: str = ask("line", self)
        return written


@dataclass(frozen=True, slots=True)
class GatedWeights:
    """First weights of a gated layer, and what theory predicts of them.

    Attributes
    ----------
    gate : Gate
    gate_variance, value_variance : float
        sg2 and sv2, of sqrt(fan_in) times a weight of the two projections, for inputs of mean
        square 1, as behind a normalisation: gate and value then have the variance 1.
    output_variance : float
        so2, `nonlin.gain` squared: the layer's output has the mean square 1 again.
    gradient_factor : float
        By which the mean squared gradient changes through the layer.
    length_slope : float
        By which a small deviation of the input's length changes through it: above 1, which it is
        for every gate that does not saturate, the layer has to stand behind a normalisation.
    """

    gate: Gate
    gate_variance: float
    value_variance: float
    output_variance: float
    gradient_factor: float
    length_slope: float


@dataclass(frozen=True, slots=True)
class _Layer:
    gate: Gate
    sg2: float
    sv2: float
    so2: float

    def moments(self, q: float) -> GateMoments:
        return gate_moments(self.gate, self.sg2 * q, self.sv2 * q)

    def length(self, q: float) -> float:
        """Compute so2 E[h^2]."""
        if not SMALLEST < q < LARGEST:
            return 0.0 if q <= SMALLEST else math.inf
        return self.so2 * self.moments(q).square

    def factor(self, q: float) -> float:
        """Compute chi = so2 (sg2 E[(dh/dg)^2] + sv2 E[(dh/dv)^2])."""
        if not SMALLEST < q < LARGEST:
            return self.factor(SMALLEST * 4.0) if q <= SMALLEST else math.inf
        found = self.moments(q)
        return self.so2 * (self.sg2 * found.by_gate + self.sv2 * found.by_value)

    def slope(self, q: float) -> float:
        """Compute the slope of the length map by central differences of its logarithm."""
        step = 1e-4
        up, down = self.length(q * math.exp(step)), self.length(q * math.exp(-step))
        return self.length(q) / q * (math.log(up) - math.log(down)) / (2.0 * step)


def gate_gain(gate: Gate, mean_zero: bool = False) -> float:
    """Compute 1 / sqrt(E[h^2]) for independent g, v ~ N(0, 1); `nonlin.gain` documents it."""
    found = gate_moments(gate)
    square = found.square - (found.value**2 if mean_zero else 0.0)
    if not (math.isfinite(square) and square > 1e-14 * found.square):
        raise NotConvergedError(f"{gate!r} has no gain: the variance of its output is {square:g}")
    return 1.0 / math.sqrt(square)


def gated_weights(gate: Gate | str) -> GatedWeights:
    """Choose first weights for a gated layer behind a normalisation.

    With inputs of mean square 1, sg2 = sv2 = 1 make gate and value standard normal, and
    so2 = 1 / E[h^2] gives the output the mean square 1.

    Parameters
    ----------
    gate : Gate or str

    Returns
    -------
    GatedWeights

    Raises
    ------
    TypeError
        If `gate` is no gate.
    NotConvergedError
        If E[h^2] is 0 or cannot be computed.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = gated_weights(nl.bilinear)
    >>> numbers = found.output_variance, found.gradient_factor, found.length_slope
    >>> [round(number, 6) for number in numbers]
    [1.0, 2.0, 2.0]
    >>> round(gated_weights(nl.swiglu).output_variance, 4)
    2.8108
    """
    chosen = expect_gate("gated_weights", gate)
    so2 = gate_gain(chosen) ** 2
    layer = _Layer(chosen, 1.0, 1.0, so2)
    return GatedWeights(chosen, 1.0, 1.0, so2, layer.factor(1.0), layer.slope(1.0))


def propagate_gated(
    gate: Gate | str,
    weight_variance: float | None = None,
    *,
    depth: int,
    gate_variance: float = 1.0,
    value_variance: float = 1.0,
    input_length: float = 1.0,
    residual: float | None = None,
) -> GatedPropagation:
    r"""Follow signals and gradients through a deep random network of gated layers.

    Of layers x -> Wo h(Wg x, Wv x) without biases the lengths and gradients go as

        q_{l+1} = so2 E[h(g, v)^2],    g ~ N(0, sg2 q_l), v ~ N(0, sv2 q_l),
        chi_l = so2 (sg2 E[(dh/dg)^2] + sv2 E[(dh/dv)^2]).

    A product doubles the degree: where phi grows like a line, E[h^2] grows like q^2, so that a
    length that is kept repels. Smaller ones vanish, larger ones explode, doubly exponentially;
    only a gate that saturates or is clamped has a length that attracts. Networks therefore
    normalise before such a layer. With `residual` each is a block x + residual * f(x / rms(x)):
    lengths grow by a constant a block, and

        chi_l = 1 + residual^2 so2 (sg2 E[(dh/dg)^2] + sv2 E[(dh/dv)^2]) / q_l.

    Parameters
    ----------
    gate : Gate or str
    weight_variance : float, optional
        so2, of sqrt(fan_in) times a weight of Wo. Without it `nonlin.gain` squared, which keeps the
        length 1.
    depth : int
        Layers.
    gate_variance, value_variance : float
        sg2 and sv2, positive.
    input_length : float
        |x|^2 / n of an input, positive.
    residual : float, optional
        The scale of residual branches.

    Returns
    -------
    GatedPropagation

    Raises
    ------
    TypeError, ValueError
        If an argument is no number, or out of its range.
    NotConvergedError
        If the gate's factors cannot be integrated.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = propagate_gated(nl.bilinear, 1.0, depth=4, input_length=0.5)
    >>> found.lengths.round(9).tolist()
    [0.5, 0.25, 0.0625, 0.00390625]
    >>> fixed, = found.fixed_lengths
    >>> round(fixed.length, 9), round(fixed.slope, 6), fixed.stable
    (1.0, 2.0, False)
    """
    chosen = expect_gate("propagate", gate)
    depth = whole("depth", depth)
    first = _positive("input_length", input_length)
    branch = None if residual is None else finite("residual", residual)
    so2 = (
        gate_gain(chosen) ** 2
        if weight_variance is None
        else variance("weight_variance", weight_variance)
    )
    layer = _Layer(
        chosen,
        _positive("gate_variance", gate_variance),
        _positive("value_variance", value_variance),
        so2,
    )
    q = _lengths(layer, first, depth, branch)
    chi = _factors(layer, q, branch)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        gradients = np.exp(np.cumsum(np.log(chi)[::-1])[::-1])
    fixed = () if branch is not None else fixed_lengths(layer)
    return GatedPropagation(
        chosen, layer.sg2, layer.sv2, so2, depth, branch, q, chi, gradients, fixed
    )


def _positive(name: str, value: float) -> float:
    found = variance(name, value)
    if found == 0.0:
        raise ValueError(f"{name} must be above 0")
    return found


def _lengths(layer: _Layer, first: float, depth: int, residual: float | None) -> Array:
    if residual is not None:
        return np.asarray(first + residual**2 * layer.length(1.0) * np.arange(depth))
    q = np.full(depth, first)
    for each in range(1, depth):
        q[each] = layer.length(float(q[each - 1]))
        if abs(q[each] - q[each - 1]) <= NEUTRAL * q[each]:
            q[each:] = q[each]
            break
    return q


def _factors(layer: _Layer, q: Array, residual: float | None) -> Array:
    if residual is not None:
        return np.asarray(1.0 + residual**2 * layer.factor(1.0) / q)
    return np.array([layer.factor(float(each)) for each in q])


def fixed_lengths(layer: _Layer) -> tuple[FixedLength, ...]:
    """Find the lengths that a layer keeps, between 2^-40 and 2^40.

    Where every length is kept there is none to tell.
    """
    if layer.so2 == 0.0:
        return ()
    grid = np.exp2(EXPONENTS)
    excess = np.array([math.log(layer.length(float(q)) / q) for q in grid])
    above = excess > 0.0
    crossing = np.flatnonzero((above[:-1] != above[1:]) & (np.abs(excess[:-1]) > NEUTRAL))
    return tuple(_fixed(layer, _root(layer, float(grid[k]), float(grid[k + 1]))) for k in crossing)


def _fixed(layer: _Layer, q: float) -> FixedLength:
    slope = layer.slope(q)
    return FixedLength(q, slope, layer.factor(q), slope < 1.0)


def _root(layer: _Layer, low: float, high: float) -> float:
    """Halve the interval, in the logarithm, until it is as narrow as float64 tells."""
    rises = layer.length(high) > high
    for _ in range(60):
        middle = math.sqrt(low * high)
        if (layer.length(middle) > middle) == rises:
            high = middle
        else:
            low = middle
    return math.sqrt(low * high)
