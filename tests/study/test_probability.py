"""Calibration on cases worked out by hand, and S4 in small."""

import json

import numpy as np
import pytest
import torch
from judged import verdict_of

from nonlin.study import probability
from nonlin.study.context import Context
from nonlin.study.results import Number
from nonlin.study.training import member_losses


def test_calibration_error_by_hand():
    # Bin [0.2, 0.3): one of four is 1 where 0.25 is said; bin [0.9, 1]: two of two where 0.9 is.
    said = np.array([0.25, 0.25, 0.25, 0.25, 0.9, 0.9])
    y = np.array([1, 0, 0, 0, 1, 1])
    assert probability.calibration_error(said, y) == pytest.approx((0 + 2 * 0.1) / 6)
    # All wrong with certainty; a probability of exactly 1 belongs to the last bin.
    assert probability.calibration_error(np.array([1.0, 0.0]), np.array([0, 1])) == 1


def test_calibration_error_runs_along_the_last_axis():
    said = np.array([[0.5, 0.5], [0.9, 0.9]])
    y = np.array([[0, 1], [1, 1]])
    assert probability.calibration_error(said, y) == pytest.approx([0, 0.1])


def test_chance_alone_makes_an_error():
    # Four fair coins said to be fair: E|Binomial(4, 1/2) - 2| / 4 = 0.75 / 4.
    found = probability.calibrated_error(np.full((1, 4), 0.5), draws=4000, seed=0)
    # A standard deviation of at most 1/8 a draw, over sqrt(4000), times 4.
    assert found[0] == pytest.approx(0.1875, abs=0.008)


def test_reliability_counts_each_bin():
    said = np.array([0.24, 0.26, 0.95])
    rows = probability.reliability(said, np.array([1, 0, 1]))
    assert [row["confidence"] for row in rows] == pytest.approx([0.25, 0.95])
    assert [row["frequency"] for row in rows] == [0.5, 1.0]
    assert [row["n"] for row in rows] == [2, 1]


def test_the_classifiers_loss_is_that_of_a_sigmoid_output():
    network = probability.Classifier((3, 4, 1), "tanh", [0, 1])
    x = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([[0, 1, 1, 0, 1], [1, 0, 0, 0, 1]])
    said = torch.from_numpy(network.probability(x)).float()
    expected = torch.nn.functional.binary_cross_entropy(said, y.float(), reduction="none").mean(1)
    torch.testing.assert_close(member_losses(network(x), y), expected, rtol=1e-5, atol=1e-6)


def excesses(stopped, trained_on):
    return {
        f"excess_{when}_{name}": Number("x", value, value - 0.003, value + 0.003)
        for when, value in (("stopped", stopped), ("trained_on", trained_on))
        for name in probability.SETS
    }


@pytest.mark.parametrize(
    ("stopped", "trained_on", "verdict"),
    [
        (0.0, 0.005, "holds"),
        (0.0, 0.2, "depends"),
        (0.1, 0.2, "fails"),
        (0.0, 0.011, "undecided"),
    ],
)
def test_the_rule(stopped, trained_on, verdict):
    assert verdict_of(probability.RULES["S4"](excesses(stopped, trained_on))) == verdict


def test_few_samples_do_not_make_it_true():
    # A wide interval around 0 is no evidence of calibration.
    wide = {name: Number("x", 0.0, -0.1, 0.1) for name in excesses(0, 0)}
    assert verdict_of(probability.RULES["S4"](wide)) == "undecided"


def test_three_sets_in_small():
    (outcome,) = probability.measure(Context(seeds=5, quick=True))
    fields = outcome.fields
    # Any sound classifier gets between 93 % and 99 % here, and about 91 % of the moons.
    assert 0.93 < fields["accuracy_stopped_breast_cancer"].value < 0.99
    assert 0.85 < fields["accuracy_stopped_moons"].value < 0.95
    assert fields["accuracy_stopped_diabetes"].n == 5 * probability.SPLITS_PER_SEED
    # Trained on, a small set's answers are said too boldly.
    stopped, on = (fields[f"excess_{when}_diabetes"].value for when in probability.WHENS)
    assert on > stopped
    for rows in outcome.series["reliability"].values():
        assert sum(row["n"] for row in rows) == 20 * 114
    json.dumps(outcome.series, allow_nan=False)


def test_nothing_is_measured_unasked():
    assert probability.measure(Context(ids=frozenset({"S1"}))) == []
