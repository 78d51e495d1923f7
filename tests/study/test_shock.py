import pytest
import torch

from nonlin.study.data import load
from nonlin.study.networks import Ensemble
from nonlin.study.shock import push_down, recover
from nonlin.study.tuning import train_at_rates
from nonlin.study.units import highest


@pytest.mark.parametrize("margin", [1.0, 10.0])
def test_the_shock_leaves_every_unit_exactly_the_margin_below_zero(margin):
    data = load("breast_cancer", 2)
    ensemble = Ensemble([data.inputs, 8, 8, data.classes], "elu", [0, 1])
    push_down(ensemble, data, margin)
    expected = torch.full((2, 2, 8), -margin)
    torch.testing.assert_close(highest(ensemble, data.train), expected, atol=1e-4, rtol=0)


def test_no_relu_unit_comes_back_once_all_are_below_zero():
    # All derivatives are 0, so no gradient reaches any weight but the output's bias.
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8, 8], "relu", (0.01,), 20)
    recovery = recover(trained, data, 1.0, 20, 4, "adam")
    assert recovery.back.tolist() == [[0.0, 0.0]] * 5


def test_elu_comes_back_from_a_shallow_shock():
    # exp(-1) = 0.37 of the gradient is left there.
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8, 8], "elu", (0.01,), 20)
    recovery = recover(trained, data, 1.0, 200, 4, "adam")
    assert recovery.back[0].tolist() == [0.0, 0.0]
    assert recovery.back[-1].min() > 0.5
