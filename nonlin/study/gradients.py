"""How large the gradient is at each layer of a network that has not learnt yet: S6, T5, R4, V1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nonlin.catalogue import get
from nonlin.propagation import propagate
from nonlin.study.data import Data, Part
from nonlin.study.networks import Ensemble, Init, critical_variances
from nonlin.study.results import Number
from nonlin.study.statistics import band, geometric_mean, log_linear, mean
from nonlin.study.training import member_losses


def variances(init: Init, width: int, activation: str) -> tuple[float, float]:
    """Give fan_in times the variance of a weight, and the variance of a bias, between equal layers.

    A uniform number within +-b has the variance b^2 / 3, which is what torch's default draws.
    """
    if init == "critical":
        return critical_variances(activation)
    if init == "default":
        return 1 / 3, 1 / (3 * width)
    return (1.0, 0.0) if init == "xavier" else (2.0, 0.0)


def predicted_growth(
    activation: str, init: Init, depth: int, width: int, input_length: float
) -> NDArray[np.float64]:
    """Predict the RMS gradient at layer 1 over that at layer l, shape (depth,).

    The square root of the product of chi_1 to chi_{l-1}, chi = sw2 E[phi'(u)^2].
    """
    weight_variance, bias_variance = variances(init, width, activation)
    found = propagate(
        get(activation),
        weight_variance=weight_variance,
        bias_variance=bias_variance,
        depth=depth,
        input_length=input_length,
    )
    product = np.cumprod(found.gradient_factors[:-1])
    return np.asarray(np.sqrt(np.concatenate([[1.0], product])))


def predicted(suffix: str, positions: Sequence[float], growth: NDArray[np.float64]) -> Number:
    """Fit the prediction as the measurement is fitted: `predicted_<suffix>`, the factor a layer.

    `growth[l - 1]` belongs to layer l; `positions` are the layers, or depths, of the fit.
    """
    places = [int(position) - 1 for position in positions]
    return Number(f"predicted_{suffix}", log_linear(positions, growth[places]).factor)


Found = tuple[list[Number], dict[str, Any]]

WIDTH = 64
SAMPLES = 128
# One width of 64 lets the factor wander from network to network: untrained ones are cheap.
NETWORKS_PER_SEED = 8
# He's start is ReLU's critical one; the others have one of their own.
INITS: Mapping[str, tuple[Init, ...]] = {
    "sigmoid": ("xavier", "he", "default", "critical"),
    "tanh": ("xavier", "he", "default", "critical"),
    "relu": ("xavier", "he", "default"),
}


def layer_gradients(
    data: Data, activation: str, depth: int, init: Init, width: int = WIDTH
) -> NDArray[np.float64]:
    """Root mean square of dLoss/dz at every hidden layer, before training.

    Parameters
    ----------
    depth : hidden layers, each of `width` units.

    Returns
    -------
    (seeds, depth) float64, the first hidden layer first, over 128 training samples' own losses.
    """
    sizes = [data.inputs, *[width] * depth, data.classes]
    # Thirty layers of a sigmoid leave 1e-37 of a gradient, which float32 has only as a subnormal.
    ensemble = Ensemble(sizes, activation, data.members, init).double()
    part = Part(data.train.x[:, :SAMPLES].double(), data.train.y[:, :SAMPLES])
    zs = ensemble.pre_activations(part.x)
    losses = member_losses(zs[-1], part.y).sum() * SAMPLES
    rms = [g.square().mean((1, 2)).sqrt() for g in torch.autograd.grad(losses, zs[:-1])]
    return np.asarray(torch.stack(rms, dim=1).numpy())


def fits(
    suffix: str, positions: Sequence[float], gradients: NDArray[np.float64]
) -> tuple[Number, Number]:
    """Factor and R^2 of a log-linear fit under each seed: `factor_<suffix>`, `r_squared_<suffix>`.

    `gradients` is (seeds, positions). The factor is what one layer backwards does to the gradient.
    """
    each = [log_linear(positions, row) for row in gradients]
    return (
        geometric_mean(f"factor_{suffix}", [fit.factor for fit in each]),
        # As a share its interval ends at 1; it is quoted as a number all the same.
        replace(mean(f"r_squared_{suffix}", [fit.r_squared for fit in each], "share"), unit=""),
    )


@dataclass(frozen=True)
class Untrained:
    """Gradients of untrained networks, each depth, function and init computed once."""

    data: Data
    depths: tuple[int, ...]
    done: dict[tuple[str, Init, int], NDArray[np.float64]] = field(default_factory=dict)

    def gradients(self, activation: str, init: Init, depth: int) -> NDArray[np.float64]:
        """The RMS at every layer, (seeds, depth)."""
        key = (activation, init, depth)
        if key not in self.done:
            self.done[key] = layer_gradients(self.data, activation, depth, init)
        return self.done[key]

    def deepest(self, activation: str, init: Init) -> NDArray[np.float64]:
        """The RMS at every layer of the deepest network."""
        return self.gradients(activation, init, self.depths[-1])

    def by_layer(self, activation: str, init: Init, suffix: str) -> tuple[Number, Number]:
        """Fit over the deepest network's layers, counted backwards from the last one."""
        backwards = range(self.depths[-1], 0, -1)
        return fits(suffix, list(backwards), self.deepest(activation, init))

    def prediction(
        self, activation: str, init: Init, suffix: str, positions: Sequence[int] | None = None
    ) -> Number:
        """The factor a layer that theory expects, fitted over all layers or over depths."""
        depth = self.depths[-1]
        length = float(self.data.train.x[:, :SAMPLES].double().square().mean())
        growth = predicted_growth(activation, init, depth, WIDTH, length)
        return predicted(suffix, positions or range(1, depth + 1), growth)

    def first_layer(self, activation: str, init: Init) -> NDArray[np.float64]:
        """The RMS at the first layer against the network's depth, (seeds, depths)."""
        found = [self.gradients(activation, init, depth)[:, 0] for depth in self.depths]
        return np.stack(found, axis=1)


def factors(untrained: Untrained, activation: str, inits: tuple[Init, ...]) -> Found:
    """The factor a layer, its fit, the predicted one, and the first layer's part of the last's."""
    numbers: list[Number] = []
    bands = {}
    for init in inits:
        rms = untrained.deepest(activation, init)
        numbers += untrained.by_layer(activation, init, init)
        numbers.append(untrained.prediction(activation, init, init))
        numbers.append(geometric_mean(f"first_to_last_{init}", rms[:, 0] / rms[:, -1]))
        bands[init] = band(rms.T, geometric=True)
    return numbers, {"layers": list(range(1, untrained.depths[-1] + 1)), "init": bands}


def sigmoid_factors(untrained: Untrained) -> Found:
    """S6, and R4's number beside it."""
    return factors(untrained, "sigmoid", INITS["sigmoid"])


def tanh_factors(untrained: Untrained) -> Found:
    """T5, with the sigmoid's factors beside tanh's own, and the two's ratio under each seed."""
    numbers, series = factors(untrained, "tanh", INITS["tanh"])
    beside, sigmoid = factors(untrained, "sigmoid", INITS["sigmoid"])
    for number in beside:
        if number.name.startswith("factor_"):
            numbers.append(replace(number, name=number.name.replace("factor_", "factor_sigmoid_")))
    kept = {number.name: number.observations for number in numbers}
    for init in INITS["tanh"]:
        ours, theirs = kept[f"factor_{init}"], kept[f"factor_sigmoid_{init}"]
        pairs = np.divide(np.array(ours), np.array(theirs))
        numbers.append(geometric_mean(f"factor_ratio_{init}", pairs))
    return numbers, {**series, "sigmoid": sigmoid["init"]}


def relu_factors(untrained: Untrained) -> Found:
    """R4."""
    return factors(untrained, "relu", INITS["relu"])


def shrinking(untrained: Untrained) -> Found:
    """V1: log-linear over the layers of one network, and over the depths of many."""
    first = untrained.first_layer("sigmoid", "xavier")
    numbers = [
        *untrained.by_layer("sigmoid", "xavier", "layers"),
        untrained.prediction("sigmoid", "xavier", "layers"),
        *fits("depths", untrained.depths, first),
        untrained.prediction("sigmoid", "xavier", "depths", untrained.depths),
    ]
    return numbers, {"depths": list(untrained.depths), "first_layer": band(first.T, geometric=True)}
