import pytest
import torch

from nonlin.study import deep_training
from nonlin.study.data import load
from nonlin.study.deep_training import Deep, gradient_norms, weight_changes
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


def test_the_gradient_norm_of_a_linear_classifier():
    data = load("breast_cancer", 1)
    trained = train_at_rates(data, [], "identity", (1e-6,), 1)
    whole, first = gradient_norms(trained, data)
    x, y = data.train.x[0], data.train.y[0]
    with torch.no_grad():
        logits = x @ trained.ensemble.weights[0][0] + trained.ensemble.biases[0][0]
        # Cross-entropy of a linear map: dLoss/dW = x^T (p - y) / n, dLoss/db = mean (p - y).
        error = torch.softmax(logits, 1) - torch.nn.functional.one_hot(y, 2)
        weight, bias = x.T @ error / len(x), error.mean(0)
    assert first.item() == pytest.approx(weight.norm().item(), rel=1e-4)
    assert whole.item() == pytest.approx(torch.cat([weight, bias[None]]).norm().item(), rel=1e-4)


def test_a_shallow_sigmoid_network_is_not_stuck(shallow):
    numbers, _ = deep_training.stuck_runs(Deep(shallow.data, 200))
    found = {number.name: number for number in numbers}
    assert found["stuck"].value == 0.0
    assert found["stuck_relu"].value == 0.0


def test_the_loss_curve_averages_twentieths_of_the_budget(shallow):
    trained = shallow.trained("relu")
    curve = deep_training.loss_curve(trained)
    tuned = trained.losses[:, trained.best].mean(1)
    assert curve["mean"] == pytest.approx(tuned.view(20, 2).mean(1).tolist(), rel=1e-5)
