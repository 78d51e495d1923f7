"""One real network, drawn and run: what theory predicts for all of them, seen in a single one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.explorer.api.propagation import LAYERS, drawn, network_parameters
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.numbers import column
from nonlin.explorer.parameters import Whole
from nonlin.explorer.schema import NUMBER, record

__all__ = ["ENDPOINT", "network"]

Array = NDArray[np.float32]

# Weights, of 4 bytes.
KEPT = 16_000_000


def network(
    f: tuple[tuple[str, Activation], ...],
    init: str,
    weight_variance: float,
    bias_variance: float,
    depth: int,
    width: int,
    correlation: float,
    length: float,
    seed: int,
) -> dict[str, Any]:
    """Draw a network, send two inputs through it, and a random gradient back for the first.

    The pre-activations are u_1 = W_1 x + b_1, u_l = W_l phi(u_{l-1}) + b_l. From delta_L ~ N(0, 1)
    the gradients are delta_l = phi'(u_l) W_{l+1}^T delta_{l+1}. What is reported is the mean square
    of u_l, the correlation of both inputs' u_l, and the root mean square of delta_l over delta_L's.
    """
    ((spec, act),) = f
    weight, bias, length = drawn(act, init, weight_variance, bias_variance, width, depth, length)
    layers = _Layers(weight, bias, depth, width, seed)
    x = _inputs(width, length, correlation, seed)
    with np.errstate(all="ignore"):
        u = _forward(act, layers, x)
        gradients = _backward(act, layers, u[:, 0], seed)
        lengths = np.mean(np.square(u[:, 0], dtype=np.float64), axis=1)
        correlations = [_cosine(*pair) for pair in u]
    return {
        "spec": spec,
        "title": title(act),
        "seed": seed,
        "weight_variance": weight,
        "bias_variance": bias,
        "layers": {
            "layer": list(range(1, depth + 1)),
            "length": column(lengths),
            "correlation": column(correlations),
            "gradient": column(gradients),
        },
    }


class _Layers:
    """The layers of a network; each is drawn again from its seed when it is needed again.

    Few are kept: 200 layers of 1024 units would take 800 MB.
    """

    def __init__(self, weight: float, bias: float, depth: int, width: int, seed: int) -> None:
        self._scales = np.float32(np.sqrt(weight / width)), np.float32(np.sqrt(bias))
        self._shape = width
        self._seeds = np.random.SeedSequence(seed).spawn(depth)
        self._few = depth * width**2 <= KEPT
        self._drawn: dict[int, tuple[Array, Array]] = {}

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        return (self.draw(layer) for layer in range(len(self._seeds)))

    def draw(self, layer: int) -> tuple[Array, Array]:
        """Give W, shape (width, width), and b, shape (width,)."""
        if layer in self._drawn:
            return self._drawn[layer]
        random = np.random.Generator(np.random.SFC64(self._seeds[layer]))
        weight, bias = self._scales
        n = self._shape
        matrix: Array = random.standard_normal((n, n), dtype=np.float32)
        matrix *= weight
        offset: Array = random.standard_normal(n, dtype=np.float32)
        offset *= bias
        if self._few:
            self._drawn[layer] = matrix, offset
        return matrix, offset

    def __len__(self) -> int:
        return len(self._seeds)


def _inputs(width: int, length: float, correlation: float, seed: int) -> Array:
    """Draw two inputs of exactly that mean square and correlation, shape (2, width)."""
    a, b = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, 2)))[0].T
    other = correlation * a + np.sqrt(1.0 - correlation**2) * b
    pair: NDArray[np.float64] = np.sqrt(length * width) * np.stack([a, other])
    return pair.astype(np.float32)


def _forward(act: Activation, layers: _Layers, x: Array) -> Array:
    """Compute the pre-activations, shape (depth, 2, width)."""
    found = []
    for weight, bias in layers:
        u = x @ weight.T + bias
        found.append(u)
        x = np.asarray(act(u), dtype=np.float32)
    return np.stack(found)


def _backward(act: Activation, layers: _Layers, u: Array, seed: int) -> NDArray[np.float64]:
    """Compute the size of the gradient at each layer over that at the last one."""
    random = np.random.default_rng([seed, 1])
    delta: Array = random.standard_normal(u.shape[1:], dtype=np.float32)
    # A gradient that vanishes over 200 layers leaves float32's range, and so each layer's is scaled
    # to length 1 and the logarithms of the scales are summed.
    logs = np.zeros(len(layers))
    delta = delta / np.float32(np.linalg.norm(delta))
    for layer in range(len(layers) - 2, -1, -1):
        delta = act.backward(layers.draw(layer + 1)[0].T @ delta, u[layer])
        size = float(np.linalg.norm(delta))
        logs[layer] = logs[layer + 1] + np.log(size)
        delta = delta / np.float32(size or 1.0)
    sizes: NDArray[np.float64] = np.exp(logs)
    return sizes


def _cosine(a: Array, b: Array) -> float:
    a, b = (each / max(float(np.max(np.abs(each))), 1e-38) for each in (a, b))
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


ENDPOINT = Endpoint(
    "/api/network",
    "The same columns measured on one real network, drawn with a seed",
    (
        *network_parameters(depth=200, width=1024),
        Whole("seed", "which network", 0, low=0, high=2**31 - 1),
    ),
    network,
    record(
        spec={"type": "string"},
        title={"type": "string"},
        seed={"type": "integer"},
        weight_variance=NUMBER,
        bias_variance=NUMBER,
        layers=LAYERS,
    ),
    slow=True,
)
