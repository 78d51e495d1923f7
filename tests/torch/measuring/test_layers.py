"""What is said of a layer, against the definition written out."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import initialize_, measure


def rng():
    return torch.Generator().manual_seed(0)


def test_the_input_and_the_weights():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 2))
    x, y = torch.randn(7, 6, generator=rng()) + 0.5, torch.randn(7, 2, generator=rng())
    layer = measure(net, x, y, F.mse_loss).layers[1]
    h = net[:2](x).detach().double()
    pairs = [float(a @ b) for a, b in itertools.combinations(h, 2)]
    own = [float(a @ a) for a in h]
    assert (layer.name, layer.kind, layer.fan_in) == ("2", "linear", 9.0)
    assert layer.input_length == pytest.approx(float(h.square().mean()), rel=1e-5)
    assert layer.input_mean == pytest.approx(float(h.mean()), rel=1e-5)
    assert layer.input_correlation == pytest.approx(
        (sum(pairs) / len(pairs)) / (sum(own) / len(own)), rel=1e-5
    )
    weight, bias = net[2].weight.detach().double(), net[2].bias.detach().double()
    assert layer.weight_rms == pytest.approx(float(weight.square().mean().sqrt()), rel=1e-5)
    assert layer.weight_variance == pytest.approx(9 * float(weight.var(correction=0)), rel=1e-5)
    assert layer.bias_variance == pytest.approx(float(bias.square().mean()), rel=1e-5)


def test_the_inputs_correlation_is_that_of_whole_samples_of_images():
    net = nn.Conv2d(2, 3, 3)
    x = torch.randn(5, 2, 4, 4, generator=rng()) + 1.0
    layer = measure(net, x, torch.zeros(5, 3, 2, 2), F.mse_loss).layers[0]
    rows = x.flatten(1).double()
    gram = rows @ rows.T
    off = (gram.sum() - gram.trace()) / 20
    assert layer.input_correlation == pytest.approx(float(off / gram.trace() * 5), rel=1e-5)
    assert layer.name == "weight"  # the model itself has no name


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(8, 8, 3, groups=4),
        nn.Conv1d(8, 6, 5, stride=2),
        nn.ConvTranspose2d(8, 4, 4, stride=2, groups=2),
        nn.ConvTranspose1d(8, 4, 5),
        nn.Linear(8, 5),
    ],
)
def test_the_fan_in_is_that_of_initialize(layer):
    net = nn.Sequential(layer, nn.ReLU())
    shape = {4: (2, 8, 9, 9), 3: (2, 8, 9), 2: (2, 8)}[layer.weight.ndim]
    x = torch.ones(shape)
    (found,) = measure(net, x, None, lambda o: o.mean()).layers
    assert found.fan_in == initialize_(net).layers[0].fan_in
    # Weights as drawn for ReLU: sw2 = 2, its standard error sqrt(2/n) of that.
    error = 2 * math.sqrt(2 / layer.weight.numel())
    (found,) = measure(net, x, None, lambda o: o.mean()).layers
    assert abs(found.weight_variance - 2.0) < 5 * error


def test_embeddings_and_recurrent_layers():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(9, 4, sparse=True)
            self.memory = nn.GRU(4, 5, batch_first=True)
            self.last = nn.Linear(5, 2)

        def forward(self, x):
            return self.last(torch.tanh(self.memory(self.table(x))[0][:, -1]))

    net = Words()
    reading = measure(net, torch.arange(18).reshape(3, 6) % 9, torch.ones(3, 2), F.mse_loss)
    found = {x.name: x for x in reading.layers}
    assert [(x.name, x.kind, x.fan_in) for x in reading.layers] == [
        ("table", "embedding", 1.0),
        ("memory.weight_ih_l0", "recurrent", 4.0),
        ("memory.weight_hh_l0", "recurrent", 5.0),
        ("last", "linear", 5.0),
    ]
    table = net.table.weight.detach()[torch.arange(18).reshape(3, 6) % 9]
    assert found["memory.weight_ih_l0"].input_length == pytest.approx(
        table.square().mean().item(), rel=1e-5
    )
    # The states of all steps but the last; the first is 0.
    states = net.memory(net.table(torch.arange(18).reshape(3, 6) % 9))[0].detach()[:, :-1]
    assert found["memory.weight_hh_l0"].input_length == pytest.approx(
        states.square().sum().item() / (3 * 6 * 5), rel=1e-4
    )
    assert all(x.weight_gradient_rms > 0 for x in reading.layers)
    assert reading.sites[-1].activation == "nl.tanh"


def test_one_sample_has_no_correlation():
    net = nn.Linear(3, 2)
    layer = measure(net, torch.ones(1, 3), torch.ones(1, 2), F.mse_loss).layers[0]
    assert math.isnan(layer.input_correlation)
    assert layer.input_length == pytest.approx(1.0, rel=1e-6)


OPTIMIZERS = [
    lambda p: torch.optim.SGD(p, lr=0.1),
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    lambda p: torch.optim.Adam(p, lr=0.01),
    lambda p: torch.optim.AdamW(p, lr=0.01, foreach=True),
    lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
    lambda p: torch.optim.Adagrad(p, lr=0.01),
    lambda p: torch.optim.NAdam(p, lr=0.01),
]


@pytest.mark.parametrize("optimize", OPTIMIZERS)
def test_the_update_is_the_one_that_comes(optimize):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
    optimizer = optimize(
        [{"params": net[0].parameters()}, {"params": net[2].parameters(), "lr": 1.0}]
    )
    torch.optim.lr_scheduler.ConstantLR(optimizer, 0.5)
    x, y = torch.randn(8, 4, generator=rng()), torch.randn(8, 2, generator=rng())
    for _ in range(3):
        predicted = [
            layer.update_ratio
            for layer in measure(net, x, y, F.mse_loss, optimizer=optimizer).layers
        ]
        before = [net[i].weight.detach().clone() for i in (0, 2)]
        optimizer.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimizer.step()
        for ratio, weight, layer in zip(predicted, before, (net[0], net[2]), strict=True):
            moved = (layer.weight.detach() - weight).norm() / weight.norm()
            assert ratio == pytest.approx(moved.item(), rel=1e-4)


def test_where_no_update_can_be_told():
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
    x, y = torch.ones(8, 4), torch.ones(8, 2)
    needs_closure = torch.optim.LBFGS(net.parameters())
    partly = torch.optim.SGD(net[2].parameters(), lr=0.1)
    ratios = [
        [layer.update_ratio for layer in measure(net, x, y, F.mse_loss, optimizer=optimizer).layers]
        for optimizer in (None, needs_closure, partly)
    ]
    assert ratios[:2] == [[None, None], [None, None]]
    assert ratios[2][0] is None
    assert ratios[2][1] > 0


def test_a_shared_weight_is_a_layer_wherever_a_module_uses_it():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
            self.head.weight = self.words.weight

        def forward(self, x):
            return self.head(torch.tanh(self.words(x)))

    reading = measure(Tied(), torch.arange(5), torch.arange(5), F.cross_entropy)
    assert [(x.name, x.kind, x.fan_in) for x in reading.layers] == [
        ("words", "embedding", 1.0),
        ("head", "linear", 4.0),
    ]
    assert reading.layers[0].weight_gradient_rms == reading.layers[1].weight_gradient_rms > 0
