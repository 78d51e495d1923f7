"""Is the output centred on zero, in theory and when trained; and is that why tanh learns faster?

Series; a band is {"mean", "low", "high"}, lists over the hidden layers:
  S7, T3, R7, E3: {"normal": ratio, "layers": {"untrained" or "trained": band of |mean| / RMS},
      "one_sign": {"untrained" or "trained": band}}.
  T4: {"target": loss, "curves": {variant: {"epoch", "loss"}}, "rates": {variant: {"rate",
      "epochs"}}}, epochs None where some seed did not reach the target.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from scipy.integrate import quad
from torch import Tensor

from nonlin.activation import Activation
from nonlin.catalogue import get
from nonlin.study import claims, convergence
from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number, Outcome, Rule, Rules
from nonlin.study.statistics import band, mean
from nonlin.study.training import member_losses, train
from nonlin.study.verdict import MARGINS, Condition, above, below, judge

SUBJECTS = {"S7": "sigmoid", "T3": "tanh", "R7": "relu", "E3": "elu"}
WHERE = ("normal", "trained")
HIDDEN = (64, 64, 64)
RATE = 0.003
SAMPLES = 64


def _ratio(claim: str) -> float:
    """The line of |mean| / RMS of the activations.

    Below a tenth the mean holds less than 1 % of the mean square, below a quarter less than 6.25 %.
    """
    return claims.get(claim).lines["ratio"]


def _centred(claim: str) -> Rule:
    """T3, E3: the mean is small against the RMS, for z ~ N(0, 1) and in trained networks."""
    return lambda n: [below(w, n[f"{w}_ratio"], _ratio(claim)) for w in WHERE]


def _off_centre(claim: str) -> Rule:
    """S7, R7: the mean is at least a quarter of the RMS, in theory and in trained networks."""
    return lambda n: [above(w, n[f"{w}_ratio"], _ratio(claim)) for w in WHERE]


def learns_faster(n: Mapping[str, Number]) -> list[Condition]:
    """T4: sigmoid needs more epochs than tanh, and centring alone saves epochs at both slopes."""
    time = MARGINS["time"]
    return [
        above("faster", n["sigmoid_over_tanh"], 1, margin=time, needed=True),
        above("steep", n["uncentring_tanh"], 1, margin=time),
        above("shallow_slope", n["uncentring_sigmoid"], 1, margin=time),
    ]


RULES: Rules = {
    "S7": _off_centre("S7"),
    "T3": _centred("T3"),
    "R7": _off_centre("R7"),
    "E3": _centred("E3"),
    "T4": learns_faster,
}


def measure(context: Context) -> list[Outcome]:
    """Take the means of the four functions, then let tanh race against sigmoid."""
    wanted = [claim for claim in SUBJECTS if context.wants(claim)]
    outcomes = []
    for done, claim in enumerate(wanted):
        outcomes.append(_means(claim, context))
        context.progress(0.2 * (done + 1) / len(wanted))
    if context.wants("T4"):
        numbers, series = convergence.compare(context)
        outcomes.append(judge("T4", RULES, numbers, series=series))
    return outcomes


def normal_moment(function: Callable[[float], float], power: int) -> float:
    """E[phi(z)^power] for z ~ N(0, 1), by quadrature on both sides of a kink at 0."""

    def integrand(z: float) -> float:
        return float(function(z)) ** power * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    # Beyond 12 the density is below 1e-31.
    return float(sum(quad(integrand, *side, epsabs=1e-13)[0] for side in ((-12, 0), (0, 12))))


def normal_numbers(activation: Activation) -> list[Number]:
    """The mean for z ~ N(0, 1) and its share of the RMS."""
    first, second = (normal_moment(activation, power) for power in (1, 2))
    return [Number("normal_mean", first), Number("normal_ratio", abs(first) / math.sqrt(second))]


@torch.no_grad()
def mean_ratios(network: Ensemble, x: Tensor) -> Tensor:
    """|mean| / RMS of each hidden layer's activations over samples and units, (layers, members)."""
    hidden = [network.activation(z) for z in network.pre_activations(x)[:-1]]
    return torch.stack([a.mean((1, 2)).abs() / a.square().mean((1, 2)).sqrt() for a in hidden])


def one_sign(network: Ensemble, x: Tensor, y: Tensor) -> Tensor:
    """How far one sample's gradients at the weights into one unit share a sign, (layers, members).

    For sample s and unit j the gradient at weight (i, j) is a_i delta_j. Of those that are not 0,
    the larger of the shares with either sign, averaged over samples and units: 1 where all agree,
    about one half where signs are random.
    """
    zs = network.pre_activations(x)
    deltas = torch.autograd.grad(member_losses(zs[-1], y).sum(), zs)
    inputs = [network.activation(z.detach()) for z in zs[:-1]]
    return torch.stack([_agreement(a, d) for a, d in zip(inputs, deltas[1:], strict=True)])


def _agreement(inputs: Tensor, deltas: Tensor) -> Tensor:
    """The averaged larger share of each member, from (members, samples, units) on both sides."""
    gradients = inputs.unsqueeze(3) * deltas.unsqueeze(2)
    positive, negative = (gradients > 0).sum(2), (gradients < 0).sum(2)
    share = torch.maximum(positive, negative) / (positive + negative)
    return share.flatten(1).nanmean(1)


def _means(claim: str, context: Context) -> Outcome:
    data = load("digits", context.seeds, context.first)
    network = Ensemble((data.inputs, *HIDDEN, data.classes), SUBJECTS[claim], data.members)
    ratios, signs = {}, {}
    for when in ("untrained", "trained"):
        if when == "trained":
            steps = 120 if context.quick else 400
            train(network, data, [RATE] * data.seeds, steps, optimiser="adam")
        ratios[when] = mean_ratios(network, data.test.x).numpy()
        signs[when] = one_sign(network, *_first(data)).numpy()
    numbers = normal_numbers(get(SUBJECTS[claim]))
    for when in ratios:
        numbers.append(mean(f"{when}_ratio", ratios[when].mean(0)))
        numbers.append(mean(f"{when}_one_sign", signs[when].mean(0), "share"))
    series = {
        "normal": numbers[1].value,
        "layers": {when: band(layers) for when, layers in ratios.items()},
        "one_sign": {when: band(layers) for when, layers in signs.items()},
    }
    return judge(claim, RULES, numbers, series=series)


def _first(data: Data) -> tuple[Tensor, Tensor]:
    return data.train.x[:, :SAMPLES], data.train.y[:, :SAMPLES]
