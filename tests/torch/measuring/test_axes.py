"""Units, samples and positions: which axis is which, and what is summed over."""

import gc

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import measure
from nonlin.torch.measuring.layout import layout


def rng():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize(
    ("shape", "batch", "axis", "unit", "positions", "samples"),
    [
        ((8, 5), 8, None, 1, (), 8),
        ((8, 3, 7, 7), 8, 1, 1, (2, 3), 8),
        ((8, 3, 7), 8, 1, 1, (2,), 8),
        ((8, 4, 5), 8, None, 2, (1,), 8),
        ((4, 8, 5), 8, None, 2, (0,), 8),  # time first
        ((16, 8, 5), 8, None, 2, (0,), 8),  # and a multiple of the batch
        ((24, 5), 8, None, 2, (1,), 8),  # time folded into the samples: (8, 3, 5)
        ((8, 8, 3, 3), 8, 1, 1, (2, 3), 8),  # as many channels as samples
        ((5, 6), 8, None, 1, (), 5),  # not to be found: axis 0
        ((5, 6), None, None, 1, (), 5),
        ((7,), 7, None, 1, (), 7),
        ((), 1, None, 1, (), 1),
    ],
)
def test_the_axes(shape, batch, axis, unit, positions, samples):
    found = layout(shape, batch, axis)
    assert (found.unit, found.positions, found.samples) == (unit, positions, samples)


class Convolutional(nn.Module):
    """Five channels; channel 1 is dead, and channel 2 lives on one pixel of one sample."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(1, 5, 1), nn.Linear(5, 2)
        with torch.no_grad():
            self.conv.weight.fill_(1.0)
            self.conv.bias.copy_(torch.tensor([0.0, -10.0, -4.0, 10.0, -1.0]))

    def forward(self, x):
        return self.last(F.relu(self.conv(x)).mean((2, 3)))


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_a_channel_is_a_unit_and_pixels_are_no_samples(memory):
    x = torch.rand(6, 1, 3, 4, generator=rng())
    x[4, 0, 1, 2] = 5.0
    (site,) = measure(
        Convolutional().to(memory_format=memory), x, torch.zeros(6, 2), F.mse_loss
    ).sites
    units = site.units
    assert site.unit_axis == 1
    assert (units.samples, units.observations, units.count) == (6, 72, 5)
    assert units.active.tolist() == [72, 0, 1, 72, 1]
    assert units.active_samples.tolist() == [6, 0, 1, 6, 1]
    assert units.zeros.tolist() == [0, 72, 71, 0, 71]


class Tokens(nn.Module):
    def __init__(self, first):
        super().__init__()
        self.first, self.last = first, nn.Linear(4, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)))


@pytest.mark.parametrize("time_first", [False, True])
def test_tokens_are_positions(time_first):
    first = nn.Linear(3, 4)
    with torch.no_grad():
        first.weight.zero_()
        first.weight[0, 0] = 1.0
        first.bias[1] = 9.5  # tanh' in float32 is 0 from 9.01
    x = torch.zeros(6, 7, 3)
    x[2, 3, 0] = 100.0
    y = torch.zeros(6, 2) if time_first else torch.zeros(6, 7, 2)
    inputs = x.transpose(0, 1) if time_first else x
    loss = (lambda o, t: F.mse_loss(o.mean(0), t)) if time_first else F.mse_loss
    (site,) = measure(Tokens(first), inputs, y, loss).sites
    assert (site.unit_axis, site.units.samples, site.units.observations) == (-1, 6, 42)
    assert site.units.active.tolist() == [41, 0, 42, 42]
    assert site.units.active_samples.tolist() == [6, 0, 6, 6]
    assert site.units.saturated.tolist() == [1, 42, 0, 0]


class Recurrent(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.into, self.over = nn.Linear(3, width), nn.Linear(width, width)

    def forward(self, x):
        h = torch.zeros(len(x), self.over.out_features)
        for step in range(x.shape[1]):
            h = torch.tanh(self.into(x[:, step]) + self.over(h))
        return h


def test_a_recurrence_is_one_site_of_many_calls():
    x = torch.randn(8, 6, 3, generator=rng())
    reading = measure(Recurrent(), x, torch.zeros(8, 5), F.mse_loss)
    (site,) = reading.sites
    assert (site.name, site.calls, site.residual) == (":tanh", 6, False)
    assert (site.units.samples, site.units.observations) == (8, 48)
    assert site.units.active_samples.tolist() == [8] * 5
    assert [(layer.name, layer.kind) for layer in reading.layers] == [
        ("into", "linear"),
        ("over", "linear"),
    ]


def test_one_module_behind_several_layers_is_a_site_behind_each():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 4)])
            self.relu = nn.ReLU()

        def forward(self, x):
            x = self.relu(self.layers[0](x))
            for layer in self.layers[1:]:
                x = F.elu(layer(x))
            return F.elu(self.layers[2](x))

    sites = measure(Shared(), torch.ones(2, 3), torch.ones(2, 4), F.mse_loss).sites
    assert [(s.name, s.layer, s.calls) for s in sites] == [
        ("relu", "layers.0", 1),
        (":elu", "layers.1", 1),
        (":elu#2", "layers.2", 1),
        (":elu#3", "layers.2", 1),
    ]


def test_a_shared_block_is_one_site_and_its_calls_are_united():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.block = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU())
            with torch.no_grad():
                self.block[0].weight.copy_(torch.tensor([[1.0, 0.0], [-1.0, 1.0]]))

        def forward(self, x):
            return self.block(self.block(x))

    # First call: (1, -1) and (-1, 1); second: (1, 0) -> (1, -1), (0, 1) -> (0, 1).
    x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    (site,) = measure(Twice(), x, torch.zeros(2, 2), F.mse_loss).sites
    assert (site.name, site.calls, site.layer) == ("block.1", 2, "block.0")
    assert (site.units.samples, site.units.observations) == (2, 4)
    assert site.units.active.tolist() == [2, 2]
    assert site.units.active_samples.tolist() == [1, 1]


def test_batches_add_up_and_the_last_may_be_smaller():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x, y = torch.randn(10, 3, generator=rng()), torch.randn(10, 2, generator=rng())
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4)
    whole = measure(net, x, y, lambda o, t: F.mse_loss(o, t, reduction="sum"))
    parts = measure(net, data, None, lambda o, t: F.mse_loss(o, t, reduction="sum"))
    assert parts.samples == 10
    assert parts.environment["batches"] == 3
    one, other = whole.sites[0].units, parts.sites[0].units
    assert one.active.tolist() == other.active.tolist()
    assert one.active_samples.tolist() == other.active_samples.tolist()
    for name in ("mean", "variance", "output_mean", "gradient_square", "largest"):
        assert getattr(other, name).tolist() == pytest.approx(getattr(one, name).tolist(), rel=1e-5)
    # A sum's gradient is the batches' sum, and the reading gives their mean.
    assert 3 * parts.layers[0].weight_gradient_rms == pytest.approx(
        whole.layers[0].weight_gradient_rms, rel=1e-5
    )
    assert parts.input_mean == pytest.approx(x.mean().item(), rel=1e-6)


def test_memory_does_not_grow_with_the_batches():
    alive = []

    def batches():
        for _ in range(8):
            gc.collect()
            alive.append(sum(type(x) is torch.Tensor for x in gc.get_objects()))
            yield torch.randn(4, 5, 3), torch.zeros(4, 5)

    net = Recurrent()
    measure(net, batches(), None, F.mse_loss)
    # The sums of the first batch stay; after it the count of tensors is the same.
    assert alive[2:] == [alive[2]] * 6
