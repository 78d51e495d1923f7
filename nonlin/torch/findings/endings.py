"""Units that are outputs: an extreme answer is no trouble where it is the right one."""

from __future__ import annotations

from collections.abc import Collection

from nonlin.torch.findings.view import View
from nonlin.torch.parts import Site

# The mean of |output - target| from which an output unit at its limit is wrong rather than done: a
# share of the range. Half of the answers wrong make 0.5 of sigmoid's; what a classifier that is
# 95 % right, an autoencoder of digits or a tanh decoder leave is 0.1 and less.
WRONG_OUTPUT = 0.2


def wrong(view: View, site: Site, units: Collection[int], span: float) -> set[int]:
    """Choose those of an output site's units that are far from their targets.

    Parameters
    ----------
    view : View
    site : Site
    units : collection of int
    span : float
        Between the lowest and the highest value of the site's function; inf where it is unbounded.

    Returns
    -------
    set of int
        None of them where the outputs and the targets cannot be compared one by one.
    """
    target = view.reading.target
    error = () if target is None else target.error
    if target is None or not error:
        return set()
    least = WRONG_OUTPUT * min(span, _spread(target.smallest, target.largest))
    each = error if len(error) == site.units.count else error[:1] * site.units.count
    return {unit for unit in units if each and each[unit] >= max(least, 1e-12)}


def _spread(smallest: float | None, largest: float | None) -> float:
    return 0.0 if smallest is None or largest is None else largest - smallest
