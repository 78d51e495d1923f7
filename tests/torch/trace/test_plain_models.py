"""Models as people write them: all of each is seen, and where its activations are."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.findings.curves import spelled

RNG = torch.Generator().manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, generator=RNG)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, activation="gelu")
        self.encoder, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.deep = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.last = nn.Conv2d(8, 1, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.down(x))
        deep = F.relu(self.deep(F.max_pool2d(h, 2)))
        return self.last(torch.cat([h, F.relu(self.up(deep))], 1))


class Residual(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.one = nn.Conv2d(before, after, 3, padding=1, bias=False)
        self.two = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(after), nn.BatchNorm2d(after)])
        self.past = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x):
        h = F.relu(self.norms[0](self.one(x)))
        return F.relu(self.norms[1](self.two(h)) + self.past(x))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.memory = nn.Embedding(20, 8), nn.LSTM(8, 12, batch_first=True)
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        return self.head(self.memory(self.words(x))[1][0][-1])


class Adversaries(nn.Module):
    def __init__(self):
        super().__init__()
        self.make = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 6), nn.Tanh())
        self.judge = nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))

    def forward(self, noise, real):
        return self.judge(self.make(noise)), self.judge(real)


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.mean, self.spread = nn.Linear(8, 16), nn.Linear(16, 2), nn.Linear(16, 2)
        self.out = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 8))

    def forward(self, x):
        h = F.relu(self.into(x))
        mean, spread = self.mean(h), self.spread(h)
        z = mean + torch.exp(0.5 * spread) * torch.randn_like(spread)
        return self.out(z), mean, spread


def evidence_bound(out, x):
    made, mean, spread = out
    return F.mse_loss(made, x) - 0.5 * (1 + spread - mean**2 - spread.exp()).mean()


class Values(nn.Module):
    def __init__(self):
        super().__init__()
        net = lambda: nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))  # noqa: E731
        self.net, self.target = net(), net()
        self.target.requires_grad_(False)

    def forward(self, state, action, reward, following):
        chosen = self.net(state).gather(1, action)[:, 0]
        with torch.no_grad():
            aim = reward + 0.9 * self.target(following).amax(1)
        return F.smooth_l1_loss(chosen, aim)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(),
                                 nn.Linear(16, 1))  # fmt: skip

    def forward(self, t):
        u = self.net(t)
        (slope,) = torch.autograd.grad(u.sum(), t, create_graph=True)
        return (slope + u).square().mean() + (self.net(torch.zeros(1, 1)) - 1).square().mean()


class Sine(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.last = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)

    def forward(self, x):
        return self.last(torch.sin(30.0 * self.two(torch.sin(30.0 * self.one(x)))))


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(8, 16), nn.Linear(16, 3)

    def forward(self, x, near):
        return near @ self.two(F.elu(near @ self.one(x)))


class Adapted(nn.Module):
    def __init__(self):
        super().__init__()
        self.base, self.head = nn.Linear(8, 16), nn.Linear(16, 3)
        self.base.requires_grad_(False)
        self.down = nn.Parameter(0.1 * normal(2, 8))
        self.up = nn.Parameter(torch.zeros(16, 2))

    def forward(self, x):
        return self.head(F.silu(self.base(x) + x @ self.down.T @ self.up.T))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.hidden = nn.Embedding(20, 8), nn.Linear(8, 8)

    def forward(self, x):
        return F.linear(torch.tanh(self.hidden(self.words(x))), self.words.weight)


def next_word(out, y):
    return F.cross_entropy(out.flatten(0, 1), y.flatten())


CASES = {
    "transformer": (Encoder, normal(8, 6, 16), torch.arange(8) % 3, F.cross_entropy,
                    ["gelu"] * 2, (2, 4)),
    "u-net": (UNet, normal(4, 1, 8, 8), normal(4, 1, 8, 8), F.mse_loss, ["relu"] * 3, (0, 0)),
    "resnet": (lambda: nn.Sequential(Residual(3, 4), Residual(4, 8), nn.AdaptiveAvgPool2d(1),
                                     nn.Flatten(), nn.Linear(8, 3)),
               normal(8, 3, 8, 8), torch.arange(8) % 3, F.cross_entropy, ["relu"] * 4, (0, 2)),
    "lstm": (Words, torch.randint(0, 20, (8, 5), generator=RNG), torch.arange(8) % 3,
             F.cross_entropy, ["sigmoid", "tanh", "sigmoid", "tanh", "sigmoid"], (0, 0)),
    "gan": (Adversaries, (normal(16, 4), normal(16, 6)), None,
            lambda out: F.softplus(-out[0]).mean() + F.softplus(-out[1]).mean(),
            ["relu", "tanh", "leaky_relu(negative_slope=0.2)"], (0, 0)),
    "vae": (Variational, *[normal(32, 8)] * 2, evidence_bound, ["relu", "exp(0.5 x)", "relu"],
            (0, 0)),
    "dqn": (Values, (normal(32, 4), torch.randint(0, 2, (32, 1), generator=RNG), normal(32),
                     normal(32, 4)), None, None, ["relu"] * 2, (0, 0)),
    "physics": (Field, torch.linspace(0, 1, 20)[:, None].requires_grad_(), None, None,
                ["tanh"] * 2, (0, 0)),
    "siren": (Sine, normal(64, 2), normal(64, 1), F.mse_loss, ["sin(30 x)"] * 2, (0, 0)),
    "graph": (Graph, (normal(16, 8), torch.eye(16).to_sparse()), normal(16, 3), F.mse_loss,
              ["elu"], (0, 0)),
    "lora": (Adapted, normal(32, 8), normal(32, 3), F.mse_loss, ["silu"], (0, 0)),
    "tied": (Tied, *[torch.randint(0, 20, (8, 5), generator=RNG)] * 2, next_word, ["tanh"],
             (0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_all_of_a_plain_model_is_seen(name):
    build, x, y, loss, functions, (attentions, residuals) = CASES[name]
    torch.manual_seed(0)
    exam = examine(build(), x, y, loss)
    assert exam.reading.coverage.complete, exam.reading.coverage
    assert [spelled(site) for site in exam.sites] == functions
    assert len(exam.reading.attentions) == attentions
    assert len(exam.reading.residuals) == residuals
    assert not [each for each in exam.findings if each.severity == "error"], str(exam)


def test_a_weight_of_zero_that_lets_the_inputs_in_is_bad_beside_a_good_recurrence():
    class Cell(nn.Module):
        def __init__(self):
            super().__init__()
            self.into, self.over, self.head = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 3)

        def forward(self, x):
            h = x.new_zeros(len(x), 16)
            for step in range(x.shape[1]):
                h = torch.relu(self.into(x[:, step]) + self.over(h))
            return self.head(h)

    torch.manual_seed(0)
    model = Cell()
    nn.init.zeros_(model.into.weight)
    exam = examine(model, normal(32, 5, 8), normal(32, 3), F.mse_loss)
    found = [x for x in exam.findings if (x.kind, x.site) == ("bad_initialization", "into")]
    assert [x.cause for x in found] == ["zero"]
