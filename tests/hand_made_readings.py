"""Readings made by hand: a row of ReLU layers at criticality, to be changed part by part."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nonlin.torch.parts import Layer, Residual, Site, Units
from nonlin.torch.reading import Reading, Step, Target

SAMPLES, WIDTH = 256, 64


def units(count: int = WIDTH, samples: int = SAMPLES, **changed: Any) -> Units:
    """Units with pre-activations N(m, 1/2), the m of variance 1/2: inputs of correlation 1/2."""
    half = np.full(count, samples // 2)
    ones, means = np.ones(count), np.linspace(-(1.5**0.5), 1.5**0.5, count)
    made = Units(
        samples, samples, half, half, half, half, means, 0.5 * ones, 3 * ones, -3 * ones,
        0.4 * ones, 0.34 * ones, 0.5 * ones, np.linspace(0.009, 0.011, count),
    )  # fmt: skip
    return replace(made, **changed)


def alike(made: Units) -> Units:
    """The same with units that all have the same mean and the same gradient."""
    return replace(made, mean=np.zeros(made.count), gradient_square=np.full(made.count, 0.01))


def idle(made: Units, chosen: list[int], mean: float = -10.0, deviation: float = 1.0) -> Units:
    """The same with some units that are never active, at a mean and a deviation."""
    fields = {
        name: np.array(getattr(made, name))
        for name in ("active", "active_samples", "saturated", "zeros", "mean", "variance",
                     "largest", "smallest", "derivative_square", "gradient_square")
    }  # fmt: skip
    for name in ("active", "active_samples", "derivative_square"):
        fields[name][chosen] = 0
    for name in ("saturated", "zeros"):
        fields[name][chosen] = made.observations
    fields["mean"][chosen], fields["variance"][chosen] = mean, deviation**2
    fields["largest"][chosen], fields["smallest"][chosen] = mean + 3, mean - 3
    return replace(made, **fields)


def layer(name: str, **changed: Any) -> Layer:
    """A Linear at ReLU's criticality on inputs of length 1 and correlation 0.5."""
    made = Layer(name, "linear", 64.0, 2.0, 0.0, (2 / 64) ** 0.5, 0.01, None, 0.5, 0.4, 0.5, 0.01)
    return replace(made, **changed)


def site(name: str, before: str | None, **changed: Any) -> Site:
    """A ReLU behind it that halves the squared gradient."""
    made = Site(
        name, "nl.relu", {}, -1, 1.0, True, 1, before, False, False, False,
        1.0, 0.01 * 0.5**0.5, 0.01, units(),
    )  # fmt: skip
    return replace(made, **changed)


def network(depth: int = 3) -> Reading:
    """Linear, ReLU, ... Linear and cross entropy over ten classes."""
    layers = [layer(f"{2 * i}") for i in range(depth + 1)]
    sites = [site(f"{2 * i + 1}", f"{2 * i}") for i in range(depth)]
    steps = [Step("input", "input")]
    for i in range(depth):
        steps += [
            Step("layer", f"{2 * i}", (2 * i,)),
            Step("activation", f"{2 * i + 1}", (2 * i + 1,)),
        ]
    steps += [
        Step("layer", f"{2 * depth}", (2 * depth,)),
        Step("loss", "cross_entropy", (2 * depth + 1,)),
    ]
    target = Target("cross_entropy", 2.3, 10, 0.0, 9.0, -1.0, 1.0)
    return Reading(tuple(sites), tuple(layers), tuple(steps), target, SAMPLES, 0.0, 1.0, 1.0)


def with_site(reading: Reading, place: int, **changed: Any) -> Reading:
    """Change the site at a place."""
    sites = list(reading.sites)
    sites[place] = replace(sites[place], **changed)
    return replace(reading, sites=tuple(sites))


def with_weights(reading: Reading, place: int, variance: float, **changed: Any) -> Reading:
    """Give a layer weights of another variance, and the site behind it what they make."""
    before, own = reading.layers[place], reading.sites[place].units
    share = variance / before.weight_variance
    made = replace(own, mean=own.mean * share**0.5, variance=own.variance * share)
    reading = with_layer(reading, place, weight_variance=variance, **changed)
    return with_site(reading, place, length=variance * before.input_length, units=made)


def blown(reading: Reading) -> Reading:
    """Give it a loss of ten times that of guessing among ten classes."""
    assert reading.target is not None
    return replace(reading, target=replace(reading.target, value=23.0))


def with_layer(reading: Reading, place: int, **changed: Any) -> Reading:
    """Change the layer at a place."""
    layers = list(reading.layers)
    layers[place] = replace(layers[place], **changed)
    return replace(reading, layers=tuple(layers))


def recurrence(by_call: Sequence[float], variance: float = 0.25, **changed: Any) -> Reading:
    """A tanh cell h <- tanh(W x + U h), with dL/dz of each call, and a layer behind the last."""
    steps = [Step("input", "input")]
    last: tuple[int, ...] = ()
    for _ in by_call:
        place = len(steps)
        steps += [
            Step("layer", "w", (0,)),
            Step("layer", "u", last),
            Step("addition", "add", (place, place + 1)),
            Step("activation", "tanh", (place + 2,)),
        ]
        last = (place + 3,)
    steps += [Step("layer", "out", last), Step("loss", "cross_entropy", (len(steps),))]
    layers = (layer("w"), layer("u", weight_variance=variance), layer("out"))
    cell = site("tanh", "u", activation="nl.tanh", can_die=False, calls=len(by_call))
    cell = replace(cell, gradient_by_call=tuple(by_call), **changed)
    return replace(network(), sites=(cell,), layers=layers, steps=tuple(steps))


def stream(lengths: Sequence[float], *, normalised: bool = False) -> Reading:
    """Blocks x + W phi(V x), the stream's root mean square behind each addition, and a layer."""
    steps, layers, sites, sums = [Step("input", "input"), Step("layer", "stem", (0,))], [], [], []
    at = 1
    for block, rms in enumerate(lengths):
        place = len(steps)
        steps += [
            Step("layer", f"{block}.v", (at,)),
            Step("activation", f"{block}.act", (place,)),
            Step("layer", f"{block}.w", (place + 1,)),
            Step("addition", "add", (at, place + 2)),
        ]
        at = place + 3
        layers += [layer(f"{block}.v"), layer(f"{block}.w")]
        sites.append(site(f"{block}.act", f"{block}.v", residual=True))
        sums.append(Residual(f"{block}:add", 64, rms, rms, rms, (), at))
    if normalised:
        steps.append(Step("normalization", "layer_norm", (at,)))
        at += 1
    steps += [Step("layer", "out", (at,)), Step("loss", "cross_entropy", (len(steps),))]
    layers = [layer("stem"), *layers, layer("out")]
    return replace(
        network(), sites=tuple(sites), layers=tuple(layers), steps=tuple(steps),
        residuals=tuple(sums),
    )  # fmt: skip
