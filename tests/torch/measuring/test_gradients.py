"""Gradients at sites and layers against autograd's own on a copy of the network."""

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.utils.checkpoint import checkpoint

from nonlin.torch import measure


def rng():
    return torch.Generator().manual_seed(0)


class Net(nn.Module):
    def __init__(self, through=lambda f, x: f(x)):
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two, self.three = nn.Linear(5, 7), nn.Linear(7, 7), nn.Linear(7, 3)
        self.through = through

    def middle(self, x):
        self.z = self.two(x)
        self.h = torch.tanh(self.z)
        return self.h

    def forward(self, x):
        x = self.through(self.middle, F.silu(self.one(x)))
        return self.three(x)


def expected(net, x, y):
    loss = F.mse_loss(net(x), y)
    parts = torch.autograd.grad(loss, [net.z, net.h, net.two.weight])
    return [part.square().mean().sqrt().item() for part in parts], parts


def rms(x):
    return x.square().mean().sqrt().item()


WAYS = {
    "as it is": lambda f, x: f(x),
    "checkpointed": lambda f, x: checkpoint(f, x, use_reentrant=False),
    "checkpointed in the reentrant form": lambda f, x: checkpoint(f, x, use_reentrant=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_they_are_autograds(way):
    net = Net()
    x, y = torch.randn(9, 5, generator=rng()), torch.randn(9, 3, generator=rng())
    (at_z, at_h, at_weight), (_, dh, _) = expected(net, x, y)
    net.through = WAYS[way]
    reading = measure(net, x, y, F.mse_loss)
    silu, tanh = reading.sites
    assert (silu.calls, tanh.calls) == (1, 1)
    assert tanh.gradient_rms == pytest.approx(at_z, rel=1e-5)
    assert tanh.output_gradient_rms == pytest.approx(at_h, rel=1e-5)
    assert tanh.units.gradient_square.tolist() == pytest.approx(
        dh.square().mean(0).tolist(), rel=1e-5
    )
    layer = reading.layers[1]
    assert layer.output_gradient_rms == pytest.approx(at_z, rel=1e-5)
    assert layer.weight_gradient_rms == pytest.approx(at_weight, rel=1e-5)
    assert silu.gradient_rms > 0


def test_nothing_is_left_of_the_way_checkpoints_are_run():
    from torch.utils.checkpoint import CheckpointFunction

    measure(
        Net(WAYS["checkpointed in the reentrant form"]),
        torch.ones(2, 5),
        torch.ones(2, 3),
        F.mse_loss,
    )
    assert "apply" not in vars(CheckpointFunction)


def test_a_part_that_is_not_trained_has_none():
    net = Net()
    net.one.requires_grad_(False)
    reading = measure(net, torch.ones(2, 5), torch.ones(2, 3), F.mse_loss)
    assert reading.sites[0].gradient_rms == reading.sites[0].output_gradient_rms == 0.0
    assert [layer.trainable for layer in reading.layers] == [False, True, True]
    assert math.isnan(reading.layers[0].output_gradient_rms)
    assert reading.layers[0].weight_gradient_rms == 0.0
    assert reading.sites[1].gradient_rms > 0


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_it_works_where_gradients_are_off(context):
    net = Net()
    x, y = torch.randn(9, 5, generator=rng()), torch.randn(9, 3, generator=rng())
    before = measure(net, x, y, F.mse_loss).sites[1].gradient_rms
    with context():
        assert measure(net, x, y, F.mse_loss).sites[1].gradient_rms == before


@pytest.mark.parametrize(
    "function", [lambda x: x.view(18, 7).tanh_(), lambda x: F.relu(x.view(18, 7), inplace=True)]
)
def test_in_place_on_a_view(function):
    net = Net()
    x, y = torch.randn(18, 5, generator=rng()), torch.randn(18, 3, generator=rng())

    def forward(x):
        return net.three(function(net.two(net.one(x))))

    net.forward = forward
    z = net.two(net.one(x)).detach().requires_grad_()
    (expected,) = torch.autograd.grad(F.mse_loss(net.three(function(z.clone())), y), z)
    (site,) = measure(net, x, y, F.mse_loss).sites
    assert site.gradient_rms == pytest.approx(rms(expected), rel=1e-5)


def test_a_recurrences_small_calls_put_together_are_as_they_were():
    class Steps(Net):
        def forward(self, x):
            h, self.seen = torch.zeros(len(x), 7), []
            for step in range(4):
                h = torch.tanh(self.one(x) + self.two(h) * (step + 1))
                self.seen.append(h)
            return self.three(h)

    net = Steps()
    x, y = torch.randn(9, 5, generator=rng()), torch.randn(9, 3, generator=rng())
    reading = measure(net, x, y, F.mse_loss)
    loss = F.mse_loss(net(x), y)
    grads = torch.stack(torch.autograd.grad(loss, net.seen))
    seen = torch.stack(net.seen).detach()
    (site,) = reading.sites
    assert (site.calls, site.units.observations) == (4, 36)
    assert site.output_gradient_rms == pytest.approx(rms(grads), rel=1e-5)
    assert site.gradient_rms == pytest.approx(rms(grads * (1 - seen**2)), rel=1e-5)
    assert site.units.output_mean.tolist() == pytest.approx(seen.mean((0, 1)).tolist(), rel=1e-5)
    assert site.units.derivative_square.tolist() == pytest.approx(
        (1 - seen**2).square().mean((0, 1)).tolist(), rel=1e-5
    )
    assert reading.layers[1].input_length == pytest.approx(
        torch.cat([torch.zeros(1, 9, 7), seen[:-1]]).square().mean().item(), rel=1e-5
    )
