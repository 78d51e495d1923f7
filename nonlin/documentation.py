"""The docstring of an activation or of a function along an axis, put together from its record."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from nonlin.activation import Activation
    from nonlin.axis import AxisFunction

Class = TypeVar("Class", bound=type)

TEMPLATE = """{title}: phi(x) = {formula}

Derivative: phi'(x) = {slope} ({at_kink}).

Parameters
----------
x : array_like, shape (...)
    The pre-activation: real numbers. float16, float32 and float64 keep their dtype, integers
    follow NumPy's rules, and whatever speaks NumPy's protocol (pandas, xarray, Dask) comes back
    as what it was.
{parameters}out, where, dtype, casting, order, subok, signature
    As for every NumPy ufunc.

Returns
-------
array or scalar, shape (...)
    Of x's dtype, at most 1 ULP (float16: correctly rounded) from the exact value; the result
    depends on the value of x alone. +-inf give the limit, NaN gives NaN.{sizes}

Raises
------
TypeError
    If x is not real numbers, or a keyword is unknown.
ValueError
    If shapes do not broadcast, or out has another shape than the result.

Examples
--------
>>> import nonlin as nl
>>> {call}([-1.0, 0.0, 2.0])
{value}
>>> {call}.derivative([-1.0, 0.0, 2.0])
{derivative}

References
----------
{paper}
{url}
"""


# Of parameters beyond that intermediate results may overflow.
SIZES = """
    So it is for parameters from 2^-100 to 2^100 in magnitude."""


def documented(cls: Class) -> Class:
    """Give each instance of `cls` the docstring of its function; `cls` keeps its own."""
    cls.__doc__ = _Documentation(cls.__doc__)  # type: ignore[assignment]
    return cls


class _Documentation:
    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, activation: Activation | None, owner: type | None = None) -> str | None:
        return self.of_class if activation is None else docstring(activation)


def docstring(activation: Activation) -> str | None:
    """Write the docstring of `activation`; None for a function of the user's."""
    record = activation.record
    if record is None:
        return None
    lines = [
        f"{parameter.name} : float or array_like, default {activation.parameters[parameter.name]!r}"
        f"\n    {parameter.meaning[0].upper()}{parameter.meaning[1:]}; broadcasts against x.\n"
        for parameter in record.parameters
    ]
    points = [-1.0, 0.0, 2.0]
    return TEMPLATE.format(
        title=record.title,
        formula=record.formula,
        slope=record.slope,
        at_kink=record.at_kink,
        parameters="".join(lines),
        sizes=SIZES if any(isinstance(p.default, float) for p in record.parameters) else "",
        call=repr(activation),
        value=repr(activation(points)),
        derivative=repr(activation.derivative(points)),
        paper=fill(record.paper, 90),
        url=record.url,
    )


AXIS_TEMPLATE = """{title} along an axis: y_i = {formula}

Jacobian: d y_i / d x_j = {jacobian}.

Parameters
----------
x : array_like
    Real numbers. float16, bfloat16, float32 and float64 keep their dtype, integers follow NumPy's
    rules; a DataFrame, a DataArray (whose axis may go by its name) and an array of Dask come back
    as what they were.
axis : int{axes}, default {axis!r}
    The axis of the rows{several}.
{parameters}{where}out : array, optional
    Where the result goes.
dtype : dtype, optional
    What x is converted to.
{keepdims}
Returns
-------
array
    {returns}

Raises
------
TypeError
    If x is not real numbers, or a keyword is unknown.
ValueError
    If there is no such axis, or a shape does not fit.

Notes
-----
{notes}

Examples
--------
>>> import nonlin as nl
>>> {call}([1.0, 2.0, 4.0, -1.0])
{value}

References
----------
{paper}
{url}
"""

_WHERE = """where : array_like of bool, default True
    Which elements count; broadcasts to x. The others get {masked}, and so does a row of which
    none counts.
"""
_KEEPDIMS = """keepdims : bool, default False
    Leave the axis, with a length of 1.
"""

_ROUNDED = """float32 and float64 are within 2 ULP of the exact value for rows of up to 2^20
elements and temperatures from 2^-100 to 2^100, float16 and bfloat16 rounded correctly unless the
exact value is within 2^-38 of the middle between two numbers."""
_SAME_BITS = """The bits depend on the row alone: not on strides, the other axes, threads, or the
instruction set. No finite input overflows."""
_LIMITS = """An element of {most} has everything ({all}), the others nothing ({none}). Several of
them have no limit and give NaN, the others {none}; a row of nothing but {least} gives NaN, as it
does in PyTorch, and so does a row with a NaN. A row of one element gives {all}."""


def _limits(everything: object, nothing: object, most: str = "+inf", least: str = "-inf") -> str:
    return _LIMITS.format(all=everything, none=nothing, most=most, least=least)


AXIS_NOTES = {
    "softmax": _limits(1, 0),
    "log_softmax": _limits(0, "-inf"),
    "softmin": _limits(1, 0, "-inf", "+inf"),
    "sparsemax": _limits(1, 0),
    "log_sum_exp": """A row with +inf gives +inf, one of nothing but -inf, or of nothing, -inf; NaN
gives NaN. Where the largest element m nearly cancels L, the logarithm of sum_j exp(x_j - m), the
error is at most 2^-57 of L instead.""",
    "maxout": """The result is exact; NaN gives NaN. The gradient goes to the first of equal
elements.""",
    "crelu": "The result is exact; NaN gives NaN. Both halves have a derivative of 0 at 0.",
}

_RETURNS = {
    "same": "Of x's shape and dtype.",
    "one": "Of x's dtype, without the axis.",
    "fewer": "Of x's dtype; the axis has 1 / pool_size of its elements.",
    "twice": "Of x's dtype; the axis has twice as many elements.",
}


def documented_axis(cls: Class) -> Class:
    """Give each instance of `cls` the docstring of its function; `cls` keeps its own."""
    cls.__doc__ = _AxisDocumentation(cls.__doc__)  # type: ignore[assignment]
    return cls


class _AxisDocumentation:
    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, function: AxisFunction | None, owner: type | None = None) -> str | None:
        return self.of_class if function is None else axis_docstring(function)


def axis_docstring(function: AxisFunction) -> str:
    """Write the docstring of a function along an axis."""
    record = function.record
    several = record.length in ("same", "one")
    lines = [
        f"{each.name} : {'int' if isinstance(each.default, int) else 'float or array_like'}, "
        f"default {function.parameters[each.name]!r}\n"
        f"    {each.meaning[0].upper()}{each.meaning[1:]}.\n"
        for each in record.parameters
    ]
    notes = [AXIS_NOTES[record.name]]
    if several:
        notes += [_ROUNDED, _SAME_BITS]
    return AXIS_TEMPLATE.format(
        title=record.title,
        formula=record.formula,
        jacobian=record.jacobian,
        axes=" or tuple of int" if several else "",
        axis=function.parameters["axis"],
        several="; several are taken as one" if several else "",
        parameters="".join(lines),
        where=_WHERE.format(masked=f"{record.masked:g}") if record.masked is not None else "",
        keepdims=_KEEPDIMS if record.length == "one" else "",
        returns=_RETURNS[record.length],
        notes="\n\n".join(notes),
        call=repr(function),
        value=repr(_example(function)),
        paper=fill(record.paper, 90),
        url=record.url,
    )


def _example(function: AxisFunction) -> object:
    # The example's array has one axis.
    return function([1.0, 2.0, 4.0, -1.0], axis=-1)
