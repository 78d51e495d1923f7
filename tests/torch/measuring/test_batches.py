"""Inputs, loaders and losses in the shapes in which people have them."""

from collections import UserDict, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader, TensorDataset

from nonlin.torch import Monitor, examine, measure

RNG = torch.Generator().manual_seed(0)
A, B = torch.randn(6, 3, generator=RNG), torch.randn(6, 3, generator=RNG)
Y = torch.randn(6, 2, generator=RNG)


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


class Both(nn.Module):
    """Two arguments, the second optional; with labels it returns what `shape` makes of the loss."""

    def __init__(self, shape=None):
        super().__init__()
        self.net, self.shape = net(), shape

    def forward(self, a, b=None, labels=None):
        out = self.net(a if b is None else a + b)
        return out if self.shape is None else self.shape(F.mse_loss(out, labels), out)


def numbers(reading):
    """What tells one reading from another."""
    return (
        reading.samples,
        reading.target.value,
        reading.layers[0].weight_gradient_rms,
        *reading.sites[0].units.mean,
    )


def summed(rows):
    """The loss, averaged over batches of equal size."""
    return sum(F.mse_loss(net()(a + b), y).item() for a, b, y in rows) / len(rows)


Pair = namedtuple("Pair", "a b")
HALVES = [(A[:3], B[:3], Y[:3]), (A[3:], B[3:], Y[3:])]
LOADERS = {
    "((a, b), y)": [((a, b), y) for a, b, y in HALVES],
    "(a, b, y)": HALVES,
    "[a, b, y]": [list(x) for x in HALVES],
    "({}, y)": [({"a": a, "b": b}, y) for a, b, y in HALVES],
    "DataLoader of (a, b, y)": DataLoader(TensorDataset(A, B, Y), 3),
    "DataLoader of ((a, b), y)": DataLoader(
        [((a, b), y) for a, b, y in zip(A, B, Y, strict=True)], 3
    ),
    "DataLoader of ({}, y)": DataLoader(
        [({"a": a, "b": b}, y) for a, b, y in zip(A, B, Y, strict=True)], 3
    ),
}  # fmt: skip


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
def test_a_loader(loader):
    reading = measure(Both(), loader, None, F.mse_loss)
    assert reading.samples == 6
    assert reading.target.value == pytest.approx(summed(HALVES), rel=1e-6)
    assert reading.target.loss == "mse"
    assert reading.environment["batches"] == 2


def mapping(x):
    return [x, UserDict(x), DataLoader([{k: v[i] for k, v in x.items()} for i in range(6)], 6)]


@pytest.mark.parametrize("kind", range(3))
def test_labels_among_the_named_arguments(kind):
    model = Both(lambda loss, out: {"loss": loss, "logits": out})
    given = mapping({"a": A, "b": B, "labels": Y})[kind]
    reading = measure(model, given)
    assert reading.samples == 6
    assert reading.target.value == pytest.approx(F.mse_loss(net()(A + B), Y).item(), rel=1e-6)


@dataclass
class Output:
    loss: torch.Tensor
    logits: torch.Tensor


SHAPES = {
    "the loss": lambda loss, out: loss,
    "one element": lambda loss, out: loss.reshape(1),
    "(loss, out)": lambda loss, out: (loss, out),
    "(out, loss)": lambda loss, out: (out, loss),
    "[loss]": lambda loss, out: [loss],
    "(loss, detached)": lambda loss, out: (loss, loss.detach()),
    "(loss, [one])": lambda loss, out: (loss, out[:1, :1]),
    "dict": lambda loss, out: {"logits": out, "loss": loss},
    "object": lambda loss, out: SimpleNamespace(loss=loss, logits=out),
    "dataclass": Output,
    "namedtuple": namedtuple("Named", "loss logits"),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_model_that_returns_its_loss(shape):
    model = Both(shape)
    expected = numbers(measure(net(), A, Y, F.mse_loss))
    assert numbers(measure(model, {"a": A, "labels": Y})) == pytest.approx(expected)
    exam = examine(model, (A, None, Y), None)
    assert exam.reading.target.value == expected[1]
    assert exam.remedies() is not None
    monitor = Monitor(model, ((A, None, Y), None))
    assert monitor.run.last.loss == expected[1]


@pytest.mark.parametrize("pick", [lambda out: out, lambda out: out.mean()])
def test_a_loss_of_one_number_made_by_hand(pick):
    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, x):
            return self.net(x).square().mean()

    reading = measure(Mean(), A, None, pick)
    assert reading.target.value == pytest.approx(net()(A).square().mean().item(), rel=1e-6)
    assert reading.target.output_largest == pytest.approx(reading.target.value)


def test_where_the_model_returns_no_loss():
    with pytest.raises(TypeError, match=r"a model that returns its loss.*tensor of shape \(6, 2\)"):
        measure(net(), A)
    with pytest.raises(TypeError, match=r"a model that returns its loss.*'logits'"):
        measure(Both(lambda loss, out: {"logits": out}), (A, B, Y))
    with pytest.raises(TypeError, match=r"loss_fn: expected a function.*there are targets"):
        measure(net(), [(A, Y)])


def test_a_packed_sequence_is_one_argument():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)
            self.middle = nn.Linear(4, 4)

        def forward(self, packed):
            padded, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            return self.head(torch.relu(self.middle(padded)).mean(1))

    packed = pack_padded_sequence(
        torch.randn(6, 5, 3, generator=RNG), torch.tensor([5, 4, 4, 3, 2, 1]), batch_first=True
    )
    before = packed.data.clone()
    for given, targets in ((packed, Y), ((packed,), Y), ([(packed, Y)], None)):
        reading = measure(Last(), given, targets, F.mse_loss)
        assert reading.samples == 6
        seen = {site.name: site.units for site in reading.sites}
        assert (seen[":relu"].samples, seen[":relu"].observations) == (6, 30)
        # The shorter sequences have ended at the later steps: 5 + 4 + 4 + 3 + 2 + 1 steps in all.
        assert (seen["rnn:input_l0"].samples, seen["rnn:input_l0"].observations) == (6, 19)
        assert {(gate.samples, gate.observations) for gate in reading.gates} == {(6, 19)}
    assert torch.equal(packed.data, before)


def test_a_namedtuple_is_one_argument_and_a_tuple_is_several():
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, pair, b=None):
            return self.net(pair.a + pair.b if b is None else pair + b)

    expected = numbers(measure(Named(), (A, B), Y, F.mse_loss))
    for given in (Pair(A, B), {"pair": Pair(A, B)}, (Pair(A, B),)):
        assert numbers(measure(Named(), given, Y, F.mse_loss)) == expected
    assert numbers(measure(Named(), [(Pair(A, B), Y)], None, F.mse_loss)) == expected


@dataclass
class Graph:
    nodes: torch.Tensor
    y: torch.Tensor

    def to(self, device):
        return Graph(self.nodes.to(device), self.y.to(device))


class Data:
    """As a graph library's: iterable by its names."""

    def __init__(self, nodes, y):
        self.nodes, self.y = nodes, y

    def __iter__(self):
        return iter([("nodes", self.nodes), ("y", self.y)])

    def to(self, device):
        return self


class OnGraph(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = net()

    def forward(self, graph):
        graph.nodes.mul_(2.0)
        return self.net(graph.nodes), graph.y


@pytest.mark.parametrize("kind", [Graph, Data])
def test_an_object_that_holds_the_tensors(kind):
    graph = kind(A.clone(), Y)

    def loss(outputs, targets=None):
        return F.mse_loss(*outputs)

    for given, targets in ((graph, None), (graph, Y), ((graph,), None), ([graph], None)):
        reading = measure(OnGraph(), given, targets, loss)
        assert reading.samples == reading.sites[0].units.samples == 6
        assert reading.target.value == pytest.approx(F.mse_loss(net()(2 * A), Y).item())
        assert torch.equal(graph.nodes, A)


def test_derivatives_by_the_inputs():
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    points = torch.rand(16, 2, generator=RNG, requires_grad=True)
    points.grad = torch.ones(16, 2)

    def equation(u, x):
        (first,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first[:, 0].sum(), x, create_graph=True)
        return (first[:, 1] - second[:, 0]).square().mean()

    def closed_over(u, _=None):
        return equation(u, points)

    equation(model(points), points).backward()
    expected = model[0].weight.grad.square().mean().sqrt().item()
    loader = [(points, points)]
    for given in (
        (points, points, equation),
        (points, None, closed_over),
        (loader, None, equation),
    ):
        points.grad = torch.full((16, 2), 3.0)
        reading = measure(model, *given)
        assert reading.layers[0].weight_gradient_rms == pytest.approx(expected, rel=1e-5)
        assert torch.equal(points.grad, torch.full((16, 2), 3.0))
    Monitor(model, (points, points), equation)


def test_derivatives_by_inputs_that_are_made_by_something():
    model, made = net(), nn.Linear(3, 3)
    points = made(A)

    def by_points(u, x):
        return torch.autograd.grad(u.sum(), x, create_graph=True)[0].square().mean()

    measure(model, (points,), points, lambda u, _: u.mean())
    with pytest.raises(ValueError, match="copies of the inputs"):
        measure(model, points, None, lambda u: by_points(u, points))
    by_points(model(points), points).backward()
    assert made.weight.grad is not None


def test_forces_with_a_number_that_is_not_finite():
    class Forces(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))

        def forward(self, x):
            x.requires_grad_()
            energy = (self.net(x) / 0).sum()
            return torch.autograd.grad(energy, x, create_graph=True)[0]

    reading = measure(Forces(), A, torch.zeros(6, 3), F.mse_loss)
    assert next(step.name for step in reading.steps if not step.finite).strip("_") in (
        "div", "truediv",
    )  # fmt: skip


@pytest.mark.parametrize("given", [3, "words", None])
def test_what_is_no_batch(given):
    with pytest.raises(TypeError, match="inputs: expected a tensor, a tuple or a dict"):
        measure(net(), given, None, F.mse_loss)
