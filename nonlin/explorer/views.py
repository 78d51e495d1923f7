"""What a link to a view means: the page's state as values, with what the page takes for granted."""

from __future__ import annotations

from typing import Any

from nonlin.explorer.api import curve, propagation
from nonlin.explorer.endpoint import Endpoint, Query
from nonlin.explorer.parameters import Choice, Functions, Parameter, language
from nonlin.explorer.race.stream import COURSE

__all__ = ["VIEW", "ViewEndpoint"]

# Each view's own parameters; a link may hold those of others too, which are passed over.
_PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "functions": tuple(each for each in curve.ENDPOINT.parameters if each.name != "points"),
    "depth": propagation.network_parameters(depth=1000, width=4096),
    "race": COURSE,
    "study": (),
    "examine": (),
}
_THREE = ("sigmoid", "relu", "elu")
_FUNCTIONS = {
    "functions": _THREE,
    "depth": _THREE[:1],
    "race": _THREE,
}
VIEW = Choice("view", "the view", "functions", tuple(_PARAMETERS))


class ViewEndpoint(Endpoint):
    """An address that takes the state of a view as the page writes it into its own address."""

    def read(self, query: Query, lang: str) -> dict[str, Any]:
        """Read the view, then what belongs to it.

        Returns
        -------
        dict of str to object
            `view`, `lang`, and `state`, a value for each of the view's parameters.
        """
        view = VIEW.read(query.get("view", ()))
        state = {each.name: each.read(_given(view, each, query)) for each in _PARAMETERS[view]}
        return {"view": view, "lang": language.read(query.get("lang", ())) or lang, "state": state}


def _given(view: str, parameter: Parameter, query: Query) -> Any:
    # A link may hold an empty value, which is none.
    given = [each for each in query.get(parameter.name, ()) if each]
    if not isinstance(parameter, Functions):
        return given
    return (given or _FUNCTIONS[view])[: parameter.most]
