"""Networks that make or compare: a GAN, a denoiser, a twin that is only followed, triplets."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from doctor.data import digits, rings
from doctor.families.pieces import act
from doctor.program import Program, adam, explained, family


def _distance(one: Tensor, other: Tensor) -> float:
    """Give the energy distance of two clouds of points."""
    between = torch.cdist(one, other).mean()
    return float(2 * between - torch.cdist(one, one).mean() - torch.cdist(other, other).mean())


@family("C", "relu", "leaky_relu", learns=0.35, steps=200)
def adversarial(variant: str) -> Program:
    """Draw points of two rings against a critic of them."""
    points = rings()[0]
    noise = torch.randn(len(points), 4, generator=torch.Generator().manual_seed(7))
    model = nn.Sequential(nn.Linear(4, 48), act(variant), nn.Linear(48, 48), act(variant),
                          nn.Linear(48, 2))  # fmt: skip
    critic = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48),
                           nn.LeakyReLU(0.2), nn.Linear(48, 1))  # fmt: skip
    player = torch.optim.Adam(critic.parameters(), 2e-3, (0.5, 0.99))
    rng = torch.Generator().manual_seed(8)

    def against(_: int) -> None:
        chosen = torch.randint(1500, (2, 64), generator=rng)
        with torch.no_grad():
            made = model(noise[chosen[0]])
        player.zero_grad()
        loss = F.softplus(-critic(points[chosen[1]])).mean() + F.softplus(critic(made)).mean()
        loss.backward()
        player.step()

    def score(out: Tensor, y: Tensor) -> float:
        return max(0.0, 1 - _distance(out, y) / _distance(0 * y, y))

    return Program(model, noise, points, lambda out, y: F.softplus(-critic(out)).mean(),
                   torch.optim.Adam(model.parameters(), 2e-3, (0.5, 0.99)), score, 300,
                   between=against)  # fmt: skip


class Denoiser(nn.Module):
    """What noise is in an image, given how much; nothing at first."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.when = nn.Sequential(nn.Linear(1, 32), act(name), nn.Linear(32, 96))
        self.first, self.second = nn.Linear(64, 96), nn.Linear(96, 96)
        self.act1, self.act2, self.out = act(name), act(name), nn.Linear(96, 64)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, much: Tensor) -> Tensor:
        inner = self.act1(self.first(x) + self.when(much))
        found: Tensor = self.out(inner + self.act2(self.second(inner)))
        return found


@family("C", "silu", "gelu", learns=0.3, steps=200)
def denoiser(variant: str) -> Program:
    """Say the noise in digits, as models of diffusion do."""
    rng = torch.Generator().manual_seed(9)
    x = digits()[0]
    much = torch.rand(len(x), 1, generator=rng)
    noise = torch.randn(x.shape, generator=rng)
    given = ((1 - much).sqrt() * x + much.sqrt() * noise, much)
    model = Denoiser(variant)
    return Program(model, given, noise, F.mse_loss, adam(model, 3e-3), explained, 300, out="out",
                   task="amounts")  # fmt: skip


class Followed(nn.Module):
    """An encoder that says what its slower twin will say of another view (BYOL)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.online = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), act(name),
                                    nn.Linear(64, 16))  # fmt: skip
        self.says = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), act(name),
                                  nn.Linear(32, 16))  # fmt: skip
        self.target = copy.deepcopy(self.online).requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        views = [x + 0.5 * torch.randn(x.shape, generator=torch.Generator().manual_seed(i))
                 for i in (1, 2)]  # fmt: skip
        with torch.no_grad():
            aim = self.target(views[1])
        return self.says(self.online(views[0])), aim


def _found(outputs: tuple[Tensor, Tensor], _: Tensor) -> float:
    one, other = (F.normalize(each - each.mean(0), dim=1) for each in outputs)
    return float(((one @ other.T).argmax(1) == torch.arange(len(one))).float().mean())


@family("C", "relu", "elu", learns=0.15, chance=0.01, steps=200)
def followed_twin(variant: str) -> Program:
    """Learn what images are without any label."""
    model = Followed(variant)
    optimizer = adam(model, 3e-3)

    def follow(_: int) -> None:
        pairs = zip(model.target.parameters(), model.online.parameters(), strict=True)
        with torch.no_grad():
            for slow, fast in pairs:
                slow.lerp_(fast, 0.05)

    return Program(model, *digits(), lambda out, _: 2 - 2 * F.cosine_similarity(*out).mean(),
                   optimizer, _found, 100, between=follow)  # fmt: skip


@family("C", "relu", "tanh", learns=0.8, chance=0.5)
def triplets(variant: str) -> Program:
    """Put digits of one class nearer to each other than to those of another."""
    x, y = digits()
    rng = torch.Generator().manual_seed(10)
    rows = []
    for i in range(1200):
        same, other = (y == y[i]).nonzero()[:, 0], (y != y[i]).nonzero()[:, 0]
        picks = [each[torch.randint(len(each), (1,), generator=rng)][0] for each in (same, other)]
        rows.append(torch.stack([x[i], *(x[j] for j in picks)]))
    model = nn.Sequential(nn.Linear(64, 64), act(variant), nn.Linear(64, 16))

    def loss(out: Tensor, _: Tensor) -> Tensor:
        return F.triplet_margin_loss(*out.unbind(1), margin=1.0)

    def score(out: Tensor, _: Tensor) -> float:
        near, far = ((out[:, 0] - out[:, i]).norm(dim=1) for i in (1, 2))
        return float((near < far).float().mean())

    return Program(model, torch.stack(rows), torch.zeros(1200), loss, adam(model, 3e-3), score, 300)
