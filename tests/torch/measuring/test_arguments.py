"""What may be given, and what is said where it may not."""

import re

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.torch import examine, measure


def net():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


X, Y = torch.ones(5, 3), torch.ones(5, 2)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = net()

    def forward(self, x, mask=None, *, options=None):
        assert options is None or options["double"]
        return {"logits": self.net(x * mask), "other": [x]}


@pytest.mark.parametrize(
    "inputs",
    [
        (X, torch.ones(5, 3)),
        {"x": X, "mask": torch.ones(5, 3)},
        {"x": X, "mask": torch.ones(5, 3), "options": {"double": True}},
        [((X, torch.ones(5, 3)), Y)],
        iter([({"x": X, "mask": torch.ones(5, 3)}, Y)]),
    ],
)
def test_the_inputs(inputs):
    targets = Y if isinstance(inputs, tuple | dict) else None
    reading = measure(Two(), inputs, targets, lambda o, t: F.mse_loss(o["logits"], t))
    assert (reading.samples, reading.sites[0].name) == (5, "net.1")
    assert reading.target.loss == "mse"


def test_without_targets_the_loss_takes_the_outputs_alone():
    assert measure(net(), X, None, lambda o: o.square().mean()).sites[0].units.samples == 5


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            ((X, Y), F.mse_loss),
            "targets: expected what the outputs are compared with, got mse_loss",
        ),
        ((X, nn.MSELoss()), "targets: expected what the outputs are compared with, got MSELoss"),
        (((X, Y), None, F.mse_loss), "arguments, and Sequential takes no 2; if the last one is"),
        ((X, None, F.mse_loss), "targets: mse_loss takes more than the outputs; give targets="),
        ((X, None, nn.MSELoss()), "targets: MSELoss takes more than the outputs"),
        ((X, F.mse_loss, Y), "loss_fn: expected a function of (outputs, targets), got Tensor"),
    ],
)
def test_what_stands_in_a_wrong_place_is_told(given, sentence):
    with pytest.raises(TypeError, match=re.escape(sentence)):
        examine(net(), *given)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_without_a_shape_is_refused():
    rows = torch.nested.nested_tensor([torch.ones(3, 3), torch.ones(5, 3)])
    with pytest.raises(TypeError, match=r"layout=torch\.jagged"):
        examine(net(), rows, None, lambda o: torch.nested.to_padded_tensor(o, 0.0).sum())


def test_inputs_of_a_class_of_the_users():
    class Graph:
        def __init__(self, nodes):
            self.nodes = nodes

    class Over(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, graph):
            return self.net(graph.nodes)

    reading = measure(Over(), (Graph(X),), Y, F.mse_loss)
    assert reading.sites[0].units.samples == 5


def frozen():
    return net().requires_grad_(False)


def unused():
    class Unused(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x):
            return x

    return Unused()


WRONG = [
    ({"model": "net"}, TypeError, "model: expected a torch.nn.Module, got str"),
    ({"model": frozen()}, ValueError, "none of its parameters requires a gradient"),
    ({"model": nn.ReLU()}, ValueError, "none of its parameters requires a gradient"),
    ({"model": nn.Sequential(nn.LazyLinear(2))}, ValueError, "'0.weight' has no values yet"),
    ({"inputs": 3}, TypeError, "inputs: expected a tensor, a tuple or a dict.*got int"),
    ({"inputs": [X]}, TypeError, "an iterable of .inputs, targets., got list"),
    ({"inputs": [X], "targets": None}, TypeError, "pairs .inputs, targets., got one of Tensor"),
    ({"inputs": [], "targets": None}, ValueError, "at least one batch, got none"),
    ({"loss_fn": None}, TypeError, "loss_fn: expected a function"),
    ({"loss_fn": "mse"}, TypeError, "loss_fn: expected a function"),
    ({"loss_fn": lambda o, t: 1.0}, TypeError, "one element, got float"),
    ({"loss_fn": lambda o, t: o - t}, ValueError, r"got a tensor of shape \(5, 2\); take its mean"),
    ({"loss_fn": lambda o, t: t.mean()}, ValueError, "has a part in the loss"),
    ({"model": unused(), "targets": X}, ValueError, "has a part in the loss"),
    ({"activations": {"1": torch.relu}}, TypeError, "expected an Activation such as nl.relu"),
    ({"activations": {"9": nl.relu}}, ValueError, "the model has no module '9'"),
    ({"activations": {9: nl.relu}}, TypeError, "expected a class of modules or a name, got 9"),
    ({"optimizer": "sgd"}, TypeError, "optimizer: expected a torch.optim.Optimizer, got str"),
]


@pytest.mark.parametrize(("given", "error", "message"), WRONG)
def test_what_is_wrong(given, error, message):
    arguments = {"model": net(), "inputs": X, "targets": Y, "loss_fn": F.mse_loss} | given
    with pytest.raises(error, match=message):
        examine(**arguments)


def test_a_model_without_activations_has_no_sites():
    reading = measure(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)), X, Y, F.mse_loss)
    assert reading.sites == ()
    assert len(reading.layers) == 2


def test_the_features():
    x = torch.tensor([[0.0, 1.0, 7.0], [0.0, 3.0, 7.0], [0.0, 5.0, 907.0]])
    reading = measure(net(), x, torch.ones(3, 2), F.mse_loss)
    assert reading.input_mean == pytest.approx(x.mean().item())
    assert reading.input_deviation == pytest.approx(x.std(correction=0).item())
    # Deviations sqrt(8/3) and sqrt(2) 300; the first feature is constant.
    low, high = (8 / 3) ** 0.5, 2**0.5 * 300
    assert reading.input_feature_spread == pytest.approx(high / ((low + high) / 2))


@pytest.mark.parametrize("ignored", [0, 3])
def test_labels_without_a_class_are_found_and_not_raised(ignored):
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    x, y = torch.randn(16, 4, generator=torch.Generator().manual_seed(0)), torch.arange(16) % 5
    y[:ignored] = -100
    exam = examine(model, x, y, F.cross_entropy)
    found = [each for each in exam.findings if each.kind == "output_mismatch"]
    # Labels reach from 0 to 4, the outputs have three classes.
    assert [(each.severity, each.cause) for each in found] == [("error", "labels")]
    assert exam.reading.target.largest == 4
    # What is measured is the loss with 3 and 4 taken as 2.
    clamped = torch.where(y == -100, y, y.clamp(0, 2))
    expected = F.cross_entropy(model(x), clamped).item()
    assert exam.reading.target.value == pytest.approx(expected, rel=1e-6)
