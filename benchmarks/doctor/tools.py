"""Two tools that can be installed, each over a few steps of training; left out where they are not.

`pip install torchmortem torch-audit` brings them.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import warnings
from collections.abc import Callable
from typing import Any

import torch

from doctor.setup import Case, Setup
from doctor.training import BATCH

STEPS = 12

MORTEM = {
    "dead_units": {"dead_units"},
    "saturation": {"saturated_units"},
    "gradient_flow": {"vanishing_gradients", "exploding_gradients"},
    "update_ratio": {"stuck_layer"},
    "weight_norm": {"bad_initialization"},
}

# Its other rules are about speed, weight decay and the kinds of layers.
AUDIT = {
    "TA100": "non_finite", "TA102": "exploding_gradients", "TA103": "dead_units",
    "TA104": "stuck_layer", "TA405": "dead_units", "TA301": "unscaled_inputs",
    "TA302": "unscaled_inputs",
}  # fmt: skip


def installed() -> dict[str, Callable[[Setup, Case], set[str]]]:
    """Give the tools that can be imported."""
    found = {"torchmortem": ("torchmortem", mortem), "torch-audit": ("torch_audit", audit)}
    tools = {}
    for name, (module, run) in found.items():
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
            tools[name] = run
    return tools


def mortem(setup: Setup, case: Case) -> set[str]:
    """Train under torchmortem and collect its critical and warning findings."""
    from torchmortem import Autopsy, Severity

    logging.getLogger("torchmortem").setLevel(logging.CRITICAL)
    with _quiet():
        autopsy = Autopsy(setup.model, optimizer=setup.optimizer, sampling="thorough")
        autopsy.attach()
        _steps(setup, case, lambda loss: autopsy.step(loss=loss))
        autopsy.detach()
        found = autopsy.get_report()
    alarms = [x for x in found.findings if x.severity >= Severity.WARNING] if found else []
    named: set[str] = set()
    for x in alarms:
        named |= MORTEM.get(x.category, {x.category})
    return named


def audit(setup: Setup, case: Case) -> set[str]:
    """Train under torch-audit and collect what it finds from a warning up."""
    from torch_audit import audit_dynamic

    watched = audit_dynamic(setup.model, optimizer=setup.optimizer, every_n_steps=1)
    with _quiet(), watched as auditor:
        _steps(setup, case, None, auditor)
    found = auditor.finish().findings
    return {AUDIT[x.rule_id] for x in found if x.severity.value != "INFO" and x.rule_id in AUDIT}


def _steps(setup: Setup, case: Case, after: Any, auditor: Any = None) -> None:
    part, _ = setup.data.split()
    generator = torch.Generator().manual_seed(case.seed)
    for _ in range(STEPS):
        chosen = torch.randint(len(part.inputs), (BATCH,), generator=generator)
        setup.optimizer.zero_grad()
        made = (auditor.forward if auditor else setup.model)(part.inputs[chosen])
        loss = setup.loss_fn(made, part.targets[chosen])
        auditor.backward(loss) if auditor else loss.backward()
        auditor.optimizer_step() if auditor else setup.optimizer.step()
        if after is not None:
            after(float(loss.detach()))


@contextlib.contextmanager
def _quiet() -> Any:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
