"""Functions of the rows along an axis: softmax and its kin."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter as Argument
from inspect import Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin import axis_containers
from nonlin.axis_rows import COMPUTED, Axis, Settings, masked, moved
from nonlin.documentation import documented_axis
from nonlin.named import Named

if TYPE_CHECKING:
    from nonlin.catalogue.record import AxisRecord

_CALL = ("where", "out", "dtype", "keepdims")


@documented_axis
class AxisFunction(Named):
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

    _kind = "AxisFunction"
    __slots__ = ("__weakref__", "_name", "_parameters", "_record")

    _record: AxisRecord

    def __init__(self, record: AxisRecord, parameters: Mapping[str, Any] | None = None) -> None:
        """Take a record of the catalogue; use `nonlin.get` for a member of it."""
        object.__setattr__(self, "_name", record.name)
        object.__setattr__(self, "_record", record)
        values = {**self._defaults(), **(parameters or {})}
        object.__setattr__(self, "_parameters", MappingProxyType(values))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self!r} cannot be changed; bind() makes another one")

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

    @property
    def __signature__(self) -> Signature:
        others = {"where": True, "out": None, "dtype": None, "keepdims": False}
        if self._record.masked is None:
            del others["where"]
        if self._record.length != "one":
            del others["keepdims"]
        return Signature([Argument("x", Argument.POSITIONAL_ONLY), *self._keywords(**others)])

    def _defaults(self) -> Mapping[str, Any]:
        return {"axis": -1, **super()._defaults()}
