"""A gate of one array that holds both inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.gate import Gate, expect_gate

ORDERS = ("gate first", "value first", "interleaved")


def split_gate(
    gate: Gate | str, x: Any, axis: int = -1, order: str = "gate first", **keywords: Any
) -> Any:
    """Split an array into gate and value and apply a gate.

    Parameters
    ----------
    gate : Gate or str
        Or its name, as `nonlin.get` takes it.
    x : array_like, shape (..., 2 n, ...)
        Gate and value along one axis.
    axis : int, default -1
    order : str, default "gate first"
        ``"gate first"`` and ``"value first"`` for halves one after the other (PyTorch's and JAX's
        GLU are value first), ``"interleaved"`` for gate, value, gate, value, ... (gpt-oss).
    **keywords
        As for the call of a gate.

    Returns
    -------
    array, shape (..., n, ...)

    Raises
    ------
    TypeError
        If `gate` is no gate, or `axis` no integer.
    ValueError
        If the axis does not exist or has an odd length, or the order is unknown.

    Examples
    --------
    >>> import nonlin as nl
    >>> split_gate(nl.reglu, [1.0, -2.0, 3.0, 4.0])
    array([3., 0.])
    >>> split_gate(nl.reglu, [1.0, -2.0, 3.0, 4.0], order="value first")
    array([ 3., -8.])
    >>> split_gate(nl.reglu, [1.0, -2.0, 3.0, 4.0], order="interleaved")
    array([-2., 12.])
    """
    chosen = expect_gate("split_gate", gate)
    if order not in ORDERS:
        raise ValueError(f"order must be {', '.join(map(repr, ORDERS))}, got {order!r}")
    array = np.asarray(x)
    place = _place(array, axis)
    length = array.shape[place]
    if length % 2:
        raise ValueError(
            f"split_gate needs an even number of elements along axis {axis}, half of them the gate;"
            f" x has shape {array.shape}"
        )
    parts = (
        [slice(0, None, 2), slice(1, None, 2)]
        if order == "interleaved"
        else [slice(None, length // 2), slice(length // 2, None)]
    )
    first, second = (array[(slice(None),) * place + (part,)] for part in parts)
    pair = (second, first) if order == "value first" else (first, second)
    return chosen(*pair, **keywords)


def _place(array: Any, axis: int) -> int:
    if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
        raise TypeError(f"axis must be an integer, got {axis!r}")
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(f"x of shape {array.shape} has no axis {axis}")
    place: int = int(axis) % array.ndim
    return place
