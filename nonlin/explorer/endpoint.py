"""One address of the API: what it takes, what it answers, who computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nonlin.explorer.parameters import Parameter
from nonlin.explorer.wrong import WrongRequestError

__all__ = ["Endpoint", "Query"]

Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that answers a query, the same query always alike.

    Attributes
    ----------
    path, summary : str
    parameters : tuple of Parameter
    answer : callable
        Takes the parameters' values by name, returns plain data.
    schema : mapping
        JSON Schema of the answer.
    slow : bool
        Whether it takes longer than a person notices: then few are computed at once.
    kept : bool
        Whether the answer is the same the next time.
    media : str
        The type of the answer.
    """

    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    answer: Callable[..., Any]
    schema: Mapping[str, Any]
    slow: bool = False
    kept: bool = True
    media: str = "application/json"

    def read(self, query: Query, lang: str) -> dict[str, Any]:
        """Check a query.

        Parameters
        ----------
        query : mapping of str to sequence of str
            Every text that was given, by name.
        lang : str
            The language of a reader who named none.

        Returns
        -------
        dict of str to object
            A value for each parameter.

        Raises
        ------
        WrongRequestError
            If a parameter is unknown, or its value is wrong.
        """
        self._known(query)
        values = {each.name: each.read(query.get(each.name, ())) for each in self.parameters}
        if "lang" in values:
            values["lang"] = values["lang"] or lang
        return values

    def _known(self, query: Query) -> None:
        names = [parameter.name for parameter in self.parameters]
        for given in query:
            if given not in names and given != "lang":
                close = get_close_matches(given, names, 1) or names
                known = ", ".join(close) or "–"
                raise WrongRequestError("unknown", given=given[:60], known=known)
