"""The derivatives: their form and their smoothness proved, the kernels held against the proof.

Series; every list runs over "x":
  S2, T2, R2, K1, E2: {"x", "value", "derivative"}.
  S3: {"x", "derivative", "level": 0.05, "crossing": the x > 0 where the slope is the level}.
  S5: {"x", "second": {function: [...]}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.catalogue.functions import elu, leaky_relu, relu, sigmoid, tanh
from nonlin.study import derivative_proofs as proofs
from nonlin.study.context import Context
from nonlin.study.results import Number, Outcome, Rules, Verdict, judge

SUBJECTS = {"S2": sigmoid, "T2": tanh, "R2": relu, "K1": leaky_relu, "E2": elu}
DTYPES = (np.float32, np.float64)
KERNEL_ULPS = 2.0


def _proved_and_computed(numbers: Mapping[str, Number]) -> bool:
    """Whether the form is the textbook's, and the kernels compute it to two ULP."""
    kernels = (numbers[f"kernel_error_{np.dtype(dtype).name}"] for dtype in DTYPES)
    formed = numbers["form_agreement"].value == 1
    return formed and all(error.value <= KERNEL_ULPS for error in kernels)


def differentiable_everywhere(numbers: Mapping[str, Number]) -> Verdict:
    """S2, T2: the form is the textbook's and the slopes on both sides of 0 agree."""
    smooth = numbers["slope_left_of_zero"].value == numbers["slope_right_of_zero"].value
    return "holds" if smooth and _proved_and_computed(numbers) else "fails"


def has_the_form(numbers: Mapping[str, Number]) -> Verdict:
    """R2, E2: each piece is the textbook's, E2's left piece with derivatives of every order."""
    return "holds" if _proved_and_computed(numbers) else "fails"


def leaks_a_hundredth(numbers: Mapping[str, Number]) -> Verdict:
    """K1: the form is the textbook's and the slope left of 0 is 0.01."""
    leaks = numbers["slope_left_of_zero"].value == 0.01
    return "holds" if leaks and _proved_and_computed(numbers) else "fails"


def small_over_most(numbers: Mapping[str, Number]) -> Verdict:
    """S3: the supremum is 1/4, and more than half of [-10, 10] lies below a fifth of it."""
    if numbers["largest_slope"].value != 0.25:
        return "fails"
    return "holds" if numbers["share_of_range_tiny"].value > 0.5 else "depends"


def stable(numbers: Mapping[str, Number]) -> Verdict:
    """S5: no jump in the slope, and a unit step changes it by less than its own largest value."""
    steady = numbers["largest_second_derivative"].value < numbers["largest_slope"].value
    return "holds" if steady and numbers["slope_jump"].value == 0 else "fails"


RULES: Rules = {
    "S2": differentiable_everywhere,
    "T2": differentiable_everywhere,
    "R2": has_the_form,
    "K1": leaks_a_hundredth,
    "E2": has_the_form,
    "S3": small_over_most,
    "S5": stable,
}


def measure(context: Context) -> list[Outcome]:
    """Prove the forms, hold the kernels against them, and bound sigmoid's first two derivatives."""
    wanted = [claim for claim in RULES if context.wants(claim)]
    outcomes = []
    for done, claim in enumerate(wanted):
        if claim in SUBJECTS:
            outcomes.append(_form(claim, SUBJECTS[claim], 500 if context.quick else 4000))
        else:
            outcomes.append(_small_slope() if claim == "S3" else _curvature())
        context.progress((done + 1) / len(wanted))
    return outcomes


def _form(claim: str, activation: Activation, count: int) -> Outcome:
    proved = proofs.differences(activation)
    left, right = proofs.one_sided_slopes(activation)
    agreeing = sum(difference == 0 for difference in proved) / len(proved)
    numbers = [
        Number("form_agreement", agreeing, n=len(proved), unit="share"),
        Number("slope_left_of_zero", float(left)),
        Number("slope_right_of_zero", float(right)),
        *(proofs.kernel_error(activation, dtype, count) for dtype in DTYPES),
    ]
    if claim == "E2":
        numbers += proofs.join_of_elu()
    return judge(claim, RULES, numbers, evidence="proved", series=_curves(activation))


def _curves(activation: Activation) -> dict[str, Any]:
    x = np.linspace(-5, 5, 201)
    curves: dict[str, NDArray[Any]] = {
        "x": x,
        "value": activation(x),
        "derivative": activation.derivative(x),
    }
    return {name: np.round(curve, 6).tolist() for name, curve in curves.items()}


def _small_slope() -> Outcome:
    """Sigmoid's slope over the document's axis, [-10, 10], and over z ~ N(0, 1)."""
    numbers = proofs.small_slope(sigmoid)
    x = np.linspace(-proofs.HALF_WIDTH, proofs.HALF_WIDTH, 401)
    crossing = next(n.value for n in numbers if n.name == "slope_is_tiny_beyond")
    series = {
        "x": x.tolist(),
        "derivative": np.round(sigmoid.derivative(x), 6).tolist(),
        "level": proofs.TINY,
        "crossing": crossing,
    }
    return judge("S3", RULES, numbers, evidence="proved", series=series)


def _curvature() -> Outcome:
    """Sigmoid's second derivative beside tanh's, and the jump that ReLU's slope makes."""
    numbers = [
        Number("largest_second_derivative", proofs.largest_second_derivative(sigmoid)),
        Number("largest_slope", proofs.proved_fact(sigmoid, "lipschitz")),
        Number("slope_jump", proofs.slope_jump(sigmoid)),
        Number("largest_second_derivative_tanh", proofs.largest_second_derivative(tanh)),
        Number("slope_jump_relu", proofs.slope_jump(relu)),
    ]
    x = np.linspace(-6, 6, 241)
    second = {
        "sigmoid": sigmoid.derivative(x) * (1 - 2 * sigmoid(x)),
        "tanh": -2 * tanh(x) * tanh.derivative(x),
    }
    drawn = {name: np.round(curve, 6).tolist() for name, curve in second.items()}
    series = {"x": np.round(x, 2).tolist(), "second": drawn}
    return judge("S5", RULES, numbers, evidence="proved", series=series)
