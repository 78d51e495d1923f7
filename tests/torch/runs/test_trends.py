import numpy as np
import pytest

from nonlin.torch.runs.trends import BLOCKS, CONFIDENCE, trend


def test_a_line_is_its_own_trend():
    # 3 + 0.02 step: at step 1200 it is 27, and it reaches 50 at (50 - 3) / 0.02 = 2350.
    steps = range(0, 1300, 100)
    found = trend(steps, [3 + 0.02 * step for step in steps])
    assert (found.slope, found.low, found.high) == pytest.approx((0.02, 0.02, 0.02))
    assert found.reaches(50) == 2350
    assert found.interval(50) == (2350, 2350)


def test_the_interval_is_that_of_the_slowest_and_fastest_block():
    # Blocks of one reading each with rises 1, 2, 3, 4, 5, 6 in 10 steps: median 3.5.
    found = trend(range(0, 70, 10), np.cumsum([0, 1, 2, 3, 4, 5, 6]))
    assert (found.slope, found.low, found.high) == pytest.approx((0.35, 0.1, 0.6))
    assert found.reaches(42) == 60 + 60  # 21 more at 0.35 a step
    assert found.interval(42) == (60 + 35, 60 + 210)


@pytest.mark.parametrize(
    "values", [[0, 1, 2, 3, 4, 5], [0, 1, 2, np.nan, 4, 5, 6]], ids=["few", "not finite"]
)
def test_no_trend(values):
    assert trend(range(len(values)), values) is None


def test_one_jump_is_no_trend():
    found = trend(range(20), [0] * 10 + [30] * 10)
    assert not found.significant
    assert found.reaches(40) is None
    assert found.interval(40) is None


def test_a_falling_number_does_not_reach_what_is_above_it():
    found = trend(range(10), range(20, 10, -1))
    assert found.significant
    assert found.reaches(30) is None
    assert found.reaches(0) == 9 + 11


def _false_alarms(noise, runs=4000):
    rng = np.random.default_rng(0)
    found = [trend(range(48), noise(rng)) for _ in range(runs)]
    return sum(each.significant for each in found) / runs


def test_random_walks_have_trends_as_often_as_the_confidence_says():
    # Independent blocks: 2^-5 = 3.1 %; within three standard errors of 4,000 runs.
    rate = _false_alarms(lambda rng: np.cumsum(rng.standard_normal(48)))
    assert CONFIDENCE == 1 - 2 ** (1 - BLOCKS)
    assert abs(rate - (1 - CONFIDENCE)) < 3 * np.sqrt(0.031 * 0.969 / 4000)


def test_noise_about_a_constant_has_trends_less_often():
    assert _false_alarms(lambda rng: rng.standard_normal(48)) < 0.005
