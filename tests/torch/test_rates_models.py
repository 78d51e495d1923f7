"""Learning rates planted in five architectures, and trainings that are as they should be."""

from functools import partial

import pytest
import torch
from torch import nn

from nonlin.torch import examine
from nonlin.torch.findings.causes import TOO_HIGH

SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cells, self.head = nn.LSTM(8, 24, batch_first=True), nn.Linear(24, 4)

    def forward(self, x):
        return self.head(self.cells(x.view(-1, 8, 8))[0][:, -1])


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.into, self.head = nn.Linear(8, 16), nn.Linear(16, 4)
        self.places = nn.Parameter(0.02 * torch.randn(8, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)

    def forward(self, x):
        return self.head(self.block(self.into(x.view(-1, 8, 8)) + self.places).mean(1))


NETWORKS = {
    "mlp": lambda: nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4)
    ),
    "convolutions": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 4),
    ),
    "recurrent": Recurrent,
    "transformer": Transformer,
    "dropout": lambda: nn.Sequential(
        nn.Linear(64, 48), nn.GELU(), nn.Dropout(0.3), nn.Linear(48, 48), nn.Tanh(),
        nn.Linear(48, 4),
    ),
}  # fmt: skip

# What each rate is planted as. Adam moves every weight by its rate a step, so one above the size of
# the weights throws them about, and 20 steps of 1e-7 are nothing to weights of 0.1.
HIGH = {"sgd": partial(SGD, lr=100.0), "momentum": partial(SGD, lr=30.0, momentum=0.9),
        "adam": partial(Adam, lr=10.0)}  # fmt: skip
LOW = {"sgd": partial(SGD, lr=1e-6), "momentum": partial(SGD, lr=1e-7, momentum=0.9),
       "adam": partial(Adam, lr=1e-7)}  # fmt: skip
USUAL = {"momentum": partial(SGD, lr=0.03, momentum=0.9), "adam": partial(Adam, lr=1e-3),
         "adamw": partial(AdamW, lr=3e-3, weight_decay=0.05)}  # fmt: skip


def made(network, optimizer):
    """A model on 64 samples of four classes that a linear map tells apart."""
    torch.manual_seed(0)
    x = torch.randn(64, 64)
    y = (x @ torch.randn(64, 4)).argmax(1)
    model = NETWORKS[network]()
    return model, x, y, optimizer(model.parameters())


def found(model, x, y, optimizer):
    exam = examine(model, x, y, nn.functional.cross_entropy, optimizer=optimizer, trial=16)
    assert exam.reading.trial is not None
    return [each for each in exam.findings if each.kind == "learning_rate"]


@pytest.mark.parametrize("optimizer", HIGH)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_rate_that_is_too_high_is_named(network, optimizer):
    (finding,) = found(*made(network, HIGH[optimizer]))
    assert finding.cause in TOO_HIGH
    assert finding.severity == "error"
    assert finding.evidence["best_rate"] < finding.evidence["rate"]
    assert not finding.evidence["best_fall"] < finding.evidence["fall"]


@pytest.mark.parametrize("optimizer", LOW)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_rate_that_is_too_low_is_named(network, optimizer):
    (finding,) = found(*made(network, LOW[optimizer]))
    assert (finding.cause, finding.severity) in {("creeping", "warning"), ("creeping", "error")}
    # A hundred times as high it gets a hundred times as far, or less where the loss is at its end.
    assert finding.evidence["factor"] >= 100.0
    assert finding.evidence["forecast"] > 300 * 16


def test_a_rate_that_is_too_low_is_named_where_a_higher_one_learns_all_there_is():
    torch.manual_seed(0)
    x = torch.linspace(-2.0, 2.0, 64).unsqueeze(1)
    layers = [nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 32)]
    model = nn.Sequential(*layers, nn.Tanh(), nn.Linear(32, 1))
    optimizer = Adam(model.parameters(), lr=1e-5)
    # The best rate gets 23 times as far: all the way.
    exam = examine(
        model, x, 0.3 * torch.sin(2.0 * x), nn.functional.mse_loss, optimizer=optimizer, trial=16
    )
    assert [(x.cause, x.severity) for x in exam.findings] == [("creeping", "warning")]


@pytest.mark.parametrize("optimizer", USUAL)
@pytest.mark.parametrize("network", NETWORKS)
def test_usual_rates_are_no_trouble_at_the_start_amid_and_at_the_end(network, optimizer):
    model, x, y, using = made(network, USUAL[optimizer])
    told = []
    for steps in (0, 25, 150):
        for _ in range(steps):
            using.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            using.step()
        told += found(model, x, y, using)
    assert [each for each in told if each.severity != "note"] == []
    # Of ln 4 = 1.386 at first.
    assert float(nn.functional.cross_entropy(model(x), y).detach()) < 1.0
