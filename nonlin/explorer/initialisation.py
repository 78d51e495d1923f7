"""First weights by their name: what variances they stand for.

With weights of variance sw2 / fan_in and biases of variance sb2:

    PyTorch   U(-1/sqrt(n), 1/sqrt(n)) for both:  sw2 = 1/3, sb2 = 1/(3 n)
    Xavier    2 / (fan_in + fan_out), which for equal layers is sw2 = 1
    He        sw2 = 2
    critical  sw2 at which gradients keep their length (`nonlin.critical_initialization`); where
              there is none, the gain squared, at which signals keep theirs
"""

from __future__ import annotations

from nonlin.activation import Activation
from nonlin.explorer.wrong import WrongRequestError
from nonlin.propagation import NoCriticalPointError, NotConvergedError, critical_initialization
from nonlin.propagation.gain import gain

__all__ = ["NAMES", "unmeasurable", "variances"]

NAMES = ("critical", "he", "xavier", "torch")


def variances(name: str, act: Activation, fan_in: int, bias: float = 0.0) -> tuple[float, float]:
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
        The variance of biases where the name leaves it open.

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
    try:
        return critical_initialization(act, bias).weight_variance, bias
    except NoCriticalPointError:
        return _keeping_length(act), bias
    except NotConvergedError:
        raise unmeasurable(act) from None


def _keeping_length(act: Activation) -> float:
    try:
        return gain(act) ** 2
    except NotConvergedError:
        raise unmeasurable(act) from None


def unmeasurable(act: Activation) -> WrongRequestError:
    """Say that the theory has no answer for a function."""
    return WrongRequestError("unmeasurable", status=422, name=act.name)
