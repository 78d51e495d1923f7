"""Text in a terminal's columns, of which a Korean letter takes two."""

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["aligned", "shortened", "width", "wrapped"]

# A name is cut to no less.
LEAST_NAME = 7


def width(line: str) -> int:
    """Count the terminal columns that a line takes; Hangul letters take two.

    Parameters
    ----------
    line : str

    Returns
    -------
    int

    Examples
    --------
    >>> width("ReLU"), width("함수")
    (4, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """Break a text at its spaces into lines of at most so many columns.

    A number stays with its per cent sign and with its power of ten; a word that is longer than a
    line is cut.

    Parameters
    ----------
    text : str
    columns : int
    indent : str
        Before each line.

    Returns
    -------
    list of str

    Examples
    --------
    >>> wrapped("grows at 95 % a step", 11)
    ['grows at', '95 % a step']
    """
    room = columns - width(indent)
    lines = [""]
    for word in re.split(r"(?<!\d)[ \n]+|(?<=\d)[ \n]+(?!%)", text.strip(" \n")):
        for piece in _cut(word, room):
            longer = f"{lines[-1]} {piece}".lstrip(" ")
            if lines[-1] and width(longer) > room:
                lines.append(piece)
            else:
                lines[-1] = longer
    return [f"{indent}{line}" for line in lines]


def shortened(name: str, columns: int) -> str:
    """Leave the beginning of a long name out: its end tells more.

    Examples
    --------
    >>> shortened("encoder.layers.2.linear1", 12), shortened("0", 12)
    ('…s.2.linear1', '0')
    """
    if width(name) <= columns:
        return name
    while name and width(name) > columns - 1:
        name = name[1:]
    return f"…{name}"


def aligned(
    rows: Sequence[Sequence[str]],
    columns: int,
    droppable: Sequence[int] = (),
    *,
    left: int = 2,
    gap: int = 2,
) -> list[list[str]]:
    """Pad a table's cells so that its lines, with gaps between cells, fit into so many columns.

    What does not fit is first left out, then cut from the beginning of the first column's names.

    Parameters
    ----------
    rows : sequence of sequence of str
        The heading first.
    columns : int
    droppable : sequence of int
        Places of columns that may be left out, the least important first.
    left : int
        How many columns are set to the left; the others, of numbers, to the right.
    gap : int
        Columns of the terminal between two columns of the table.

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> aligned([["site", "dead"], ["encoder.0", "12"]], 13, left=1)
    [['site   ', 'dead'], ['…oder.0', '  12']]
    """
    kept = list(range(len(rows[0])))
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    for place in droppable:
        if _total(widths, kept, gap) > columns:
            kept.remove(place)
    least = max(width(rows[0][0]), LEAST_NAME)
    widths[0] = min(widths[0], max(least, widths[0] - _total(widths, kept, gap) + columns))
    return [[_padded(row[i], widths[i], i, left) for i in kept] for row in rows]


def _total(widths: Sequence[int], kept: Sequence[int], gap: int) -> int:
    return sum(widths[place] for place in kept) + gap * (len(kept) - 1)


def _padded(cell: str, room: int, place: int, left: int) -> str:
    shown = shortened(cell, room) if place == 0 else cell
    space = " " * (room - width(shown))
    return shown + space if place < left else space + shown


def _cut(word: str, room: int) -> list[str]:
    """Cut a word that is longer than a line."""
    pieces, rest = [], word
    while width(rest) > room > 1:
        most = len(rest)
        while width(rest[:most]) > room:
            most -= 1
        pieces.append(rest[:most])
        rest = rest[most:]
    return [*pieces, rest]
