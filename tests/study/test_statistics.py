from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from nonlin.study.results import Number
from nonlin.study.statistics import (
    band,
    difference,
    geometric_mean,
    log_linear,
    mean,
    over_sets,
    pooled,
    resampled,
    share,
    win_rate,
)


def test_the_mean_of_one_to_five():
    # Mean 3, s = sqrt(2.5), t(0.975, 4) = 2.7764 (Student's table): 3 +- 2.7764 sqrt(2.5 / 5).
    number = mean("x", [1, 2, 3, 4, 5])
    assert number.value == 3
    assert number.high == pytest.approx(3 + 2.77645 * np.sqrt(0.5), abs=1e-4)
    assert number.low == pytest.approx(3 - 2.77645 * np.sqrt(0.5), abs=1e-4)
    assert number.n == 5


def test_the_mean_agrees_with_scipy():
    values = np.random.default_rng(0).normal(size=12)
    number = mean("x", values)
    expected = stats.t.interval(0.95, 11, loc=values.mean(), scale=stats.sem(values))
    assert (number.low, number.high) == pytest.approx(expected)


def test_a_share_stays_within_its_bounds_and_a_difference_does_not():
    assert mean("x", [0.0, 0.0, 0.1], "share").low == 0.0
    assert mean("x", [1.0, 1.0, 0.9], "share").high == 1.0
    assert difference("x", [0.0, 0.0, 0.1], [0.0, 0.0, 0.0]).low < 0


def test_one_value_has_no_interval_and_none_no_mean():
    assert (mean("x", [2.0]).low, mean("x", [2.0]).high) == (None, None)
    with pytest.raises(ValueError, match="at least one value"):
        mean("x", [])
    with pytest.raises(ValueError, match="all finite"):
        mean("x", [1.0, np.nan])


def test_the_geometric_mean_of_a_power_series():
    number = geometric_mean("x", [0.1, 1.0, 10.0])
    assert number.value == pytest.approx(1.0)
    assert number.low * number.high == pytest.approx(1.0)


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (5, 5), (7, 30), (29, 30)])
def test_wilson_agrees_with_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    number = share("x", successes, n)
    assert (number.low, number.high) == pytest.approx((expected.low, expected.high))


def test_a_share_counts_no_more_than_there_are():
    with pytest.raises(ValueError, match="got 6 of 5"):
        share("x", 6, 5)


def test_a_tie_is_half_a_win():
    number = win_rate("x", [2, 1, 3, 0], [1, 1, 1, 1])
    assert (number.value, number.n) == (2.5 / 4, 4)


def test_the_fit_recovers_an_exact_power_law():
    fit = log_linear([1, 2, 3, 4], 3 * 0.25 ** np.arange(1, 5))
    assert fit.factor == pytest.approx(0.25)
    assert np.exp(fit.intercept) == pytest.approx(3)
    assert fit.r_squared == pytest.approx(1)


def test_a_band_leaves_out_what_diverged():
    found = band([[1.0, 3.0], [np.nan, 1.0]])
    assert found["mean"] == [2.0, None]
    assert found["low"][1] is found["high"][1] is None


def test_every_number_keeps_what_it_was_computed_from():
    assert mean("x", [1, 2]).observations == (1.0, 2.0)
    assert geometric_mean("x", [1, 2]).observations == (1.0, 2.0)
    assert over_sets("x", [[1, 2], [3]]).observations == ((1.0, 2.0), (3.0,))
    assert mean("x", [1, 2, 3]).error == pytest.approx(stats.sem([1, 2, 3]))


def test_over_sets_the_sets_are_the_observations():
    number = over_sets("x", [[1, 3], [4, 4, 4], [9]])
    assert number == replace(
        mean("x", [2, 4, 9], "points"), statistic="over_sets", observations=number.observations
    )


def test_nadeau_and_bengio_by_hand():
    # Variance s^2 (1/n + 1/3) instead of s^2 / n: for n = 3 the interval is sqrt(2) as wide.
    plain, corrected = mean("x", [1, 2, 3]), resampled("x", [1, 2, 3])
    assert corrected.high - corrected.value == pytest.approx(
        np.sqrt(2) * (plain.high - plain.value)
    )


@pytest.mark.parametrize("average", [mean, geometric_mean, resampled])
def test_blocks_pool_to_the_number_of_all(average):
    values = np.random.default_rng(0).uniform(1, 2, 9)
    blocks = [[average("x", values[:4], "u")], [average("x", values[4:], "u")]]
    assert pooled(blocks) == [average("x", values, "u")]


def test_shares_sets_and_settings_pool_too():
    blocks = [
        [share("s", 1.5, 4), over_sets("o", [[1, 2], [3]]), Number("rate", 0.1)],
        [share("s", 3, 5), over_sets("o", [[3], [5, 6]]), Number("rate", 0.3)],
    ]
    expected = [share("s", 4.5, 9), over_sets("o", [[1, 2, 3], [3, 5, 6]]), Number("rate", 0.1)]
    assert pooled(blocks) == expected
