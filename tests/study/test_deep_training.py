import pytest
import torch

from nonlin.study import deep_training
from nonlin.study.data import load
from nonlin.study.deep_training import Deep, steps_to, weight_changes
from nonlin.study.tuning import train_at_rates


@pytest.fixture
def shallow(monkeypatch):
    monkeypatch.setattr(deep_training, "DEPTH", 2)
    monkeypatch.setattr(deep_training, "WIDTH", 16)
    return Deep(load("digits", 2), 40)


def test_a_network_is_trained_once(shallow):
    counts = []
    deep = Deep(shallow.data, 20, counts.append)
    assert deep.trained("relu") is deep.trained("relu")
    deep.trained("relu", init="default")
    assert counts == [1, 2]


def test_a_doubled_matrix_has_changed_by_its_whole_norm(shallow):
    trained = shallow.trained("relu")
    with torch.no_grad():
        for start, weight in zip(trained.start, trained.ensemble.weights, strict=True):
            weight.copy_(2 * start)
        trained.ensemble.weights[1].copy_(trained.start[1])
    assert weight_changes(trained) == pytest.approx(torch.tensor([[1.0, 0.0]] * 2))


def test_steps_to_a_target_by_hand():
    data = load("breast_cancer", 1)
    trained = train_at_rates(data, [4], "tanh", (0.01, 0.02), 30)
    falling = torch.linspace(3.0, 0.1, 30)
    losses = torch.stack([falling, torch.full((30,), 3.0)], 1).unsqueeze(2)
    object.__setattr__(trained, "losses", losses)
    # Ten steps are averaged: the window that ends at step 20 has the middle of steps 11 and 20.
    target = falling[10:20].mean().item()
    assert steps_to(trained, target + 1e-6).tolist() == [20]
    assert steps_to(trained, 0.0).tolist() == [31]


def test_frozen_early_layers_cost_a_shallow_network_little(shallow, monkeypatch):
    monkeypatch.setattr(deep_training, "FROZEN", 1)
    numbers, series = deep_training.idle_layers(shallow)
    found = {number.name: number for number in numbers}
    for optimiser in deep_training.OPTIMISERS:
        whole, frozen = found[f"learnt_whole_{optimiser}"], found[f"learnt_frozen_{optimiser}"]
        gain = found[f"early_gain_{optimiser}"]
        assert gain.value == pytest.approx(whole.value - frozen.value, abs=1e-6)
    assert set(series["optimiser"]) == set(deep_training.OPTIMISERS)


def test_a_shallow_sigmoid_network_is_not_stuck(shallow):
    numbers, _ = deep_training.stuck_runs(Deep(shallow.data, 200))
    found = {number.name: number for number in numbers}
    assert found["stuck"].value == 0.0
    assert found["stuck_relu"].value == 0.0
    assert found["lowest_curvature"].value < found["highest_curvature"].value


def test_the_loss_curve_averages_twentieths_of_the_budget(shallow):
    trained = shallow.trained("relu")
    curve = deep_training.loss_curve(trained)
    tuned = torch.stack([trained.at_best(losses) for losses in trained.losses]).mean(1)
    assert curve["mean"] == pytest.approx(tuned.view(20, 2).mean(1).tolist(), rel=1e-5)
