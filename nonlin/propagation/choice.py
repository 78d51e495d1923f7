"""First weights under which signals and gradients live through a given depth.

Of biases of variance sb2 and weights of variance sw2 / fan_in, two one-parameter families keep a
length q, with V(q) = E[phi^2], M(q) = E[phi'^2], u ~ N(0, q):

    without biases   sw2 = q / V(q),  sb2 = 0;             gradients change by chi = q M(q) / V(q)
    with biases      sw2 = 1 / M(q),  sb2 = q - V(q) / M(q);               gradients keep theirs

That a length is kept is not enough: the slope of the length map at q, sw2 V'(q), says whether a
deviation from it dies out (below 1) or grows (above 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.activation import Activation, expect_activation
from nonlin.gate import Gate, given_gate
from nonlin.named import remembered
from nonlin.propagation import layers
from nonlin.propagation.arguments import whole
from nonlin.propagation.crossings import CriticalPoint, critical_point
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.gated_layers import GatedWeights, gated_weights
from nonlin.propagation.layers import Network
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array

Choice = Literal["critical", "unit length", "other length", "nearest"]

# Lengths stay within this factor of the first layer's, and a deviation from a length that is kept
# grows over all layers by no more than the second one. Chance makes deviations of some per cent in
# layers of some hundred units.
LENGTHS = 2.0
DEVIATION = 1.5

# The mean squared gradient through all layers. Growth is held tighter: where gradients grow, so
# does the distance of similar inputs (Poole et al. 2016).
SHRINKS, GROWS = 0.1, 2.0
# Through so few layers chance changes a length little.
SHALLOW = 4

# Lengths to choose from, 1 among them. Those between the limits of `NEAR` are taken without biases
# before any with them.
TRIED = 10.0 ** (np.arange(-75, 76) / 25.0)
NEAR = 1e-2, 1e2


@dataclass(frozen=True, slots=True)
class FirstWeights:
    """First weights for a row of layers, and what theory predicts of them.

    Attributes
    ----------
    activation : Activation
        The function that follows each layer.
    depth : int
        Layers of the row.
    choice : str
        "critical": gradients keep their length. "unit length", "other length": a length is kept,
        without biases, and gradients change by `gradient_factor`. "nearest": no first weights hold
        through that depth, and these do longest.
    weight_variance, bias_variance : float
        sw2, of sqrt(fan_in) times a weight, and sb2.
    length : float
        The mean square of the pre-activations that the first layer is to make; NaN if every length
        is kept.
    output_length : float
        The mean square of the activation's outputs there; NaN with `length`.
    gradient_factor : float
        By which the mean squared gradient changes from one layer to the one below, in the geometric
        mean over the row.
    gradient_change, length_change : float
        The mean squared gradient at the first layer over that at the last one, and the length at
        the last layer over that at the first one.
    length_slope : float
        The slope of the length map at `length`: by which a deviation from it changes a layer.
    holds : bool
        Whether lengths stay within a factor 2 of the first layer's through the row, a deviation
        grows to no more than 1.5 times itself, and the mean squared gradient stays between a tenth
        and twice itself.
    """

    activation: Activation
    depth: int
    choice: Choice
    weight_variance: float
    bias_variance: float
    length: float
    output_length: float
    gradient_factor: float
    gradient_change: float
    length_change: float
    length_slope: float
    holds: bool

    def input_variance(self, input_length: float = 1.0) -> float:
        """Give sw2 of the first layer, whose inputs have the mean square `input_length`."""
        if math.isnan(self.length):
            return self.weight_variance
        return (self.length - self.bias_variance) / input_length


@overload
def first_weights(act: Gate, depth: int = 1, biases: bool = True) -> GatedWeights: ...
@overload
def first_weights(act: Activation | str, depth: int = 1, biases: bool = True) -> FirstWeights: ...
def first_weights(
    act: Activation | Gate | str, depth: int = 1, biases: bool = True
) -> FirstWeights | GatedWeights:
    r"""Choose first weights for a row of layers with one activation.

    With V(q) = E[phi(u)^2] and M(q) = E[phi'(u)^2], u ~ N(0, q), the first of these that holds
    through the depth is taken:

    1. sw2 of `critical_initialization` without biases;
    2. sw2 = q / V(q) without biases, which keeps the length q, while the mean squared gradient
       changes by q M(q) / V(q) a layer;
    3. sw2 = 1 / M(q) and biases of variance q - V(q) / M(q), which keep both.

    The length q is the nearest to 1 at which they hold, so that it moves away from 1 with the
    depth: towards 0 for tanh, where sw2 goes to the critical 1; to larger lengths for GELU and its
    kin, which are more and more like ReLU there, and sw2 goes to 2. In 2 lengths from 0.01 to 100
    come before 3, the others after it. If none holds, that of 2 is taken which does through the
    most layers.

    Of a gate it is the choice of `nonlin.propagation.gated_layers.gated_weights`, whatever the
    depth: layers of gates repel the lengths that they keep, so each stands behind a normalisation.

    Parameters
    ----------
    act : Activation or Gate
    depth : int
        Layers that follow one another. With 1, as for an output or a gate, nothing has to be kept:
        the critical variance is taken where it belongs to small lengths or to all of them, and else
        the one that keeps the length 1, `nonlin.gain` squared.
    biases : bool
        Whether the layers have some.

    Returns
    -------
    FirstWeights or GatedWeights
        Draw weights with the variance weight_variance / fan_in and biases with bias_variance; the
        first layer's weights with ``input_variance(E[x^2]) / fan_in``.

    Raises
    ------
    ValueError
        If the depth is no positive integer.
    NotConvergedError
        If the moments cannot be computed.

    Examples
    --------
    >>> import nonlin as nl
    >>> first_weights(nl.relu, depth=30).weight_variance
    2.0
    >>> found = first_weights(nl.gelu, depth=30)
    >>> found.choice, round(found.weight_variance, 4), round(found.gradient_factor, 4)
    ('other length', 2.0074, 1.0239)
    >>> first_weights(nl.exponential, depth=30).holds
    False

    References
    ----------
    B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, 2016.
    S. S. Schoenholz et al., Deep information propagation, 2017. D. A. Roberts, S. Yaida, B. Hanin,
    The principles of deep learning theory, 2022, chapter 5, on GELU and SiLU, whose critical points
    without biases do not hold.
    """
    gate = given_gate(act)
    if gate is not None:
        return gated_weights(gate)
    act = expect_activation("first_weights", act)
    return _first_weights(act, whole("depth", depth), bool(biases))


@remembered
def _first_weights(act: Activation, depth: int, biases: bool) -> FirstWeights:
    found = _critical(act, depth) or _keeping_length(act, depth, NEAR)
    if found is None and biases:
        found = _keeping_both(act, depth)
    return found or _keeping_length(act, depth) or _nearest(act, depth)


def _critical(act: Activation, depth: int) -> FirstWeights | None:
    point = _critical_point(act)
    if point is None or (depth == 1 and point.q_star > 0.0):
        return None
    start = point.q_star if point.q_star > 0.0 else 1.0
    length = math.nan if point.every_length else start
    found = _predicted(act, depth, "critical", point.weight_variance, 0.0, length)
    return found if found.holds else None


@remembered
def _critical_point(act: Activation) -> CriticalPoint | None:
    try:
        return critical_point(act)
    except NotConvergedError:
        return None


def _keeping_length(
    act: Activation, depth: int, within: tuple[float, float] = (0.0, math.inf)
) -> FirstWeights | None:
    known = _known(act)
    # What escapes from a small length that repels goes on growing; from a large one it does not,
    # since functions become linear on each side there.
    deviation = _deviation(known, known.weight, 0.0)
    allowed = (deviation <= 1.0) | (TRIED >= 1.0)
    allowed &= np.clip(TRIED, *within) == TRIED
    q = _nearest_to_one(known.gradient, deviation, allowed, depth)
    if q is None:
        return None
    return _with_length(act, depth, q, "unit length" if q == 1.0 else "other length")


def _keeping_both(act: Activation, depth: int) -> FirstWeights | None:
    known = _known(act)
    # No bias has a variance below 0; at 0 it would be a critical point without biases.
    allowed = known.bias > 1e-9 * TRIED
    with np.errstate(all="ignore"):
        weight = known.weight / known.gradient
        deviation = _deviation(known, weight, np.where(allowed, known.bias, 0.0))
    q = _nearest_to_one(np.ones_like(TRIED), deviation, allowed, depth)
    if q is None:
        return None
    found = moments(act, q)
    chosen = 1.0 / float(found.slope_square)
    return _predicted(act, depth, "critical", chosen, q - chosen * float(found.square), q)


def _nearest(act: Activation, depth: int) -> FirstWeights:
    """Take the length, kept without biases, at which the worse of both holds through most layers.

    One that chance might leave for good, from which four times the length grows further, comes
    behind all others.
    """
    known = _known(act)
    deviation = _deviation(known, known.weight, 0.0)
    far = moments(act, 4.0 * TRIED, strict=False).square / (4.0 * TRIED)
    with np.errstate(all="ignore"):
        limit = np.where(known.gradient > 1.0, math.log(GROWS), -math.log(SHRINKS))
        # Of a step, whose gradients are 0 at every length, the lengths alone are compared.
        gradient = np.abs(np.log(np.maximum(known.gradient, np.finfo(float).tiny))) / limit
        speed = np.maximum(gradient, np.log(deviation) / math.log(DEVIATION))
        escape = np.maximum(deviation, known.weight * far)
    safe = np.isfinite(speed) & (escape <= DEVIATION ** (1.0 / depth))
    safe = safe if safe.any() else np.isfinite(speed)
    if not safe.any():
        raise NotConvergedError(f"{act!r} has no first weights: its moments are not known")
    # To rounding, where every length is as near as any, 1 comes first.
    order = np.lexsort((np.abs(np.log(TRIED)), np.where(safe, np.round(speed, 9), np.inf)))
    q = float(TRIED[order[0]])
    return _with_length(act, depth, q, "nearest")


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """At each candidate q: V(q), V(2q) / 2 and q V'(q), and without biases sw2 and chi.

    `bias` is the variance of biases with which chi is 1.
    """

    square: Array
    doubled: Array
    growth: Array
    weight: Array
    gradient: Array
    bias: Array


@remembered
def _known(act: Activation) -> _Known:
    found = moments(act, TRIED, strict=False)
    doubled = 0.5 * moments(act, 2.0 * TRIED, strict=False).square
    with np.errstate(all="ignore"):
        weight = TRIED / found.square
        bias = TRIED - found.square / found.slope_square
        known = (found.square, doubled, found.growth, weight, weight * found.slope_square, bias)
    return _Known(*(np.where(np.isfinite(x), x, np.nan) for x in known))


def _deviation(known: _Known, weight: Array, bias: ArrayLike) -> Array:
    """Tell by what a deviation from a length changes a layer: a small one, or twice the length.

    Chance makes large ones, too, and lengths that attract small deviations may repel those.
    """
    with np.errstate(all="ignore"):
        small = weight * known.growth / TRIED
        large = weight * known.doubled / TRIED + 0.5 * np.asarray(bias) / TRIED
        return np.asarray(np.maximum(small, large))


def _nearest_to_one(
    gradient: Array, deviation: Array, allowed: NDArray[np.bool_], depth: int
) -> float | None:
    """Find the length nearest to 1 at which both stay in their limits through the depth."""
    with np.errstate(all="ignore"):
        change = gradient ** (depth - 1)
        grown = np.maximum(deviation, 0.0) ** (depth - 1)
    # Where all of a function that a length meets is 0, no weights keep it, and NaN ** 0 is 1.
    good = allowed & np.isfinite(gradient)
    good &= (change >= SHRINKS) & (change <= GROWS) & (grown <= DEVIATION)
    if not good.any():
        return None
    distance = np.abs(np.log(TRIED))
    return float(TRIED[np.where(good, distance, np.inf).argmin()])


def _with_length(act: Activation, depth: int, q: float, choice: Choice) -> FirstWeights:
    return _predicted(act, depth, choice, q / float(moments(act, q).square), 0.0, q)


def _escapes(act: Activation, weight: float, bias: float, start: float) -> bool:
    """Whether four times the length grows further, and fast, as under a parabola.

    Chance makes it that in some layer of most deep networks, and then it never comes back.
    """
    far = float(moments(act, 4.0 * start, strict=False).square)
    return weight * far + bias > LENGTHS * 4.0 * start


def _predicted(
    act: Activation, depth: int, choice: Choice, weight: float, bias: float, length: float
) -> FirstWeights:
    """Follow lengths and gradients through the row."""
    start = 1.0 if math.isnan(length) else length
    network = Network(act, weight, bias)
    at = moments(act, start)
    slope = weight * float(at.growth) / start
    # A length that is kept to rounding is not followed: one that repels would lose it by that.
    kept = abs(weight * float(at.square) + bias - start) <= 1e-9 * start
    q = np.array([start]) if kept else layers.lengths(network, start, depth)
    chi = layers.factors(network, q[: max(len(q) - 1, 1)])
    with np.errstate(divide="ignore"):
        factor = float(np.exp(np.log(chi).mean()))
    change, spread = factor ** (depth - 1), q / start
    holds = (
        SHRINKS <= change <= GROWS
        and bool((spread >= 1.0 / LENGTHS).all() and (spread <= LENGTHS).all())
        and max(slope, 0.0) ** (depth - 1) <= DEVIATION
        and not (depth > SHALLOW and _escapes(act, weight, bias, start))
    )
    output = math.nan if math.isnan(length) else float(at.square)
    return FirstWeights(
        act, depth, choice, weight, bias, length, output, factor, change, float(spread[-1]), slope,
        holds,
    )  # fmt: skip
