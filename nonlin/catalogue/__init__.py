"""The functions this library has: one record each, in the order of the list.

A record's definition is the textbook one, written once; formulas, derivatives, ranges, limits and
the reference that the kernels are tested against all derive from it.
"""

from __future__ import annotations

from nonlin.activation import Activation
from nonlin.catalogue import (
    bounded,
    document,
    exponential,
    gated,
    periodic,
    rectified,
    shrinkage,
    soft_plus,
)
from nonlin.catalogue.lookup import Catalogue, UnknownActivationError
from nonlin.catalogue.record import Parameter, Record

__all__ = ["DOCUMENT", "Parameter", "Record", "UnknownActivationError", "get", "groups", "names"]

_FAMILIES = (document, rectified, exponential, gated, soft_plus, bounded, shrinkage, periodic)
_CATALOGUE = Catalogue(record for family in _FAMILIES for record in family.RECORDS)

# The tutorial's five, which the study is about.
DOCUMENT = tuple(record.name for record in document.RECORDS)


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
    return tuple(_CATALOGUE.activations)


def groups() -> dict[str, tuple[str, ...]]:
    """Return the names by family.

    Returns
    -------
    dict of str to tuple of str

    Examples
    --------
    >>> groups()["gated"]
    ('gelu', 'silu', 'mish', 'hard_swish', 'lisht')
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, activation in _CATALOGUE.activations.items():
        group = activation.record.group if activation.record else ""
        found[group] = (*found.get(group, ()), name)
    return found


def near(name: str) -> str | None:
    """Give the name in the catalogue that `name` may be a slip of, or None."""
    return _CATALOGUE.near(name)


def aliases() -> tuple[str, ...]:
    """Name the other names that some activations have."""
    return tuple(_CATALOGUE.aliases)


def get(name: str | Activation) -> Activation:
    """Look an activation up by its name, another of its names, or what a framework calls it.

    Parameters
    ----------
    name : str or Activation
        One of `names`, an alias such as ``"swish"``, or ``"framework:name"`` for PyTorch's module
        or function, JAX's function, Keras' function or ONNX's operator, with that framework's
        defaults. An activation comes back as it is.

    Returns
    -------
    Activation

    Raises
    ------
    UnknownActivationError
        If there is no activation of that name; the message names the closest.

    Examples
    --------
    >>> get("elu"), get("swish")
    (nl.elu, nl.silu)
    >>> get("keras:leaky_relu")
    nl.leaky_relu.bind(negative_slope=0.2)
    >>> get("jax:gelu")
    nl.gelu.bind(approximate='tanh')
    """
    return name if isinstance(name, Activation) else _CATALOGUE.find(name)
