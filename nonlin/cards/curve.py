"""The curve of a card: a small SVG drawing that follows the notebook's light or dark."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation

__all__ = ["curve"]

Scale = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_WIDTH, _HEIGHT, _MARGIN = 320, 200, 8
_REACH = 5.0
# Below the drawing: what is solid and what is dashed.
_KEY = 20
_INK = 'fill="none" stroke="currentColor"'
_SOLID = f'{_INK} stroke-width="2.5"'
_DASHED = f'{_INK} stroke-width="1.5" stroke-dasharray="5 4" opacity="0.7"'


def curve(activation: Activation, label: str) -> str:
    """Draw phi (solid) and phi' (dashed) over [-5, 5], with a key and numbers on the axes.

    Parameters
    ----------
    activation : Activation
    label : str
        What the drawing shows, for those who cannot see it.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    x = np.linspace(-_REACH, _REACH, 401)
    with np.errstate(all="ignore"):
        values = np.broadcast_to(np.asarray(activation(x), dtype=float), x.shape)
        slopes = np.broadcast_to(np.asarray(activation.derivative(x), dtype=float), x.shape)
    seen = np.concatenate([values, slopes])
    seen = seen[np.isfinite(seen)]
    low = max(float(seen.min(initial=0.0)), -_REACH)
    high = min(float(seen.max(initial=1.0)), _REACH)

    def across(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return _MARGIN + (at + _REACH) * ((_WIDTH - 2 * _MARGIN) / (2 * _REACH))

    def down(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return _MARGIN + (high - at) * ((_HEIGHT - 2 * _MARGIN) / (high - low))

    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _KEY}" width="{_WIDTH}" style="max-width:100%" '
        f'role="img" aria-label="{label}">{_axes(across, down, low, high)}'
        f'<path d="{_path(across(x), down(slopes))}" {_DASHED}/>'
        f'<path d="{_path(across(x), down(values))}" {_SOLID}/>{_key()}</svg>'
    )


def _axes(across: Scale, down: Scale, low: float, high: float) -> str:
    """Draw both axes, with ticks and their numbers."""
    zero = np.zeros(1)
    x0, y0 = across(zero)[0], down(zero)[0]
    step = _step(high - low)
    heights = np.arange(math.ceil(low / step), math.floor(high / step) + 1.0) * np.float64(step)
    places = np.array([-4.0, -2.0, 2.0, 4.0])
    lines = [f"M0 {y0:.1f}H{_WIDTH}M{x0:.1f} 0V{_HEIGHT}"]
    words = []
    # Numbers stand below the axis, or above it where it is the drawing's lower edge.
    below = y0 + 13 if y0 + 13 < _HEIGHT else y0 - 5
    for at, place in zip(across(places), places, strict=True):
        lines.append(f"M{at:.1f} {y0 - 3:.1f}v6")
        words.append(_text(at, below, place, "middle"))
    for at, height in zip(down(heights), heights, strict=True):
        if height:
            lines.append(f"M{x0 - 3:.1f} {at:.1f}h6")
            words.append(_text(x0 - 6, min(max(at + 4, 9), _HEIGHT - 1), height, "end"))
    return f'<path d="{"".join(lines)}" {_INK} stroke-width="1" opacity="0.35"/>{"".join(words)}'


def _step(span: float) -> float:
    """The tick distance among 1, 2 and 5 times a power of ten that gives two to five ticks."""
    power = 10.0 ** math.floor(math.log10(span))
    return next(power * each for each in (0.2, 0.5, 1, 2) if span / (power * each) <= 5)


def _text(x: float, y: float, number: float, anchor: str) -> str:
    words = f"{number:.3g}".replace("-", "−")
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11" '
        f'fill="currentColor" opacity="0.7">{words}</text>'
    )


def _key() -> str:
    y = _HEIGHT + _KEY / 2
    words = 'font-size="12" fill="currentColor"'
    return (
        f'<path d="M8 {y:g}h28" {_SOLID}/><text x="42" y="{y + 4:g}" {words}>φ(x)</text>'
        f'<path d="M92 {y:g}h28" {_DASHED}/><text x="126" y="{y + 4:g}" {words}>φ′(x)</text>'
    )


def _path(across: NDArray[np.float64], down: NDArray[np.float64]) -> str:
    """Join the points that lie in the drawing; the pen is lifted where one does not."""
    inside = np.isfinite(down) & (down >= 0) & (down <= _HEIGHT)
    # A jump is not drawn: the pen also lifts where the curve leaps by a tenth of the height.
    seen = np.where(inside, down, np.nan)
    leap = np.abs(np.diff(seen, prepend=seen[:1])) > _HEIGHT / 10
    steps = []
    drawing = False
    for x, y, visible, leaps in zip(across, down, inside, leap, strict=True):
        if visible:
            steps.append(f"{'L' if drawing and not leaps else 'M'}{x:.1f} {y:.1f}")
        drawing = bool(visible)
    return "".join(steps)
