"""Changes of the axis that something runs along."""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find, written

# What is called where a finding's cause lies.
CALLS = {"reshape": ("view", "reshape"), "softmax": ("softmax",)}


def along_the_steps(case: Case, found: Sequence[Finding]) -> Change:
    """Let modules of PyTorch's take the other of their first two axes for the samples'."""
    names = [_name(case, x) for x in found]
    lines = [
        f"model.get_submodule({name!r}).batch_first = {not find(case.model, name).batch_first}"  # type: ignore[union-attr]
        for name in names
    ]
    return Change("batch_first", "\n".join(lines), {"layer": "', '".join(names)})


def by_hand(case: Case, finding: Finding) -> Change:
    """Name the lines that take the samples' axis for another one."""
    shape = finding.evidence["made"] or finding.evidence["shape"]
    called = written(case, CALLS[finding.cause])[0]
    calls = [x for x in called if str(tuple(x.result.shape)) == shape]
    where = tuple(dict.fromkeys(x.where for x in calls))
    lines = [str(x) for x in calls] or [finding.site]
    code = "\n".join(dict.fromkeys(f"# {x}" for x in lines))
    if finding.cause == "reshape":
        return Change("transpose", code, {}, "code", where)
    return Change("softmax_of_steps", code, {"layer": finding.site}, "code", where)


def _name(case: Case, finding: Finding) -> str:
    """Name a finding's module; the model itself has none."""
    return finding.site if find(case.model, finding.site) is not None else ""
