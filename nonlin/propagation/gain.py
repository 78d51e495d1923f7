"""The factor that gives an activation's output the length of its input."""

from __future__ import annotations

import math

from nonlin.activation import Activation, expect_activation
from nonlin.gate import Gate, given_gate
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.moments import moments


def gain(act: Activation | Gate | str, mean_zero: bool = False) -> float:
    r"""Compute the factor by which weights of an activation are scaled to keep the signal's length.

    gain = 1 / sqrt(E[phi(z)^2]), z ~ N(0, 1): weights of variance gain^2 / fan_in give
    pre-activations of variance 1 back. It is what PyTorch's `calculate_gain` stands for, for every
    function.

    Parameters
    ----------
    act : Activation, Gate or str
        Or its name, as `nonlin.get` takes it. Of a gate h it is 1 / sqrt(E[h(g, v)^2]) for
        independent g and v ~ N(0, 1).
    mean_zero : bool
        Divide by the standard deviation, 1 / sqrt(Var[phi(z)]), as for a network whose layers
        are centred.

    Returns
    -------
    float

    Raises
    ------
    NotConvergedError
        If E[phi^2] is 0, infinite or cannot be computed.

    Examples
    --------
    >>> import nonlin as nl
    >>> round(gain(nl.relu), 12), round(gain(nl.tanh), 10)
    (1.414213562373, 1.5925374197)
    >>> round(gain(nl.swiglu), 10)
    1.6765324703

    References
    ----------
    K. He et al., Delving deep into rectifiers, 2015. G. Klambauer et al., Self-normalizing neural
    networks, 2017, choose SELU so that its gain is 1.
    """
    gate = given_gate(act)
    if gate is not None:
        from nonlin.propagation.gated_layers import gate_gain

        return gate_gain(gate, mean_zero)
    act = expect_activation("gain", act)
    found = moments(act, 1.0)
    square = float(found.square) - (float(found.value) ** 2 if mean_zero else 0.0)
    if not (math.isfinite(square) and square > 1e-14 * float(found.square)):
        raise NotConvergedError(f"{act!r} has no gain: the variance of its output is {square:g}")
    return 1.0 / math.sqrt(square)
