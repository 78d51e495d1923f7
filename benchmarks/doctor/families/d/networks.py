"""Networks of a form of their own: splines, crosses, tokens, experts, weights made, adapters."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits, pixels, table
from doctor.families.pieces import act
from doctor.program import Program, accuracy, adam, binary_accuracy, explained, family
from doctor.training import Training


class Splines(nn.Module):
    """A function of its own on each edge: bumps on a grid, and SiLU (KAN, as FastKAN)."""

    def __init__(self, before: int, after: int, grid: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(before) if before > 2 else nn.Identity()
        self.register_buffer("grid", torch.linspace(-2, 2, grid))
        self.bumps, self.base = nn.Linear(before * grid, after), nn.Linear(before, after)
        nn.init.normal_(self.bumps.weight, 0.0, 0.1 / math.sqrt(before))

    def forward(self, x: Tensor) -> Tensor:
        apart = (self.norm(x)[..., None] - self.grid) * (len(self.grid) - 1) / 4
        found: Tensor = self.bumps(torch.exp(-apart.square()).flatten(-2)) + self.base(F.silu(x))
        return found


@family("D", "6", "10", learns=0.85, steps=200)
def kolmogorov_arnold(variant: str) -> Program:
    """Learn exp(sin(pi x) + y^2), as its authors do."""
    x = 2 * torch.rand(1500, 2, generator=torch.Generator().manual_seed(44)) - 1
    y = torch.exp(torch.sin(math.pi * x[:, :1]) + x[:, 1:].square())
    model = nn.Sequential(Splines(2, 64, int(variant)), Splines(64, 1, int(variant)))
    return Program(model, x, y, F.mse_loss, adam(model, 3e-3), explained, 300)


class Crosses(nn.Module):
    """Products of what comes in with layers of it, beside a deep branch (DCN-v2)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.names = nn.Embedding(120, 16)
        self.crosses = nn.ModuleList(nn.Linear(64, 64) for _ in range(2))
        self.deep = nn.Sequential(nn.Linear(64, 64), act(name), nn.Linear(64, 64), act(name))
        self.out = nn.Linear(128, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = inner = self.names(x).flatten(1)
        for layer in self.crosses:
            inner = first * layer(inner) + inner
        found: Tensor = self.out(torch.cat([inner, self.deep(first)], 1))
        return found


@family("D", "relu", "silu", learns=0.75, chance=0.5, steps=200)
def deep_and_crossed(variant: str) -> Program:
    """Tell clicks from four names of thirty, with an optimizer for names and one for the rest."""
    rng = torch.Generator().manual_seed(45)
    x = torch.randint(30, (3000, 4), generator=rng)
    hidden = torch.randn(4, 30, generator=rng)
    taste = torch.stack([hidden[i, x[:, i]] for i in range(4)], 1)
    y = (taste[:, 0] * taste[:, 1] + taste[:, 2] > 0).float()[:, None]
    model = Crosses(variant)
    rest = [p for name, p in model.named_parameters() if not name.startswith("names")]
    optimizers = [torch.optim.Adam(rest, 3e-3), torch.optim.Adagrad(model.names.parameters(), 0.1)]
    return Program(model, x + 30 * torch.arange(4), y, F.binary_cross_entropy_with_logits,
                   optimizers, binary_accuracy, 400, out="out", task="binary")  # fmt: skip


class Tokens(nn.Module):
    """Each feature is a word; attention, then ReGLU, both behind a normalisation."""

    def __init__(self, features: int, classes: int, name: str) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.2 * torch.randn(features, 64))
        self.bias = nn.Parameter(0.2 * torch.randn(features + 1, 64))
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(64) for _ in range(3))
        self.look = nn.MultiheadAttention(64, 4, batch_first=True)
        self.gate, self.value, self.act = nn.Linear(64, 96), nn.Linear(64, 96), act(name)
        self.down, self.out = nn.Linear(96, 64), nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x[..., None] * self.weight, (0, 0, 1, 0)) + self.bias
        y = self.norm1(x)
        x = x + self.look(y, y, y, need_weights=False)[0]
        y = self.norm2(x[:, 0])
        y = x[:, 0] + self.down(self.value(y) * self.act(self.gate(y)))
        found: Tensor = self.out(self.norm3(y))
        return found


@family("D", "relu", "gelu", learns=0.9, chance=0.4, steps=100)
def feature_tokens(variant: str) -> Program:
    """Tell three wines with a transformer over features."""
    model = Tokens(13, 3, variant)
    return Program(model, *table("wine"), F.cross_entropy, adam(model, 2e-3, 1e-4), accuracy, 58,
                   batch=32, out="out", task="classes", traits=frozenset({"attention"}),
                   known={"gate": "gate"})  # fmt: skip


class Experts(nn.Module):
    """Four experts that both tasks ask, each task with weights of its own (MMoE)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(64, 64), act(name), nn.Linear(64, 32), act(name))
            for _ in range(4)
        )
        self.gates = nn.ModuleList(nn.Linear(64, 4) for _ in range(2))
        self.kind, self.odd = nn.Linear(32, 10), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        said = torch.stack([expert(x) for expert in self.experts], 1)
        one, other = ((gate(x).softmax(1)[..., None] * said).sum(1) for gate in self.gates)
        return self.kind(one), self.odd(other)


@family("D", "relu", "silu", learns=0.85, chance=0.1)
def shared_experts(variant: str) -> Program:
    """Name a digit, and say whether it is odd."""
    x, y = pixels()

    def loss(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
        return F.cross_entropy(out[0], y[0]) + F.binary_cross_entropy_with_logits(out[1], y[1])

    model = Experts(variant)
    return Program(model, x.flatten(1), (y, (y % 2)[:, None].float()), loss, adam(model, 3e-3),
                   lambda out, y: accuracy(out[0], y[0]), 300)  # fmt: skip


class Hyper(nn.Module):
    """A network that makes the weights of a small one for each task."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.make = nn.Sequential(nn.Linear(2, 64), act(name), nn.Linear(64, 64), act(name),
                                  nn.Linear(64, 49))  # fmt: skip

    def forward(self, task: Tensor, x: Tensor) -> Tensor:
        made = self.make(task)
        first, shift, last = made[:, :16], made[:, 16:32], made[:, 32:48]
        inner = torch.sin(3 * first * x + 3 * shift)
        return (inner * last).sum(1, keepdim=True) + made[:, 48:]


@family("D", "relu", "silu", learns=0.7, steps=200)
def hyper_network(variant: str) -> Program:
    """Fit waves of all amplitudes and phases, which are the tasks."""
    rng = torch.Generator().manual_seed(46)
    task, x = 2 * torch.rand(2000, 2, generator=rng) - 1, 4 * torch.rand(2000, 1, generator=rng) - 2
    y = (1.5 + task[:, :1]) * torch.sin(2 * x + 2 * task[:, 1:])
    model = Hyper(variant)
    return Program(model, (task, x), y, F.mse_loss, adam(model, 3e-3), explained, 400)


class Adapter(nn.Module):
    """A frozen block, and a narrow branch behind it that adds hardly anything at first."""

    def __init__(self, frozen: nn.Module, name: str) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.down, self.act, self.up = nn.Linear(64, 16), act(name), nn.Linear(16, 64)
        nn.init.normal_(self.up.weight, 0.0, 1e-3)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.frozen(x)
        found: Tensor = x + self.up(self.act(self.down(x)))
        return found


@family("D", "relu", "gelu", learns=0.8, chance=0.1, steps=200)
def adapters(variant: str) -> Program:
    """Adapt a network that knows digits to digits whose pixels are reversed, and a new head."""
    x, y = digits()
    blocks = [nn.Sequential(nn.Linear(64, 64), nn.LayerNorm(64), nn.GELU()) for _ in range(3)]
    whole = nn.Sequential(*blocks, nn.Linear(64, 10))
    Training(Program(whole, x, y, F.cross_entropy, adam(whole), accuracy, 300), 0).run(100)
    model = nn.Sequential(*(Adapter(block, variant) for block in blocks), nn.Linear(64, 10))
    return Program(model, x.flip(1), y, F.cross_entropy, adam(model, 5e-3), accuracy, 300, out="3",
                   task="classes")  # fmt: skip
