"""An activation that also takes its parameters as a framework calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
