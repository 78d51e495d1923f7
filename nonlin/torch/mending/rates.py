"""Changes of the optimizer."""

from __future__ import annotations

import numpy as np

from nonlin.torch.exam import Case
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find
from nonlin.torch.verdicts.view import View

# An update of one thousandth of the weights a step: what trains, as a rule.
USUAL_UPDATE = 1e-3

LOWER = 10.0


def optimized(layer: str) -> Change:
    """Give a layer's parameters to the optimizer."""

    def act(case: Case) -> Case:
        module = find(case.model, layer)
        if not case.optimizers or module is None:
            return case
        known = {
            id(p) for x in case.optimizers for group in x.param_groups for p in group["params"]
        }
        missing = [p for p in module.parameters() if id(p) not in known]
        if missing:
            case.optimizers[-1].add_param_group({"params": missing})
        return case

    code = f'optimizer.add_param_group({{"params": model.get_submodule("{layer}").parameters()}})'
    return Change("optimize_layer", code, act, {"layer": layer})


def lowered() -> Change:
    """Divide every learning rate by ten."""

    def act(case: Case) -> Case:
        for optimizer in case.optimizers:
            for group in optimizer.param_groups:
                group["lr"] /= LOWER
        return case

    code = f'for group in optimizer.param_groups:\n    group["lr"] /= {LOWER:g}'
    return Change("lower_rate", code, act, {"factor": LOWER})


def raised(view: View, case: Case) -> Change | None:
    """Set the learning rate at which the median layer moves as far a step as layers usually do.

    Groups of parameters that have a higher one keep it.
    """
    ratios = [x.update_ratio for x in view.reading.layers if x.update_ratio]
    if not case.optimizers:
        return None
    before = max(float(group["lr"]) for x in case.optimizers for group in x.param_groups)
    rate = before * USUAL_UPDATE / float(np.median(ratios)) if ratios and before else USUAL_UPDATE

    def act(changed: Case) -> Case:
        for optimizer in changed.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = max(group["lr"], rate)
        return changed

    code = f'for group in optimizer.param_groups:\n    group["lr"] = max(group["lr"], {rate:.3g})'
    return Change("raise_rate", code, act, {"rate": rate})
