"""The way from the inputs to the loss: what each call is, and where a site lies."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import measure


def rng():
    return torch.Generator().manual_seed(0)


def kinds(reading):
    return [(step.kind, step.name, step.sources) for step in reading.steps]


def test_a_row_of_layers():
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(), nn.Linear(8, 3), nn.Softmax(-1),
    )  # fmt: skip
    x, y = torch.randn(4, 1, 6, 6, generator=rng()), torch.zeros(4, dtype=torch.long)
    assert kinds(measure(net, x, y, nn.CrossEntropyLoss())) == [
        ("input", "input", ()),
        ("layer", "0", (0,)),
        ("normalization", "1", (1,)),
        ("activation", "2", (2,)),
        ("pooling", "max_pool2d", (3,)),
        ("layer", "6", (4,)),
        ("softmax", "softmax", (5,)),
        ("loss", "cross_entropy", (6,)),
    ]


class Block(nn.Module):
    def __init__(self, width, other=None):
        super().__init__()
        self.one, self.two = nn.Linear(width, width), nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.past = nn.Identity() if other is None else other

    def forward(self, x):
        return F.relu(self.two(torch.tanh(self.norm(self.one(x)))) + self.past(x))


def test_branches_and_normalisations():
    net = nn.Sequential(nn.Linear(3, 4), nn.ELU(), Block(4), Block(4, nn.Linear(4, 4)))
    sites = measure(net, torch.ones(2, 3), torch.ones(2, 4), F.mse_loss).sites
    assert [(s.name, s.layer, s.normalized, s.residual) for s in sites] == [
        ("1", "0", False, False),
        ("2:tanh", "2.one", True, True),
        ("2:relu", "2.two", False, False),
        ("3:tanh", "3.one", True, True),
        ("3:relu", "3.past", False, False),
    ]


def test_gates():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate, self.into, self.out = nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.out(F.silu(self.gate(x)) * torch.tanh(self.into(x)).neg())

    sites = measure(Gated(), torch.ones(2, 3), torch.ones(2, 2), F.mse_loss).sites
    assert [(s.name, s.gate) for s in sites] == [(":silu", True), (":tanh", True)]


def test_what_is_in_the_loss_is_a_step_and_no_site():
    net = nn.Linear(3, 2)

    def loss(outputs, targets):
        return F.binary_cross_entropy_with_logits(torch.sigmoid(outputs), targets)

    reading = measure(net, torch.ones(2, 3), torch.ones(2, 2), loss)
    assert reading.sites == ()
    assert kinds(reading)[1:] == [
        ("layer", "weight", (0,)),
        ("activation", "loss:sigmoid", (1,)),
        ("loss", "binary_cross_entropy_with_logits", (2,)),
    ]
    assert reading.target.loss == "bce_with_logits"


def test_a_loss_of_the_users_own():
    def distance(outputs, targets):
        return (outputs - targets).abs().pow(1.5).mean() ** (2 / 3)

    reading = measure(nn.Linear(3, 2), torch.ones(4, 3), torch.full((4, 2), 7.0), distance)
    assert kinds(reading)[-1][:2] == ("loss", "distance")
    assert kinds(reading)[-1][2] == (len(reading.steps) - 2,)
    assert (reading.target.loss, reading.target.largest) == ("distance", 7.0)
    # All rows of the outputs are (low, high), so all of the distances are 7 less these.
    low, high = reading.target.output_smallest, reading.target.output_largest
    expected = (((7.0 - low) ** 1.5 + (7.0 - high) ** 1.5) / 2) ** (2 / 3)
    assert reading.target.value == pytest.approx(expected, rel=1e-5)
    assert not reading.target.known


def test_weights_that_are_computed():
    class Computed(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Parameter(torch.ones(6, 2)), nn.Parameter(torch.ones(2, 5))
            self.normed = nn.utils.parametrizations.weight_norm(nn.Linear(5, 3))
            self.scale = nn.Parameter(torch.ones(6))

        def forward(self, x):
            return self.normed(torch.relu((x * self.scale) @ (self.a @ self.b)))

    reading = measure(Computed(), torch.ones(4, 6), torch.ones(4, 3), F.mse_loss)
    assert [(x.name, x.kind, x.fan_in) for x in reading.layers] == [
        ("a", "linear", 6.0),
        ("normed", "linear", 5.0),
    ]
    assert reading.sites[0].layer == "a"


class Failing(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.one, self.two, self.function = nn.Linear(3, 4), nn.Linear(4, 2), function

    def forward(self, x):
        return self.two(torch.relu(self.function(self.one(x))))


@pytest.mark.parametrize(
    ("function", "first"),
    [
        (lambda x: torch.log(x.square() * 0), "log"),
        (lambda x: x / 0, "div"),
        (lambda x: torch.exp(x * 1e4), "exp"),
    ],
)
def test_the_first_call_that_is_not_finite(function, first):
    net = Failing(function)
    reading = measure(net, torch.randn(5, 3, generator=rng()), torch.ones(5, 2), F.mse_loss)
    assert next(step.name for step in reading.steps if not step.finite).strip("_") in (
        first,
        f"true{first}",
    )


def test_a_mask_of_minus_infinity_is_no_trouble():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 4)

        def forward(self, x):
            scores = self.layer(x).masked_fill(
                torch.tensor([True, False, False, False]), -torch.inf
            )
            return torch.softmax(scores / 2, -1).log()

    reading = measure(Masked(), torch.ones(2, 3), torch.ones(2, 4), lambda o, t: (o * t).mean())
    # log(0) is the first.
    assert next(step.name for step in reading.steps if not step.finite) == "log"


def test_inputs_that_are_not_finite():
    x = torch.ones(4, 3)
    x[1, 2] = torch.nan
    reading = measure(Failing(torch.tanh), x, torch.ones(4, 2), F.mse_loss)
    assert not reading.steps[0].finite


def test_a_finite_reading_says_so():
    reading = measure(Failing(torch.tanh), torch.ones(4, 3), torch.ones(4, 2), F.mse_loss)
    assert all(step.finite for step in reading.steps)


def test_the_targets_and_the_outputs():
    net = nn.Sequential(nn.Linear(3, 5), nn.Softmax(1))
    x, y = torch.randn(6, 3, generator=rng()), torch.tensor([0, 1, 2, 3, 4, 7])
    with torch.no_grad():
        outputs = net(x)
    target = measure(net, x, y.clamp(max=4), F.cross_entropy).target
    assert (target.loss, target.classes, target.smallest, target.largest) == (
        "cross_entropy", 5, 0.0, 4.0,
    )  # fmt: skip
    assert target.output_rows_sum_to_one
    assert target.output_largest == pytest.approx(outputs.max().item())
    assert target.output_smallest == pytest.approx(outputs.min().item())
    assert not measure(net[0], x, y.clamp(max=4), F.cross_entropy).target.output_rows_sum_to_one
