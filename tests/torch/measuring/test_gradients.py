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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_dtypes_agree_with_float32(dtype):
    net = Net()
    x, y = torch.randn(64, 5, generator=rng()), torch.randn(64, 3, generator=rng())
    before = measure(net, x, y, F.mse_loss)
    after = measure(net.to(dtype), x.to(dtype), y.to(dtype), F.mse_loss)
    for one, other in zip(before.sites, after.sites, strict=True):
        # A bfloat16 has 8 bits; what is averaged over hundreds of values is more exact.
        assert other.length == pytest.approx(one.length, rel=1e-2)
        assert other.gradient_rms == pytest.approx(one.gradient_rms, rel=2e-2)
        assert other.units.active.tolist() == one.units.active.tolist()


def test_gradients_below_the_range_of_float16_are_not_lost():
    net = Net().half()
    x, y = torch.randn(64, 5, generator=rng()).half(), torch.randn(64, 3, generator=rng()).half()
    tiny = measure(net, x, y, lambda o, t: 1e-6 * F.mse_loss(o.float(), t.float()))
    plain = measure(net, x, y, lambda o, t: F.mse_loss(o.float(), t.float()))
    # Without a scale all of them would be below 2^-24 = 6e-8, half of the smallest float16.
    assert tiny.sites[0].gradient_rms == pytest.approx(1e-6 * plain.sites[0].gradient_rms, rel=0.02)
    assert tiny.layers[0].weight_gradient_rms > 0
    # Where the largest scale overflows, a smaller one is taken.
    large = measure(net, x, y, lambda o, t: 100 * F.mse_loss(o.float(), t.float()))
    assert large.sites[0].gradient_rms == pytest.approx(100 * plain.sites[0].gradient_rms, rel=0.02)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_under_autocast(dtype):
    net = Net()
    x, y = torch.randn(64, 5, generator=rng()), torch.randn(64, 3, generator=rng())
    plain = measure(net, x, y, F.mse_loss)
    with torch.autocast("cpu", dtype):
        cast = measure(net, x, y, F.mse_loss)
        assert torch.is_autocast_cache_enabled()
    assert cast.environment["autocast"] == str(dtype).removeprefix("torch.")
    assert cast.sites[1].gradient_rms == pytest.approx(plain.sites[1].gradient_rms, rel=0.02)
    assert cast.sites[1].units.mean.tolist() == pytest.approx(
        plain.sites[1].units.mean.tolist(), abs=0.01
    )


def test_a_mean_far_from_zero_costs_the_variance_no_digits():
    net = Net()
    with torch.no_grad():
        net.two.bias.fill_(1000.0)
    x, y = torch.randn(64, 5, generator=rng()), torch.randn(64, 3, generator=rng())
    units = measure(net, x, y, F.mse_loss).sites[1].units
    net(x)
    z = net.z.detach().double()
    assert units.variance.tolist() == pytest.approx(z.var(0, correction=0).tolist(), rel=1e-4)


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


def test_what_float32_cannot_square_is_not_lost():
    torch.manual_seed(0)
    net = nn.Sequential(*(x for _ in range(30) for x in (nn.Linear(8, 8), nn.Sigmoid())))
    x, y = torch.randn(16, 8, generator=rng()), torch.randn(16, 8, generator=rng())
    found = measure(net, x, y, F.mse_loss).sites[0]
    z = net[0](x).double().detach().requires_grad_()
    (expected,) = torch.autograd.grad(F.mse_loss(net.double()[1:](z), y.double()), z)
    assert rms(expected) < 1e-22  # and its square below 2^-149, the least float32
    assert found.gradient_rms == pytest.approx(rms(expected), rel=1e-3)
    assert (found.units.gradient_square > 0).all()


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
