"""Gradients on their way back through time, in cells written out, called and fused."""

import healthy_models as models
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from healthy_models import Case, exam, told
from torch import nn


class Cell(nn.Module):
    """A tanh cell written out, its recurrent weights orthogonal times a radius."""

    def __init__(self, radius, width=24, each=False):
        super().__init__()
        self.into, self.again = nn.Linear(4, width), nn.Linear(width, width, bias=False)
        self.head, self.each = nn.Linear(width, 3), each
        nn.init.orthogonal_(self.again.weight, radius)

    def forward(self, x):
        h, outputs = x.new_zeros(len(x), self.again.in_features), []
        for t in range(x.shape[1]):
            h = torch.tanh(self.into(x[:, t]) + self.again(h))
            outputs.append(self.head(h))
        return torch.stack(outputs, 1).mean(1) if self.each else outputs[-1]


class Called(Cell):
    def __init__(self, radius, width=24):
        super().__init__(radius, width)
        self.cell = nn.RNNCell(4, width)
        nn.init.orthogonal_(self.cell.weight_hh, radius)
        del self.into, self.again

    def forward(self, x):
        h = None
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.head(h)


def fused(radius, layers=1):
    net = models.Rows(nn.RNN, 24, 4, 3)
    net.memory = nn.RNN(4, 24, layers, batch_first=True)
    for name, weight in net.memory.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(weight, radius)
    return net


def steps(net, count=60):
    x = torch.randn(32, count, 4, generator=torch.Generator().manual_seed(4))
    return Case(net, x, torch.arange(32) % 3, F.cross_entropy)


@pytest.mark.parametrize("make", [Cell, Called, fused])
def test_a_gradient_that_vanishes_through_time_is_told_with_its_rate(make):
    torch.manual_seed(0)
    (found,) = told(steps(make(0.5)), "vanishing_gradients")
    assert (found.cause, found.severity) == ("time", "warning")
    assert found.evidence["steps"] == 59
    assert found.evidence["ratio"] < 2e-18
    # A step back multiplies by the radius times sqrt(E[tanh'^2]), which is below 1.
    assert found.evidence["factor"] == pytest.approx(found.evidence["predicted"], rel=0.1)
    assert found.evidence["predicted"] < 0.5


@pytest.mark.parametrize(("radius", "told_of"), [(0.1, True), (0.58, False)])
def test_a_state_that_is_lost_within_a_few_steps(radius, told_of):
    """PyTorch's own first weights keep 0.58 of the state at each step."""
    torch.manual_seed(0)
    assert bool(told(steps(Cell(radius), 9), "vanishing_gradients")) is told_of


def test_each_layer_of_a_stack_is_told_of():
    torch.manual_seed(0)
    found = told(steps(fused(0.3, layers=2)), "vanishing_gradients")
    assert {x.cause for x in found} == {"time"}
    assert "tanh_l1" in "".join(x.site for x in found)


def test_where_nothing_arrives_at_the_first_steps_it_is_an_error():
    torch.manual_seed(0)
    (found,) = told(steps(Cell(0.1), 80), "vanishing_gradients")
    # 0.1^79 is below what float32 holds.
    assert (found.severity, found.evidence["ratio"]) == ("error", 0.0)
    assert found.evidence["without"] > 20


def test_steps_that_all_get_a_gradient_of_their_own_are_fine():
    torch.manual_seed(0)
    assert told(steps(Cell(0.5, each=True))) == []
    torch.manual_seed(0)
    assert told(steps(Cell(1.0))) == []


def test_gates_that_are_half_open_are_noted_and_open_ones_are_not():
    torch.manual_seed(0)
    net = models.Rows(nn.LSTM, 24, 4, 3)
    half = [x for x in exam(steps(net, 80)).findings if x.cause == "time"]
    assert [x.severity for x in half] == ["note"]
    with torch.no_grad():
        # The forget gate's biases.
        net.memory.bias_ih_l0[24:48] = 3.0
    assert [x for x in exam(steps(net, 80)).findings if x.cause == "time"] == []


def test_a_gradient_that_explodes_through_time_is_told():
    torch.manual_seed(0)
    net = models.Rows(nn.RNN, 24, 4, 3)
    net.memory = nn.RNN(4, 24, batch_first=True, nonlinearity="relu")
    nn.init.orthogonal_(net.memory.weight_hh_l0, 4.0)
    found = [x for x in exam(steps(net, 20)).findings if x.cause == "time"]
    assert [(x.kind, x.severity) for x in found] == [("exploding_gradients", "error")]
    # A step back multiplies by 4 and passes half of the units: (4 / 2^(1/2))^19 in length.
    assert found[0].evidence["factor"] == pytest.approx(4 / 2**0.5, rel=0.25)
