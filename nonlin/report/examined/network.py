"""The picture of the network: its layers and sites from top to bottom, each with its health."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonlin.messages.columns import shortened
from nonlin.report.examined.graph import Node, lanes, nodes
from nonlin.report.examined.svg import drawing, label, words
from nonlin.report.examined.view import HEALTHY, RANK, SiteView

if TYPE_CHECKING:
    from nonlin.torch.runs.state import Structure

__all__ = ["network"]

_ROW, _TOP, _WIDTH = 27, 26, 430
_LANE, _MOST_LANES = 9, 6
_STRIP, _STRIP_HEIGHT = 132, 13
_SHADES = 8
_LETTERS = 27
_MARKS = {"error": "✗", "warning": "!", "note": "·"}


def network(
    structure: "Structure",
    sites: Sequence[SiteView],
    health: Mapping[str, str],
    labelled_by: str,
) -> str:
    """Draw the network.

    A row is a layer with the activation behind it; a line on the left is a connection that passes
    rows by. The strip on the right holds the units, sorted by how often they pass a gradient on.

    Parameters
    ----------
    structure : Structure
    sites : sequence of SiteView
    health : mapping of str to str
        Severity by site or layer; see `nonlin.report.examined.view.health`.
    labelled_by : str
        Id of the caption.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    rows = nodes(structure)
    beside = lanes(rows)
    margin = 14 + _LANE * min(max((lane + 1 for *_, lane in beside), default=0), _MOST_LANES)
    by_name = {site.name: site for site in sites}
    shapes = [words(_WIDTH - _STRIP, 12, "network.units", kind="axis")]
    shapes += [_edge(margin, row, node) for row, node in enumerate(rows) if row - 1 in node.sources]
    shapes += [_arc(margin, *edge) for edge in beside]
    for row, node in enumerate(rows):
        shapes += _row(margin, row, node, by_name.get(node.name), health)
    return drawing(_WIDTH, _TOP + _ROW * len(rows), shapes, labelled_by)


def _middle(row: int) -> float:
    return _TOP + _ROW * (row + 0.5)


def _edge(x: float, row: int, node: Node) -> str:
    return f'<path class="wire" d="M{x:g} {_middle(row - 1):g}V{_middle(row):g}"/>'


def _arc(x: float, source: int, row: int, lane: int) -> str:
    out = x - _LANE * (min(lane, _MOST_LANES - 1) + 1)
    top, bottom, bend = _middle(source), _middle(row), 8
    return (
        f'<path class="wire" d="M{x:g} {top:g}Q{out:g} {top:g} {out:g} {top + bend:g}'
        f'V{bottom - bend:g}Q{out:g} {bottom:g} {x:g} {bottom:g}"/>'
    )


def _row(
    x: float, row: int, node: Node, site: SiteView | None, health: Mapping[str, str]
) -> Iterator[str]:
    y = _middle(row)
    state = _worst(health, node)
    yield f"<g><title>{escape(_title(node, site))}</title>"
    yield _mark(x, y, node, state)
    if node.kind == "addition":
        yield label(x + 14, y + 4, "+", "faint")
    elif node.kind in ("input", "loss"):
        yield words(x + 14, y + 4, f"network.{node.kind}", kind="faint")
    else:
        yield label(x + 14, y + 4, _name(node), "name" if site else "faint name")
    if site is not None:
        room = _WIDTH - _STRIP - 10
        yield label(room, y + 4, shortened(site.activation, 13), "faint", "end")
        yield from _strip(_WIDTH - _STRIP, y - _STRIP_HEIGHT / 2, site.passing)
    yield "</g>"


def _name(node: Node) -> str:
    """Name the layer and the site, or the site alone where there is no room for both."""
    # Behind a layer it needs no number to tell it from other calls.
    name = node.name.partition("#")[0] if node.layer else node.name
    names = f"{node.layer} → {name}" if node.layer else name
    return names if len(names) <= _LETTERS else shortened(node.name, _LETTERS)


def _worst(health: Mapping[str, str], node: Node) -> str:
    found = [health[each] for each in (node.name, node.layer or node.name) if each in health]
    plain = HEALTHY if node.kind in ("activation", "layer") else "plain"
    return max(found, key=lambda each: RANK[each], default=plain)


def _title(node: Node, site: SiteView | None) -> str:
    name = node.name.partition("#")[0] if node.layer else node.name
    names = [each for each in (node.layer, name) if each]
    dead = f" · {site.dead} / {site.units}" if site is not None else ""
    return " → ".join(names) + dead


def _mark(x: float, y: float, node: Node, state: str) -> str:
    if state == "plain":
        return f'<circle class="joint" cx="{x:g}" cy="{y:g}" r="3.5"/>'
    sign = _MARKS.get(state, "✓" if node.kind == "activation" else "")
    if not sign:
        return f'<circle class="node {state}" cx="{x:g}" cy="{y:g}" r="4.5"/>'
    return (
        f'<circle class="node {state}" cx="{x:g}" cy="{y:g}" r="8"/>'
        f"{label(x, y + 3.5, sign, 'sign', 'middle')}"
    )


def _strip(x: float, y: float, passing: NDArray[np.uint8]) -> Iterator[str]:
    """Draw the units side by side; those of one shade are one rectangle."""
    wide = _STRIP / max(len(passing), 1)
    shades = np.where(passing == 0, 0, 1 + passing.astype(int) * _SHADES // 256)
    place = 0
    for shade, run in groupby(shades.tolist()):
        count = len(list(run))
        yield (
            f'<rect class="u{shade}" x="{x + place * wide:.2f}" y="{y:g}" '
            f'width="{count * wide:.2f}" height="{_STRIP_HEIGHT}"/>'
        )
        place += count
    yield f'<rect class="frame" x="{x:g}" y="{y:g}" width="{_STRIP}" height="{_STRIP_HEIGHT}"/>'
