"""What is known of any function: an activation, a gate, one along an axis."""

from __future__ import annotations

from typing import overload

from nonlin.activation import Activation, expect_activation
from nonlin.axis import AxisFunction
from nonlin.catalogue.along_axis import find_axis_function
from nonlin.facts.axis import AxisProperties, axis_properties
from nonlin.facts.deadline import SECONDS
from nonlin.facts.fact import Gaussian
from nonlin.facts.gates import GateProperties, gate_properties
from nonlin.facts.record import Properties, of_activation
from nonlin.gate import Gate, given_gate

__all__ = ["gaussian", "properties"]


@overload
def properties(act: AxisFunction, seconds: float = ...) -> AxisProperties: ...
@overload
def properties(act: Gate, seconds: float = ...) -> GateProperties: ...
@overload
def properties(act: Activation | str, seconds: float = ...) -> Properties: ...
def properties(
    act: Activation | Gate | AxisFunction | str, seconds: float = SECONDS
) -> Properties | GateProperties | AxisProperties:
    r"""Know a function: range, smoothness, shape, slopes, what it does to Gaussian inputs.

    The facts of the catalogue's functions are constants, which this package brings: those that can
    be proved were. With other parameters they are proved when they are asked for, from the
    definition, where SymPy is installed: phi turns only at the zeros of phi', which lie between
    those of phi'', and so on (Rolle). Everything else, and all about a function of yours, is
    measured.

    Of a gate it is what `nonlin.facts.gates.gate_properties` gives.

    Parameters
    ----------
    act : Activation, Gate, AxisFunction or str
        Of a function along an axis, such as `nonlin.softmax`, there are `AxisProperties`.
    seconds : float
        Of processor time that a proof may take. What is not proved by then is measured, and says
        so; infinity waits for every proof, and some never end.

    Returns
    -------
    Properties or GateProperties
        Each fact is found when it is first asked for.

    Raises
    ------
    TypeError
        If `act` is neither an `Activation` nor a `Gate`.
    ValueError
        If `seconds` is not a positive number.
    UndefinedError
        If a function of yours has no finite value somewhere in [-8, 8].

    Examples
    --------
    >>> import nonlin as nl
    >>> known = properties(nl.sigmoid)
    >>> print(known.range, known.lipschitz)
    (0, 1) (proved) 0.25 (proved)
    >>> known.inverse.value.formula
    'log(-y/(y - 1))'
    """
    along_axis = find_axis_function(act)
    if along_axis is not None:
        return axis_properties(along_axis)
    gate = given_gate(act)
    if gate is not None:
        return gate_properties(gate, seconds)
    return of_activation(expect_activation("properties", act), seconds)


def gaussian(act: Activation, deviation: float = 1.0) -> Gaussian:
    """Compute what a function makes of a Gaussian pre-activation z ~ N(0, s^2).

    Parameters
    ----------
    act : Activation
    deviation : float
        s, positive.

    Returns
    -------
    Gaussian

    Raises
    ------
    ValueError
        If s is not a positive number.
    NotConvergedError
        If the function cannot be integrated.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = gaussian(nl.relu, 2.0)
    >>> round(found.mean_square.value, 12), found.sparsity.value
    (2.0, 0.5)
    """
    return properties(act).gaussian(deviation)
