"""The one object of this library: an activation function with its derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import Parameter as Argument
from inspect import Signature
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nonlin import bfloat16, ufuncs
from nonlin.above import answerer
from nonlin.documentation import documented
from nonlin.elementwise import elementwise_ufuncs
from nonlin.errors import (
    UFUNC_KEYWORDS,
    explain,
    is_numpys,
    refuse_frameworks,
    scalar,
)
from nonlin.named import Named
from nonlin.pickling import bound_ufuncs, restore

if TYPE_CHECKING:
    from nonlin.catalogue.record import Record, Value

Ufuncs = tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]

VALUE, DERIVATIVE, BACKWARD = range(3)
METHODS = ("", ".derivative", ".backward")


def instruction_set() -> str:
    """Name the instruction set that the kernels run on.

    Returns
    -------
    str
        ``"v2"``, ``"v3"`` or ``"v4"`` (the x86-64 levels), elsewhere ``"baseline"``. The
        environment variable ``NONLIN_INSTRUCTION_SET``, read at import, lowers it.

    Examples
    --------
    >>> instruction_set() in ("v2", "v3", "v4", "baseline")
    True
    """
    return ufuncs._instruction_set()


@lru_cache(maxsize=512)
def _bound(record: Record, values: tuple[Value, ...]) -> Ufuncs:
    name, numbers = record.kernel(values)
    return bound_ufuncs(name, numbers)


@documented
class Activation(Named, ufuncs._Caller):
    """An elementwise function phi with its parameters, derivative and backward pass.

    The members of the catalogue are instances (``nonlin.elu``); `from_function` makes one out of
    a function of yours. An activation is immutable, hashable, compares by name and parameters and
    pickles.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.leaky_relu([-2.0, 3.0])
    array([-0.02,  3.  ])
    >>> nl.leaky_relu([-2.0, 3.0], negative_slope=0.5)
    array([-1.,  3.])
    >>> nl.leaky_relu.derivative([-2.0, 3.0])
    array([0.01, 1.  ])
    >>> nl.leaky_relu.bind(negative_slope=0.5)
    nl.leaky_relu.bind(negative_slope=0.5)
    """

    _kind = "Activation"
    __slots__ = (
        "__weakref__",
        "_functions",
        "_kept",
        "_name",
        "_parameters",
        "_record",
        "_source",
    )

    _record: Record | None

    def __init__(self, record: Record, parameters: Mapping[str, Value] | None = None) -> None:
        """Take a record of the catalogue; use `nonlin.get` for a member of it."""
        defaults = {parameter.name: parameter.default for parameter in record.parameters}
        values = defaults | dict(parameters or {})
        self._define(record.name, values, record, None, _bound(record, tuple(values.values())))

    def _define(
        self,
        name: str,
        parameters: Mapping[str, Value],
        record: Record | None,
        source: tuple[Callable[..., Any], Callable[..., Any] | None] | None,
        functions: Ufuncs,
    ) -> None:
        self._name = name
        self._parameters = MappingProxyType(dict(parameters))
        self._record = record
        self._source = source
        self._functions = functions
        # A parameter that is a word picks other functions: such calls pass through Python.
        numeric = record is not None and not any(each.kernels for each in record.parameters)
        names = tuple(map(intern, parameters)) if numeric else ()
        self._use(functions, names, tuple(parameters[name] for name in names))

    @classmethod
    def from_function(
        cls,
        f: Callable[[Any], Any],
        derivative: Callable[[Any], Any] | None = None,
        name: str | None = None,
    ) -> Activation:
        """Make an activation of a function that maps arrays element by element.

        Parameters
        ----------
        f : callable
            Takes an array of shape (...) and returns one of that shape.
        derivative : callable, optional
            phi', of the same form. Without it phi' is measured by one-sided differences, to what
            the precision allows in which `f` computes, whatever dtype it returns: the error is at
            most 2e-11 of the steepest slope around x for float64 and 3e-4 for float32, some tenths
            for float16 and bfloat16. At a kink or a jump that is the derivative on its left; right
            of one it holds as soon as `f` tells the two sides apart, which takes 0.01 in float32,
            0.3 in float16 and 2 in bfloat16: nearer, give phi' yourself.
        name : str, optional
            What it is called; `f`'s own name by default.

        Returns
        -------
        Activation

        Raises
        ------
        TypeError
            If `f` or `derivative` is not callable.

        Notes
        -----
        Arrays of pandas, xarray and Dask come back as what they were, lazily from Dask. A call
        raises ValueError if `f` returns another shape, and a measured derivative ArithmeticError
        where the values of `f` are too coarse, or change too fast, to tell it.

        Examples
        --------
        >>> import numpy as np
        >>> square = Activation.from_function(np.square)
        >>> square(3.0), round(float(square.derivative(3.0)), 6)
        (np.float64(9.0), 6.0)
        """
        for role, function in (("f", f), ("derivative", derivative)):
            if not callable(function) and (role == "f" or function is not None):
                raise TypeError(f"{role} must be a function of an array, got {function!r}")
        activation = cls.__new__(cls)
        label = str(name or getattr(f, "__name__", type(f).__name__))
        functions = elementwise_ufuncs(f, derivative, label)
        activation._define(label, {}, None, (f, derivative), functions)
        return activation

    @property
    def record(self) -> Record | None:
        """What the catalogue knows of it: definition, paper; None for a function of yours."""
        return self._record

    @property
    def has_derivative(self) -> bool:
        """Whether phi' is computed; without one given to `from_function` it is measured."""
        return self._source is None or self._source[1] is not None

    @property
    def rounding(self) -> float:
        """The relative rounding error of its values in float64; of a function of yours, measured.

        It is 6e-8 where a function computes in float32, whatever dtype it returns.
        """
        value = getattr(self._functions[VALUE], "function", None)
        return 2.0**-52 if value is None else float(value.precision.noise)

    def bind(self, **parameters: Value) -> Activation:
        """Make the same activation with other parameter values.

        Parameters
        ----------
        **parameters : float or str
            Scalars; an array of parameters goes into the call instead.

        Returns
        -------
        Activation

        Raises
        ------
        TypeError
            If a parameter is unknown or not a real number.
        ValueError
            If a word is none of those that the parameter knows.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.elu.bind(alpha=0.5)(-100.0)
        np.float64(-0.5)
        """
        self._known(parameters, ())
        if self._record is None:
            return self
        values = dict(self._parameters)
        for parameter in self._record.parameters:
            if parameter.name in parameters:
                values[parameter.name] = scalar(self, parameter, parameters[parameter.name])
        return Activation(self._record, values)

    def backward_parameters(self, grad: Any, x: Any, **parameters: Any) -> dict[str, Any]:
        """Compute grad * d phi / d parameter, for each parameter that is a number.

        Parameters
        ----------
        grad, x : array_like, shapes that broadcast to (...)
            The gradient of what phi(x) goes into, and the pre-activation.
        **parameters : float or array_like
            Their values, as in a call; they broadcast against x.

        Returns
        -------
        dict of str to array, shape (...)
            By the parameters' names, of the dtype of ``backward(grad, x)``: sum it over whatever
            shares a parameter. At a kink of the parameter it is that from the left in x. Computed
            in float64; the derivative is at most 4 ULP off for the sizes of ordinary networks,
            beside a zero of Snake's 4 ULP of its terms, and is rounded with the gradient once
            more.

        Raises
        ------
        TypeError
            If the function has no parameter that is a number, or none of that name.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.leaky_relu.backward_parameters([1.0, 1.0], [-2.0, 3.0])
        {'negative_slope': array([-2.,  0.])}
        """
        # Who only computes does not wait for it.
        from nonlin.parameter_gradients import parameter_gradients

        refuse_frameworks(f"{self!r}.backward_parameters", self, (grad, x))
        self._known(parameters, ())
        return parameter_gradients(self, grad, x, {**self._parameters, **parameters})

    def _call(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        if len(operands) != (2 if kind == BACKWARD else 1):
            takes = "one array" if kind != BACKWARD else "grad and x"
            named = ", ".join(f"{name}=..." for name in self._parameters) or "there are none"
            raise TypeError(
                f"{self!r}{METHODS[kind]} takes {takes}, got {len(operands)}; "
                f"parameters go by name: {named}"
            )
        if self._record is not None or kind != VALUE:
            refuse_frameworks(repr(self) + METHODS[kind], self, operands)
        return self._apply(kind, operands, keywords)

    def _apply(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        bfloat16.learn(operands[-1])
        try:
            if not keywords:
                return ufuncs._call(self._functions[kind], operands, {})
            return self._apply_with(kind, operands, keywords)
        except (TypeError, ValueError) as error:
            if not is_numpys(error):
                raise
            raise explain(self, error, operands, keywords) from None

    def _explained(self, error: Exception, kind: int, operands: tuple[Any, ...]) -> Exception:
        inputs = 2 if kind == BACKWARD else 1
        keywords = {"out": operands[inputs]} if len(operands) > inputs else {}
        return explain(self, error, operands[:inputs], keywords)

    def _apply_with(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        rest = dict(keywords)
        values = tuple(rest.pop(name, value) for name, value in self._parameters.items())
        self._known(rest, UFUNC_KEYWORDS)
        if self._record is None or len(rest) == len(keywords):
            return ufuncs._call(self._functions[kind], operands, rest)
        for parameter, value in zip(self._record.parameters, values, strict=True):
            if parameter.kernels:
                scalar(self, parameter, value)
        if all(type(value) in (float, int, str) for value in values):
            return ufuncs._call(_bound(self._record, values)[kind], operands, rest)
        name, numbers = self._record.kernel(values)
        return ufuncs._call(restore(name, kind, None), (*operands, *numbers), rest)

    @property
    def __signature__(self) -> Signature:
        x = Argument("x", Argument.POSITIONAL_ONLY)
        more = Argument("ufunc_keywords", Argument.VAR_KEYWORD)
        return Signature([x, *self._keywords(out=None, where=True), more])

    def _made_of(self) -> tuple[Any, ...]:
        return (self._source,)

    def __repr__(self) -> str:
        if self._record is None:
            return f"nl.Activation.from_function({self._name})"
        return super().__repr__()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if self._source is not None:
            return Activation.from_function, (*self._source, self._name)
        return super().__reduce__()


def expect_activation(who: str, given: object) -> Activation:
    """Give the activation that `given` is or names; TypeError says what `who` expects."""
    if isinstance(given, Activation):
        return given
    if isinstance(given, str):
        found: Activation = answerer("find", Activation._kind)(given)
        return found
    raise TypeError(
        f"{who} expects an activation, such as nonlin.relu or its name, got {given!r}"
        " (nonlin.Activation.from_function makes an activation of a function)"
    )
