"""What single units do on a whole data set, as an examination of each network finds it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.study.data import Part
from nonlin.study.networks import Ensemble
from nonlin.study.training import member_loss, repeat
from nonlin.torch.examination import measure
from nonlin.torch.parts import Units
from nonlin.torch.reading import Reading


def readings(ensemble: Ensemble, part: Part) -> list[Reading]:
    """Examine every member on a part with one split a seed."""
    variants = ensemble.members // part.y.shape[0]
    xs, ys = repeat(part.x, variants), repeat(part.y, variants)
    return [
        measure(ensemble.member(index), xs[index], ys[index], member_loss)
        for index in range(ensemble.members)
    ]


def dead(ensemble: Ensemble, part: Part) -> Tensor:
    """Units whose derivative is zero on all samples, bool (members, layers, units), equal widths.

    A unit with a pre-activation that is not finite is not dead but diverged.
    """
    return _each(ensemble, part, lambda units: (units.active == 0) & np.isfinite(units.mean))


def highest(ensemble: Ensemble, part: Part) -> Tensor:
    """The largest pre-activation of every unit over all samples, (members, layers, units)."""
    return _each(ensemble, part, lambda units: units.largest.astype(np.float32))


def zero_outputs(ensemble: Ensemble, part: Part) -> Tensor:
    """The share of a layer's outputs that are exactly zero, (members, layers)."""

    def share(units: Units) -> NDArray[np.float32]:
        return np.array([units.zeros.mean() / units.observations], np.float32)

    return _each(ensemble, part, share).squeeze(2)


def _each(
    ensemble: Ensemble, part: Part, statistic: Callable[[Units], NDArray[np.generic]]
) -> Tensor:
    found = [
        np.stack([statistic(site.units) for site in reading.sites])
        for reading in readings(ensemble, part)
    ]
    return torch.from_numpy(np.stack(found))
