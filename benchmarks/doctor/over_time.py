"""Units that die while a model trains, under a monitor, and trainings in which none does."""

from __future__ import annotations

from dataclasses import asdict
from itertools import product
from typing import Any

import torch

from doctor.cases import PLACES, SHAPES
from doctor.faults import make
from doctor.networks import Family, Shape
from doctor.setup import Case, Fault
from doctor.training import BATCH
from nonlin.torch import Monitor

FIRST = 20_000
STEPS, EVERY = 120, 10

# The other units learn to make up for those that are gone: pre-activations grow tenfold.
DEADLY = -100.0
FAMILIES: tuple[Family, ...] = ("mlp", "cnn", "resnet", "transformer", "recurrent")


def watched() -> list[Case]:
    """List trainings: of each two, one loses units at a place and the other none."""
    made = []
    for place, (family, share) in enumerate(product(FAMILIES, (0.6, 0.9, 0.0, 0.0))):
        for half in (0, 1):
            shape = Shape(family, "relu", *_size(family), critical=family != "transformer")
            fault = Fault("dying_units", "drift", PLACES[family][-1], share)
            number = FIRST + 2 * place + half
            made.append(Case(number, shape, "digits", (fault,) if share else ()))
    return made


def _size(family: Family) -> tuple[int, int]:
    """Give wider layers than elsewhere: one of each six parts of a run must lose some units."""
    return {"mlp": 40, "cnn": 16}.get(family, SHAPES[family].width), SHAPES[family].depth


def watch(case: Case) -> dict[str, Any]:
    """Train under a monitor, a reading every `EVERY` steps; units die one after the other."""
    faults = case.faults
    setup = make(Case(case.number, case.shape, case.data))
    monitor = Monitor(
        setup.model, setup.probe(256), setup.loss_fn, setup.optimizer, every=EVERY, quiet=True
    )
    part, _ = setup.data.split()
    generator = torch.Generator().manual_seed(case.seed)
    found: dict[str, set[str]] = {}
    for step in range(1, STEPS + 1):
        chosen = torch.randint(len(part.inputs), (BATCH,), generator=generator)
        loss = setup.loss_fn(setup.model(part.inputs[chosen]), part.targets[chosen])
        setup.optimizer.zero_grad()
        loss.backward()
        setup.optimizer.step()
        for fault in faults:
            _kill(setup.model, fault, step)
        monitor.step()
    for trouble in monitor.troubles:
        if trouble.worst != "note":
            found.setdefault(trouble.finding.kind, set()).add(trouble.finding.site)
    return {
        "number": case.number,
        "case": asdict(case) | {"faults": [asdict(x) for x in faults]},
        "places": [f"{part}.{x.place}" for x in faults for part in ("layers", "acts")],
        "troubles": {kind: sorted(sites) for kind, sites in found.items()},
    }


@torch.no_grad()
def _kill(model: Any, fault: Fault, step: int) -> None:
    """Push the first units of a place below the edge, as many as are due at a step."""
    layer, norm = model.layers[fault.place], model.norms[fault.place]
    due = round(fault.size * len(layer.weight) * step / STEPS)
    bias = norm.bias if hasattr(norm, "bias") else layer.bias
    bias[:due] = DEADLY
