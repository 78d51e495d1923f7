"""What is examined: everything that a user has, and the families that make it.

A family is one architecture on one task in two variants. It belongs to one population; thresholds
may be set on A alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils._pytree import tree_map

Population = Literal["A", "B", "C", "D"]
Score = Callable[[Any, Any], float]


@dataclass
class Program:
    """A model with its data, its loss and how it is trained.

    Attributes
    ----------
    model : nn.Module
        With its first weights.
    inputs, targets
        Tensors, or tuples or dictionaries of them, samples along axis 0.
    loss_fn : callable or None
        None for a model that returns its loss.
    optimizer : Optimizer or list of Optimizer
    score : callable
        Of outputs and targets: right answers or the explained variance; 1 is perfect.
    held : int
        That many samples at the end are kept for the score.
    batch : int
        Samples a step; 0 for all of them, as on a graph.
    out : str
        The layer that makes the outputs; empty if none of them does so alone.
    task : str
        What the loss is: "classes", "amounts", "binary" or "other".
    traits : set of str
        What the architecture has, beyond what is seen: see `doctor.faults`.
    between : callable or None
        Called with the step's number after each: schedules, a second player's training.
    """

    model: nn.Module
    inputs: Any
    targets: Any
    loss_fn: Callable[..., Any] | None
    optimizer: Any
    score: Score
    held: int = 200
    batch: int = 64
    out: str = ""
    task: str = "other"
    traits: frozenset[str] = frozenset()
    between: Callable[[int], None] | None = None
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, however many there are."""
        given = self.optimizer
        return list(given) if isinstance(given, list | tuple) else [given]

    @property
    def samples(self) -> int:
        """How many there are, those of the score included."""
        return len(leaves(self.inputs)[0])

    def part(self, chosen: Any) -> tuple[Any, Any]:
        """Give some samples: inputs and targets."""
        if not self.batch:
            return self.inputs, self.targets
        whole = self.inputs, self.targets
        found = tree_map(lambda x: x[chosen] if isinstance(x, Tensor) else x, whole)
        return found[0], found[1]

    def probe(self, samples: int = 128) -> tuple[Any, Any]:
        """Give the first samples of those that are trained on."""
        return self.part(slice(0, min(samples, self.samples - self.held)))

    def call(self, inputs: Any) -> Any:
        """Run the model as its users do."""
        if isinstance(inputs, dict):
            return self.model(**inputs)
        return self.model(*inputs) if isinstance(inputs, tuple) else self.model(inputs)

    def loss(self, inputs: Any, targets: Any) -> Tensor:
        """Compute the loss of a batch."""
        outputs = self.call(inputs)
        if self.loss_fn is None:
            found: Tensor = outputs.loss
            return found
        made: Tensor = self.loss_fn(*((outputs,) if targets is None else (outputs, targets)))
        return made


Make = Callable[[str], Program]


@dataclass(frozen=True)
class Family:
    """One architecture on one task.

    Attributes
    ----------
    make : callable
        Makes it in a variant, from PyTorch's global generator.
    variants : tuple of str
        An activation, a width, a layer: what the variants differ in.
    learns : float
        The score that a healthy training reaches; what misses it is left out and counted.
    chance : float
        The score without learning.
    steps : int
    """

    population: Population
    name: str
    make: Make
    variants: tuple[str, ...]
    learns: float
    chance: float
    steps: int = 150


FAMILIES: list[Family] = []


def family(
    population: Population, *variants: str, learns: float, chance: float = 0.0, steps: int = 150
) -> Callable[[Make], Make]:
    """Enter a function that makes programs among the families, under its own name."""

    def enter(make: Make) -> Make:
        name = make.__name__
        FAMILIES.append(Family(population, name, make, variants, learns, chance, steps))
        return make

    return enter


def program(of: Family, variant: str, seed: int) -> Program:
    """Make a healthy program; the same seed makes the same."""
    torch.manual_seed(seed)
    return of.make(variant)


def leaves(x: Any) -> list[Tensor]:
    """List the tensors of a batch."""
    found: list[Tensor] = []
    tree_map(lambda each: found.append(each) if isinstance(each, Tensor) else None, x)
    return found


def adam(model: nn.Module, rate: float = 3e-3, decay: float | None = None) -> Optimizer:
    """Make Adam, or AdamW with a decay, for what of a model is trained."""
    trained = [p for p in model.parameters() if p.requires_grad]
    if decay is None:
        return torch.optim.Adam(trained, rate)
    return torch.optim.AdamW(trained, rate, weight_decay=decay)


def sgd(model: nn.Module, rate: float, momentum: float = 0.9) -> Optimizer:
    """Make SGD with momentum."""
    return torch.optim.SGD(model.parameters(), rate, momentum=momentum)


def accuracy(outputs: Any, targets: Any) -> float:
    """Give the share of right answers; of what is not to be answered (-100) none counts."""
    logits = getattr(outputs, "logits", outputs)
    counts = targets != -100
    return float((logits.argmax(-1) == targets)[counts].float().mean())


def pixel_accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Give the share of right answers where classes lie along axis 1; 255 is not to be answered."""
    counts = targets != 255
    return float((outputs.argmax(1) == targets)[counts].float().mean())


def binary_accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Give the share of logits of the right sign."""
    return float(((outputs > 0.0) == (targets > 0.5)).float().mean())


def explained(outputs: Tensor, targets: Tensor) -> float:
    """Give the share of the variance that is explained, 0 at least."""
    error = (outputs - targets).square().mean() / targets.var()
    return max(0.0, 1.0 - float(error))
