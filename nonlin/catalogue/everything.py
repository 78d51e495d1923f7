"""Finds any function of the library by name: an activation, a gate, or one along an axis."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from nonlin import catalogue
from nonlin.catalogue import gates
from nonlin.catalogue.along_axis import axis_functions, find_axis_function
from nonlin.catalogue.lookup import UnknownActivationError
from nonlin.gate import Gate


def get(name: Any) -> Any:
    """Look a function up by its name, another of its names, or what a framework calls it.

    Parameters
    ----------
    name : str, Activation, Gate or AxisFunction
        One of `nonlin.names`, `nonlin.gates` or `nonlin.axis_functions`, an alias such as
        ``"swish"``, or ``"framework:name"`` for PyTorch's module or function, JAX's function,
        Keras' function or ONNX's operator, with that framework's defaults. A function comes back as
        it is.

    Returns
    -------
    Activation, Gate or AxisFunction

    Raises
    ------
    UnknownActivationError
        If there is no function of that name; the message names the closest.

    Examples
    --------
    >>> get("elu"), get("swish"), get("swiglu"), get("softmax")
    (nl.elu, nl.silu, nl.swiglu, nl.softmax)
    >>> get("keras:leaky_relu"), get("torch:GLU"), get("torch:Softmax2d")
    (nl.leaky_relu.bind(negative_slope=0.2), nl.glu, nl.softmax.bind(axis=-3))
    """
    if isinstance(name, Gate):
        return name
    gate = gates.known(name) if isinstance(name, str) else None
    found = gate or find_axis_function(name)
    if found is not None:
        return found
    try:
        return catalogue.get(name)
    except UnknownActivationError:
        # The closest of all names, where that is no activation's.
        close = near(str(name))
        if ":" in str(name) or close is None or close in _activations():
            raise
        sentence = f"no activation is called {name!r}; did you mean {close!r}?"
        raise UnknownActivationError(sentence) from None


def near(name: str, others: tuple[str, ...] = ()) -> str | None:
    """Give the name of a function, or one of the others, that `name` may be a slip of, or None."""
    every = [*_activations(), *gates.GATES, *gates.ALIASES, *axis_functions()]
    close = get_close_matches(name.casefold(), [*every, *others])
    # Two letters that changed places are the likeliest slip: "gleu" is meant to be gelu, not glu.
    turned = [each for each in close if sorted(each) == sorted(name.casefold())]
    return next(iter(turned + close), None)


def _activations() -> tuple[str, ...]:
    return *catalogue.names(), *catalogue.aliases()
