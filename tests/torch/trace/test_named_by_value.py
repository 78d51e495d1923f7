"""An activation is found by what it computes, however it is written."""

import math
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.torch import examine, measure
from nonlin.torch.exam import Exam
from nonlin.torch.findings.curves import function
from nonlin.torch.trace.regions import Region


class Net(nn.Module):
    def __init__(self, phi):
        super().__init__()
        self.one, self.two, self.phi = nn.Linear(5, 8), nn.Linear(8, 3), phi

    def forward(self, x):
        return self.two(self.phi(self.one(x)))


def of(phi, dtype=torch.float32):
    torch.manual_seed(0)
    x = torch.randn(32, 5, dtype=dtype)
    return measure(Net(phi).to(dtype), x, torch.zeros(32, 3, dtype=dtype), F.mse_loss)


def zeroed(x):
    x = x.clone()
    x[x < 0] = 0
    return x


def seen_through_another_view(x):
    F.relu_(x.view(-1))
    return x


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad * (s + x * s * (1 - s))


def by_tanh(x):
    return 0.5 * x * (1.0 + torch.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))


with warnings.catch_warnings():
    # Deprecated, and in use.
    warnings.simplefilter("ignore", DeprecationWarning)
    scripted = torch.jit.script(by_tanh)


class Learned(nn.Module):
    def __init__(self):
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(1.25))

    def forward(self, x):
        return x * torch.sigmoid(self.beta * x)


ROOT = math.sqrt(2 / math.pi)
WRITTEN = {
    "gelu by tanh": (
        lambda x: 0.5 * x * (1 + torch.tanh(ROOT * (x + 0.044715 * torch.pow(x, 3)))),
        nl.gelu.bind(approximate="tanh"),
    ),
    "gelu by tanh, scripted": (scripted, nl.gelu.bind(approximate="tanh")),
    "gelu by erf": (lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))), nl.gelu),
    "gelu by the normal distribution": (
        lambda x: x * torch.special.ndtr(x),
        nl.gelu,
    ),
    "quick gelu": (lambda x: x * torch.sigmoid(1.702 * x), nl.silu.bind(beta=1.702)),
    "silu": (lambda x: x / (1 + torch.exp(-x)), nl.silu),
    "an autograd function": (Swish.apply, nl.silu),
    "a learned beta": (Learned(), nl.silu.bind(beta=1.25)),
    "sigmoid": (lambda x: 1 / (1 + torch.exp(-x)), nl.sigmoid),
    "sigmoid by tanh": (lambda x: 0.5 * (1 + torch.tanh(x / 2)), nl.sigmoid),
    "tanh by exp": (lambda x: (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1), nl.tanh),
    "where": (lambda x: torch.where(x > 0, x, 0), nl.relu),
    "where of zeros": (lambda x: torch.where(x > 0, x, torch.zeros_like(x)), nl.relu),
    "times a comparison": (lambda x: x * (x >= 0), nl.relu),
    "times a mask of floats": (lambda x: x * (x > 0).float(), nl.relu),
    "masked_fill": (lambda x: x.masked_fill(x < 0, 0.0), nl.relu),
    "a mask as an index": (zeroed, nl.relu),
    "half of x and |x|": (lambda x: (x + x.abs()) / 2, nl.relu),
    "another view": (seen_through_another_view, nl.relu),
    "clipped": (lambda x: x.clamp(0, 20), nl.hard_tanh.bind(min_val=0.0, max_val=20.0)),
    "leaky by where": (
        lambda x: torch.where(x > 0, x, 0.1 * x),
        nl.leaky_relu.bind(negative_slope=0.1),
    ),
    "leaky by max": (lambda x: torch.max(x, 0.2 * x), nl.leaky_relu.bind(negative_slope=0.2)),
    "elu": (
        lambda x: torch.where(x > 0, x, 0.3 * (torch.exp(x) - 1)),
        nl.elu.bind(alpha=0.3),
    ),
    "softplus": (lambda x: torch.log(1 + torch.exp(x)), nl.softplus),
    "softplus by logaddexp": (lambda x: torch.logaddexp(x, torch.zeros(())), nl.softplus),
    "mish": (lambda x: x * torch.tanh(torch.log(1 + torch.exp(x))), nl.mish),
    "mish by softplus": (lambda x: x * torch.tanh(F.softplus(x)), nl.mish),
    "hard swish": (lambda x: x * F.relu6(x + 3) / 6, nl.hard_swish),
    "hard sigmoid of Keras": (lambda x: F.relu6(x + 3) / 6, nl.hard_sigmoid),
    "softsign": (lambda x: x / (1 + x.abs()), nl.softsign),
    "tanh shrink": (lambda x: x - torch.tanh(x), nl.tanh_shrink),
}  # fmt: skip


@pytest.mark.parametrize("key", WRITTEN)
def test_it_has_its_name(key):
    phi, expected = WRITTEN[key]
    (site,) = of(phi).sites
    assert site.layer == "one"
    assert function(site) == expected
    assert site.curve is None
    assert site.gradient_rms > 0


OWN = {
    "relu cubed": lambda x: F.relu(x) ** 3,
    "siren": lambda x: torch.sin(5 * x),
    "log cosh": lambda x: torch.log(torch.cosh(x)),
    "absolute value": torch.abs,
}


@pytest.mark.parametrize("key", OWN)
def test_one_without_a_name_is_measured(key):
    phi = OWN[key]
    reading = of(phi)
    (site,) = reading.sites
    act = function(site)
    z = np.linspace(-4.3, 4.1, 41)
    x = torch.tensor(z, requires_grad=True)
    y = phi(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert np.asarray(act(z)) == pytest.approx(y.detach().numpy(), abs=2e-3)
    away = np.abs(z) > 0.02  # of the kink
    assert np.asarray(act.derivative(z))[away] == pytest.approx(slope.numpy()[away], abs=2e-2)
    # It survives JSON, and every rule works on it.
    exam = examine(Net(phi), torch.randn(32, 5), torch.zeros(32, 3), F.mse_loss)
    again = Exam.from_json(exam.to_json())
    assert function(again.sites[0])(z) == pytest.approx(np.asarray(function(exam.sites[0])(z)))


def test_learned_slopes_are_read_as_they_stand_channel_by_channel():
    prelu = nn.PReLU(8)
    with torch.no_grad():
        prelu.weight.copy_(torch.linspace(0.1, 0.8, 8))
    (site,) = of(prelu).sites
    assert site.activation == "nl.leaky_relu"
    assert site.ranges["negative_slope"] == pytest.approx((0.1, 0.8), rel=1e-6)
    assert site.units.active.tolist() == [32] * 8


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_in_other_dtypes(dtype):
    (site,) = of(WRITTEN["gelu by tanh"][0], dtype).sites
    assert function(site) == nl.gelu.bind(approximate="tanh")


def test_two_modules_on_top_of_each_other_are_two_sites():
    sites = of(nn.Sequential(nn.Sigmoid(), nn.ReLU())).sites
    assert [x.activation for x in sites] == ["nl.sigmoid", "nl.relu"]
    sites = of(lambda x: torch.tanh(F.softplus(x))).sites
    assert [x.activation for x in sites] == ["nl.softplus", "nl.tanh"]


def test_what_scales_a_normalisation_is_no_site():
    def rms(x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)

    def standardized(x):
        about = x - x.mean(-1, keepdim=True)
        return about / (about.square().mean(-1, keepdim=True) + 1e-5).sqrt()

    for phi in (rms, standardized, F.normalize, lambda x: F.layer_norm(x, (8,))):
        reading = of(phi)
        assert reading.sites == ()
        assert "normalization" in [x.kind for x in reading.steps]


def test_two_functions_of_one_pre_activation_are_two_sites():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(3, 4), nn.Linear(8, 2)

        def forward(self, x):
            z = self.one(x)
            a, b = torch.relu(z), torch.tanh(z)
            return self.two(torch.cat([a, b], 1))

    torch.manual_seed(0)
    x, y = torch.randn(16, 3), torch.randn(16, 2)
    reading = measure(Both(), x, y, F.mse_loss)
    assert [site.activation for site in reading.sites] == ["nl.relu", "nl.tanh"]
    assert reading.coverage.operations == 2


def test_what_the_record_does_not_compute_as_the_model_did_has_no_name(monkeypatch):
    monkeypatch.setattr(Region, "replay", lambda self, z, constants, *, exactly: torch.sigmoid(z))
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    reading = measure(net, torch.randn(16, 3), torch.randn(16, 2), F.mse_loss)
    assert reading.sites == ()
    assert [(x.name, x.modules) for x in reading.coverage.unrecognized] == [("relu", ("1",))]
