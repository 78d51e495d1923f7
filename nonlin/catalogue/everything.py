"""Finds an activation or a gate by any of its names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from nonlin import catalogue
from nonlin.catalogue.gates import ALIASES, GATES, known
from nonlin.catalogue.lookup import UnknownActivationError
from nonlin.gate import Gate


def get(name: str | Any) -> Any:
    """Look an activation or a gate up by a name of it, or by what a framework calls it.

    Parameters
    ----------
    name : str, Activation or Gate
        One of `names` or `gates`, an alias such as ``"swish"``, or ``"framework:name"`` for
        PyTorch's module or function, JAX's function, Keras' function or ONNX's operator, with that
        framework's defaults. An activation and a gate come back as they are.

    Returns
    -------
    Activation or Gate

    Raises
    ------
    UnknownActivationError
        If there is none of that name; the message names the closest.

    Examples
    --------
    >>> get("elu"), get("swish"), get("swiglu")
    (nl.elu, nl.silu, nl.swiglu)
    >>> get("keras:leaky_relu")
    nl.leaky_relu.bind(negative_slope=0.2)
    >>> get("torch:GLU")
    nl.glu
    """
    if isinstance(name, Gate):
        return name
    gate = known(name) if isinstance(name, str) else None
    if gate is not None:
        return gate
    try:
        return catalogue.get(name)
    except UnknownActivationError:
        # The closest of all names, where that is a gate's.
        close = near(str(name))
        if ":" in str(name) or close is None or (close not in GATES and close not in ALIASES):
            raise
        raise UnknownActivationError(
            f"no activation is called {name!r}; did you mean the gate {close!r}?"
        ) from None


# So alike an activation's name has to be that no gate's is looked for.
ALIKE = 0.75


def near(name: str) -> str | None:
    """Give the name, of an activation or a gate, that `name` may be a slip of, or None."""
    activations = [*catalogue.names(), *catalogue.aliases()]
    word = name.casefold()
    close = get_close_matches(word, activations, 1, ALIKE) or get_close_matches(
        word, [*activations, *GATES, *ALIASES], 1
    )
    return close[0] if close else None
