"""The table of sites: which columns, and how their numbers are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nonlin.messages import languages, text
from nonlin.report.examined.view import SiteView
from nonlin.report.numbers import shown

__all__ = ["COLUMNS", "Row", "cell", "columns", "labels", "row"]

COLUMNS = (
    "name",
    "activation",
    "units",
    "dead",
    "saturated",
    "zeros",
    "length",
    "gradient",
    "factor",
    "predicted",
)


@dataclass(frozen=True)
class Row:
    """A site, written out: the cells are pairs of a column and a text."""

    name: str
    health: str
    cells: tuple[tuple[str, str], ...]


def row(site: SiteView) -> Row:
    """Write a site's numbers.

    Parameters
    ----------
    site : SiteView

    Returns
    -------
    Row
    """
    values = {
        "activation": site.activation,
        "units": f"{site.units:,}",
        "dead": f"{site.dead:,}",
        "saturated": _share(site.saturated),
        "zeros": _share(site.zeros),
        "length": _number(site.length),
        "gradient": _number(site.gradient),
        "factor": _number(site.factor),
        "predicted": _number(site.predicted),
    }
    return Row(site.name, site.health, tuple((key, values[key]) for key in COLUMNS[1:]))


def columns(rows: Sequence[Row]) -> list[str]:
    """List the columns in which there is something."""
    filled = {key for each in rows for key, value in each.cells if value}
    return [key for key in COLUMNS if key == "name" or key in filled]


def cell(key: str, value: Any, code: bool = False) -> Any:
    """Write a cell of a table that becomes a list on a narrow screen, with its column's name."""
    from markupsafe import Markup, escape

    inner = f"<code>{escape(value)}</code>" if code else escape(value)
    return Markup(f"<td {labels(key)}>{inner}</td>")


def labels(key: str) -> Any:
    """The column's name in both languages, as attributes."""
    from markupsafe import Markup

    names = ((lang, text(f"examination_report.{key}", lang)) for lang in languages())
    return Markup(" ".join(f'data-{lang}="{escape(name)}"' for lang, name in names))


def _share(value: float) -> str:
    """A share of 1 in per cent, to the tenth."""
    return f"{100 * value:.1f}%" if 0 < value < 1 else f"{100 * value:.0f}%"


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return "∞" if math.isinf(value) else shown(value)
