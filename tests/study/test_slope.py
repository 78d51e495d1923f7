import numpy as np
import pytest
import torch
from judged import verdict_of

from nonlin.study import slope
from nonlin.study.data import load
from nonlin.study.results import Number


@pytest.mark.parametrize(
    ("gain", "verdict"), [(0.02, "holds"), (0.0, "fails"), (0.006, "undecided")]
)
def test_the_rule(gain, verdict):
    found = {"gain": Number("gain", gain, gain - 0.002, gain + 0.002)}
    assert verdict_of(slope.RULES["K4"](found)) == verdict


def test_each_member_has_its_own_slope():
    activation = slope.leaky_per_member(torch.tensor([0.1, 0.5]))
    z = torch.tensor([[[-2.0, 3.0]], [[-2.0, 3.0]]])
    assert activation(z).tolist() == pytest.approx(np.array([[[-0.2, 3.0]], [[-1.0, 3.0]]]))


def test_each_seed_is_tuned_by_its_own_validation_part():
    found = slope.Slopes(np.array([[0.9, 0.1], [0.8, -np.inf]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert found.tuned().tolist() == [1.0, 2.0]


def test_a_slope_in_company_learns_what_it_learns_alone(monkeypatch):
    data = load("breast_cancer", 2)
    monkeypatch.setattr(slope, "SLOPES", (0.01, 0.5))
    both = slope.over_slopes(data, 2, 20)
    monkeypatch.setattr(slope, "SLOPES", (0.5,))
    alone = slope.over_slopes(data, 2, 20)
    np.testing.assert_allclose(both.score[1], alone.score[0], atol=1e-5)
