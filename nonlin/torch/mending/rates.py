"""Changes of the optimizer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import nn
from torch.optim import Optimizer

from nonlin.torch.exam import Case
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find
from nonlin.torch.verdicts.view import View

# An update of one thousandth of the weights a step: what trains, as a rule.
USUAL_UPDATE = 1e-3

LOWER = 10.0


def _groups(case: Case) -> str:
    """Write the groups of parameters, as code."""
    if isinstance(case.optimizer, Optimizer):
        return "optimizer.param_groups"
    return "(group for each in optimizer for group in each.param_groups)"


def optimized(case: Case, layers: Sequence[str]) -> Change | None:
    """Give the parameters of layers to the optimizer, but for those that it has."""
    if not case.optimizers:
        return None
    one = "optimizer" if isinstance(case.optimizer, Optimizer) else "optimizer[0]"
    listed = ", ".join(f"*{_parameters(case.model, layer)}" for layer in layers)
    code = (
        f'known = {{id(p) for group in {_groups(case)} for p in group["params"]}}\n'
        f"missing = dict.fromkeys([{listed}])\n"
        f'{one}.add_param_group({{"params": [p for p in missing if id(p) not in known]}})'
    )
    return Change("optimize_layer", code, {"layer": "', '".join(layers)})


def _parameters(model: nn.Module, layer: str) -> str:
    if find(model, layer) is not None:
        return f"model.get_submodule({layer!r}).parameters()"
    return f"[model.get_parameter({layer!r})]"


def lowered(case: Case) -> Change | None:
    """Divide every learning rate by ten."""
    if not case.optimizers:
        return None
    code = f'for group in {_groups(case)}:\n    group["lr"] /= {LOWER:g}'
    return Change("lower_rate", code, {"factor": LOWER})


def raised(view: View, case: Case) -> Change | None:
    """Set the learning rate at which the median layer moves as far a step as layers usually do.

    Groups of parameters that have a higher one keep it.
    """
    rates = [float(group["lr"]) for x in case.optimizers for group in x.param_groups]
    if not rates:
        return None
    ratios = [x.update_ratio for x in view.reading.layers if x.update_ratio]
    before = max(rates)
    rate = before * USUAL_UPDATE / float(np.median(ratios)) if ratios and before else USUAL_UPDATE
    code = f'for group in {_groups(case)}:\n    group["lr"] = max(group["lr"], {rate:.3g})'
    return Change("raise_rate", code, {"rate": rate})
