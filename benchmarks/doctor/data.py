"""The data: scikit-learn's sets, and made ones of text, sequences, sound, images and graphs.

Always the same, whatever the seed of a program. Features have mean 0 and deviation 1.
"""

from __future__ import annotations

from functools import cache

import torch
from sklearn import datasets
from torch import Tensor

Pair = tuple[Tensor, Tensor]


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _shuffled(x: Tensor, y: Tensor) -> Pair:
    order = torch.randperm(len(x), generator=_generator(20))
    return x[order], y[order]


@cache
def digits() -> Pair:
    """Give 1,797 images of 64 values, of mean 0 and deviation 1 as a whole, and their classes."""
    x, y = datasets.load_digits(return_X_y=True)
    found = torch.tensor(x, dtype=torch.float32)
    return _shuffled((found - found.mean()) / found.std(), torch.tensor(y))


@cache
def images() -> Pair:
    """Give the digits as (n, 1, 8, 8)."""
    x, y = digits()
    return x.view(-1, 1, 8, 8), y


@cache
def table(name: str) -> Pair:
    """Give breast_cancer, wine, iris (classes) or diabetes (amounts of mean 0, deviation 1)."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    found = torch.tensor(x, dtype=torch.float32)
    found = (found - found.mean(0)) / found.std(0)
    if name != "diabetes":
        return _shuffled(found, torch.tensor(y))
    amounts = torch.tensor(y, dtype=torch.float32)[:, None]
    return _shuffled(found, (amounts - amounts.mean()) / amounts.std())


@cache
def waves() -> Pair:
    """Give (2000, 16) numbers and a smooth function of three directions among them."""
    rng = _generator(21)
    x = torch.randn(2000, 16, generator=rng)
    seen = x @ torch.linalg.qr(torch.randn(16, 3, generator=rng))[0]
    y = torch.sin(1.5 * seen).sum(1, keepdim=True)
    return x, y / y.std()


@cache
def signs() -> Pair:
    """Give (2000, 16) numbers and the parity of the signs of two: no linear model learns it."""
    x = torch.randn(2000, 16, generator=_generator(22))
    x[:, :2] += 0.7 * x[:, :2].sign()
    return x, (x[:, 0] * x[:, 1] > 0).long()


@cache
def text(words: int = 24, length: int = 12, samples: int = 1000) -> Tensor:
    """Give rows of words from a chain in which each word has two likely followers."""
    rng = _generator(23)
    likely = torch.stack([torch.randperm(words, generator=rng)[:2] for _ in range(words)])
    rows = [torch.randint(words, (samples,), generator=rng)]
    for _ in range(length - 1):
        often = (torch.rand(samples, generator=rng) < 0.15).long()
        noise = torch.rand(samples, generator=rng) < 0.05
        chosen = likely[rows[-1], often]
        random = torch.randint(words, (samples,), generator=rng)
        rows.append(torch.where(noise, random, chosen))
    return torch.stack(rows, 1)


@cache
def topics(words: int = 200, length: int = 30) -> Pair:
    """Give 1,200 rows of words of four topics, each with words of its own among common ones."""
    rng = _generator(24)
    y = torch.randint(4, (1200,), generator=rng)
    own = 20 * y[:, None] + torch.randint(20, (1200, length), generator=rng)
    common = torch.randint(80, words, (1200, length), generator=rng)
    return torch.where(torch.rand(1200, length, generator=rng) < 0.25, own, common), y


@cache
def first_sign(length: int = 12) -> Pair:
    """Give (1200, length, 4) numbers; the class is the sign of the first step's first one."""
    x = torch.randn(1200, length, 4, generator=_generator(25))
    x[:, 0, 0] *= 2.0
    return x, (x[:, 0, 0] > 0).long()


@cache
def tones(length: int = 24) -> Pair:
    """Give (1200, length, 2) noisy oscillations of four rates, which are the classes."""
    rng = _generator(26)
    y = torch.randint(4, (1200,), generator=rng)
    rate = 0.25 + 0.25 * y[:, None].float()
    time = torch.arange(length) + 6.3 * torch.rand(1200, 1, generator=rng)
    x = torch.stack([torch.sin(rate * time), torch.cos(rate * time)], -1)
    return 1.4 * (x + 0.3 * torch.randn(x.shape, generator=rng)), y


@cache
def steps_ahead(length: int = 16) -> Pair:
    """Give (1200, length, 1) sums of two oscillations, and the next value of each step."""
    rng = _generator(27)
    time = torch.arange(length + 1) + 20 * torch.rand(1200, 1, generator=rng)
    whole = torch.sin(0.4 * time) + torch.sin(0.9 * time + 1.0)
    return whole[:, :-1, None], whole[:, 1:, None]


@cache
def copying(words: int = 8, length: int = 6) -> Tensor:
    """Give rows of a random word row, a separator (word 0) and the row again."""
    row = torch.randint(1, words, (1500, length), generator=_generator(28))
    return torch.cat([row, torch.zeros(1500, 1, dtype=torch.long), row], 1)


@cache
def shapes(side: int = 16) -> Pair:
    """Give noisy images (800, 1, side, side) of one disc or square, and a class per pixel.

    The class is 0 outside, 1 in a disc, 2 in a square; 255 along the border of the image.
    """
    rng = _generator(29)
    n = 800
    at = torch.arange(side).float()
    middle = 4 + (side - 8) * torch.rand(n, 2, 1, 1, generator=rng)
    size = 2.5 + 2.5 * torch.rand(n, 1, 1, generator=rng)
    down, across = (at[:, None] - middle[:, 0]).abs(), (at[None] - middle[:, 1]).abs()
    disc = (down**2 + across**2).sqrt() <= size
    square = torch.maximum(down, across) <= size
    which = torch.randint(2, (n, 1, 1), generator=rng).bool()
    y = torch.where(which, disc.long(), 2 * square.long())
    sign = torch.where(which, 1.0, -1.0)
    x = (y > 0) * sign + 0.3 * torch.randn(n, side, side, generator=rng)
    y[:, 0], y[:, -1], y[:, :, 0], y[:, :, -1] = 255, 255, 255, 255
    return x[:, None] / x.std(), y


@cache
def graph(nodes: int = 240, groups: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Give a graph of groups: its normalised adjacency (dense), noisy features and classes."""
    rng = _generator(30)
    y = torch.arange(nodes) % groups
    chance = torch.where(y[:, None] == y[None], 0.08, 0.01)
    upper = (torch.rand(nodes, nodes, generator=rng) < chance).float().triu(1)
    edges = upper + upper.T + torch.eye(nodes)
    degree = edges.sum(1).rsqrt()
    centres = torch.randn(groups, 16, generator=rng)
    x = 0.6 * centres[y] + torch.randn(nodes, 16, generator=rng)
    return degree[:, None] * edges * degree[None], x / x.std(), y


@cache
def pole() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Give states, actions, rewards and next states of a damped cart that is pushed at random."""
    rng = _generator(31)
    state = torch.randn(2000, 4, generator=rng)
    action = torch.randint(2, (2000,), generator=rng)
    push = 2.0 * action.float() - 1.0
    follow = 0.9 * state
    follow[:, 0] += 0.5 * push
    follow[:, 1] += 0.3 * push * state[:, 2].sign()
    return state, action, 1.0 - follow[:, :2].square().sum(1), follow


@cache
def rings() -> Pair:
    """Give 2,000 points of two noisy rings in the plane, and which ring: for generators."""
    rng = _generator(32)
    y = torch.randint(2, (2000,), generator=rng)
    angle = 6.2832 * torch.rand(2000, generator=rng)
    radius = 0.6 + 0.9 * y + 0.05 * torch.randn(2000, generator=rng)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), y


@cache
def pixels() -> Pair:
    """Give the digits as (n, 1, 8, 8) between 0 and 1."""
    x, y = images()
    return (x - x.min()) / (x.max() - x.min()), y


@cache
def moons() -> Pair:
    """Give 1,600 points of scikit-learn's two moons, in its own units, and which moon."""
    x, y = datasets.make_moons(1600, noise=0.1, random_state=33)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


@cache
def spoken(words: int = 6, said: int = 4) -> Pair:
    """Give (1200, 4 * said, 8) noisy spectra of words, each four steps long, and the words."""
    rng = _generator(34)
    y = torch.randint(1, words + 1, (1200, said), generator=rng)
    x = torch.randn(words + 1, 4, 8, generator=rng)[y].flatten(1, 2)
    return 0.5 * (x + 0.4 * torch.randn(x.shape, generator=rng)), y


@cache
def moving(side: int = 8, length: int = 5) -> Pair:
    """Give (800, length, 1, side, side) pictures of a spot that moves, and the next picture."""
    rng = _generator(35)
    start = 2.0 + (side - 5) * torch.rand(800, 1, 2, generator=rng)
    speed = 1.4 * torch.rand(800, 1, 2, generator=rng) - 0.7
    at, axis = start + speed * torch.arange(length + 1)[:, None], torch.arange(side)
    down, across = ((axis - at[..., i : i + 1]).square() for i in range(2))
    x = torch.exp(-(down[..., :, None] + across[..., None, :]) / 2)
    return x[:, :-1, None], x[:, -1, None]


@cache
def molecules(nodes: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    """Give 1,200 small graphs: adjacency, three kinds of node (one-hot), and a class.

    The class is whether more edges than usual join nodes of one kind.
    """
    rng = _generator(36)
    upper = (torch.rand(1200, nodes, nodes, generator=rng) < 0.25).float().triu(1)
    edges = upper + upper.transpose(1, 2)
    kinds = torch.eye(3)[torch.randint(3, (1200, nodes), generator=rng)]
    alike = (edges * (kinds @ kinds.transpose(1, 2))).sum((1, 2))
    return edges, kinds, (alike > alike.median()).long()
