"""Number formats: what half precision loses, what float32 cannot square, what autocast casts."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import measure


def rng():
    return torch.Generator().manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two, self.three = nn.Linear(5, 7), nn.Linear(7, 7), nn.Linear(7, 3)

    def forward(self, x):
        self.z = self.two(F.silu(self.one(x)))
        return self.three(torch.tanh(self.z))


def rms(x):
    return x.square().mean().sqrt().item()


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
