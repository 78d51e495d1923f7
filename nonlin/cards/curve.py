"""The curve of a card: a small SVG drawing that follows the notebook's light or dark."""

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation

__all__ = ["curve"]

_WIDTH, _HEIGHT, _MARGIN = 320, 200, 8
_REACH = 5.0


def curve(activation: Activation, label: str) -> str:
    """Draw phi (solid) and phi' (dashed) over [-5, 5].

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

    zero = np.zeros(1)
    axes = f"M0 {down(zero)[0]:.1f}H{_WIDTH}M{across(zero)[0]:.1f} 0V{_HEIGHT}"
    style = 'fill="none" stroke="currentColor"'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" style="max-width:100%" role="img" '
        f'aria-label="{label}"><path d="{axes}" {style} stroke-width="1" opacity="0.35"/>'
        f'<path d="{_path(across(x), down(slopes))}" {style} stroke-width="1.5" '
        'stroke-dasharray="5 4" opacity="0.7"/>'
        f'<path d="{_path(across(x), down(values))}" {style} stroke-width="2.5"/></svg>'
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
