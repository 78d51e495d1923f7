"""Tables and bags of words: gates, two heads, certainty, half precision, fine-tuning."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from doctor.data import digits, pole, signs, table, topics, waves
from doctor.families.pieces import Beside, act
from doctor.program import Program, accuracy, adam, binary_accuracy, explained, family, sgd
from doctor.training import Training


@family("B", "relu", "gelu", learns=0.8, chance=0.25, steps=120)
def tf_idf(variant: str) -> Program:
    """Classify rows of words by their weighted counts, of length 1."""
    rows, y = topics()
    counts = F.one_hot(rows, 200).sum(1).float()
    x = F.normalize(counts * torch.log(len(counts) / (1.0 + (counts > 0).sum(0))), dim=1)
    model = nn.Sequential(nn.Linear(200, 64), act(variant), nn.Dropout(0.2), nn.Linear(64, 4))
    return Program(model, x, y, F.cross_entropy, adam(model, 1e-2), accuracy,
                   out="3", task="classes", traits=frozenset({"plain"}))  # fmt: skip


class Bag(nn.Module):
    """The mean of the words' vectors, then two layers."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(200, 32, mode="mean")
        self.inner, self.act, self.out = nn.Linear(32, 48), act(name), nn.Linear(48, 4)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.act(self.inner(self.words(x))))
        return found


@family("B", "relu", "tanh", learns=0.8, chance=0.25)
def embedding_bag(variant: str) -> Program:
    """Classify rows of words by the mean of their vectors."""
    model = Bag(variant)
    return Program(model, *topics(), F.cross_entropy, adam(model, 1e-2), accuracy,
                   out="out", task="classes")  # fmt: skip


@family("B", "relu", "selu", learns=0.93, chance=0.63, steps=200)
def trained_to_certainty(variant: str) -> Program:
    """Tell two classes until the loss is almost 0."""
    x, y = table("breast_cancer")
    model = nn.Sequential(nn.Linear(30, 32), act(variant), nn.Linear(32, 32), act(variant),
                          nn.Linear(32, 1))  # fmt: skip
    return Program(model, x, y[:, None].float(), F.binary_cross_entropy_with_logits,
                   adam(model, 1e-2), binary_accuracy, 169, out="4", task="binary",
                   traits=frozenset({"plain"}))  # fmt: skip


class TwoHeads(nn.Module):
    """One trunk, a head for the class and one for an amount that is much larger."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 48), act(name), nn.Linear(48, 48), act(name))
        self.kind, self.amount = nn.Linear(48, 10), nn.Linear(48, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inner = self.trunk(x)
        return self.kind(inner), self.amount(inner)


def _two(outputs: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
    return F.cross_entropy(outputs[0], y[0]) + 0.1 * F.mse_loss(outputs[1], y[1])


@family("B", "relu", "tanh", learns=0.85, chance=0.1)
def two_heads(variant: str) -> Program:
    """Name a digit and say how much ink it has."""
    x, y = digits()
    ink = x.sum(1, keepdim=True)
    model = TwoHeads(variant)
    return Program(model, x, (y, (ink - ink.mean()) / ink.std()), _two, adam(model, 5e-3),
                   lambda out, y: accuracy(out[0], y[0]), 300)  # fmt: skip


class Gated(nn.Module):
    """A gated linear unit: half of a layer opens and shuts the other half."""

    def __init__(self, before: int, inner: int, after: int, name: str) -> None:
        super().__init__()
        self.gate, self.value = nn.Linear(before, inner), nn.Linear(before, inner)
        self.act, self.down = act(name), nn.Linear(inner, after)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.down(self.act(self.gate(x)) * self.value(x))
        return found


@family("B", "sigmoid", "silu", learns=0.8, chance=0.1, steps=200)
def gated_units(variant: str) -> Program:
    """Classify digits with gated linear units beside identities."""
    blocks = [Beside(nn.LayerNorm(32), Gated(32, 48, 32, variant)) for _ in range(2)]
    model = nn.Sequential(nn.Linear(64, 32), *blocks, nn.LayerNorm(32), nn.Linear(32, 10))
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model, 5e-3), accuracy, 300, out="4",
                   task="classes", known={"gate": "1.branch.1.gate"})  # fmt: skip


@family("B", "relu", "elu", learns=0.5, steps=200)
def q_learning(variant: str) -> Program:
    """Fit the values of two actions to a frozen network's, with Huber's loss."""
    state, action, reward, follow = pole()
    model, frozen = (nn.Sequential(nn.Linear(4, 48), act(variant), nn.Linear(48, 48), act(variant),
                                   nn.Linear(48, 2)) for _ in range(2))  # fmt: skip
    with torch.no_grad():
        aim = reward + 0.5 * frozen(follow).max(1).values

    def loss(values: Tensor, y: tuple[Tensor, Tensor]) -> Tensor:
        return F.smooth_l1_loss(values.gather(1, y[0][:, None])[:, 0], y[1])

    def score(values: Tensor, y: tuple[Tensor, Tensor]) -> float:
        return explained(values.gather(1, y[0][:, None])[:, 0], y[1])

    return Program(model, state, (action, aim), loss, adam(model, 5e-3), score, 400,
                   out="4", traits=frozenset({"plain"}))  # fmt: skip


class Bfloat(nn.Module):
    """Weights in bfloat16; what goes in and comes out is float32."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner.to(torch.bfloat16)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.inner(x.to(torch.bfloat16)).float()
        return found


@family("B", "relu", "gelu", learns=0.85, chance=0.1)
def bfloat_weights(variant: str) -> Program:
    """Classify digits with weights in bfloat16."""
    model = Bfloat(nn.Sequential(nn.Linear(64, 64), act(variant), nn.Linear(64, 64), act(variant),
                                 nn.Linear(64, 10)))  # fmt: skip
    x, y = digits()
    return Program(model, x, y, F.cross_entropy, adam(model, 3e-3), accuracy, 300,
                   out="inner.4", task="classes", traits=frozenset({"plain"}))  # fmt: skip


class Sine(nn.Module):
    """sin(30 (W x + b)) with the first weights of Sitzmann et al., 2020."""

    def __init__(self, before: int, after: int, first: bool) -> None:
        super().__init__()
        self.layer = nn.Linear(before, after)
        bound = 1 / before if first else math.sqrt(6 / before) / 30
        nn.init.uniform_(self.layer.weight, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(30.0 * self.layer(x))


@family("B", "32", "64", learns=0.8, steps=200)
def siren(variant: str) -> Program:
    """Fit a picture, amounts over the plane, with sines."""
    width, rng = int(variant), torch.Generator().manual_seed(3)
    x = 2 * torch.rand(1600, 2, generator=rng) - 1
    y = torch.sin(6 * x[:, :1]) * torch.cos(4 * x[:, 1:] + 1)
    last = nn.Linear(width, 1)
    nn.init.uniform_(last.weight, -math.sqrt(6 / width) / 30, math.sqrt(6 / width) / 30)
    model = nn.Sequential(Sine(2, width, True), Sine(width, width, False), last)
    return Program(model, x, y / y.std(), F.mse_loss, adam(model, 1e-3), explained, 300,
                   batch=128, out="2", task="amounts")  # fmt: skip


class Lora(nn.Module):
    """A frozen layer and a trained product of two thin ones, of which one is 0 at first."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features))
        self.b = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.layer(x) + (x @ self.a.T) @ self.b.T
        return found


@family("B", "4", "8", learns=0.8, chance=0.1, steps=200)
def lora(variant: str) -> Program:
    """Fine-tune a network that knows digits on digits whose pixels are reversed."""
    x, y = digits()
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                        nn.Linear(64, 10))  # fmt: skip
    Training(Program(net, x, y, F.cross_entropy, adam(net), accuracy, 300), 0).run(120)
    for i in (0, 2, 4):
        net[i] = Lora(net[i], int(variant))
    return Program(net, x.flip(1), y, F.cross_entropy, adam(net, 1e-2), accuracy, 300,
                   task="classes")  # fmt: skip


@family("B", "relu", "tanh", learns=0.75, steps=200)
def weight_normalised(variant: str) -> Program:
    """Learn amounts with layers whose weights are a length times a direction, by SGD."""
    model = nn.Sequential(weight_norm(nn.Linear(16, 64)), act(variant),
                          weight_norm(nn.Linear(64, 64)), act(variant),
                          nn.Linear(64, 1))  # fmt: skip
    return Program(model, *waves(), F.mse_loss, sgd(model, 0.03), explained, 400, out="4",
                   task="amounts", traits=frozenset({"plain"}))  # fmt: skip


@family("B", "relu", "silu", learns=0.85, chance=0.5, steps=200)
def residual_mlp(variant: str) -> Program:
    """Learn a parity with six blocks beside identities, the last layer of each 0 at first."""
    blocks = [Beside(nn.Linear(32, 64), act(variant), nn.Linear(64, 32)) for _ in range(6)]
    for block in blocks:
        nn.init.zeros_(block.branch[2].weight)
    model = nn.Sequential(nn.Linear(16, 32), *blocks, nn.Linear(32, 2))
    return Program(model, *signs(), F.cross_entropy, adam(model, 3e-3), accuracy, 400, out="7",
                   task="classes", traits=frozenset({"residual"}))  # fmt: skip
