"""The calls of a pass, reduced to the layers, the sites and the additions between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonlin.torch.runs.state import Structure

__all__ = ["Node", "lanes", "nodes"]

_KEPT = ("input", "layer", "activation", "addition", "loss")


@dataclass(frozen=True)
class Node:
    """A row of the picture.

    Attributes
    ----------
    kind : str
        "input", "layer", "activation", "addition" or "loss".
    name : str
    layer : str or None
        For an activation, the layer whose row it shares.
    sources : tuple of int
        Rows.
    """

    kind: str
    name: str
    layer: str | None
    sources: tuple[int, ...]


def nodes(structure: "Structure") -> list[Node]:
    """List the rows.

    A layer that is followed by one activation alone shares its row. Normalisation, pooling and
    other calls pass on what comes to them.

    Parameters
    ----------
    structure : Structure

    Returns
    -------
    list of Node
    """
    behind: list[tuple[int, ...]] = []
    made: list[tuple[str, str, tuple[int, ...]]] = []
    for kind, name, sources in structure.steps:
        came = tuple(dict.fromkeys(row for source in sources for row in behind[source]))
        if kind not in _KEPT or (kind == "addition" and len(came) < 2):
            behind.append(came)
            continue
        behind.append((len(made),))
        made.append((kind, name, came))
    return _merged(made)


def _merged(made: Sequence[tuple[str, str, tuple[int, ...]]]) -> list[Node]:
    users: dict[int, list[int]] = {}
    for row, (_, _, sources) in enumerate(made):
        for source in sources:
            users.setdefault(source, []).append(row)
    place: dict[int, int] = {}
    rows: list[Node] = []
    for row, (kind, name, sources) in enumerate(made):
        if kind == "layer" and _is_for_one_activation(row, made, users):
            continue
        layer = None
        if kind == "activation" and len(sources) == 1 and sources[0] not in place:
            layer, sources = made[sources[0]][1], made[sources[0]][2]
        place[row] = len(rows)
        rows.append(Node(kind, name, layer, tuple(place[each] for each in sources)))
    return rows


def _is_for_one_activation(
    row: int,
    made: Sequence[tuple[str, str, tuple[int, ...]]],
    users: Mapping[int, Sequence[int]],
) -> bool:
    after = users.get(row, ())
    return len(after) == 1 and made[after[0]][0] == "activation" and len(made[after[0]][2]) == 1


def lanes(rows: Sequence[Node]) -> list[tuple[int, int, int]]:
    """Lay the edges that pass rows by beside each other.

    Parameters
    ----------
    rows : sequence of Node

    Returns
    -------
    list of (source, row, lane)
        Lane 0 is nearest to the rows; edges from one row to the next have none and are left out.
    """
    edges = [
        (source, row)
        for row, node in enumerate(rows)
        for source in node.sources
        if row - source > 1
    ]
    taken: list[list[tuple[int, int]]] = []
    found = []
    for source, row in sorted(edges, key=lambda edge: edge[1] - edge[0]):
        free = (
            lane
            for lane, held in enumerate(taken)
            if all(row <= first or source >= last for first, last in held)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((source, row))
        found.append((source, row, lane))
    return found
