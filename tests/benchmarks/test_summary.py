"""Medians, intervals and ratios, against values computed by hand or known from tables."""

from dataclasses import asdict

import numpy as np
import pytest
from speed.summary import Spread, compare, mean_ratio, spread


def test_spread_of_the_first_hundred_numbers():
    found = spread(np.random.default_rng(0).permutation(np.arange(1, 101)))
    assert (found.median, found.lower, found.upper) == (50.5, 25.75, 75.25)
    # The 95 % interval of a median of 100 is from the 40th to the 61st value (Conover, table A3).
    assert (found.low, found.high) == (40, 61)


def test_interval_covers_the_median_as_often_as_it_says():
    # The exact coverage of those order statistics is 96.5 %; its error in 2,000 samples is 0.4 %.
    random = np.random.default_rng(1)
    samples = [spread(random.exponential(size=100)) for _ in range(2_000)]
    covered = np.mean([found.low <= np.log(2) <= found.high for found in samples])
    assert covered == pytest.approx(0.965, abs=0.015)


def test_a_single_round_is_its_own_spread():
    assert spread([3.0]) == Spread(3, 3, 3, 3, 3)


def test_surely_below_needs_the_whole_interval():
    assert Spread(0.9, 0.8, 1.2, 0.85, 0.99).surely_below
    assert not Spread(0.9, 0.8, 0.95, 0.85, 1.0).surely_below


def test_ratios_are_formed_within_a_round():
    # The machine slows down from round to round, the ratio of 2 stays.
    ours = np.array([1.0, 2.0, 4.0])
    found = compare({"nonlin": ours, "peer": 2 * ours}, "nonlin", size=10)
    assert found["peer"]["ratio"] == asdict(Spread(2, 2, 2, 2, 2))
    assert found["nonlin"]["nanoseconds"]["median"] == 2e8


def test_a_new_array_is_compared_with_a_new_array():
    seconds = {
        "nonlin": np.array([1.0]),
        "nonlin, new array": np.array([4.0]),
        "peer, new array": np.array([8.0]),
    }
    assert compare(seconds, "nonlin", 1)["peer, new array"]["ratio"]["median"] == 2
    del seconds["nonlin, new array"]
    assert compare(seconds, "nonlin", 1)["peer, new array"]["ratio"]["median"] == 8


def test_mean_ratio_is_geometric():
    assert mean_ratio([0.5, 2.0]) == pytest.approx(1)
    assert mean_ratio([1.0, 4.0]) == pytest.approx(2)
