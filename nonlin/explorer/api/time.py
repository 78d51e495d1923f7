"""The gradient through the steps of a recurrent network, by theory and in one that is drawn.

The states h_t = phi(u_t) of u_t = W h_(t-1) + x_t, with W_ij ~ N(0, recurrent / n) and a new input
x_t ~ N(0, input) at every step, have the lengths and gradients of a deep network with these
variances of weights and biases: in the limit of many units it makes no difference that every step
has the same W (M. Chen, J. Pennington, S. Schoenholz, Dynamical Isometry and a Mean Field Theory of
RNNs, ICML 2018).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.cards import printed
from nonlin.explorer import initialisation
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.numbers import column, number
from nonlin.explorer.parameters import Functions, Number, Slider, Whole, language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text
from nonlin.propagation import NotConvergedError, propagate

__all__ = ["ENDPOINT", "time"]

Array = NDArray[np.float64]

# A gradient this much shorter or longer no common learning rate makes up for.
SMALL, LARGE = 1e-2, 1e2


def time(
    f: tuple[tuple[str, Activation], ...],
    recurrent_variance: float,
    input_variance: float,
    steps: int,
    units: int,
    seed: int,
    lang: str,
) -> dict[str, Any]:
    """Follow the state forward and the gradient of the last step back."""
    ((spec, act),) = f
    try:
        found = propagate(
            act,
            weight_variance=recurrent_variance,
            bias_variance=input_variance,
            depth=steps,
            input_length=0.0,
        )
    except NotConvergedError:
        raise initialisation.unmeasurable(act) from None
    with np.errstate(all="ignore"):
        lengths, gradients = _drawn(act, recurrent_variance, input_variance, steps, units, seed)
    predicted = np.sqrt(found.gradients)
    return {
        "spec": spec,
        "title": title(act),
        "step": list(range(1, steps + 1)),
        "predicted": {"gradient": column(predicted), "length": column(found.lengths)},
        "measured": {"gradient": column(gradients), "length": column(lengths)},
        "factor": number(math.sqrt(found.chi1) if found.chi1 >= 0.0 else math.nan),
        "summary": _summary(float(predicted[0]), found.chi1, steps, lang),
    }


def _drawn(
    act: Activation, recurrent: float, inputs: float, steps: int, units: int, seed: int
) -> tuple[Array, Array]:
    """Run one network: mean squares of u_t, and gradients at u_t over that at the last step."""
    random = np.random.default_rng(seed)
    weight = math.sqrt(recurrent / units) * random.standard_normal((units, units))
    drive = math.sqrt(inputs) * random.standard_normal((steps, units))
    u = np.empty((steps, units))
    u[0] = drive[0]
    for step in range(1, steps):
        u[step] = weight @ act(u[step - 1]) + drive[step]
    delta = random.standard_normal(units)
    # Scaled at every step, so that what vanishes does not leave the range of numbers.
    logs = np.zeros(steps)
    for step in range(steps - 2, -1, -1):
        delta = delta / (np.linalg.norm(delta) or 1.0)
        delta = act.backward(weight.T @ delta, u[step])
        logs[step] = logs[step + 1] + np.log(np.linalg.norm(delta))
    return np.mean(u**2, axis=1), np.exp(logs)


def _summary(first: float, chi1: float, steps: int, lang: str) -> list[str]:
    word = "vanishes" if first < SMALL else "explodes" if not first <= LARGE else "arrives"
    size = printed(f"{first:.3g}") if math.isfinite(first) else "∞"
    said = [text(f"explorer_api.time.{word}", lang, steps=steps, size=size)]
    if 0.0 < chi1 < 1.0:
        # Half of a gradient is left where its mean square is a quarter.
        half = math.log(0.25) / math.log(chi1)
        said.append(text("explorer_api.time.memory", lang, half=f"{half:.3g}"))
    return said


_COLUMN = listing(NUMBER)
_SIDES = record(gradient=_COLUMN, length=_COLUMN)

ENDPOINT = Endpoint(
    "/api/time",
    "The state's mean square and the gradient (root mean square, the last step's is 1) at every "
    "step of a random recurrent network, by theory and in one that is drawn",
    (
        Functions(most=1),
        Number(
            "recurrent_variance",
            "of sqrt(units) times a recurrent weight",
            1.0,
            low=0.0,
            high=1000.0,
            slider=Slider(0.05, 4.0, 0.05),
        ),
        Number(
            "input_variance",
            "of what comes in at every step",
            0.1,
            low=1e-6,
            high=1000.0,
            slider=Slider(0.01, 2.0, 0.01),
        ),
        Whole("steps", "of time", 50, low=2, high=1000, slider=Slider(2, 200, 1)),
        Whole(
            "units", "of the network that is drawn", 256, low=2, high=1024, slider=Slider(8, 512, 8)
        ),
        Whole("seed", "which network", 0, low=0, high=2**31 - 1, slider=Slider(0, 20, 1)),
        language,
    ),
    time,
    record(
        spec={"type": "string"},
        title={"type": "string"},
        step=listing({"type": "integer"}),
        predicted=_SIDES,
        measured=_SIDES,
        factor=NUMBER,
        summary=listing({"type": "string"}),
    ),
    slow=True,
)
