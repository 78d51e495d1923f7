"""The derivative, from the left, of a function of which nothing is known but its values.

The difference quotients g(d) = (f(x) - f(x - d)) / d tend to phi'(x) as d does to 0. The lines,
parabolas and cubics through g(h), g(2h), g(4h), g(8h) have at d = 0 the values

    T1(h) = g(h),   T2(h) = 2 g(h) - g(2h),
    T4(h) = 64/21 g(h) - 8/3 g(2h) + 2/3 g(4h) - 1/21 g(8h),

which miss phi' by the order h, h^2 and h^4 where f is smooth, and by at most 2, 4 and 6.6 noise / h
because f is rounded. Which h is best depends on f, on x and on the precision in which f computes,
so T is taken for many, each half the last, and Lepski's rule chooses: go from the smallest h to
larger ones as long as the intervals T(h) +- noise have a point in common. They part where the
truncation, or a kink left of x, shows; a kink is seen as soon as the precision of f allows it, and
x at a kink gets the derivative on its left. Of the three T the one with the least noise is taken:
T4 where f is smooth, T1 close to a kink.

References
----------
O. V. Lepskii, On a problem of adaptive estimation in Gaussian white noise, 1991. J. J. More, S. M.
Wild, Estimating computational noise, 2011, is the idea behind `noise_level`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Function = Callable[[Any], Any]
Array = NDArray[np.float64]

# The weights of g(h), g(2h), ... in T(h); what the weights of f, in units of 1 / h, sum up to in
# magnitude; and how far T(h) and T(2h) are apart for noise of size 1 (the root of the sum of the
# squares of f's weights in their difference).
LINE, PARABOLA, CUBIC = (1.0,), (2.0, -1.0), (64 / 21, -8 / 3, 2 / 3, -1 / 21)
AMPLIFICATION = {LINE: 2.0, PARABOLA: 4.0, CUBIC: 6.6}
APART = {LINE: 1.22, PARABOLA: 2.62, CUBIC: 4.36}

# The significant bits of float64, float32, float16 and bfloat16.
FORMATS = (53, 24, 11, 8)
# A rounding error is at most so many times the noise that is measured.
WORST_NOISE = 2.5
# And hardly ever more than so many times the largest of several differences.
OVER_LARGEST = 3.0
# Of the steps, the smallest sixth tell how noisy a function is around x.
NEAREST = 6
# Steps below the smallest, in units of x, for an x close to 0, where there may be a kink.
CLOSE = 8
# More than this share of the slope in doubt is no measurement.
WORST = 0.125
# The binary logarithm of the units in the last place that rounding makes at most.
UNITS = 4
# Values are computed so many at a time, which fit the processor's cache.
BLOCK = 4096


class Precision(NamedTuple):
    """How finely a function is computed.

    `noise` is its relative rounding error, `bits` what its argument is rounded to, `slope` how
    steep it is, and `any_shape` whether it takes arrays of any shape.
    """

    noise: float
    bits: int
    slope: float
    any_shape: bool


class LeftDerivative:
    """phi' from the left, in float64; ArithmeticError where the values of `f` are too coarse.

    `name` is what the error calls it.
    """

    def __init__(self, f: Function, name: str) -> None:
        self.f = f
        self.name = name

    @cached_property
    def precision(self) -> Precision:
        """How finely f is computed."""
        return precision(self.f)

    def __call__(self, x: Any) -> Any:
        z = np.asarray(x, dtype=np.float64)
        with np.errstate(all="ignore"):
            if "precision" not in vars(self):
                # What f raises, it raises of the array that it is asked for.
                values(self.f, z)
            slope = _slopes(self.f, z, self.precision, self.name)
        return slope.astype(np.result_type(x, np.float16), copy=False)[()]


def values(f: Function, x: Array) -> Array:
    """Compute f(x) in float64."""
    return np.asarray(f(x), dtype=np.float64)


def rounded(x: Array, bits: int) -> Array:
    """Round to so many significant bits, whatever the exponent."""
    if bits == FORMATS[0]:
        return x
    mantissa, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits))


def precision(f: Function) -> Precision:
    """Measure how finely `f` is computed, whatever the dtype of what it returns."""
    with np.errstate(all="ignore"):
        return _precision(f)


def _precision(f: Function) -> Precision:
    positive = np.linspace(0.3137, 6.2713, 120)
    x = np.concatenate([-positive[::-1], positive])
    try:
        y = values(f, x)
    except (TypeError, ValueError):
        # It takes arrays of a certain shape only.
        return Precision(2.0 ** -FORMATS[0], FORMATS[0], 1.0, False)
    finest = FORMATS[0]
    taken = min((b for b in FORMATS if np.array_equal(values(f, rounded(x, b)), y)), default=finest)
    given = min(b for b in FORMATS if np.array_equal(rounded(y, b), y, equal_nan=True))
    steep = np.abs(np.diff(y) / np.diff(x))
    slope = float(np.max(steep, initial=0.0, where=np.isfinite(steep)))
    return Precision(noise_level(f, x, min(taken, given)), taken, slope, True)


def noise_level(f: Function, x: Array, seen: int) -> float:
    """Measure the relative rounding error of `f` around `x`, by its sixth differences.

    Its arguments or values are seen to have `seen` significant bits.

    What is smooth leaves step^6 phi^(6) there, rounding about 30 times its size whatever the step.
    The steps are about one unit in the last place of each format.
    """
    found = [2.0**-52]
    for bits in FORMATS:
        # About two units in the last place of the format, half a unit, an eighth.
        steps = [2.0 ** (4 - bits if bits == FORMATS[0] else 2 - bits - 2 * k) for k in range(3)]
        rows = [np.stack([values(f, x * (1.0 + s * k)) for k in range(7)]) for s in steps]
        # Stairs are no rounding: of that, neighbours as far apart as two units differ.
        telling = np.isfinite(rows[0]).all(axis=0)
        telling &= (np.diff(rows[0], axis=0) != 0.0).sum(axis=0) >= 4
        if telling.sum() < 8:
            continue
        noise = [_sixth(y[:, telling]) for y in rows]
        # Truncation falls by a factor 64 with each half of the step, rounding does not.
        # Unless it is seen, more than some units in the last place are no rounding: the function
        # is that fast.
        rounds = noise[0] <= 2.0 ** (UNITS - bits) and noise[0] < 4.0 * noise[2]
        if bits == seen or rounds:
            found.append(noise[0])
    return max(found)


def _sixth(y: Array) -> float:
    return float(np.median(np.abs(np.diff(y, 6, axis=0)[0]) / np.abs(y).max(axis=0))) / 30.0


def _slopes(f: Function, z: Array, fine: Precision, name: str) -> Array:
    if not fine.any_shape:
        return _checked(*_ladder(f, z, fine), z, fine, name)
    flat, slope = z.ravel(), np.empty(z.size)
    for start in range(0, z.size, BLOCK):
        x = flat[start : start + BLOCK]
        found, sure = _quick(f, x, fine)
        if not sure.all():
            rest = x[~sure]
            found[~sure] = _checked(*_ladder(f, rest, fine), rest, fine, name)
        slope[start : start + BLOCK] = found
    return slope.reshape(z.shape)


def _checked(slope: Array, doubt: Array, z: Array, fine: Precision, name: str) -> Array:
    unknown = np.isfinite(slope) & (doubt > WORST * (np.abs(slope) + fine.slope))
    if unknown.any():
        raise ArithmeticError(
            f"the derivative of {name!r} at x = {z[unknown].flat[0]:.6g} cannot be told from its "
            "values, which are too coarse or change too fast there; give it: "
            "from_function(f, derivative=...)"
        )
    return slope


class Ladder(NamedTuple):
    """f(x - d) for falling d, each half the one before, of shape (steps, points)."""

    distance: Array
    value: Array
    quotient: Array
    size: Array


def _climb(f: Function, x: Array, at: Array, distance: Array, fine: Precision) -> Ladder:
    """Compute the difference quotients, and the size to which f is rounded at each distance."""
    value = np.stack([values(f, x - d) for d in distance])
    size = np.maximum(np.abs(value), np.abs(at))
    # Where neighbours have the same value, the rounding is that of something larger.
    every = np.max(size, axis=0, initial=0.0, where=np.isfinite(size))
    same = np.diff(value, axis=0, append=at[None]) == 0.0
    size = np.where(same, every + fine.slope * np.maximum(1.0, np.abs(x)), size)
    return Ladder(distance, value, (at - value) / distance, size)


def _nearest(part: Ladder) -> int:
    """Give how many of the smallest steps show the noise of f and nothing else."""
    return max(1, len(part.distance) // NEAREST)


def _combined(weights: tuple[float, ...], rows: Array) -> Array:
    """Sum weights times the rows at h, 2h, ... for each h that has them."""
    first = len(weights) - 1
    return np.asarray(sum(w * rows[first - j : len(rows) - j] for j, w in enumerate(weights)))


def _noises(part: Ladder, weights: tuple[float, ...], fine: Precision) -> Array:
    """Bound the noise of f in each T: its rounding, or more if the smallest steps show more.

    It may be much more, as it is for exp(x) - 1 near 0.
    """
    first = len(weights) - 1
    sizes = [part.size[first - j : len(part.size) - j] for j in range(len(weights))]
    floor = WORST_NOISE * fine.noise * np.maximum.reduce(sizes)
    slopes = _combined(weights, part.quotient)
    steps = np.abs(np.diff(slopes, axis=0)) * part.distance[first + 1 :]
    noise = OVER_LARGEST / APART[weights] * steps[-_nearest(part) :].max(axis=0)
    return np.asarray(np.maximum(floor, np.where(np.isfinite(noise), noise, 0.0)))


def _quick(f: Function, x: Array, fine: Precision) -> tuple[Array, NDArray[np.bool_]]:
    """Give T4 at the step that is best for most functions, and where it is beyond doubt.

    It is if T4 at a sixteenth of the step agrees and the points do not reach 0, where kinks are.
    """
    power = np.floor(np.log2(np.maximum(np.abs(x), 1.0)) / 3.0)
    h = np.exp2(np.floor(np.log2(fine.noise) / 5.0) + power)
    usual = (np.abs(x) > 8.0 * h) & (np.abs(x) < 2.0**20)
    x = rounded(np.where(usual, x, 1.0), fine.bits)
    at = values(f, x)
    far, near = (_climb(f, x, at, _falling(8.0 * step, 4), fine) for step in (h, h / 16.0))
    slope = _combined(CUBIC, far.quotient)[0]
    noise = WORST_NOISE * fine.noise * near.size.max(axis=0)
    apart = np.abs(slope - _combined(CUBIC, near.quotient)[0])
    return slope, usual & (apart <= 0.25 * AMPLIFICATION[CUBIC] * noise / near.distance[-1])


def _ladder(f: Function, z: Array, fine: Precision) -> tuple[Array, Array]:
    """Give T at the best step, and its doubt, by Lepski's rule."""
    limit = 2.0 ** min(1000, 4 * fine.bits)
    x = rounded(np.clip(z, -limit, limit), fine.bits)
    at = values(f, x)
    binade = np.exp2(np.floor(np.log2(np.maximum(np.abs(x), 2.0**-1000))))
    distances = [_falling(np.maximum(2.0, binade / 4.0), max(10, int(-np.log2(fine.noise)) - 9))]
    smallest = distances[0][-1]
    close = (binade < 64.0 * smallest) & (x != 0.0)
    if close.any():
        near = np.minimum(smallest, binade) / 2.0
        distances.append(_falling(np.where(close, near, np.nan), CLOSE + 3))
    parts = [_climb(f, x, at, distance, fine) for distance in distances]
    jump = _jump(at, parts[0], fine)
    # Where f jumps at x, what counts is its limit from the left.
    parts = [p._replace(quotient=p.quotient - jump / p.distance) for p in parts]
    found = [_lepski(parts, weights, fine) for weights in (CUBIC, PARABOLA, LINE)]
    slope, doubt = found[0]
    for other, less in found[1:]:
        better = (less < doubt) | np.isnan(slope)
        slope, doubt = np.where(better, other, slope), np.where(better, less, doubt)
    return slope, doubt


def _falling(first: Array, count: int) -> Array:
    return np.asarray(first * np.exp2(-np.arange(float(count))).reshape(-1, *(1,) * first.ndim))


def _jump(at: Array, part: Ladder, fine: Precision) -> Array:
    """Give f(x) less its limit from the left."""
    gaps = (at - _combined(CUBIC, part.value))[-_nearest(part) :]
    sizes, least = np.abs(gaps), 1e3 * fine.noise * part.size[-_nearest(part) - 3 :].max(axis=0)
    jumps = (sizes.min(axis=0) > 0.7 * sizes.max(axis=0)) & (sizes > least).all(axis=0)
    return np.where(jumps, gaps[-1], 0.0)


def _lepski(
    parts: list[Ladder], weights: tuple[float, ...], fine: Precision
) -> tuple[Array, Array]:
    slopes = np.concatenate([_combined(weights, part.quotient) for part in parts])
    first = len(weights) - 1
    bars = np.concatenate(
        [
            AMPLIFICATION[weights] * _noises(part, weights, fine) / part.distance[first:]
            for part in parts
        ]
    )
    low, high = np.full_like(slopes[0], -np.inf), np.full_like(slopes[0], np.inf)
    best, doubt = np.full_like(low, np.nan), np.full_like(low, np.nan)
    before, before_doubt = best, doubt
    together = np.ones(best.shape, dtype=bool)
    for slope, bar in zip(slopes[::-1], bars[::-1], strict=True):
        agree = (slope - bar <= high) & (slope + bar >= low)
        together &= agree | np.isnan(best)
        taken = together & agree
        better = taken & ~(bar >= doubt)
        before, before_doubt = np.where(better, (best, doubt), (before, before_doubt))
        best, doubt = np.where(better, (slope, bar), (best, doubt))
        low = np.where(taken, np.maximum(low, slope - bar), low)
        high = np.where(taken, np.minimum(high, slope + bar), high)
    # At the last step on which the intervals agree the truncation may be as large as they are; at
    # the one before it is much less.
    last = together | ~(before_doubt <= 4.0 * doubt)
    return np.where(last, best, before), np.where(last, doubt, before_doubt)
