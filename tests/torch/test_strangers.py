"""Layers that the model does not know of, as those in a plain list."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.exam_text import plain_text


class Stack(nn.Module):
    def __init__(self, holder):
        super().__init__()
        self.hidden = holder([nn.Linear(8, 16), nn.Linear(16, 16)])
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        for layer in self.hidden:
            x = F.silu(layer(x))
        return self.out(x)


def examined(model, optimizer=None):
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(32, 8, generator=rng)
    return examine(model, x, x[:, :1], F.mse_loss, optimizer=optimizer)


def strangers(exam):
    return [x for x in exam.findings if x.cause == "not_registered"]


def test_layers_in_a_list_are_no_parameters():
    torch.manual_seed(0)
    model = Stack(list)
    (found,) = strangers(examined(model))
    assert found.severity == "warning"
    # Two weights and two biases: 8 x 16 + 16 + 16 x 16 + 16 numbers.
    assert (found.evidence["tensors"], found.evidence["numbers"]) == (4, 416)
    exam = examined(model, torch.optim.Adam(model.parameters()))
    assert [x.severity for x in strangers(exam)] == ["error"]
    assert "nn.ModuleList" in str(exam.remedies()[0].describe("en"))
    assert "416" in plain_text(exam, "ko")


def test_an_optimizer_that_has_them_is_told_of():
    torch.manual_seed(0)
    model = Stack(list)
    known = [p for layer in model.hidden for p in layer.parameters()]
    optimizer = torch.optim.Adam([*model.parameters(), *known])
    assert strangers(examined(model, optimizer)) == []
    assert strangers(examined(Stack(nn.ModuleList))) == []


def test_what_a_forward_makes_is_no_stranger():
    class Slope(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))

        def forward(self, x):
            x = x.detach().requires_grad_()
            y = self.net(x) + torch.zeros(1, requires_grad=True)
            (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
            return slope[:, :1]

    torch.manual_seed(0)
    assert strangers(examined(Slope())) == []
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    net = Stack(nn.ModuleList)
    assert strangers(examine(net, x, x[:, :1].detach(), F.mse_loss)) == []
