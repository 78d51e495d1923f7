"""Curves broken where they jump, and limits that show them."""

import numpy as np
import pytest

from nonlin.figures import sampling


def test_a_jump_away_from_the_samples_is_found_where_it_is():
    x, y = sampling.curve(lambda x: np.where(x > np.pi, 5.0, -1.0), np.linspace(0, 10, 101))
    assert x[np.isnan(y)] == pytest.approx(np.pi, abs=1e-5)
    assert np.all(np.diff(x) >= 0)


def test_a_pole_is_a_gap_and_leaves_the_limits_to_the_samples():
    _, y = sampling.curve(np.reciprocal, np.array([-2.0, -1.0, 0.5, 1.0]))
    # The samples span [-1, 2], their margin is 6 % of that, and the branches go to its end.
    assert list(y[1:6]) == pytest.approx([-1, -1.18, np.nan, 2.18, 2], nan_ok=True)


def test_values_that_are_not_finite_leave_the_limits_finite():
    _, y = sampling.curve(np.reciprocal, np.array([-2.0, 0.0, 2.0]))
    assert sampling.span(y) == pytest.approx((-0.56, 0.56))
    assert sampling.span(np.array([np.nan, np.inf])) == (-1, 1)
