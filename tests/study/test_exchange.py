import pytest
import torch

from nonlin.study.data import load
from nonlin.study.tuning import train_at_rates
from nonlin.study.units import recover


@pytest.fixture
def killed():
    """Two trained networks, whose units of the first layer are all dead in the first one alone."""
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8, 8], "relu", (0.01, 0.02), 20)
    with torch.no_grad():
        trained.ensemble.biases[0][2] -= 50  # the second rate's first seed
    return trained, data


def test_relu_brings_nobody_back(killed):
    # No gradient reaches a unit whose derivative is 0 everywhere.
    trained, data = killed
    found = recover(trained, 1, data, "relu", 40, 4, "adam", 0.01)
    assert found.back[:, 0].tolist() == [0.0] * 5
    assert found.steps == [0, 10, 20, 30, 40]


def test_leaky_relu_starts_with_the_very_same_dead(killed):
    trained, data = killed
    relu = recover(trained, 1, data, "relu", 4, 4, "adam", 0.01)
    leaky = recover(trained, 1, data, "leaky_relu", 4, 4, "adam", 0.01)
    assert torch.equal(relu.dead, leaky.dead)
    # In the first layer, below which nothing changes, none is back before the first step; further
    # up the exchange alone can lift a unit.
    assert relu.back[0].eq(0).all()
    assert leaky.back[0, 0] < 0.5


def test_a_large_rate_with_a_slope_everywhere_brings_units_back(killed):
    trained, data = killed
    found = recover(trained, 1, data, "leaky_relu", 400, 4, "adam", 0.3)
    assert found.back[-1, 0] > 0


def test_networks_without_dead_units_are_left_out(killed):
    trained, data = killed
    found = recover(trained, 1, data, "elu", 4, 4, "adam", 0.01)
    assert len(found.accuracy) == len(found.dead) == found.back.shape[1]
    assert (found.dead > 0).all()


def test_the_trained_networks_stay_as_they_are(killed):
    trained, data = killed
    before = [p.detach().clone() for p in trained.ensemble.parameters()]
    recover(trained, 1, data, "elu", 4, 4, "adam", 0.01)
    after = trained.ensemble.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
