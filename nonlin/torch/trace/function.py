"""The function at a site: named by value, or measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.activation import Activation
from nonlin.torch.parts import Curve
from nonlin.torch.trace import recognise
from nonlin.torch.trace.regions import Region, differentiating
from nonlin.torch.trace.text import formula
from nonlin.torch.trace.values import Value

Reals = NDArray[np.float64]

# Of a constant that differs from element to element, so many are looked at, at scattered places: a
# stride would divide the number of channels.
ELEMENTS = 16
SCATTER = 2654435761

# Of the places where a function is finite; with fewer there is none to speak of.
FEWEST = 100

# What half precision keeps of a constant, so of a function's values.
HALF_TOLERANCE = 2e-3

# To which the same operations give the same results, in half precision and in others.
PRECISION = (2.0**-5, 1e-4)

# Of the measured function: close enough for sin(30 x).
NODES = np.concatenate(
    [-np.geomspace(1e3, 8.0, 60)[:-1], np.linspace(-8.0, 8.0, 1601), np.geomspace(8.0, 1e3, 60)[1:]]
)


@dataclass(frozen=True)
class Known:
    """What was found out about a region's function.

    Attributes
    ----------
    activation : Activation or None
        None for what is affine, and no site.
    curve : Curve or None
        Of a function that is none of the catalogue's.
    ranges : mapping of str to (float, float)
        Of parameters that differ from unit to unit.
    """

    activation: Activation | None
    curve: Curve | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        """Whether it is one of the catalogue's."""
        return self.activation is not None and self.curve is None


# What regions of each kind compute, for the next reading too; constants that are learnt make other
# kinds of them, so there is an end.
_KNOWN: dict[Any, Known] = {}
MOST_KNOWN = 1024


class Functions:
    """Finds out which function a region computes, and remembers it."""

    def __init__(self) -> None:
        self._agrees: dict[Any, bool] = {}

    def of(self, region: Region) -> Known:
        """Name a region's function, or measure it."""
        constants = _constants(region)
        key = _signature(region, constants)
        if key not in _KNOWN:
            if len(_KNOWN) >= MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = _known(region, constants)
        return _KNOWN[key]

    def agrees(self, region: Region, made: Tensor) -> bool:
        """Tell whether a region makes of the model's own values what the model made of them.

        It is looked at once for each kind of region.
        """
        key = _signature(region, _constants(region))
        if key not in self._agrees:
            self._agrees[key] = _agrees(region, made.detach())
        return self._agrees[key]


def _agrees(region: Region, made: Tensor) -> bool:
    z = region.z.held
    if z is None or z.is_nested or z.shape != made.shape:
        return True
    with torch.no_grad():
        again = region.replay(z.detach(), region.constants(), exactly=True).to(made.dtype)
        if torch.equal(again, made):
            return True
    tolerance = PRECISION[made.dtype.itemsize >= 4]
    scale = made.abs().mean().nan_to_num(0.0, 0.0, 0.0).item()
    return bool(torch.allclose(again, made, tolerance, tolerance * scale, equal_nan=True))


def _constants(region: Region) -> dict[Value, Tensor]:
    found: dict[Value, Tensor] = {}
    for op in region.ops:
        for v, x in op.constants.items():
            found[v] = _elements(x, region.z.shape)
    return found


def _elements(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Take a constant as a column, at scattered places if its elements differ."""
    x = x.detach()
    x = x.double() if x.is_floating_point() else x
    if x.numel() == 1:
        return x.reshape(1, 1)
    x = x.expand(shape)
    places = (torch.arange(ELEMENTS) * SCATTER) % x.numel()
    return x[torch.unravel_index(places, shape)][:, None]


def _signature(region: Region, constants: Mapping[Value, Tensor]) -> Any:
    numbers: dict[Value, Any] = {region.z: "z"}
    key = []
    for place, op in enumerate(region.ops):
        args = tuple(_told(x, numbers, constants) for x in op.args)
        kwargs = tuple((k, _told(x, numbers, constants)) for k, x in op.kwargs.items())
        key.append((op.func, args, kwargs))
        numbers |= {out: (place, i) for i, out in enumerate(op.outs)}
    return tuple(key), str(region.y.dtype)


def _told(x: Any, numbers: dict[Value, Any], constants: Mapping[Value, Tensor]) -> Any:
    if isinstance(x, Value):
        if x not in numbers:
            # Noise is left out of what is computed, and new in each pass.
            numbers[x] = "noise" if x.noise else tuple(constants[x].flatten().tolist())
        return numbers[x]
    return tuple(_told(y, numbers, constants) for y in x) if isinstance(x, list) else str(x)


def _known(region: Region, constants: Mapping[Value, Tensor]) -> Known:
    count = max((len(x) for x in constants.values()), default=1)

    def values(x: Reals) -> Reals:
        with torch.no_grad():
            grid = torch.as_tensor(x, dtype=torch.float64)[None].repeat(count, 1)
            y = region.replay(grid, constants, exactly=False)
        return y.double().expand(count, len(x)).numpy()

    with np.errstate(all="ignore"):
        rows = values(recognise.GRID)
        if all(recognise.is_affine(row) for row in rows):
            return Known(None)
        halves = any(
            x.itemsize < 4 and x.is_floating_point()
            for op in region.ops
            for x in op.constants.values()
        )
        tolerance = HALF_TOLERANCE if halves else recognise.TOLERANCE
        found = [
            recognise.named(lambda x, i=i: values(x)[i], tolerance)  # type: ignore[misc]
            for i in _distinct(rows)
        ]
    act = _together([x for x in found if x is not None]) if None not in found else None
    if act is not None:
        return act
    curve = _measured(region, constants, count)
    if len(curve.z) < FEWEST:
        return Known(None)
    return Known(curve.activation(formula(region)), curve)


def _distinct(rows: Reals) -> list[int]:
    return list({row.tobytes(): i for i, row in enumerate(rows)}.values())


def _together(found: list[Activation]) -> Known | None:
    """Take units with different parameters as one function, with their root mean square."""
    if len({act.name for act in found}) != 1:
        return None
    first = found[0]
    if len(found) == 1:
        return Known(first)
    parameters: dict[str, Any] = {}
    ranges = {}
    for key, value in first.parameters.items():
        if isinstance(value, str):
            parameters[key] = value
            continue
        own = np.array([act.parameters[key] for act in found], dtype=np.float64)
        parameters[key] = float(np.sqrt(np.mean(own**2)))
        ranges[key] = float(own.min()), float(own.max())
    return Known(first.bind(**parameters), None, ranges)


def _measured(region: Region, constants: Mapping[Value, Tensor], count: int) -> Curve:
    with differentiating():
        z = torch.as_tensor(NODES)[None].repeat(count, 1).requires_grad_()
        y = region.replay(z, constants, exactly=False).double().expand(z.shape)
        slope = torch.zeros_like(z)
        if y.requires_grad:
            (slope,) = torch.autograd.grad(y, z, torch.ones_like(y))
    value, rise = (x.detach().mean(0).numpy() for x in (y, slope))
    finite = np.isfinite(value) & np.isfinite(rise)
    return Curve(NODES[finite], value[finite], rise[finite])
