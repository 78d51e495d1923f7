"""What a reading copies, and what it divides: the numbers are those of the definition."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.optim import SGD

from nonlin.torch import measure
from nonlin.torch.measuring.norms import PIECE

RNG = torch.Generator().manual_seed(0)


class Written(nn.Module):
    """A layer whose weight may be written into by each pass."""

    def __init__(self, factor):
        super().__init__()
        self.layer, self.factor = nn.Linear(64, 64), factor

    def forward(self, x):
        if self.factor != 1.0:
            with torch.no_grad():
                self.layer.weight.mul_(self.factor)
        return torch.relu(self.layer(x))


def reading_of(model, optimizer=None):
    """Take a reading, and tell where the weight lay while it was taken: a hook may remember it."""
    x, places = torch.randn(32, 64, generator=torch.Generator().manual_seed(1)), []
    handle = model.layer.register_forward_hook(
        lambda layer, given, made: places.append(torch._C._data_address(layer.weight))
    )
    found = measure(model, x, torch.zeros(32, 64), F.mse_loss, optimizer=optimizer)
    handle.remove()
    return found.layers[0], places


def test_weights_are_not_copied_where_nothing_writes_into_them():
    model = Written(1.0)
    own = torch._C._data_address(model.layer.weight)
    _, places = reading_of(model, SGD(model.parameters(), lr=0.1))
    assert places == [own]
    assert torch._C._data_address(model.layer.weight) == own


def test_a_weight_that_the_model_writes_into_is_copied_and_the_users_stays():
    model = Written(2.0)
    own, before = torch._C._data_address(model.layer.weight), model.layer.weight.detach().clone()
    layer, places = reading_of(model)
    assert len(places) == 1
    assert places != [own]
    assert torch._C._data_address(model.layer.weight) == own
    assert torch.equal(model.layer.weight, before)
    assert layer.weight_rms == pytest.approx(2.0 * float(before.square().mean().sqrt()), rel=1e-6)


def test_a_loss_that_holds_the_parameters_leaves_them_where_they_are():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    held = list(model.parameters())
    before = [x.data_ptr() for x in held]
    x = torch.randn(8, 4, generator=RNG)
    measure(model, x, x, lambda out, y: F.mse_loss(out, y) + 0.0 * sum(p.sum() for p in held))
    assert [x.data_ptr() for x in held] == before


class Spoiling(SGD):
    """Writes into the gradient that it was given."""

    def step(self, closure=None):
        super().step(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad.zero_()


def test_each_optimizer_has_the_whole_gradient_and_the_reading_too():
    model = Written(1.0)
    alone, _ = reading_of(model, SGD(model.parameters(), lr=0.1))
    several = [Spoiling(model.parameters(), lr=0.3), Spoiling(model.parameters(), lr=0.1)]
    both, _ = reading_of(model, several)
    assert both.update_ratio == pytest.approx(alone.update_ratio, rel=1e-6)
    assert both.weight_gradient_rms == alone.weight_gradient_rms > 0.0


@pytest.mark.parametrize("phi", [nn.ReLU(), nn.GELU(), nn.ELU(0.5), nn.Hardswish()])
def test_a_site_too_large_for_one_piece_has_the_sums_of_all_its_values(phi):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 6, 3), phi)
    x = torch.randn(17, 2, 42, 42, generator=RNG) + 0.3
    units = measure(model, x, torch.zeros(17, 6, 40, 40), F.mse_loss).sites[0].units
    z = model[0](x).detach().requires_grad_()
    assert z.numel() > 2 * PIECE
    (slope,) = torch.autograd.grad(phi(z).sum(), z)
    y, z = phi(z).detach().double(), z.detach().double()
    assert units.observations == 17 * 1600
    assert units.samples == 17
    expected = {
        "active": (slope != 0).sum((0, 2, 3)),
        "active_samples": (slope != 0).flatten(2).any(2).sum(0),
        "zeros": (y == 0).sum((0, 2, 3)),
    }
    for name, count in expected.items():
        assert getattr(units, name).tolist() == count.tolist()
    square = slope.double().square().mean((0, 2, 3))
    assert units.mean == pytest.approx(z.mean((0, 2, 3)).numpy(), rel=1e-5)
    assert units.variance == pytest.approx(z.var((0, 2, 3), correction=0).numpy(), rel=1e-5)
    assert units.output_variance == pytest.approx(y.var((0, 2, 3), correction=0).numpy(), rel=1e-5)
    assert units.derivative_square == pytest.approx(square.numpy(), rel=1e-5)
    assert units.largest.tolist() == z.amax((0, 2, 3)).tolist()


def test_a_function_with_a_constant_of_its_inputs_shape_is_divided_too():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 64)

        def forward(self, x):
            z = self.layer(x)
            return torch.tanh(z * torch.full_like(z, 0.5)) * torch.ones_like(z)

    torch.manual_seed(0)
    model = Scaled()
    x = torch.randn(2048, 8, generator=RNG)
    site = measure(model, x, torch.zeros(2048, 64), F.mse_loss).sites[0]
    z = model.layer(x).detach().double()
    assert z.numel() > PIECE
    slope = 0.5 * (1 - torch.tanh(0.5 * z).square())
    square = slope.square().mean(0).numpy()
    assert site.units.derivative_square == pytest.approx(square, rel=1e-5)
