"""Changes of the optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from nonlin.torch.case import Case
from nonlin.torch.findings.rates import fit_factor
from nonlin.torch.findings.view import View
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find
from nonlin.torch.mending.weights import all_anew
from nonlin.torch.reading import RateTrial

# Shares of the weights that a step changes where networks train: the higher one in small networks,
# the lower one in large ones. A trial tells where the higher one is too high.
USUAL_UPDATES = (5e-3, 1e-3)

LOWER = 10.0

# float16 has no numbers between 0 and 6e-8; Adam's 1e-8 is 0 there.
HALF_EPSILON = 1e-4

# What most trainings that clip take.
MAX_NORM = 1.0


def _groups(case: Case) -> str:
    """Write the groups of parameters, as code."""
    if isinstance(case.optimizer, Optimizer):
        return "optimizer.param_groups"
    return "(group for each in optimizer for group in each.param_groups)"


def optimized(case: Case, layers: Sequence[str]) -> Change | None:
    """Give the parameters of layers to the optimizer, but for those that it has.

    Where they are a network of its own another optimizer may train it, with another loss: a GAN's
    generator must not mend its judge. Then its optimizer is asked for.
    """
    if not case.optimizers:
        return None
    if partner := _partner(case, layers):
        code = f"# examine(..., optimizer=[optimizer, optimizer_of_{partner}])"
        return Change("all_optimizers", code, {"layer": partner}, "code")
    return Change("optimize_layer", _added(case, layers), {"layer": "', '".join(layers)})


def _added(case: Case, layers: Sequence[str]) -> str:
    """Write the lines that give layers to the optimizer, to the first one of several."""
    one = "optimizer" if isinstance(case.optimizer, Optimizer) else "optimizer[0]"
    listed = ", ".join(f"*{_parameters(case.model, layer)}" for layer in layers)
    return (
        f'known = {{id(p) for group in {_groups(case)} for p in group["params"]}}\n'
        f"missing = dict.fromkeys([{listed}])\n"
        f'{one}.add_param_group({{"params": [p for p in missing if id(p) not in known]}})'
    )


def _partner(case: Case, layers: Sequence[str]) -> str:
    """Name the part of several layers that an optimizer leaves alone, and takes all else; or ""."""
    held = {id(p) for x in case.optimizers for group in x.param_groups for p in group["params"]}
    name = layers[0].partition(".")[0]
    part = find(case.model, name)
    if part is None or any(x.partition(".")[0] != name for x in layers) or len(layers) == 1:
        return ""
    inside = {id(p) for p in part.parameters()}
    outside = {id(p) for p in case.model.parameters()} - inside
    return name if outside == held else ""


def epsilon_raised(case: Case) -> Change | None:
    """Raise what is added to a denominator to what float16 can tell from 0, where it has to."""
    groups = [group for x in case.optimizers for group in x.param_groups if "eps" in group]
    halves = [x for x in groups if any(p.dtype == torch.float16 for p in x["params"])]
    if not any(x["eps"] < HALF_EPSILON for x in halves):
        return None
    code = (
        f"for group in {_groups(case)}:\n"
        f'    if "eps" in group:\n        group["eps"] = max(group["eps"], {HALF_EPSILON!r})'
    )
    return Change("raise_epsilon", code, {"epsilon": HALF_EPSILON})


def thawed(case: Case, layers: Sequence[str]) -> Change:
    """Let layers be trained, by the optimizer too."""
    listed = ", ".join(f"*{_parameters(case.model, layer)}" for layer in layers)
    code = f"for p in [{listed}]:\n    p.requires_grad_()"
    code = f"{code}\n{_added(case, layers)}" if case.optimizers else code
    return Change("thaw", code, {"layer": "', '".join(layers)})


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


def raised(view: View, case: Case) -> Iterator[Change]:
    """Set the learning rate at which the median layer moves as far a step as layers usually do.

    Groups of parameters that have a higher one keep it.
    """
    rates = [float(group["lr"]) for x in case.optimizers for group in x.param_groups]
    ratios = [x.update_ratio for x in view.reading.layers if x.update_ratio]
    before = max(rates, default=0.0)
    unit = before / float(np.median(ratios)) if ratios and before else 1.0
    for update in USUAL_UPDATES if rates else ():
        rate = unit * update
        code = f'for group in {_groups(case)}:\n    group["lr"] = max(group["lr"], {rate:.3g})'
        yield Change("raise_rate", code, {"rate": rate})


def fitted(case: Case, trial: RateTrial | None) -> Change | None:
    """Set the learning rate to the best that was tried: each group's in the same proportion."""
    factor = None if trial is None else fit_factor(trial)
    if trial is None or factor is None or factor == 1.0:
        return None
    rates = {float(group["lr"]) for x in case.optimizers for group in x.param_groups}
    head = f"for group in {_groups(case)}:\n    "
    if rates == {trial.rate}:
        rate = _short(factor * trial.rate)
        return Change("set_rate", f'{head}group["lr"] = {rate!r}', {"rate": rate})
    code = f'{head}for key in {{"lr", "initial_lr", "max_lr"}} & group.keys():\n        '
    return Change("scale_rates", f"{code}group[key] *= {factor!r}", {"factor": factor})


def fitted_anew(case: Case, trial: RateTrial | None) -> Change | None:
    """Draw first weights, let the optimizers begin anew, and set the best rate that was tried."""
    rate, drawn = fitted(case, trial), all_anew(case)
    if rate is None or drawn is None or trial is None:
        return None
    code = f"{drawn.code}\n{forgotten(case)}\n{rate.code}"
    chosen = fit_factor(trial) or 1.0
    return Change("rate_anew", code, {"rate": _short(chosen * trial.rate)})


def forgotten(case: Case) -> str:
    """Write the lines that let optimizers begin anew."""
    every = "[optimizer]" if isinstance(case.optimizer, Optimizer) else "optimizer"
    return f"for each in {every}:\n    each.state.clear()"


def _short(rate: float) -> float:
    """Three digits, as people write a rate."""
    return float(f"{rate:.3g}")


def clipped(case: Case) -> Change:
    """Shorten the gradients before each step; a line for the user's loop without an optimizer."""
    fields = {"max_norm": MAX_NORM}
    found = case.optimizers
    if not found or not all(map(_steps_with_gradients, found)):
        line = f"# torch.nn.utils.clip_grad_norm_(model.parameters(), {MAX_NORM})"
        return Change("clip_gradients", f"# before optimizer.step():\n{line}", fields, "code")
    one = isinstance(case.optimizer, Optimizer)
    each = "clip_gradients_(optimizer" if one else (
        "for each in optimizer:\n    clip_gradients_(each"
    )  # fmt: skip
    code = f"from nonlin.torch.clipping import clip_gradients_\n\n{each}, {MAX_NORM})"
    return Change("clip_gradients", code, fields)


def _steps_with_gradients(optimizer: object) -> bool:
    """Tell an optimizer of torch that takes the gradients as they are when it is called."""
    return isinstance(optimizer, Optimizer) and not isinstance(optimizer, torch.optim.LBFGS)
