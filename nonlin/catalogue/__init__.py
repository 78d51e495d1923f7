"""The functions this library has: one record each, in the order of the list.

A record's definition is the textbook one, written once; formulas, derivatives, ranges, limits and
the reference that the kernels are tested against all derive from it.
"""

from __future__ import annotations

from difflib import get_close_matches

from nonlin.activation import Activation
from nonlin.catalogue import document
from nonlin.catalogue.record import Parameter, Record

__all__ = [
    "DOCUMENT",
    "Parameter",
    "Record",
    "UnknownActivationError",
    "elu",
    "get",
    "leaky_relu",
    "names",
    "relu",
    "sigmoid",
    "tanh",
]

_ACTIVATIONS = {record.name: Activation(record) for record in document.RECORDS}

# The tutorial's five, which the study is about.
DOCUMENT = tuple(record.name for record in document.RECORDS)

sigmoid = _ACTIVATIONS["sigmoid"]
tanh = _ACTIVATIONS["tanh"]
relu = _ACTIVATIONS["relu"]
leaky_relu = _ACTIVATIONS["leaky_relu"]
elu = _ACTIVATIONS["elu"]


def names() -> tuple[str, ...]:
    """Name every activation, in the catalogue's order: the tutorial's five first.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> names()[:5]
    ('sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu')
    """
    return tuple(_ACTIVATIONS)


def get(name: str) -> Activation:
    """Look an activation up by its name.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Activation

    Raises
    ------
    UnknownActivationError
        If there is no activation of that name; the message names the closest.

    Examples
    --------
    >>> get("elu")
    nl.elu
    """
    try:
        return _ACTIVATIONS[name]
    except KeyError:
        close = get_close_matches(str(name), names(), 1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names())}"
        raise UnknownActivationError(f"no activation is called {name!r}; {hint}") from None


class UnknownActivationError(KeyError):
    """No activation of the catalogue has that name."""

    def __str__(self) -> str:
        return str(self.args[0])
