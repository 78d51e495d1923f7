"""Pictures by depth: the gradient beside what the theory predicts, and the lengths."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nonlin.messages.columns import shortened
from nonlin.report.examined.svg import drawing, label, words
from nonlin.report.examined.view import SiteView
from nonlin.report.numbers import shown

__all__ = ["Point", "along", "gradients", "lengths"]

_ROW, _TOP, _WIDTH = 22, 44, 430
_RIGHT, _LETTER, _LETTERS = 14, 7, 20


@dataclass(frozen=True)
class Point:
    """A number of a site, such as the gradient's length over that behind the last one.

    `predicted` is None where there is no prediction.
    """

    name: str
    measured: float
    predicted: float | None
    aside: bool


def along(sites: Sequence[SiteView]) -> list[Point]:
    """Follow the gradient from the last site to the first.

    Parameters
    ----------
    sites : sequence of SiteView
        In the order of the forward pass.

    Returns
    -------
    list of Point
        In the same order; without sites that no finite gradient reached.
    """
    last = next((site for site in reversed(sites) if not site.aside), None) or sites[-1]
    whole = last.output_gradient_length
    found, predicted = [], 1.0
    for site in reversed(sites):
        if not site.aside:
            predicted *= math.nan if site.predicted is None else site.predicted
        known = not site.aside and math.isfinite(predicted) and predicted > 0
        measured = site.gradient_length / whole if whole > 0 else math.nan
        if math.isfinite(measured):
            found.append(Point(site.name, measured, predicted if known else None, site.aside))
    return found[::-1]


def gradients(
    sites: Sequence[SiteView], labelled_by: str, called: Callable[[str], str] = str
) -> str | None:
    """Draw the gradient at each site, the first layer at the top, on a logarithmic axis.

    Parameters
    ----------
    sites : sequence of SiteView
    labelled_by : str
        Id of the caption.
    called : callable
        Gives a site's name what stands beside its row.

    Returns
    -------
    str or None
        An ``<svg>`` element; None with fewer than two sites that a gradient reached.
    """
    return _by_depth(along(sites) if sites else [], labelled_by, called)


def lengths(
    sites: Sequence[SiteView], labelled_by: str, called: Callable[[str], str] = str
) -> str | None:
    """Draw E[z^2] of the pre-activations at each site, as `gradients` does."""
    points = [Point(x.name, x.length, None, x.aside) for x in sites if math.isfinite(x.length)]
    return _by_depth(points, labelled_by, called)


def _by_depth(
    points: Sequence[Point], labelled_by: str, called: Callable[[str], str]
) -> str | None:
    values = [value for each in points for value in (each.measured, each.predicted) if value]
    if len(points) < 2 or not values:
        return None
    low = math.floor(min(-0.5, math.log10(min(values))))
    high = math.ceil(max(0.5, math.log10(max(values))))
    left = 24 + _LETTER * min(_LETTERS, max(len(called(each.name)) for each in points))

    def across(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return left + share * (_WIDTH - left - _RIGHT)

    height = _TOP + _ROW * len(points) + 8
    shapes = [*_axis(low, high, across, height), *_rows(points, left, called)]
    if any(each.predicted is not None for each in points):
        shapes += _key(left)
    theory = [
        (across(p.predicted), _y(row)) for row, p in enumerate(points) if p.predicted is not None
    ]
    main = [
        (across(p.measured), _y(row))
        for row, p in enumerate(points)
        if p.measured > 0 and not p.aside
    ]
    shapes += [_line(theory, "theory"), _line(main, "seen")]
    shapes += [
        _dot(across(p.measured), _y(row), p.aside) for row, p in enumerate(points) if p.measured > 0
    ]
    return drawing(_WIDTH, height, shapes, labelled_by)


def _y(row: int) -> float:
    return _TOP + _ROW * (row + 0.5)


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    path = "L".join(f"{x:.1f} {y:g}" for x, y in points)
    return f'<path class="{kind}" d="M{path}"/>' if len(points) > 1 else ""


def _dot(x: float, y: float, aside: bool) -> str:
    kind = "seen aside" if aside else "seen"
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:g}" r="3.5"/>'


def _rows(points: Sequence[Point], left: float, called: Callable[[str], str]) -> Iterator[str]:
    for row, point in enumerate(points):
        kind = "faint name" if point.aside else "name"
        yield label(left - 10, _y(row) + 4, shortened(called(point.name), _LETTERS), kind, "end")


def _axis(low: int, high: int, across: Callable[[float], float], height: float) -> Iterator[str]:
    step = max(1, math.ceil((high - low) / 6))
    for power in range(high, low - 1, -step):
        x = across(10.0**power)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{height - 6:g}"/>'
        yield label(x, _TOP - 6, shown(10.0**power) if -3 < power < 4 else f"10{_raised(power)}",
                    "axis", "middle")  # fmt: skip


def _key(left: float) -> Iterator[str]:
    yield f'<path class="theory" d="M{left:g} 10h22"/>'
    yield words(left + 28, 14, "gradient.predicted", kind="axis")
    x = left + 120
    yield f'<path class="seen" d="M{x:g} 10h22"/>'
    yield f'<circle class="seen" cx="{x + 11:g}" cy="10" r="3.5"/>'
    yield words(x + 28, 14, "gradient.measured", kind="axis")


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
