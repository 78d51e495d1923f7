"""Finds an activation by any of its names, and calls it as a framework does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from nonlin.activation import Activation, expect_activation
from nonlin.catalogue.dialects import DIALECTS, Entry
from nonlin.catalogue.record import Record, Value
from nonlin.documentation import documented

__all__ = ["Translated"]


@documented
class Translated(Activation):
    """A member of the catalogue with a framework's defaults and names for its parameters.

    It is equal to the same function under our names, and takes those too. One of the framework's
    that a call leaves out has the value that it was bound to.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.get("onnx:LeakyRelu")([-2.0, 3.0], alpha=0.5)
    array([-1.,  3.])
    >>> nl.get("onnx:LeakyRelu").bind(alpha=0.5)
    nl.leaky_relu.bind(negative_slope=0.5)
    """

    __slots__ = ("_entry", "_key", "_theirs")

    def __init__(
        self,
        key: tuple[str, str],
        record: Record,
        theirs: Mapping[str, Value] | None = None,
        ours: Mapping[str, Value] | None = None,
    ) -> None:
        """Take the framework and its name; use `nonlin.get` for one."""
        self._key = key
        self._entry: Entry = DIALECTS[key[0]][key[1]]
        self._theirs = {**self._entry.theirs, **(theirs or {})}
        super().__init__(record, {**self._entry.takes(**self._theirs), **(ours or {})})
        # One of theirs may have a name of ours and mean more: every keyword is translated.
        self._use(self._functions, (), ())

    def _in_ours(self, keywords: Mapping[str, Any]) -> dict[str, Any]:
        theirs = {name: value for name, value in keywords.items() if name in self._theirs}
        rest = {name: value for name, value in keywords.items() if name not in theirs}
        if not theirs:
            return rest
        return {**self._entry.takes(**{**self._theirs, **theirs}), **rest}

    def bind(self, **parameters: Value) -> Activation:
        """Make the same with other parameter values, by the framework's names or ours."""
        assert self._record is not None
        theirs = {name: value for name, value in parameters.items() if name in self._theirs}
        bound = super().bind(**self._in_ours(parameters))
        return Translated(self._key, self._record, {**self._theirs, **theirs}, bound.parameters)

    def backward_parameters(self, grad: Any, x: Any, **parameters: Any) -> dict[str, Any]:
        """Compute the gradients of our parameters; see `Activation.backward_parameters`."""
        return super().backward_parameters(grad, x, **self._in_ours(parameters))

    def _apply_with(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        return super()._apply_with(kind, operands, self._in_ours(keywords))

    def _known(self, keywords: Mapping[str, Any], others: tuple[str, ...]) -> None:
        super()._known(keywords, (*others, *self._theirs))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _restore, (self._key, self.name, self._theirs, dict(self.parameters))


def _restore(
    key: tuple[str, str], name: str, theirs: Mapping[str, Value], ours: Mapping[str, Value]
) -> Activation:
    record = expect_activation("Translated", name).record
    assert record is not None
    return Translated(key, record, theirs, ours)


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
