"""The derivatives: their form and their smoothness, proved, and how steady gradients are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.activation import Activation
from nonlin.catalogue.functions import elu, leaky_relu, relu, sigmoid, tanh
from nonlin.study import claims
from nonlin.study import derivative_proofs as proofs
from nonlin.study.context import Context
from nonlin.study.data import Part, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import geometric_mean
from nonlin.study.training import member_losses, train
from nonlin.study.verdict import MARGINS, Condition, above, below, fact, judge

HIDDEN = (64, 64, 64)
RATE = 0.003
STEP = claims.get("S5").lines["step"]  # of the weights' norm
PAIR = ("sigmoid", "relu")
WHENS = ("untrained", "underway")
UNDERWAY = 20  # steps: later ReLU's gradient is nearly 0, and anything turns it


def steadiness(context: Context) -> list[Number]:
    """What the sigmoid's gradient turns by, beside ReLU's, before training and underway."""
    data = load("digits", context.seeds, context.first)
    turned: dict[str, dict[str, Tensor]] = {when: {} for when in WHENS}
    for name in PAIR:
        network = Ensemble((data.inputs, *HIDDEN, data.classes), name, data.members)
        turned["untrained"][name] = turning(network, data.train)
        train(network, data, [RATE] * data.seeds, UNDERWAY, optimiser="adam")
        turned["underway"][name] = turning(network, data.train)
    found = []
    for when, of in turned.items():
        found += [geometric_mean(f"turning_{name}_{when}", values) for name, values in of.items()]
        found.append(geometric_mean(f"turning_ratio_{when}", of["sigmoid"] / of["relu"]))
    return found


def turning(ensemble: Ensemble, part: Part) -> Tensor:
    """|g(w - s g) - g(w)| / |g(w)| of every member, (members,), computed in float64."""
    before = [p.detach().double() for p in ensemble.parameters()]
    g = _gradient(ensemble, before, part)
    scale = STEP * _norm(before) / _norm(g)
    after = [p - scale.view(-1, *[1] * (p.dim() - 1)) * d for p, d in zip(before, g, strict=True)]
    moved = _gradient(ensemble, after, part)
    return _norm([a - b for a, b in zip(moved, g, strict=True)]) / _norm(g)


def _gradient(ensemble: Ensemble, weights: list[Tensor], part: Part) -> list[Tensor]:
    names = [name for name, _ in ensemble.named_parameters()]
    leaves = [weight.requires_grad_() for weight in weights]
    called = torch.func.functional_call(
        ensemble, dict(zip(names, leaves, strict=True)), (part.x.double(),)
    )
    loss = member_losses(called, part.y).sum()
    return [gradient.detach() for gradient in torch.autograd.grad(loss, leaves)]


def _norm(tensors: list[Tensor]) -> Tensor:
    """One norm a member, over all of its tensors."""
    together = torch.cat([tensor.detach().flatten(1) for tensor in tensors], 1)
    norms: Tensor = torch.linalg.vector_norm(together, dim=1)
    return norms


SUBJECTS = {"S2": sigmoid, "T2": tanh, "R2": relu, "K1": leaky_relu, "E2": elu}


def _formed(numbers: Mapping[str, Number]) -> Condition:
    """That the form is the textbook's: a theorem about the definition, whatever a kernel computes.

    How far this library's kernels are from it is certified elsewhere, on every float32.
    """
    return fact("form", numbers["form_agreement"].value == 1)


def differentiable_everywhere(numbers: Mapping[str, Number]) -> list[Condition]:
    """S2, T2: the form is the textbook's and the slopes on both sides of 0 agree."""
    smooth = numbers["slope_left_of_zero"].value == numbers["slope_right_of_zero"].value
    return [_formed(numbers), fact("smooth", smooth)]


def has_the_form(numbers: Mapping[str, Number]) -> list[Condition]:
    """R2, E2: each piece is the textbook's, E2's left piece with derivatives of every order."""
    return [_formed(numbers)]


def leaks_a_hundredth(numbers: Mapping[str, Number]) -> list[Condition]:
    """K1: the form is the textbook's and the slope left of 0 is 0.01."""
    leaks = numbers["slope_left_of_zero"].value == claims.get("K1").lines["slope"]
    return [_formed(numbers), fact("leak", leaks)]


def small_over_most(numbers: Mapping[str, Number]) -> list[Condition]:
    """S3: the supremum is 1/4; and most of what an axis shows, and of what a layer sees, is small.

    The document's axis is [-10, 10]; the pre-activations of a well scaled layer are N(0, 1).
    """
    lines = claims.get("S3").lines
    return [
        fact("largest", numbers["largest_slope"].value == lines["largest"]),
        above("axis", numbers["share_of_range_tiny"], lines["most"]),
        above("normal", numbers["share_of_normal_tiny"], lines["most"]),
    ]


def stable(numbers: Mapping[str, Number]) -> list[Condition]:
    """S5: no jump in the slope (proved), and the loss's gradient turns less than with ReLU."""
    margin = MARGINS["factor"]
    return [
        fact("smooth", numbers["slope_jump"].value == 0),
        *(below(w, numbers[f"turning_ratio_{w}"], 1, margin=margin) for w in WHENS),
    ]


RULES: Rules = {
    "S2": differentiable_everywhere,
    "T2": differentiable_everywhere,
    "R2": has_the_form,
    "K1": leaks_a_hundredth,
    "E2": has_the_form,
    "T7": has_the_form,
    "S3": small_over_most,
    "S5": stable,
}


def measure(context: Context) -> list[Outcome]:
    """Prove the forms, and bound sigmoid's first two derivatives."""
    wanted = [claim for claim in RULES if context.wants(claim)]
    outcomes = []
    for done, claim in enumerate(wanted):
        if claim in SUBJECTS:
            outcomes.append(_form(claim, SUBJECTS[claim]))
        elif claim == "T7":
            outcomes.append(_transformed())
        else:
            outcomes.append(_small_slope() if claim == "S3" else _steadiness(context))
        context.progress((done + 1) / len(wanted))
    return outcomes


def _form(claim: str, activation: Activation) -> Outcome:
    proved = proofs.differences(activation)
    left, right = proofs.one_sided_slopes(activation)
    agreeing = sum(difference == 0 for difference in proved) / len(proved)
    numbers = [
        Number("form_agreement", agreeing, n=len(proved), unit="share"),
        Number("slope_left_of_zero", float(left)),
        Number("slope_right_of_zero", float(right)),
    ]
    if claim == "E2":
        numbers += proofs.join_of_elu()
    return judge(claim, RULES, numbers, evidence="proved", series=_curves(activation))


def _transformed() -> Outcome:
    """Tanh beside the sigmoid at twice its height and half its width: 2 sigmoid(2x) - 1."""
    numbers = [Number("form_agreement", float(proofs.is_scaled_sigmoid()), n=1, unit="share")]
    x = np.linspace(-5, 5, 201)
    series = {"x": x.tolist(), "value": np.round(tanh(x), 6).tolist()}
    return judge("T7", RULES, numbers, evidence="proved", series=series)


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


def _steadiness(context: Context) -> Outcome:
    """Sigmoid's second derivative, the jump that ReLU's slope makes, and what both do to a step."""
    numbers = [
        Number("largest_second_derivative", proofs.largest_second_derivative(sigmoid)),
        Number("largest_slope", proofs.proved_fact(sigmoid, "lipschitz")),
        Number("slope_jump", proofs.slope_jump(sigmoid)),
        Number("largest_second_derivative_tanh", proofs.largest_second_derivative(tanh)),
        Number("slope_jump_relu", proofs.slope_jump(relu)),
        *steadiness(context),
    ]
    x = np.linspace(-6, 6, 241)
    second = {
        "sigmoid": sigmoid.derivative(x) * (1 - 2 * sigmoid(x)),
        "tanh": -2 * tanh(x) * tanh.derivative(x),
    }
    drawn = {name: np.round(curve, 6).tolist() for name, curve in second.items()}
    series = {"x": np.round(x, 2).tolist(), "second": drawn}
    return judge("S5", RULES, numbers, series=series)
