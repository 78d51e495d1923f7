import pytest
from judged import verdict_of

import nonlin as nl
from nonlin.study import sparsity
from nonlin.study.data import load
from nonlin.study.results import Number


def numbers(after, digits, cancer):
    found = {}
    for name, added in zip(sparsity.SETS, (digits, cancer), strict=True):
        found[f"zeros_after_{name}"] = Number("x", after, after - 0.01, after + 0.01)
        found[f"zeros_added_{name}"] = Number("x", added, added - 0.01, added + 0.01)
    return found


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (numbers(0.6, 0.1, 0.1), "holds"),
        (numbers(0.5, 0.1, -0.1), "depends"),
        (numbers(0.5, -0.1, -0.1), "fails"),
        (numbers(0.2, 0.1, 0.1), "fails"),
        (numbers(0.5, 0.1, 0.0), "undecided"),
    ],
)
def test_the_rule(found, verdict):
    assert verdict_of(sparsity.RULES["R5"](found)) == verdict


def test_half_of_an_untrained_relu_networks_outputs_are_zero():
    # Weights symmetric about 0, zero biases: each pre-activation is negative with probability 1/2.
    numbers, series = sparsity._relu(load("digits", 2), 20)
    before, after, added, _ = numbers
    assert before.value == pytest.approx(0.5, abs=0.05)
    assert added.value == pytest.approx(after.value - before.value, abs=1e-6)
    assert len(series["before"]["mean"]) == len(sparsity.HIDDEN)


def test_leaky_relu_has_no_exact_zeros():
    assert sparsity._other(load("digits", 2), "leaky_relu", 20).value == 0.0


@pytest.mark.parametrize(
    ("factor", "zeros", "verdict"),
    [(1.0, 1, "holds"), (1.0, 0, "depends"), (0.5, 0, "fails"), (0.98, 0, "undecided")],
)
def test_the_rule_of_what_is_kept(factor, zeros, verdict):
    found = {
        "factor_leaky_relu_he": Number("x", factor, factor - 0.01, factor + 0.01),
        "pieces_of_zero": Number("x", zeros),
    }
    assert verdict_of(sparsity.RULES["K6"](found)) == verdict


def test_relu_alone_has_a_piece_that_is_zero():
    found = {name: sparsity.pieces_of_zero(nl.get(name)) for name in ("relu", "leaky_relu", "elu")}
    assert found == {"relu": 1, "leaky_relu": 0, "elu": 0}
