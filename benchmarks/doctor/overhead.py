"""What a monitor costs a training, with a reading every 100 steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nonlin.torch import Monitor

EVERY = 100
SAMPLES = 32


@dataclass(frozen=True)
class Cost:
    """Medians, in milliseconds.

    Attributes
    ----------
    step : float
        Of one step of training.
    reading : float
        Of one reading, on as many samples.
    share : float
        What a reading every 100 steps adds to the training's time.
    limit : float
        What it may add.
    """

    name: str
    step: float
    reading: float
    share: float
    limit: float

    @property
    def meets(self) -> bool:
        """Whether it adds less than it may."""
        return self.share < self.limit


class Block(nn.Module):
    """Two convolutions beside an identity, or beside a projection where the shape changes."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(after) for _ in range(2))
        change = stride != 1 or before != after
        self.past = nn.Conv2d(before, after, 1, stride) if change else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.norms[0](self.first(x)))
        return torch.relu(self.past(x) + self.norms[1](self.second(inner)))


def resnet18() -> nn.Module:
    """Make a ResNet-18 for images of 32 x 32: 11 million parameters."""
    widths = [64, 64, 64, 128, 128, 256, 256, 512, 512]
    strides = [1, 1, 2, 1, 2, 1, 2, 1]
    blocks = [Block(*x) for x in zip(widths, widths[1:], strides, strict=False)]
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


def small() -> nn.Module:
    """Make a network whose step takes about 4 ms on one core."""
    widths = [64, 400, 400, 400, 10]
    layers: list[nn.Module] = []
    for i, (before, after) in enumerate(pairwise(widths)):
        layers += [nn.Linear(before, after)] + ([nn.ReLU()] if i < 3 else [])
    return nn.Sequential(*layers)


class Attending(nn.Module):
    """A block of a transformer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        batch, words, width = x.shape
        parts = self.into(self.norms[0](x)).view(batch, words, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        looked = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.out(looked.transpose(1, 2).reshape(batch, words, width))
        return x + self.down(F.gelu(self.up(self.norms[1](x))))


def transformer() -> nn.Module:
    """Make a transformer of 10 million parameters for rows of words; it names each next one."""
    width, words = 320, 1000
    blocks = [Attending(width, 8) for _ in range(8)]
    norm, head = nn.LayerNorm(width), nn.Linear(width, words)
    return nn.Sequential(nn.Embedding(words, width), *blocks, norm, head, nn.Flatten(0, 1))


def load(raw: Path, quick: bool) -> list[Cost]:
    """Give what was measured before, or measure."""
    path = raw / "overhead.json"
    if path.exists():
        return [Cost(**x) for x in json.loads(path.read_text(encoding="utf-8"))]
    rng = torch.Generator().manual_seed(0)
    rows = torch.randn(128, 64, generator=rng)
    found = [measure("small", small(), rows, 10, 0.03, 20 if quick else 100)]
    if not quick:
        images = torch.randn(SAMPLES, 3, 32, 32, generator=rng)
        found.append(measure("resnet18", resnet18(), images, 10, 0.015, 6))
        words = torch.randint(1000, (8, 64), generator=rng)
        found.append(measure("transformer", transformer(), words, 1000, 0.015, 10))
    path.write_text(json.dumps([asdict(x) for x in found]) + "\n", encoding="utf-8")
    return found


def measure(
    name: str, model: nn.Module, x: Tensor, classes: int, limit: float, repeats: int
) -> Cost:
    """Time steps and readings in turns, in seconds of one core, whatever else the machine does."""
    count = x.numel() if not x.is_floating_point() else len(x)
    y = torch.randint(classes, (count,), generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    monitor = Monitor(model, (x, y), F.cross_entropy, optimizer, every=EVERY, quiet=True)

    def step() -> None:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    step()
    steps, readings = [], []
    for i in range(1, repeats + 1):
        steps += [_milliseconds(step) for _ in range(3)]
        readings.append(_milliseconds(lambda at=EVERY * i: monitor.attempt(at)))
    one, reading = median(steps), median(readings)
    return Cost(name, one, reading, reading / (EVERY * one), limit)


def _milliseconds(run: Callable[[], object]) -> float:
    start = process_time()
    run()
    return 1e3 * (process_time() - start)
