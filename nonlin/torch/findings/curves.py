"""What a verdict needs to know of the function at a site."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nonlin.activation import Activation
from nonlin.catalogue import UnknownActivationError, get
from nonlin.propagation import NotConvergedError, expectation
from nonlin.torch.measuring.slopes import supremum
from nonlin.torch.parts import Curve, Site

GRID = np.concatenate([-np.geomspace(1e3, 1e-4, 3000), [0.0], np.geomspace(1e-4, 1e3, 3000)])


# Pre-activations beyond this are rare.
USUAL = 12.0


class Edges(NamedTuple):
    """Below `lower` and above `upper` |phi'| stays at or under a share of its supremum."""

    lower: float
    upper: float

    @property
    def two_sided(self) -> bool:
        """Whether the function flattens on both sides."""
        return bool(np.isfinite(self.lower) and np.isfinite(self.upper))


def function(site: Site) -> Activation | None:
    """Look up the site's activation, or make it of its curve; None if the user only named it."""
    if site.curve is not None:
        return _of_curve(site.curve, site.activation)
    try:
        act = get(site.activation.removeprefix("nl."))
        return act.bind(**dict(site.parameters)) if site.parameters else act
    except (UnknownActivationError, TypeError):
        return None


def spelled(site: Site) -> str:
    """Write the site's function for a table, with what is unusual of it: "gelu(tanh)"."""
    name = site.activation.removeprefix("nl.")
    if name.startswith("Activation.from_function("):
        return name.removeprefix("Activation.from_function(").removesuffix(")")
    try:
        usual = get(name).parameters
    except UnknownActivationError:
        return name
    shown = [
        value if isinstance(value, str) else f"{key}={value:.4g}"
        for key, value in site.parameters.items()
        if usual.get(key) != value
    ]
    return f"{name}({', '.join(shown)})" if shown else name


@lru_cache(maxsize=128)
def _of_curve(curve: Curve, name: str) -> Activation:
    return curve.activation(name)


@lru_cache(maxsize=128)
def edges(act: Activation, share: float) -> Edges:
    """Find where the derivative dies out, with |phi'| <= share * sup|phi'| beyond."""
    slope = np.abs(np.asarray(act.derivative(GRID), dtype=np.float64))
    highest = supremum(act)
    if not np.isfinite(highest):
        # Where it has none, of what is usual.
        highest = slope[np.abs(GRID) <= USUAL].max()
    # Where that overflows no share of it is small.
    steep = np.flatnonzero(slope > share * highest) if np.isfinite(highest) else np.arange(0)
    if not steep.size:
        return Edges(-np.inf, np.inf)
    lower = float(GRID[steep[0] - 1]) if steep[0] > 0 else -np.inf
    upper = float(GRID[steep[-1] + 1]) if steep[-1] + 1 < len(GRID) else np.inf
    return Edges(lower, upper)


def slope_square(act: Activation, length: float) -> float:
    """Compute E[phi'(z)^2], z ~ N(0, length); lengths that differ by 1 % share an answer."""
    if not (np.isfinite(length) and length > 0.0):
        return float("nan")
    return _slope_square(act, round(float(np.log(length)) * 100))


@lru_cache(maxsize=4096)
def _slope_square(act: Activation, hundredths: int) -> float:
    try:
        return float(expectation(act, "slope_square", np.exp(hundredths / 100.0)))
    except NotConvergedError:
        return float("nan")
