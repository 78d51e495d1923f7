"""The ways that the gradient takes from the loss back to the inputs, site by site.

Where towers, heads or branches part, a site hands its result on to several others, and its gradient
is the sum of what comes back from them. Its way leads to the one from which most of it comes; so
each site has one way to the loss, and the others of its successors begin a way of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from nonlin.torch.branches import Branch
from nonlin.torch.findings.view import View
from nonlin.torch.parts import Site


@dataclass(frozen=True)
class Way:
    """A row of sites, from the one next to the loss, or to the end of a branch, to the first.

    Attributes
    ----------
    sites : tuple of Site
    branch : bool
        Whether it lies on a residual branch.
    """

    sites: tuple[Site, ...]
    branch: bool = False


def ways(view: View) -> list[Way]:
    """List the main ways, then those on residual branches.

    Sites at gates are on none, nor is one that makes the outputs: it and the loss are a pair, as
    sigmoid and the binary cross entropy are, whose gradients y' / y' cancel.
    """
    known = {x.name: x for x in view.reading.sites if _is_known(x) and not view.is_output(x)}
    main = {name for name, site in known.items() if not site.residual}
    everywhere = range(len(view.reading.steps))
    found = [Way(row) for row in _rows(view, known, main, everywhere)]
    for branch, inside in innermost(view).items():
        names = {view.reading.steps[x].name for x in inside} & (known.keys() - main)
        rows = _rows(view, known, names, branch.steps)
        # What one site does is told of the site.
        found += [Way(row, branch=True) for row in rows if len(row) > 1]
    return found


def innermost(view: View) -> dict[Branch, list[int]]:
    """Give each residual branch those of its steps that lie on no shorter one."""
    found: dict[Branch, list[int]] = {}
    taken: set[int] = set()
    for branch in sorted(view.branches, key=lambda x: len(x.steps)):
        found[branch] = sorted(branch.steps - taken)
        taken |= branch.steps
    return dict(sorted(found.items(), key=lambda x: x[0].addition))


def scale(site: Site) -> float:
    """Give the root of the number of values of one sample."""
    positions = site.units.observations / max(site.units.samples, 1)
    return math.sqrt(site.units.count * max(positions, 1.0))


def _is_known(site: Site) -> bool:
    finite = math.isfinite(site.gradient_rms) and math.isfinite(site.output_gradient_rms)
    return finite and not site.gate


def _rows(
    view: View, known: dict[str, Site], names: Collection[str], within: Collection[int]
) -> Iterator[tuple[Site, ...]]:
    """Follow, from each site that nothing else leads to, the largest part of the gradient."""
    following = _following(view, names, within)
    share = _share(view)
    onwards = {
        name: max(after, key=lambda x: share(known[x])) if after else None
        for name, after in following.items()
    }
    reached = set(onwards.values())
    for name in following:
        if name not in reached:
            row: list[Site] = []
            at: str | None = name
            while at is not None:
                row.append(known[at])
                at = onwards[at]
            yield tuple(reversed(row))


def _following(view: View, names: Collection[str], within: Collection[int]) -> dict[str, list[str]]:
    """List, for each site, those that its result comes to without another between."""
    steps = view.reading.steps
    # By the first call: a recurrence leads back to where it began.
    first: dict[str, int] = {}
    found: dict[str, list[str]] = {}
    for place, step in enumerate(steps):
        if step.kind != "activation" or step.name not in names or place not in within:
            continue
        first.setdefault(step.name, place)
        found.setdefault(step.name, [])
        for before in _before(view, place, names, within):
            after = found[before]
            if first[before] < first[step.name] and step.name not in after:
                after.append(step.name)
    return found


def _before(
    view: View, place: int, names: Collection[str], within: Collection[int]
) -> Iterator[str]:
    """Go back from a step to the sites before it."""
    steps = view.reading.steps
    row, seen = list(steps[place].sources), {place}
    while row:
        at = row.pop()
        if at in seen or at not in within:
            continue
        seen.add(at)
        if steps[at].kind == "activation" and steps[at].name in names:
            yield steps[at].name
        else:
            row += steps[at].sources


def _share(view: View) -> Callable[[Site], float]:
    """Estimate the gradient's length that a site hands back through the layer before it."""

    def share(site: Site) -> float:
        layer = view.layer(site)
        passed = 1.0 if layer is None else math.sqrt(layer.weight_variance)
        return site.gradient_rms * scale(site) * passed

    return share
