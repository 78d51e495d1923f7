"""Points of two classes in the plane, which a line cannot tell apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DATASETS", "Points", "draw"]

Array = NDArray[np.float64]

NUMBER = 300
MARGIN = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Places, shape (n, 2), of mean 0 and variance 1 on each axis, and classes 0 and 1."""

    places: Array
    classes: NDArray[np.int64]

    def axes(self, resolution: int) -> Array:
        """Give the values of x and y of a grid around the points, shape (2, resolution)."""
        low, high = self.places.min(axis=0) - MARGIN, self.places.max(axis=0) + MARGIN
        axes: Array = np.linspace(low, high, resolution).T
        return axes


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)])


def _circles(random: np.random.Generator, classes: Array) -> Array:
    angle = random.uniform(0.0, 2.0 * np.pi, len(classes))
    radius = np.where(classes > 0, 0.5, 1.0)
    return _polar(radius, angle)


def _moons(random: np.random.Generator, classes: Array) -> Array:
    angle = random.uniform(0.0, np.pi, len(classes))
    upper = _polar(np.ones_like(angle), angle)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)])
    both: Array = np.where(classes > 0, lower, upper)
    return both


def _xor(random: np.random.Generator, classes: Array) -> Array:
    size = random.uniform(0.1, 1.0, (2, len(classes)))
    side = random.choice([-1.0, 1.0], len(classes))
    return np.stack([size[0] * side, size[1] * side * np.where(classes > 0, -1.0, 1.0)])


def _spiral(random: np.random.Generator, classes: Array) -> Array:
    turn = np.sqrt(random.uniform(0.02, 1.0, len(classes)))
    angle = 2.5 * np.pi * turn + np.pi * classes
    return _polar(turn, angle)


# Each with the noise that leaves its shape to be seen.
DATASETS: dict[str, tuple[Callable[[np.random.Generator, Array], Array], float]] = {
    "circles": (_circles, 0.07),
    "moons": (_moons, 0.12),
    "xor": (_xor, 0.0),
    "spiral": (_spiral, 0.02),
}


def draw(name: str, seed: int) -> Points:
    """Draw points, half of them of each class.

    Parameters
    ----------
    name : str
        One of `DATASETS`.
    seed : int

    Returns
    -------
    Points

    Examples
    --------
    >>> points = draw("xor", 0)
    >>> points.places.shape, int(points.classes.sum())
    ((300, 2), 150)
    """
    shape, noise = DATASETS[name]
    random = np.random.default_rng(seed)
    classes = np.arange(NUMBER) % 2
    places = shape(random, classes.astype(np.float64))
    places = places + noise * random.standard_normal(places.shape)
    places = (places - places.mean(axis=1, keepdims=True)) / places.std(axis=1, keepdims=True)
    return Points(places.T, classes)
