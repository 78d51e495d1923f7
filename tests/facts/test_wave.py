"""Facts of a line and a wave beside what the values say."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.facts import properties

CASES = [
    nl.snake, nl.snake.bind(alpha=-0.5), nl.snake_beta.bind(alpha=0.5, beta=2.0),
    nl.snake_beta.bind(alpha=2.0), nl.snake_beta.bind(alpha=-3.0, beta=0.4),
    nl.snake_beta.bind(alpha=1.0, beta=-1.0),
]  # fmt: skip
NAMES = ("fixed_points", "steepest", "saturated")


@pytest.mark.parametrize("act", CASES, ids=repr)
def test_they_are_those_of_the_values(act):
    known = properties(act)
    a, period = act.parameters["alpha"], math.pi / abs(act.parameters["alpha"])
    height = abs(a / act.parameters.get("beta", a))
    x = np.linspace(-1.0, 1.0, 400_001) * max(2.0 * period, 1.2 * height / abs(a))
    slope = act.derivative(x)
    assert {known[name].evidence for name in NAMES} == {"proved"}
    assert known.derivative_range.value.lower == pytest.approx(slope.min(), abs=1e-6)
    assert known.lipschitz.value == pytest.approx(np.abs(slope).max(), rel=1e-6)
    assert known.monotone.value == ("increasing" if slope.min() > -1e-6 else "neither")
    (top,) = known.steepest.value
    assert abs(float(act.derivative(top.lower))) == pytest.approx(known.lipschitz.value, rel=1e-12)
    once = np.flatnonzero(np.abs(np.arange(x.size) - x.size // 2) * (x[1] - x[0]) < period / 2)
    share = np.mean(np.abs(slope[once]) < 0.01 * known.lipschitz.value)
    listed = sum(i.upper - i.lower for i in known.saturated.value) / period
    assert listed == pytest.approx(share, abs=2e-4)
    for i in known.saturated.value:
        inside = 0.5 * (i.lower + i.upper)
        assert abs(float(act.derivative(inside))) < 0.01 * known.lipschitz.value
    signs = np.sign(act(x))
    signs = signs[signs != 0]
    assert len(known.zeros.value) == np.count_nonzero(np.diff(signs))


def test_what_returns_says_so():
    lines = str(properties(nl.snake))
    assert "fixed points, φ(x) = x: 0, and again in every period (proved)" in lines
    assert "monotone: strictly increasing (proved)" in lines


def test_other_functions_are_found_as_before():
    assert properties(nl.tanh.bind())["range"].how == "rolle"
