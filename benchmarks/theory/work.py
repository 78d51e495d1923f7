"""The units of work: one function's networks, one function's trainings at one depth.

A unit hangs on nothing but its fields, so that any process can measure it, with the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

import nonlin
from nonlin import Activation
from nonlin.study.blocks import threads
from theory import networks, training
from theory.networks import Size
from theory.points import Point, points
from theory.store import Store, to_json, wanted

# Where the gradient along the length outlives the others: the length map's slope is near 1.
SOFTPLUS = Activation.from_function(lambda x: np.logaddexp(x, 0.0), nonlin.sigmoid, "softplus")
BEYOND = Point("ordered", 1.9, 0.05, 5.0)


@dataclass(frozen=True)
class Networks:
    """Random networks of one function, or of softplus at `BEYOND`."""

    name: str
    size: Size

    @property
    def file(self) -> str:
        """Under which name it is kept."""
        return f"networks-{self.name}"

    @property
    def title(self) -> str:
        """What a person reads."""
        return f"networks: {self.name}"

    @property
    def function(self) -> Activation:
        """The function of the networks."""
        return SOFTPLUS if self.name == "beyond" else nonlin.get(self.name)

    @property
    def points(self) -> list[Point]:
        """Where the function is measured."""
        return [BEYOND] if self.name == "beyond" else points(self.function)

    @property
    def wanted(self) -> dict[str, Any]:
        """What a kept measurement must have been made with."""
        return wanted(self.points, self.size)

    def measure(self) -> dict[str, Any]:
        """Draw the networks."""
        chosen = self.points
        return {"points": to_json(chosen, networks.measure(self.function, chosen, self.size))}


@dataclass(frozen=True)
class Trainings:
    """Networks of one function and one depth, trained on the digits from all starts."""

    name: str
    depth: int
    budget: training.Budget

    @property
    def file(self) -> str:
        """Under which name it is kept."""
        return f"training-{self.name}-{self.depth}"

    @property
    def title(self) -> str:
        """What a person reads."""
        return f"training: {self.name}, depth {self.depth}"

    @property
    def wanted(self) -> dict[str, Any]:
        """What a kept measurement must have been made with."""
        return {name: getattr(self.budget, name) for name in ("steps", "seeds", "rates")}

    def measure(self) -> dict[str, Any]:
        """Train the networks."""
        with training.small_networks():
            return {"accuracies": training.accuracies(self.name, self.depth, self.budget)}


Unit = Networks | Trainings


def units(size: Size, budget: training.Budget) -> list[Unit]:
    """Everything that is measured, in one order everywhere."""
    return [
        *(Networks(name, size) for name in (*nonlin.names(), "beyond")),
        *(Trainings(name, depth, budget) for name in training.FUNCTIONS for depth in budget.depths),
    ]


def measured(unit: Unit) -> dict[str, Any]:
    """Measure a unit on one thread: a second one would change the last digits of its sums."""
    start = process_time()
    with threads(1):
        found = unit.measure()
    return found | {"seconds": process_time() - start}


def measure(
    todo: Iterable[Unit], store: Store, finished: Callable[[Unit], None], executor: Executor | None
) -> None:
    """Measure units, here or by an executor, and keep each as soon as it is there."""
    if executor is None:
        for unit in todo:
            store.save(unit.file, measured(unit), unit.wanted)
            finished(unit)
        return
    running = {executor.submit(measured, unit): unit for unit in todo}
    for future in as_completed(running):
        unit = running[future]
        store.save(unit.file, future.result(), unit.wanted)
        finished(unit)
