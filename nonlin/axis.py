"""Functions of the rows along an axis: softmax and its kin."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter as Argument
from inspect import Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import axis_containers
from nonlin.axis_documentation import documented
from nonlin.axis_rows import COMPUTED, Axis, Settings, masked, moved
from nonlin.errors import refuse_unknown

if TYPE_CHECKING:
    from nonlin.catalogue.axis_record import AxisRecord

_CALL = ("where", "out", "dtype", "keepdims")


@documented
class AxisFunction:
    """A function of the rows along an axis, with its parameters, Jacobian and backward pass.

    The members of the catalogue are its instances (``nonlin.softmax``). One is immutable, hashable,
    compares by name and parameters and pickles.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.softmax([[0.0, 0.0], [1.0, -np.inf]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    >>> nl.softmax.bind(axis=0, temperature=2.0)
    nl.softmax.bind(axis=0, temperature=2.0)
    """

    __slots__ = ("__weakref__", "_parameters", "_record")

    _parameters: Mapping[str, Any]
    _record: AxisRecord

    def __init__(self, record: AxisRecord, parameters: Mapping[str, Any] | None = None) -> None:
        """Take a record of the catalogue; use `nonlin.get` for a member of it."""
        defaults = {"axis": -1} | {each.name: each.default for each in record.parameters}
        values = MappingProxyType(defaults | dict(parameters or {}))
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_parameters", values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self!r} cannot be changed; bind() makes another one")

    @property
    def name(self) -> str:
        """The name in the catalogue."""
        return self._record.name

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The axis, and the parameters with the values they have unless a call says otherwise."""
        return self._parameters

    @property
    def record(self) -> AxisRecord:
        """What the catalogue knows of it: definition, formula, Jacobian, paper."""
        return self._record

    def bind(self, **parameters: Any) -> AxisFunction:
        """Make the same function with another axis or other parameter values.

        Parameters
        ----------
        **parameters
            ``axis`` (int or tuple of int), and numbers; an array of temperatures goes into the
            call instead.

        Returns
        -------
        AxisFunction

        Raises
        ------
        TypeError
            If a parameter is unknown or of another kind.
        ValueError
            If a number is outside its range.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.softmax.bind(temperature=0.5)([0.0, 1.0]).round(3)
        array([0.119, 0.881])
        """
        self._known(parameters, ())
        values = dict(self._parameters) | parameters
        checked = Settings.read(self, values)
        if np.ndim(checked.temperature):
            raise TypeError(f"{self!r}: bind takes a single temperature; an array goes into a call")
        if isinstance(values["axis"], list):
            values["axis"] = tuple(values["axis"])
        return AxisFunction(self._record, values)

    def __call__(self, x: Any, /, **keywords: Any) -> Any:
        """Compute the function along an axis; its docstring says the rest."""
        settings = self._settings(keywords)
        contained = axis_containers.of(self, x, settings, keywords)
        if contained is not None:
            return contained
        return self._computed(axis_containers.array(self, "x", x, settings.dtype), settings)

    def backward(self, grad: Any, x: Any, /, **keywords: Any) -> Any:
        """Multiply a gradient with the Jacobian at x: sum_i grad_i d y_i / d x_j.

        Parameters
        ----------
        grad : array_like
            The gradient of what follows, of the shape of the function's result.
        x : array_like
            What the function was called on.
        **keywords
            ``axis``, the parameters, ``where`` and ``out``, as for the call.

        Returns
        -------
        array of x's shape
            Of softmax within 2 ULP and 2^-40 (float64: 2^-52) of max |grad| s_j / T.

        Raises
        ------
        TypeError, ValueError
            As the call does, and if `grad` has another shape than the result.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.softmax.backward([1.0, 0.0], [0.0, 0.0])
        array([ 0.25, -0.25])
        """
        settings = self._settings(keywords)
        values = axis_containers.array(self, "x", axis_containers.plain(x), settings.dtype)
        gradient = axis_containers.array(self, "grad", axis_containers.plain(grad), values.dtype)
        axis = Axis.of(self, values, settings)
        expected = axis.result_shape(values.shape)
        shape = gradient.shape
        if settings.keepdims and self._record.length == "one":
            expected = axis.kept_shape(values.shape)
        if shape != expected:
            raise ValueError(
                f"{self!r}.backward: grad has shape {shape}, the result has shape {expected}"
            )
        if self._record.length == "one":
            gradient = gradient.reshape(axis.kept_shape(values.shape))
        found = moved(self, axis, values, settings, gradient)
        return settings.written(self, found)

    def jacobian(self, x: Any, /, **keywords: Any) -> Any:
        """Compute the Jacobian d y_i / d x_j of the rows along the last axis.

        Parameters
        ----------
        x : array_like, shape (..., n)
        **keywords
            The parameters, as for the call; the axis is the last one.

        Returns
        -------
        array, shape (..., m, n)
            m is the length of the result.

        Raises
        ------
        TypeError, ValueError
            As the call does.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.softmax.jacobian([0.0, 0.0])
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
        """
        settings = self._settings(keywords)
        values = axis_containers.array(self, "x", axis_containers.plain(x), settings.dtype)
        last = {name: value for name, value in keywords.items() if name != "dtype"} | {"axis": -1}
        axis = Axis.of(self, values, self._settings(last))
        if self._record.length == "one":
            return self.backward(np.ones(values.shape[:-1], values.dtype), values, **last)[
                ..., None, :
            ]
        m = axis.result_shape(values.shape)[-1]
        rows = np.broadcast_to(values[..., None, :], (*values.shape[:-1], m, values.shape[-1]))
        eye = np.broadcast_to(np.eye(m, dtype=values.dtype), (*values.shape[:-1], m, m))
        return self.backward(eye, rows, **last)

    def _computed(self, values: Any, settings: Settings) -> Any:
        axis = Axis.of(self, values, settings)
        direct = hasattr(COMPUTED[self._record.name], "value") and axis.single is not None
        if direct and settings.where is True and not np.ndim(settings.temperature):
            settings.check_out(self, axis.result_shape(values.shape, settings.keepdims), values)
            return COMPUTED[self._record.name].value(values, axis.single, settings)
        found = masked(self, axis, values, settings)
        if self._record.length == "one" and not settings.keepdims:
            found = found.reshape(axis.result_shape(values.shape))
        return settings.written(self, found)

    def _settings(self, keywords: Mapping[str, Any]) -> Settings:
        takes = tuple(
            name
            for name in _CALL
            if not (name == "where" and self._record.masked is None)
            and not (name == "keepdims" and self._record.length != "one")
        )
        self._known(keywords, takes)
        return Settings.read(self, dict(self._parameters) | dict(keywords))

    def _known(self, keywords: Mapping[str, Any], others: tuple[str, ...]) -> None:
        refuse_unknown(self, self._parameters, keywords, others)

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def __signature__(self) -> Signature:
        only = Argument.KEYWORD_ONLY
        parameters = [Argument(n, only, default=v) for n, v in self._parameters.items()]
        others = {"where": True, "out": None, "dtype": None, "keepdims": False}
        if self._record.masked is None:
            del others["where"]
        if self._record.length != "one":
            del others["keepdims"]
        more = [Argument(name, only, default=value) for name, value in others.items()]
        return Signature([Argument("x", Argument.POSITIONAL_ONLY), *parameters, *more])

    def __repr__(self) -> str:
        defaults = {"axis": -1} | {each.name: each.default for each in self._record.parameters}
        changed = {n: v for n, v in self._parameters.items() if v != defaults[n]}
        arguments = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"nl.{self.name}" + (f".bind({arguments})" if changed else "")

    def _repr_html_(self) -> str | None:
        # The card lies above this module.
        from nonlin.cards.axis_card import axis_html

        return axis_html(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AxisFunction):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[Any, ...]:
        return self.name, tuple(self._parameters.items())

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _restore, (self.name, dict(self._parameters))


def _restore(name: str, parameters: Mapping[str, Any]) -> AxisFunction:
    from nonlin.catalogue.along_axis import find_axis_function

    found = find_axis_function(name)
    assert found is not None, "a function that was pickled is in the catalogue"
    return found.bind(**parameters)
