"""First weights by their name: what variances they stand for.

With weights of variance sw2 / fan_in and biases of variance sb2:

    PyTorch   U(-1/sqrt(n), 1/sqrt(n)) for both:  sw2 = 1/3, sb2 = 1/(3 n)
    Xavier    2 / (fan_in + fan_out), which for equal layers is sw2 = 1
    He        sw2 = 2
    critical  what `nonlin.first_weights` chooses for the depth: sw2 at which gradients keep their
              length if signals keep theirs through it, else the nearest that do
"""

from __future__ import annotations

import math

from nonlin.activation import Activation
from nonlin.explorer.wrong import WrongRequestError
from nonlin.propagation import FirstWeights, NotConvergedError, first_weights

__all__ = ["NAMES", "chosen", "first_length", "unmeasurable", "variances"]

NAMES = ("critical", "he", "xavier", "torch")


def variances(
    name: str, act: Activation, fan_in: int, bias: float = 0.0, depth: int = 1
) -> tuple[float, float]:
    """Give (sw2, sb2) of a layer.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    act : Activation
        The function that follows the layer.
    fan_in : int
        Inputs of the layer.
    bias : float
        The variance of biases where the name leaves it open, as "he" and "xavier" do.
    depth : int
        Layers of the network.

    Returns
    -------
    pair of float

    Raises
    ------
    WrongRequestError
        If the theory has no answer for the function.

    Examples
    --------
    >>> import nonlin as nl
    >>> variances("critical", nl.relu, 64), variances("xavier", nl.tanh, 64)
    ((2.0, 0.0), (1.0, 0.0))
    """
    if name == "torch":
        return 1.0 / 3.0, 1.0 / (3.0 * fan_in)
    if name != "critical":
        return {"he": 2.0, "xavier": 1.0}[name], bias
    found = chosen(act, depth)
    return found.weight_variance, found.bias_variance


def chosen(act: Activation, depth: int) -> FirstWeights:
    """Choose the weights that the name "critical" stands for."""
    try:
        return first_weights(act, depth)
    except NotConvergedError:
        raise unmeasurable(act) from None


def first_length(name: str, act: Activation, depth: int, length: float) -> float:
    """Give the mean square of inputs that makes the first layer as its name draws it.

    The critical weights of the first layer are drawn for its inputs, so that it makes the length at
    which the others hold; with the others' weights such inputs do.
    """
    if name != "critical":
        return length
    found = chosen(act, depth)
    if math.isnan(found.length):
        return length
    return found.input_variance() / found.weight_variance


def unmeasurable(act: Activation) -> WrongRequestError:
    """Say that the theory has no answer for a function."""
    return WrongRequestError("unmeasurable", status=422, name=act.name)
