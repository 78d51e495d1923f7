"""How often each activation is the default of a released model."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from nonlin.study_figures.style import arrange, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nonlin.study.results import Outcome


def draw(outcomes: Mapping[str, "Outcome"], lang: str) -> "Figure | None":
    """One panel a library: its five most frequent functions, ReLU's bar darker."""
    if "R8" not in outcomes:
        return None
    families = outcomes["R8"].series["family"]
    return arrange(*(partial(_counts, name, found, lang) for name, found in families.items()))


def _counts(name: str, found: Mapping[str, int], lang: str, axes: "Axes") -> None:
    places = range(len(found))
    shades = ["#0072B2" if function == "relu" else "#CFCFCF" for function in found]
    axes.barh(places, list(found.values()), color=shades)
    axes.set_yticks(places, list(found))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(words("usage", "models", lang))
    axes.set_title(words("usage", name, lang))
