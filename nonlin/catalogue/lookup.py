"""Finds an activation by any of its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from nonlin.activation import Activation
from nonlin.catalogue.dialects import DIALECTS
from nonlin.catalogue.record import Record
from nonlin.catalogue.translated import Translated

# Names of a function of ours at certain parameters.
_BOUND = {
    "prelu": ("torch", "PReLU"),
    "rrelu": ("torch", "RReLU"),
    "quick_gelu": ("transformers", "quick_gelu"),
}


class UnknownActivationError(KeyError):
    """No activation of the catalogue has that name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Catalogue:
    """Activations by name, alias and dialect."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.activations = {record.name: Activation(record) for record in records}
        self.aliases = {
            alias: activation
            for activation in self.activations.values()
            if activation.record is not None
            for alias in activation.record.aliases
        }
        for alias, (framework, theirs) in _BOUND.items():
            entry = DIALECTS[framework][theirs]
            self.aliases[alias] = self.activations[entry.ours].bind(**entry.parameters)

    def find(self, name: str) -> Activation:
        """Return the activation, or raise an error that names the closest."""
        framework, colon, theirs = str(name).partition(":")
        if colon:
            self._check(framework, DIALECTS, "framework")
            self._check(theirs, DIALECTS[framework], f"activation of {framework}")
            return self._dialect(framework, theirs)
        self._check(name, self.activations | self.aliases, "activation")
        return self.activations.get(name) or self.aliases[name]

    def near(self, name: str) -> str | None:
        """Give the name that `name` may be a slip of."""
        close = get_close_matches(name.casefold(), [*self.activations, *self.aliases], 1)
        return close[0] if close else None

    def _dialect(self, framework: str, theirs: str) -> Activation:
        entry = DIALECTS[framework][theirs]
        ours = self.activations[entry.ours]
        if not entry.theirs or ours.record is None:
            return ours.bind(**entry.parameters)
        return Translated((framework, theirs), ours.record)

    def _check(self, name: str, known: Mapping[str, object], what: str) -> None:
        if name in known:
            return
        by_letters = {each.casefold(): each for each in known}
        close = get_close_matches(str(name).casefold(), by_letters, 1)
        hint = (
            f"did you mean {by_letters[close[0]]!r}?" if close else f"there are {', '.join(known)}"
        )
        raise UnknownActivationError(f"no {what} is called {name!r}; {hint}")
