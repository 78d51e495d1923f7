"""Finds any function of the library by name, elementwise or not."""

from __future__ import annotations

from typing import Any

from nonlin import catalogue
from nonlin.catalogue.along_axis import find_axis_function, near_axis_function
from nonlin.catalogue.lookup import UnknownActivationError


def get(name: Any) -> Any:
    """Look a function up by its name, another of its names, or what a framework calls it.

    Parameters
    ----------
    name : str, Activation or AxisFunction
        One of `nonlin.names` or `nonlin.axis_functions`, an alias such as ``"swish"``, or
        ``"framework:name"`` for PyTorch's module or function, JAX's function, Keras' function or
        ONNX's operator, with that framework's defaults. A function comes back as it is.

    Returns
    -------
    Activation or AxisFunction

    Raises
    ------
    UnknownActivationError
        If there is no function of that name; the message names the closest.

    Examples
    --------
    >>> get("elu"), get("swish"), get("softmax")
    (nl.elu, nl.silu, nl.softmax)
    >>> get("keras:leaky_relu"), get("torch:Softmax2d")
    (nl.leaky_relu.bind(negative_slope=0.2), nl.softmax.bind(axis=-3))
    """
    found = find_axis_function(name)
    if found is not None:
        return found
    try:
        return catalogue.get(name)
    except UnknownActivationError:
        close = near_axis_function(str(name))
        if close is None or catalogue.near(str(name)) is not None:
            raise
        sentence = f"no activation is called {name!r}; did you mean {close!r}?"
        raise UnknownActivationError(sentence) from None


def near(name: str) -> str | None:
    """Give the name that `name` may be a slip of, or None."""
    return catalogue.near(name) or near_axis_function(name)
