"""The docstring of one activation, put together from its record."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from nonlin.activation import Activation

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
