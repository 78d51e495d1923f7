"""The collapse of a network without activations, on matrices worked out by hand."""

import json

import numpy as np
import pytest
import torch
from judged import verdict_of

from nonlin.study import linearity
from nonlin.study.context import Context
from nonlin.study.networks import Ensemble
from nonlin.study.results import Number


def small_network(activation):
    """x (1, 2) -> x W1 + b1 -> ... W2 + b2 with whole numbers, which floats hold exactly."""
    network = Ensemble((2, 2, 1), activation, [0])
    with torch.no_grad():
        network.weights[0].copy_(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        network.biases[0].copy_(torch.tensor([[1.0, -1.0]]))
        network.weights[1].copy_(torch.tensor([[[5.0], [6.0]]]))
        network.biases[1].copy_(torch.tensor([[7.0]]))
    return network


def test_layers_multiply_out_to_one_affine_map():
    matrix, offset = linearity.collapsed(small_network("identity"))
    # [[1, 2], [3, 4]] [5, 6]' = [17, 39]'; [1, -1] [5, 6]' + 7 = 6.
    assert matrix.tolist() == [[[17.0], [39.0]]]
    assert offset.tolist() == [[[6.0]]]


def test_whole_numbers_leave_no_rounding_difference():
    x = torch.tensor([[[1.0, -2.0], [0.0, 3.0]]])
    assert linearity.rounding_difference(small_network("identity"), x).tolist() == [0.0]


def test_a_function_between_the_layers_is_far_from_the_affine_map():
    # z = [-4, -7] and [10, 11]: ReLU gives 7 and 123, the affine map -55 and 123.
    x = torch.tensor([[[1.0, -2.0], [0.0, 3.0]]])
    difference = linearity.rounding_difference(small_network("relu"), x)
    assert difference.item() == pytest.approx(62 / 123 / 2**-23)


def test_misfit_is_0_for_an_affine_map_and_1_for_a_parabola():
    x = torch.linspace(-1, 1, 21, dtype=torch.float64).view(1, -1, 1)
    assert linearity.misfit(x, 3 * x + 2).item() < 1e-14
    # x^2 is uncorrelated with x on a symmetric grid: the best affine fit is its mean.
    assert linearity.misfit(x, x**2).item() == pytest.approx(1)


def test_a_blank_input_does_no_harm_to_the_fit():
    x = torch.linspace(-1, 1, 21, dtype=torch.float64).view(1, -1, 1)
    blank = torch.cat([x, torch.zeros_like(x)], -1)
    blanks = torch.cat([blank, blank.flip(-1)])
    expected = [linearity.misfit(x, x**3).item()] * 2
    # The second member has its blank elsewhere: one must not be fitted with the other's columns.
    found = linearity.misfit(blanks, torch.cat([x, x]) ** 3)
    assert found.tolist() == pytest.approx(expected)


def n1_numbers(rounding=5.0, misfit=0.3):
    numbers = {f"rounding_{name}": Number("r", rounding) for name in linearity.PRECISIONS}
    return numbers | {f"misfit_{name}": Number("m", misfit) for name in linearity.FIVE}


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        (n1_numbers(), "holds"),
        (n1_numbers(rounding=651), "fails"),
        (n1_numbers(misfit=0.005), "fails"),
        (n1_numbers() | {"misfit_elu": Number("m", 0.005)}, "depends"),
        (n1_numbers() | {"misfit_elu": Number("m", 0.011, 0.009, 0.013)}, "undecided"),
    ],
)
def test_the_rule_of_n1(numbers, verdict):
    assert verdict_of(linearity.collapses(numbers)) == verdict


def n2_numbers(identity=0.5, five=0.99):
    return {
        f"accuracy_{data}_{name}": Number("a", identity if name == "identity" else five)
        for data in linearity.SETS
        for name in ("identity", *linearity.FIVE)
    }


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        (n2_numbers(), "holds"),
        (n2_numbers(identity=0.7), "fails"),
        (n2_numbers(five=0.9), "fails"),
        (n2_numbers() | {"accuracy_xor_elu": Number("a", 0.92, 0.9, 0.94)}, "depends"),
        (n2_numbers() | {"accuracy_xor_elu": Number("a", 0.97, 0.94, 1.0)}, "undecided"),
    ],
)
def test_the_rule_of_n2(numbers, verdict):
    assert verdict_of(linearity.needs_activation(numbers)) == verdict


def test_ten_layers_collapse_to_rounding():
    (outcome,) = linearity.measure(Context(seeds=5, quick=True, ids=frozenset({"N1"})))
    assert (outcome.id, outcome.verdict) == ("N1", "holds")
    # Random rounding of a sum of 64 terms in ten layers: some eps, far from the bound of 650.
    assert 0.5 < outcome.fields["rounding_float32"].value < 30
    assert outcome.fields["rounding_float64"].n == 5


def test_circles_and_xor_need_a_function():
    done = []
    context = Context(seeds=5, quick=True, ids=frozenset({"N2"}), progress=done.append)
    (outcome,) = linearity.measure(context)
    assert outcome.verdict == "holds"
    assert outcome.fields["accuracy_xor_identity"].value == pytest.approx(0.5, abs=0.12)
    assert outcome.fields["accuracy_circles_relu"].value > 0.98
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)
    grid = outcome.series["regions"]["xor"]["grid"]
    assert list(grid) == ["identity", *linearity.FIVE]
    # Quadrants of a grid around 0: class 1 where the signs of x and y differ.
    tanh = np.array(grid["tanh"])
    assert tanh[5, 5] < 10 < 90 < tanh[5, -6]
    # Without a function the probability is a gentle slope: hardly two neighbours are equal, as
    # they would be in whole per cents.
    identity = np.array(grid["identity"])
    assert np.mean(np.diff(identity) == 0) < 0.2
    json.dumps(outcome.series, allow_nan=False)
