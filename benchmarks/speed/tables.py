"""Numbers as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from speed.summary import Spread

NOTHING = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Write a table, its first `left` columns to the left and the others to the right."""
    lines = [list(header), ["---"] * left + ["---:"] * (len(header) - left), *map(list, rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def code(text: str) -> str:
    """Set a line of code in a cell: a bar would end the cell."""
    return "`" + text.replace("|", "\\|") + "`"


def times(found: Spread | None, digits: int = 2) -> str:
    """A median with its quartiles."""
    if found is None:
        return NOTHING
    return f"{found.median:.{digits}f} ({found.lower:.{digits}f}–{found.upper:.{digits}f})"


def ulp(error: float | None) -> str:
    """A largest error; what is wrong by more than a million is named by its size."""
    if error is None:
        return NOTHING
    if error == float("inf"):
        return "∞"
    return f"{error:.2f}" if error < 100 else f"{error:,.0f}" if error < 1e6 else f"{error:.0e}"
