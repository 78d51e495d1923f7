"""Moments and signs with known values, the verdicts, and one claim in small."""

import math

import pytest
import torch
from judged import verdict_of

import nonlin as nl
from nonlin.study import centring, convergence
from nonlin.study.context import Context
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number

# E[ELU] = phi(0) + e^(1/2) Phi(-1) - 1/2 for z ~ N(0, 1), with phi(0) = 1 / sqrt(2 pi).
ELU_MEAN = 1 / math.sqrt(2 * math.pi) + math.exp(0.5) * math.erfc(1 / math.sqrt(2)) / 2 - 0.5


@pytest.mark.parametrize(
    ("activation", "mean", "square"),
    [
        # sigmoid - 1/2 is odd. The squares are 1 / gain^2, with gains from mean-field theory.
        (nl.sigmoid, 0.5, 1.8462285453**-2),
        (nl.tanh, 0.0, 1.5925374197**-2),
        (nl.relu, 1 / math.sqrt(2 * math.pi), 0.5),
        (nl.elu, ELU_MEAN, 1.2451983007**-2),
    ],
)
def test_moments_under_a_normal_pre_activation(activation, mean, square):
    first, ratio = centring.normal_numbers(activation)
    assert first.value == pytest.approx(mean, abs=1e-12)
    assert ratio.value == pytest.approx(abs(mean) / math.sqrt(square), abs=1e-9)


def identity_network(hidden_weights):
    """One hidden layer that hands its inputs on, so that its activations are known."""
    width = len(hidden_weights)
    network = Ensemble((width, width, 2), "identity", [0])
    with torch.no_grad():
        network.weights[0].copy_(torch.diag(torch.tensor(hidden_weights)).unsqueeze(0))
        network.biases[0].zero_()
    return network


def test_mean_ratio_by_hand():
    x = torch.tensor([[[1.0, 3.0], [1.0, -1.0]]])
    # Mean 1, mean square 3.
    ratios = centring.mean_ratios(identity_network([1.0, 1.0]), x)
    assert ratios.tolist() == [[pytest.approx(1 / math.sqrt(3))]]


@pytest.mark.parametrize(
    ("inputs", "share"),
    [
        ([1.0, 2.0, 3.0], 1.0),
        ([1.0, -2.0, 3.0], 2 / 3),
        # A gradient of exactly 0 has no sign: of the other two, half.
        ([0.0, -2.0, 3.0], 1 / 2),
        # As ReLU's: zeros and one sign.
        ([0.0, 0.0, 3.0], 1.0),
    ],
)
def test_one_sign_by_hand(inputs, share):
    found = centring.one_sign(
        identity_network([1.0, 1.0, 1.0]), torch.tensor([[inputs]]), torch.tensor([[0]])
    )
    assert found.tolist() == [[pytest.approx(share)]]


def test_gradient_signs_are_autograds():
    network = Ensemble((4, 5, 6, 3), "elu", [0])
    x = torch.randn(1, 1, 4, generator=torch.Generator().manual_seed(1))
    y = torch.tensor([[2]])
    loss = torch.nn.functional.cross_entropy(network(x)[0], y[0])
    gradients = torch.autograd.grad(loss, list(network.weights))[1:]
    expected = [
        torch.maximum((g[0] > 0).float().mean(0), (g[0] < 0).float().mean(0)).mean().item()
        for g in gradients
    ]
    assert centring.one_sign(network, x, y).flatten().tolist() == pytest.approx(expected)


def ratios(normal, low, high):
    return {
        "normal_ratio": Number("normal_ratio", normal),
        "trained_ratio": Number("trained_ratio", (low + high) / 2, low, high),
    }


@pytest.mark.parametrize(
    ("claim", "numbers", "verdict"),
    [
        ("S7", ratios(0.9, 0.7, 0.8), "holds"),
        ("R7", ratios(0.56, 0.1, 0.2), "depends"),
        ("R7", ratios(0.56, 0.2, 0.3), "undecided"),
        ("R7", ratios(0.1, 0.1, 0.2), "fails"),
        ("T3", ratios(0.0, 0.01, 0.02), "holds"),
        ("T3", ratios(0.0, 0.05, 0.15), "undecided"),
        ("T3", ratios(0.2, 0.12, 0.15), "fails"),
        ("E3", ratios(0.2, 0.1, 0.2), "holds"),
        ("E3", ratios(0.2, 0.3, 0.4), "depends"),
        ("E3", ratios(0.3, 0.3, 0.4), "fails"),
    ],
)
def test_the_rules_of_centring(claim, numbers, verdict):
    assert verdict_of(centring.RULES[claim](numbers)) == verdict


@pytest.mark.parametrize(
    ("over", "steep", "flat", "verdict"),
    [
        (2.0, 1.5, 1.5, "holds"),
        (2.0, 1.5, 0.8, "depends"),
        (2.0, 1.5, 1.0, "undecided"),
        (0.8, 1.5, 1.5, "fails"),
    ],
)
def test_the_rule_of_t4(over, steep, flat, verdict):
    names = ("sigmoid_over_tanh", "uncentring_tanh", "uncentring_sigmoid")
    lows = zip(names, (over, steep, flat), strict=True)
    found = {name: Number(name, low + 0.1, low, low + 0.2) for name, low in lows}
    assert verdict_of(centring.RULES["T4"](found)) == verdict


def test_sigmoid_is_off_centre_and_its_gradients_share_a_sign():
    (outcome,) = centring.measure(Context(seeds=5, quick=True, ids=frozenset({"S7"})))
    assert outcome.verdict == "holds"
    # Its outputs are all positive.
    assert outcome.fields["trained_one_sign"].value == 1
    assert outcome.fields["untrained_ratio"].value > outcome.fields["trained_ratio"].value
    assert len(outcome.series["layers"]["trained"]["mean"]) == 3


def test_t4_takes_the_races_numbers(monkeypatch):
    def compare(context):
        context.progress(1.0)
        names = ("sigmoid_over_tanh", "uncentring_tanh", "uncentring_sigmoid")
        return [Number(name, 2.0) for name in names], {"target": 0.1}

    monkeypatch.setattr(convergence, "compare", compare)
    (outcome,) = centring.measure(Context(ids=frozenset({"T4"})))
    assert (outcome.id, outcome.verdict, outcome.series) == ("T4", "holds", {"target": 0.1})
