"""What depth does to signals and gradients, by mean-field theory."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.explorer import initialisation
from nonlin.explorer.depth_sentences import summary
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.numbers import column, number
from nonlin.explorer.parameters import (
    Choice,
    Functions,
    Number,
    Parameter,
    Slider,
    Whole,
    language,
)
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.propagation import NotConvergedError, propagate

__all__ = ["ENDPOINT", "LAYERS", "drawn", "network_parameters", "propagation"]

# The sigmoid is critical at 103.
LARGEST_VARIANCE = 1000.0


def network_parameters(depth: int, width: int) -> tuple[Parameter, ...]:
    """Declare what makes a network, up to a depth and a width."""
    names = (*initialisation.NAMES, "custom")
    high = LARGEST_VARIANCE
    return (
        Functions(most=1),
        Choice("init", "the first weights; custom takes weight_variance", "torch", names),
        Number(
            "weight_variance",
            "of sqrt(fan_in) times a weight",
            1.0,
            low=0.0,
            high=high,
            slider=Slider(0.0, 6.0, 0.01),
        ),
        Number(
            "bias_variance", "of a bias", 0.0, low=0.0, high=high, slider=Slider(0.0, 1.0, 0.005)
        ),
        Whole("depth", "layers", 10, low=1, high=depth, slider=Slider(2, 200, 1)),
        Whole("width", "units of a layer", 256, low=2, high=width, slider=Slider(8, 1024, 8)),
        Number(
            "correlation", "of two inputs", 0.5, low=-1.0, high=1.0, slider=Slider(-1.0, 1.0, 0.01)
        ),
        Number("length", "mean square of an input", 1.0, low=1e-6, high=1e6),
    )


def drawn(
    act: Activation,
    init: str,
    weight_variance: float,
    bias_variance: float,
    width: int,
    depth: int,
    length: float,
) -> tuple[float, float, float]:
    """Give both variances that a request stands for, and the length of its inputs."""
    if init == "custom":
        return weight_variance, bias_variance, length
    variances = initialisation.variances(init, act, width, bias_variance, depth)
    return *variances, initialisation.first_length(init, act, depth, length)


def propagation(
    f: tuple[tuple[str, Activation], ...],
    init: str,
    weight_variance: float,
    bias_variance: float,
    depth: int,
    width: int,
    correlation: float,
    length: float,
    lang: str,
) -> dict[str, Any]:
    """Follow lengths, correlations and gradients through the layers."""
    ((spec, act),) = f
    weight, bias, length = drawn(act, init, weight_variance, bias_variance, width, depth, length)
    try:
        found = propagate(
            act,
            weight_variance=weight,
            bias_variance=bias,
            depth=depth,
            width=width,
            input_length=length,
            input_correlation=correlation,
        )
    except NotConvergedError:
        raise initialisation.unmeasurable(act) from None
    assert found.gradient_intervals is not None, "a width gives them"
    # The theory's are squared; people read sizes, and 0.25 a layer is one.
    gradient, (low, high) = np.sqrt(found.gradients), np.sqrt(found.gradient_intervals.T)
    return {
        "spec": spec,
        "title": title(act),
        "init": init,
        "weight_variance": weight,
        "bias_variance": bias,
        "depth": depth,
        "width": width,
        "phase": found.phase,
        "fixed_length": number(found.q_star),
        "chi1": number(found.chi1),
        "fixed_correlation": number(found.c_star),
        "length_scale": number(found.xi_q),
        "correlation_scale": number(found.xi_c),
        "max_depth": number(found.max_depth),
        "layers": {
            "layer": list(range(1, depth + 1)),
            "length": column(found.lengths),
            "correlation": column(found.correlations),
            "gradient": column(gradient),
        },
        "band": {"low": column(low), "high": column(high)},
        "summary": summary(found, lang),
    }


_TEXT = {"type": "string"}
_COLUMN = listing(NUMBER)
LAYERS = record(
    layer=listing({"type": "integer"}), length=_COLUMN, correlation=_COLUMN, gradient=_COLUMN
)

ENDPOINT = Endpoint(
    "/api/propagation",
    "Length (mean square), correlation and gradient (root mean square, the last layer's is 1) of "
    "each layer in a wide random network, by theory; the band holds the gradients of 95 % of "
    "networks of that width. A settled layer multiplies the mean squared gradient by chi1",
    (*network_parameters(depth=1000, width=4096), language),
    propagation,
    record(
        spec=_TEXT,
        title=_TEXT,
        init=_TEXT,
        weight_variance=NUMBER,
        bias_variance=NUMBER,
        phase={"enum": ["ordered", "critical", "chaotic", "unsettled"]},
        fixed_length=NUMBER,
        chi1=NUMBER,
        fixed_correlation=NUMBER,
        length_scale=NUMBER,
        correlation_scale=NUMBER,
        max_depth=NUMBER,
        layers=LAYERS,
        band=record(low=_COLUMN, high=_COLUMN),
        summary=listing(_TEXT),
    ),
)
