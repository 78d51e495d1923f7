"""Tables: one-hot names, maxout, highway, actor and critic, several labels, sets, an equation."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from doctor.data import digits, images, pole, table, waves
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, binary_accuracy, explained, family, sgd
from doctor.training import Training


@family("C", "relu", "silu", learns=0.8, chance=0.5, steps=200)
def one_hot(variant: str) -> Program:
    """Tell from three one-hot names of forty whether their hidden amounts add up to more than 0."""
    rng = torch.Generator().manual_seed(5)
    names = torch.randint(40, (1600, 3), generator=rng)
    amounts = torch.randn(40, generator=rng)
    y = (amounts[names].sum(1) > 0).long()
    model = nn.Sequential(nn.Linear(120, 64), act(variant), nn.Linear(64, 2))
    return Program(model, F.one_hot(names, 40).flatten(1).float(), y, F.cross_entropy,
                   adam(model, 5e-3), accuracy, 300, out="2", task="classes",
                   traits=frozenset({"plain"}))  # fmt: skip


class Maxout(nn.Module):
    """The largest of three linear functions."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.layer = nn.Linear(before, 3 * after)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).unflatten(1, (-1, 3)).amax(2)


@family("C", "24", "48", learns=0.85, chance=0.1)
def maxout(variant: str) -> Program:
    """Classify digits with maxout units."""
    width = int(variant)
    model = nn.Sequential(Maxout(64, width), Maxout(width, width), nn.Linear(width, 10))
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="2",
                   task="classes")  # fmt: skip


class Highway(nn.Module):
    """A gate between a layer and none, shut at first."""

    def __init__(self, width: int, name: str) -> None:
        super().__init__()
        self.layer, self.gate = nn.Linear(width, width), nn.Linear(width, width)
        self.act = act(name)
        nn.init.constant_(self.gate.bias, -1.5)

    def forward(self, x: Tensor) -> Tensor:
        opened = torch.sigmoid(self.gate(x))
        return opened * self.act(self.layer(x)) + (1 - opened) * x


@family("C", "relu", "tanh", learns=0.85, chance=0.1)
def highway(variant: str) -> Program:
    """Classify digits with ten highway layers."""
    model = nn.Sequential(nn.Linear(64, 32), *(Highway(32, variant) for _ in range(10)),
                          nn.Linear(32, 10))  # fmt: skip
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="11",
                   task="classes", known={"gate": "1.gate"})  # fmt: skip


class ActorCritic(nn.Module):
    """One trunk; an actor drawn small at first, and a critic of returns."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, 48), act(name), nn.Linear(48, 48), act(name))
        self.actor, self.critic = nn.Linear(48, 2), nn.Linear(48, 1)
        nn.init.orthogonal_(self.actor.weight, 0.01)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inner = self.trunk(x)
        return self.actor(inner), self.critic(inner)[:, 0]


@family("C", "tanh", "relu", learns=0.5, steps=200)
def actor_critic(variant: str) -> Program:
    """Improve a policy and fit returns, on saved steps."""
    state, action, reward, _ = pole()
    gain = 2.0 * (2.0 * action - 1.0) * state[:, 0].sign() * -1.0

    def loss(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        chosen = F.log_softmax(out[0], 1).gather(1, y[0][:, None])[:, 0]
        fit = F.mse_loss(out[1], y[1])
        surplus = y[2] + (y[1] - out[1]).detach()
        spread = -(F.softmax(out[0], 1) * F.log_softmax(out[0], 1)).sum(1).mean()
        return -(chosen * surplus).mean() + 0.5 * fit - 0.05 * spread

    model = ActorCritic(variant)
    return Program(model, state, (action, reward, gain), loss, adam(model, 3e-3),
                   lambda out, y: explained(out[1], y[1]), 400)  # fmt: skip


@family("C", "relu", "tanh", learns=0.9, chance=0.33)
def bounded_layers(variant: str) -> Program:
    """Tell three wines with layers of spectral norm 1, by SGD."""
    x, y = table("wine")
    model = nn.Sequential(spectral_norm(nn.Linear(13, 32)), act(variant),
                          spectral_norm(nn.Linear(32, 32)), act(variant),
                          nn.Linear(32, 3))  # fmt: skip
    return Program(model, x, y, F.cross_entropy, sgd(model, 0.05), accuracy, 58, batch=32,
                   out="4", task="classes", traits=frozenset({"plain"}))  # fmt: skip


@family("C", "relu", "gelu", learns=0.85, chance=0.5)
def several_labels(variant: str) -> Program:
    """Give a picture of a digit four labels at once: even, round, above 4, a multiple of 3."""
    x, y = digits()
    round_ = (y == 0) | (y == 6) | (y == 8) | (y == 9)
    labels = torch.stack([y % 2 == 0, round_, y > 4, y % 3 == 0], 1)
    model = nn.Sequential(nn.Linear(64, 64), nn.LayerNorm(64), act(variant), nn.Linear(64, 4))
    return Program(model, x, labels.float(), F.binary_cross_entropy_with_logits, adam(model, 3e-3),
                   binary_accuracy, 300, out="3", task="binary")  # fmt: skip


@family("C", "tanh", "elu", learns=0.7, steps=200)
def gaussian_likelihood(variant: str) -> Program:
    """Say an amount and how unsure it is."""
    model = nn.Sequential(nn.Linear(16, 64), act(variant), nn.Linear(64, 64), act(variant),
                          nn.Linear(64, 2))  # fmt: skip

    def loss(out: Tensor, y: Tensor) -> Tensor:
        return F.gaussian_nll_loss(out[:, :1], y, F.softplus(out[:, 1:]) + 1e-3)

    return Program(model, *waves(), loss, adam(model, 3e-3),
                   lambda out, y: explained(out[:, :1], y), 400, out="4",
                   traits=frozenset({"plain"}))  # fmt: skip


class Sets(nn.Module):
    """Each pixel is a point of a set; the largest of what they say is taken."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.each = nn.Sequential(nn.Linear(3, 48), act(name), nn.Linear(48, 96), act(name))
        self.whole = nn.Sequential(nn.Linear(96, 48), act(name), nn.Linear(48, 10))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.whole(self.each(x).amax(1))
        return found


@family("C", "relu", "leaky_relu", learns=0.6, chance=0.1, steps=200)
def point_sets(variant: str) -> Program:
    """Classify digits as sets of points in space, whatever their order."""
    x, y = digits()
    at = torch.stack(torch.meshgrid(torch.linspace(-1.5, 1.5, 8), torch.linspace(-1.5, 1.5, 8),
                                    indexing="ij"), -1).view(1, 64, 2)  # fmt: skip
    points = torch.cat([at.expand(len(x), -1, -1), x[:, :, None]], 2)
    model = Sets(variant)
    return Program(model, points, y, F.cross_entropy, adam(model, 3e-3), accuracy, 300,
                   out="whole.2", task="classes")  # fmt: skip


@family("C", "relu", "gelu", learns=0.8, chance=0.2)
def frozen_trunk(variant: str) -> Program:
    """Give a trained trunk, which stays as it is, a head for other classes."""
    x, y = images()
    trunk = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), act(variant), nn.MaxPool2d(2),
                          nn.Conv2d(12, 16, 3, padding=1), act(variant), nn.Flatten())  # fmt: skip
    whole = nn.Sequential(trunk, nn.Linear(256, 10))
    Training(Program(whole, x, y, F.cross_entropy, adam(whole), accuracy, 300), 0).run(100)
    trunk.requires_grad_(False)
    model = nn.Sequential(trunk, nn.Linear(256, 5))
    return Program(model, x, y // 2, F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="1",
                   task="classes")  # fmt: skip


class Wave(nn.Module):
    """u(t) of u'' = -u with u(0) = 0 and u'(0) = 1; the equation's error and u."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 32), act(name), nn.Linear(32, 32), act(name),
                                 nn.Linear(32, 1))  # fmt: skip

    def forward(self, t: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            t = t.requires_grad_() if t.is_leaf else t
            u = t + t**2 * self.net(t)
            (first,) = torch.autograd.grad(u.sum(), t, create_graph=True)
            (second,) = torch.autograd.grad(first.sum(), t, create_graph=True)
        return second + u, u


@family("C", "tanh", "softplus", learns=0.9, steps=200)
def physics_informed(variant: str) -> Program:
    """Solve an oscillator's equation without any solution given."""
    t = 4.0 * torch.rand(800, 1, generator=torch.Generator().manual_seed(6))
    model = Wave(variant)
    return Program(model, t, torch.sin(t), lambda out, y: out[0].square().mean(),
                   adam(model, 1e-2), lambda out, y: explained(out[1], y))  # fmt: skip


@family("C", "gelu", "relu", learns=0.35, chance=0.0, steps=200)
def deep_regression(variant: str) -> Program:
    """Say how a disease will go on, with dropout and decay."""
    model = nn.Sequential(nn.Linear(10, 32), nn.LayerNorm(32), act(variant), nn.Dropout(0.1),
                          nn.Linear(32, 32), act(variant), nn.Linear(32, 1))  # fmt: skip
    return Program(model, *table("diabetes"), F.smooth_l1_loss, adam(model, 2e-3, 0.1), explained,
                   142, out="6", task="amounts")  # fmt: skip
