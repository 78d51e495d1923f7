"""What is examined: a network with its data, loss and optimizer, and what was planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from doctor import data as datasets
from doctor.build import build
from doctor.data import Data
from doctor.networks import Network, Shape

# Seeds in each half, and the first one of the half that is reported, an odd number.
SEEDS = 4
REPORTED = 9001

LOSSES: dict[datasets.Name, Callable[..., Tensor]] = {
    "digits": F.cross_entropy,
    "parity": F.cross_entropy,
    "signs": F.binary_cross_entropy_with_logits,
    "waves": F.mse_loss,
}


@dataclass(frozen=True)
class Fault:
    """What is planted.

    Attributes
    ----------
    kind : str
        As findings are called.
    variant : str
        How: a name in `doctor.faults`.
    place : int
        The layer with its activation.
    size : float
        How bad: a share of units or a factor.
    """

    kind: str
    variant: str
    place: int = 0
    size: float = 1.0


@dataclass(frozen=True)
class Case:
    """One model of the benchmark; an odd number is of the half that is reported.

    Attributes
    ----------
    probe : int
        Samples that it is examined on.
    warm : int
        Steps of healthy training before the faults are planted.
    steps : int
        Steps of a control's training.
    """

    number: int
    shape: Shape
    data: datasets.Name
    faults: tuple[Fault, ...] = ()
    rate: float = 3e-3
    optimizer: str = "adam"
    probe: int = 256
    warm: int = 0
    steps: int = 300

    @property
    def seed(self) -> int:
        """Of its weights and its batches: cases of the two halves share none."""
        return 2 * (self.number // 2 % SEEDS) + self.number % 2 * REPORTED

    def twin(self) -> Case:
        """Give the case without its faults; many cases have the same one.

        Where the first weights or the depth of sigmoids are the fault, it has neither.
        """
        shape = replace(self.shape, called=False)
        if any(fault.variant == "as_made" for fault in self.faults):
            known = {"sigmoid": "tanh"}.get(shape.activation, shape.activation)
            shape = replace(shape, activation=known, critical=True)
        return replace(
            self,
            number=2 * (self.number // 2 % SEEDS) + self.number % 2,
            shape=shape,
            faults=(),
            probe=0,
        )


@dataclass
class Truth:
    """What one planted fault should be found as.

    Attributes
    ----------
    kind : str
    layers : set of str
        Layers and activations where it is; empty if it has no place.
    roots : set of str
        Kinds that name the same cause.
    units : tuple of int or None
        The units planted at its site.
    """

    kind: str
    layers: set[str]
    roots: set[str]
    units: tuple[int, ...] | None = None


@dataclass
class Setup:
    """Everything that a user would have."""

    model: Network
    data: Data
    loss_fn: Callable[..., Tensor]
    optimizer: torch.optim.Optimizer
    truths: list[Truth] = field(default_factory=list)

    def probe(self, samples: int) -> tuple[Tensor, Tensor]:
        """Give the first samples of the part to train on."""
        part = self.data.split()[0]
        return part.inputs[:samples], part.targets[:samples]


def healthy(case: Case) -> Setup:
    """Make the network of a case with nothing planted, not trained."""
    data = datasets.load(case.data)
    model = build(case.shape, data.outputs, case.seed)
    return Setup(model, data, LOSSES[case.data], optimizer_for(case, model.parameters()))


def optimizer_for(case: Case, parameters: object) -> torch.optim.Optimizer:
    """Make the optimizer of a case."""
    if case.optimizer == "sgd":
        return torch.optim.SGD(parameters, case.rate, momentum=0.9)  # type: ignore[arg-type]
    return torch.optim.Adam(parameters, case.rate)  # type: ignore[arg-type]
