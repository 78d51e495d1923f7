"""First weights, straight networks and outputs at their limits, on networks as people have them."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.datasets import load_breast_cancer, load_digits
from torch import nn

from nonlin.torch import Monitor, examine

KINDS = {"bad_initialization", "linear_stack", "saturated_units", "dead_units"}


def digits(count=256):
    found = load_digits()
    return (
        torch.tensor(found.data[:count] / 8.0 - 1.0, dtype=torch.float32),
        torch.tensor(found.target[:count]),
    )


def alarms(model, x, y, loss=F.cross_entropy, **others):
    """List what is found of these kinds and is more than a note."""
    exam = examine(model, x, y, loss, **others)
    return [(f.kind, f.cause) for f in exam.findings if f.kind in KINDS and f.severity != "note"]


def trained(model, x, y, loss=F.cross_entropy, steps=150, rate=3e-3):
    optimizer = torch.optim.Adam(model.parameters(), rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return optimizer


def mlp(activation=nn.ReLU, width=48):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(64, width), activation(), nn.Linear(width, width), activation(),
        nn.Linear(width, 10),
    )  # fmt: skip


class Adapter(nn.Module):
    """A frozen layer with a low-rank one beside it, which begins at 0."""

    def __init__(self, layer, rank=4):
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x):
        return self.layer(x) + self.up(self.down(x))


class Block(nn.Module):
    """A residual block whose last weights begin at 0."""

    def __init__(self, width=48):
        super().__init__()
        self.one, self.two = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.two.weight)

    def forward(self, x):
        return F.relu(x + self.two(F.relu(self.one(x))))


class Squeeze(nn.Module):
    """Channels that are weighed by a sigmoid of their means; He's weights by what goes out."""

    def __init__(self, channels=32, squeezed=4):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        for layer in (self.down, self.up):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out")

    def forward(self, x):
        return x * torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))


def adapted():
    net = mlp()
    net[0], net[2] = Adapter(net[0]), Adapter(net[2])
    return net


def residual():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), Block(), Block(), nn.Linear(48, 10))


def squeezing():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32), nn.ReLU(),
        Squeeze(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip


def separable():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 16, 3), nn.ReLU(),
        nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 32, 1), nn.ReLU(),
        nn.Conv2d(32, 32, (1, 3)), nn.Conv2d(32, 32, (3, 1)), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip


def rescaled():
    """The same function: a direction is divided by its length, however long it is."""
    net = mlp()
    made = nn.utils.parametrizations.weight_norm(net[2])
    with torch.no_grad():
        made.parametrizations.weight.original1.mul_(100.0)
    return net


def actor():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 48), nn.Tanh(), nn.Linear(48, 10), nn.Tanh())
    with torch.no_grad():
        net[2].weight.mul_(0.01)
    return net


def small_before_normalisation():
    """A language model's head: weights of 0.02, whose length the normalisation restores."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.LayerNorm(64), nn.Linear(64, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 10)
    )
    nn.init.normal_(net[1].weight, std=0.01)
    return net


@pytest.mark.parametrize(
    "make",
    [adapted, residual, squeezing, separable, rescaled, actor, small_before_normalisation],
)
def test_what_is_meant_to_be_is_no_alarm(make):
    x, y = digits()
    assert alarms(make(), x, y) == []


def test_the_same_weights_are_a_fault_where_nothing_makes_good_for_them():
    x, y = digits()
    net = mlp()
    nn.init.normal_(net[2].weight, std=0.001)
    assert ("bad_initialization", "small") in alarms(net, x, y)


@pytest.mark.parametrize("value", [0.0, 0.02])
def test_units_that_are_the_same_learn_the_same(value):
    x, y = digits()
    net = mlp(nn.Tanh)
    for layer in (net[0], net[2], net[4]):
        nn.init.constant_(layer.weight, value)
        nn.init.zeros_(layer.bias)
    kinds = dict(alarms(net, x, y))
    assert kinds["bad_initialization"] in ("zero", "equal_weights")
    if value:
        trained(net, x, y)
        # They still are the same after 150 steps, in each layer's first unit and its last one.
        assert torch.allclose(net[0].weight[0], net[0].weight[-1], atol=1e-3)
        assert ("bad_initialization", "equal_weights") in alarms(net, x, y)


def test_weights_of_zero_are_told_behind_normalisations_too():
    x, y = digits()
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(),
        nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 10),
    )  # fmt: skip
    nn.init.zeros_(net[3].weight)
    assert ("bad_initialization", "zero") in alarms(net, x, y)
    for layer in (net[0], net[6]):
        nn.init.zeros_(layer.weight)
    exam = examine(net, x, y, F.cross_entropy)
    found = [f for f in exam.findings if f.kind == "bad_initialization"]
    assert {(f.site, f.severity, f.cause) for f in found} == {
        ("0", "error", "zero"), ("3", "error", "zero"),
    }  # fmt: skip


def test_weights_of_one_number_make_one_unit_of_many():
    x, y = digits()
    net = mlp()
    nn.init.constant_(net[2].weight, 0.05)
    assert ("bad_initialization", "equal_weights") in alarms(net, x, y)


def test_one_unit_has_no_equal():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(64, 1, generator=rng)
    net = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))
    assert alarms(net, x, x.sin(), F.mse_loss) == []


def test_large_weights_count_where_the_loss_shows_them():
    x, y = digits()
    net = mlp()
    for layer in (net[0], net[2]):
        nn.init.kaiming_normal_(layer.weight)
    with torch.no_grad():
        net[2].weight.mul_(10.0)
    assert ("bad_initialization", "large") in alarms(net, x, y)
    quiet = mlp()
    with torch.no_grad():
        quiet[2].weight.mul_(10.0)
        quiet[4].weight.mul_(0.1)
    assert alarms(quiet, x, y) == []


def test_no_first_weights_after_the_first_step():
    x, y = digits()
    net = mlp()
    nn.init.normal_(net[2].weight, std=0.001)
    optimizer = torch.optim.SGD(net.parameters(), 1e-3, momentum=0.9)
    assert ("bad_initialization", "small") in alarms(net, x, y, optimizer=optimizer)
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
    assert alarms(net, x, y, optimizer=optimizer) == []


def test_a_straight_network_is_told_by_its_outputs():
    x, y = digits()
    torch.manual_seed(0)
    straight = nn.Sequential(nn.Linear(64, 48), nn.Linear(48, 10))
    assert alarms(straight, x, y) == [("linear_stack", "whole")]
    normalised = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.Linear(48, 10))
    assert alarms(normalised, x, y) == [("linear_stack", "whole")]
    # A linear autoencoder finds principal components: 64 (8 + 8) weights for 64 x 64.
    narrow = nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 64))
    assert alarms(narrow, x, x, F.mse_loss) == []


class Tied(nn.Module):
    """Words are told by the weights that they are looked up in, behind a projection."""

    def __init__(self, tied):
        super().__init__()
        self.words, self.cell = nn.Embedding(30, 40), nn.LSTM(40, 48, batch_first=True)
        self.narrow, self.head = nn.Linear(48, 40), nn.Linear(40, 30)
        if tied:
            self.head.weight = self.words.weight

    def forward(self, x):
        return self.head(self.narrow(self.cell(self.words(x))[0][:, -1]))


@pytest.mark.parametrize(("tied", "expected"), [(True, []), (False, [("linear_stack", "between")])])
def test_a_projection_before_tied_weights_is_meant_to_be(tied, expected):
    rng = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    words = torch.randint(30, (64, 9), generator=rng)
    assert alarms(Tied(tied), words[:, :-1], words[:, -1]) == expected


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTM(8, 32, batch_first=True)
        self.one, self.two = nn.Linear(32, 32), nn.Linear(32, 10)

    def forward(self, x):
        return self.two(self.one(self.cell(x.view(-1, 8, 8))[0][:, -1]))


def test_a_recurrent_network_is_not_straight():
    x, y = digits()
    torch.manual_seed(0)
    assert alarms(Recurrent(), x, y) == [("linear_stack", "between")]


def test_right_answers_may_be_extreme():
    found = load_breast_cancer()
    x = torch.tensor((found.data - found.data.mean(0)) / found.data.std(0), dtype=torch.float32)
    y = torch.tensor(found.target, dtype=torch.float32)[:, None]
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    trained(net, x, y, F.binary_cross_entropy, 1500, 1e-2)
    exam = examine(net, x, y, F.binary_cross_entropy)
    (output,) = (site for site in exam.sites if site.name == "3")
    assert output.units.saturated[0] > 0.95 * output.units.observations
    assert alarms(net, x, y, F.binary_cross_entropy) == []
    # The same extreme answers to other questions are wrong.
    assert "saturated_units" in dict(alarms(net, x, 1.0 - y, F.binary_cross_entropy))


def test_a_decoder_may_be_black_where_the_picture_is():
    x, _ = digits()
    picture = F.pad((x + 1.0) / 2.0, (32, 32))
    torch.manual_seed(0)
    for last in (nn.Sigmoid(), nn.ReLU()):
        net = nn.Sequential(nn.Linear(128, 32), nn.Tanh(), nn.Linear(32, 128), last)
        trained(net, picture, picture, F.mse_loss, 400, 3e-3)
        assert alarms(net, picture, picture, F.mse_loss) == []


def test_an_open_gate_is_not_saturated():
    x, y = digits()

    class Highway(nn.Module):
        def __init__(self):
            super().__init__()
            self.value, self.gate = nn.Linear(64, 64), nn.Linear(64, 64)
            self.head = nn.Linear(64, 10)

        def forward(self, x):
            gate = torch.sigmoid(self.gate(x))
            return self.head(gate * F.relu(self.value(x)))

    torch.manual_seed(0)
    net = Highway()
    nn.init.constant_(net.gate.bias, 12.0)
    assert alarms(net, x, y) == []
    nn.init.constant_(net.gate.bias, -12.0)
    assert ("saturated_units", "bias") in alarms(net, x, y)


def test_a_relu6_that_is_off_is_sparse_like_a_relu():
    x, y = digits()
    net = mlp(nn.ReLU6)
    with torch.no_grad():
        net[0].bias.fill_(-0.6)
    exam = examine(net, x, y, F.cross_entropy)
    off = exam.sites[0].units
    assert (off.zeros / off.observations).mean() > 0.7
    assert [f.kind for f in exam.findings if f.severity != "note"] == []
    with torch.no_grad():
        net[0].bias.fill_(60.0)
    assert "dead_units" in dict(alarms(net, x, y))


def test_a_monitor_knows_that_its_training_has_begun():
    """Without an optimizer, too, from which it could be told."""
    x, y = digits()
    net = mlp()
    nn.init.normal_(net[2].weight, std=0.001)
    monitor = Monitor(net, (x, y), F.cross_entropy, every=1, quiet=True)
    assert "bad_initialization" in {f.kind for f in monitor.findings}
    monitor.step()
    assert monitor.read().step == 1
    assert "bad_initialization" not in {f.kind for f in monitor.findings}
