import pytest

from nonlin.study import sparsity
from nonlin.study.data import load
from nonlin.study.results import Number


def numbers(after, added, other=0.0):
    found = {}
    for name in sparsity.SETS:
        found[f"zeros_after_{name}"] = Number("x", after, after - 0.01, after + 0.01)
        found[f"zeros_added_{name}"] = Number("x", added, added - 0.01, added + 0.01)
    return found | {f"zeros_after_{name}": Number("x", other) for name in sparsity.OTHERS}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (numbers(0.6, 0.1), "holds"),
        (numbers(0.5, 0.0), "depends"),
        (numbers(0.2, 0.1), "fails"),
        (numbers(0.6, 0.1, other=0.3), "fails"),
    ],
)
def test_the_rule(found, verdict):
    assert sparsity.RULES["R5"](found) == verdict


def test_half_of_an_untrained_relu_networks_outputs_are_zero():
    # Weights symmetric about 0, zero biases: each pre-activation is negative with probability 1/2.
    numbers, series = sparsity._relu(load("digits", 2), 20)
    before, after, added, _ = numbers
    assert before.value == pytest.approx(0.5, abs=0.05)
    assert added.value == pytest.approx(after.value - before.value, abs=1e-6)
    assert len(series["before"]["mean"]) == len(sparsity.HIDDEN)


def test_leaky_relu_has_no_exact_zeros():
    assert sparsity._other(load("digits", 2), "leaky_relu", 20).value == 0.0
