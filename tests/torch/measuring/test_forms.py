"""Every form in which an activation is written is seen, with its pre-activation and its slope."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.torch import Activate, activate, measure


class Form(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.first, self.last = nn.Linear(6, 9), nn.Linear(9, 2)
        self.function = function

    def forward(self, x):
        return self.last(self.function(self.first(x)))


class Doubled(nn.Module):
    def forward(self, x):
        return torch.where(x > 0, 2 * x, 0.0)


def data():
    rng = torch.Generator().manual_seed(0)
    return torch.randn(40, 6, generator=rng), torch.randn(40, 2, generator=rng)


def seeded(build):
    torch.manual_seed(0)
    return build()


FORMS = [
    (nn.ReLU(), "function", "nl.relu", torch.relu),
    (nn.ReLU(inplace=True), "function", "nl.relu", torch.relu),
    (F.relu, ":relu", "nl.relu", torch.relu),
    (lambda x: F.relu(x, inplace=True), ":relu", "nl.relu", torch.relu),
    (lambda x: x.relu(), ":relu", "nl.relu", torch.relu),
    (lambda x: x.relu_(), ":relu", "nl.relu", torch.relu),
    (lambda x: torch.clamp(x, min=0), ":relu", "nl.relu", torch.relu),
    (lambda x: x.clamp_(0.0), ":relu", "nl.relu", torch.relu),
    (lambda x: x.clamp_min(0), ":relu", "nl.relu", torch.relu),
    (lambda x: torch.maximum(x, torch.zeros(())), ":relu", "nl.relu", torch.relu),
    (lambda x: torch.max(torch.zeros_like(x), x), ":relu", "nl.relu", torch.relu),
    (lambda x: x * (x > 0), ":relu", "nl.relu", torch.relu),
    (lambda x: torch.where(x > 0, x, 0.0), ":relu", "nl.relu", torch.relu),
    (lambda x: torch.where(x.gt(0), x, torch.zeros(())), ":relu", "nl.relu", torch.relu),
    (lambda x: x.clamp(0, 6), ":relu6", "nl.relu6", F.relu6),
    (lambda x: F.threshold(x, 0.1, 0.0), ":threshold", "nl.threshold", None),
    (lambda x: F.elu_(x, 0.5), ":elu", "nl.elu", lambda x: F.elu(x, 0.5)),
    (nn.PReLU(init=0.3), "function", "nl.leaky_relu", lambda x: F.leaky_relu(x, 0.3)),
    (F.gelu, ":gelu", "nl.gelu", F.gelu),
    (torch.tanh_, ":tanh", "nl.tanh", torch.tanh),
    (lambda x: x.sigmoid(), ":sigmoid", "nl.sigmoid", torch.sigmoid),
    (Activate(nl.silu), "function", "nl.silu", F.silu),
    (lambda x: activate(nl.mish, x), ":mish", "nl.mish", F.mish),
    (nn.Hardswish(inplace=True), "function", "nl.hard_swish", F.hardswish),
]


@pytest.mark.parametrize(("function", "name", "activation", "reference"), FORMS)
def test_the_form_is_seen_with_what_came_in_and_what_it_did(function, name, activation, reference):
    net = seeded(lambda: Form(function))
    x, y = data()
    (site,) = measure(net, x, y, F.mse_loss).sites
    assert (site.name, site.activation, site.layer) == (name, activation, "first")
    z = (x @ net.first.weight.T + net.first.bias).detach().requires_grad_()
    reference = reference or function
    out = reference(z)
    (slope,) = torch.autograd.grad(out.sum(), z)
    units = site.units
    assert units.active.tolist() == (slope != 0).sum(0).tolist()
    assert units.active_samples.tolist() == (slope != 0).sum(0).tolist()
    assert units.zeros.tolist() == (out == 0).sum(0).tolist()
    for found, expected in (
        (units.mean, z.mean(0)),
        (units.variance, z.var(0, correction=0)),
        (units.largest, z.amax(0)),
        (units.smallest, z.amin(0)),
        (units.output_mean, out.mean(0)),
        (units.output_variance, out.var(0, correction=0)),
        (units.derivative_square, slope.square().mean(0)),
    ):
        assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-5, abs=1e-7)
    assert site.length == pytest.approx(z.square().mean().item(), rel=1e-5)


def test_a_random_leaky_relu_is_measured_with_the_slopes_that_were_drawn():
    net = seeded(lambda: Form(nn.RReLU(0.2, 0.4)))
    x, y = data()
    slopes = []
    net.last.register_forward_pre_hook(lambda module, args: slopes.append(args[0].detach()))
    (site,) = measure(net, x, y, F.mse_loss).sites
    z = x @ net.first.weight.T + net.first.bias
    drawn = torch.where(z > 0, 1.0, slopes[0] / z)
    assert site.units.derivative_square.tolist() == pytest.approx(
        drawn.square().mean(0).tolist(), rel=1e-4
    )
    assert 0.2 <= drawn.min() < drawn[z < 0].max() <= 0.4 + 1e-6


@pytest.mark.parametrize("key", [Doubled, "function"])
def test_a_module_that_the_user_says_is_one(key):
    double = nl.Activation.from_function(lambda x: 2.0 * x * (x > 0), name="double")
    net = seeded(lambda: Form(Doubled()))
    x, y = data()
    (seen,) = measure(net, x, y, F.mse_loss).sites
    (site,) = measure(net, x, y, F.mse_loss, activations={key: double}).sites
    assert (site.name, site.layer, site.can_die) == ("function", "first", True)
    assert site.supremum == pytest.approx(2.0, rel=1e-9)
    z = x @ net.first.weight.T + net.first.bias
    assert site.units.active.tolist() == (z > 0).sum(0).tolist()
    # phi' is 2 or 0.
    expected = 4.0 * (z > 0).float().mean(0)
    assert site.units.derivative_square.tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    assert site.gradient_rms > 0
    # What is seen without the user's word is the same, but for its name.
    assert seen.activation != site.activation
    assert (seen.supremum, seen.can_die) == (pytest.approx(site.supremum), site.can_die)
    assert seen.gradient_rms == pytest.approx(site.gradient_rms, rel=1e-6)
    assert seen.units.active.tolist() == site.units.active.tolist()


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 2 * x + 1,
        lambda x: -x / 3,
        lambda x: x + torch.relu(torch.ones(9)),
        lambda x: x.double().float(),
        lambda x: (x + 1) - x * 0.5,
        lambda x: F.dropout(x, 0.5),
        lambda x: x.masked_fill(torch.arange(9) < 3, -1.0),
    ],
)
def test_what_is_no_activation(function):
    x, y = data()
    assert measure(Form(function), x, y, F.mse_loss).sites == ()


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_one_in_a_transformers_layer(norm_first):
    layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=norm_first)
    x = torch.randn(5, 4, 8, generator=torch.Generator().manual_seed(0))
    for training in (True, False):
        layer.train(training)
        found = measure(layer, x, x, F.mse_loss)
        assert [(s.name, s.layer, s.units.samples, s.residual) for s in found.sites] == [
            (":relu", "linear1", 5, True)
        ]
        assert [x.name for x in found.layers] == [
            "self_attn.in_proj_weight",
            "self_attn.out_proj",
            "linear1",
            "linear2",
        ]
