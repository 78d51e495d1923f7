"""What a deep random network does to signals and gradients, in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from nonlin.above import Tabular, ask
from nonlin.activation import Activation, expect_activation
from nonlin.gate import Gate, given_gate
from nonlin.propagation import finite_width, layers
from nonlin.propagation.arguments import between, finite, variance, whole
from nonlin.propagation.arguments import limits as checked_limits
from nonlin.propagation.asymptotics import Limits, limits, max_depth
from nonlin.propagation.critical import critical_initialization
from nonlin.propagation.gated_layers import GatedPropagation, propagate_gated
from nonlin.propagation.layers import Network
from nonlin.propagation.moments import moments
from nonlin.propagation.quadrature import Array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Propagation(Tabular):
    """What `propagate` found. Layer l is entry l - 1; the arrays have the shape (depth,).

    Attributes
    ----------
    activation, weight_variance, bias_variance, depth, width, residual
        The network.
    lengths : array
        Variance of the pre-activations.
    correlations : array
        Correlation of two inputs' pre-activations.
    gradient_factors : array
        chi_l: the mean squared gradient at layer l over that at layer l + 1.
    gradients : array
        The mean squared gradient at layer l over that at the last layer.
    gradient_intervals : array, shape (depth, 2), or None
        With `width`: where `gradients` lie for 95 % of networks. See
        `nonlin.propagation.finite_width`.
    q_star : float
        Where lengths settle; 0 if they vanish, inf if they grow without limit.
    chi1 : float
        The gradient factor there.
    c_star : float
        Where correlations settle; NaN if `q_star` is 0 or inf, where lengths are gone before.
    xi_q, xi_c : float
        Layers in which a deviation of length and correlation shrinks by a factor e; inf if it
        shrinks slower than that, or not at all.
    phase : str
        "ordered" (chi1 < 1: gradients vanish), "critical" (|chi1 - 1| <= 1e-6) or "chaotic" (they
        explode).
    gradient_limits : tuple of float
        The factors that the caller named.
    max_depth : float
        The deepest network whose gradient at the first layer is within `gradient_limits` of that at
        the last one; inf if every network is.
    """

    activation: Activation
    weight_variance: float
    bias_variance: float
    depth: int
    width: int | None
    residual: float | None
    lengths: Array
    correlations: Array
    gradient_factors: Array
    gradients: Array
    gradient_intervals: Array | None
    q_star: float
    chi1: float
    c_star: float
    xi_q: float
    xi_c: float
    phase: str
    gradient_limits: tuple[float, float]
    max_depth: float

    def __repr__(self) -> str:
        written: str = ask("line", self)
        return written


@overload
def propagate(act: Gate, *, depth: int, **network: Any) -> GatedPropagation: ...
@overload
def propagate(act: Activation | str, *, depth: int, **network: Any) -> Propagation: ...
def propagate(
    act: Activation | Gate | str,
    *,
    weight_variance: float | None = None,
    bias_variance: float = 0.0,
    depth: int,
    width: int | None = None,
    input_length: float = 1.0,
    input_correlation: float = 0.0,
    residual: float | None = None,
    gradient_limits: tuple[float, float] = (1e-4, 1e4),
    **projections: float,
) -> Propagation | GatedPropagation:
    r"""Follow signals and gradients through a deep random network.

    In the limit of wide layers the pre-activations u of layer l are N(0, q_l), and

        q_1 = sw2 |x|^2/n + sb2,    q_{l+1} = sw2 E[phi(u)^2] + sb2,
        q_{l+1} c_{l+1} = sw2 E[phi(u) phi(u')] + sb2,
        E|delta_l|^2 = sw2 E[phi'(u)^2] E|delta_{l+1}|^2,

    where c is the correlation of u and u' for two inputs and delta the gradient with respect to u.
    At the fixed point q*, chi1 = sw2 E[phi'^2] and 1/xi_q = -ln |chi1 + sw2 E[phi'' phi]|; at c*
    then 1/xi_c = -ln |sw2 E[phi'(u) phi'(u')]|.

    ReLU and its kin map q to a multiple of q: without bias q* is 0 below the critical weight
    variance, inf above it, and at it the length of the first layer.

    Of a gate the network is one of gated layers, which
    `nonlin.propagation.gated_layers.propagate_gated` describes: weight_variance then is that of Wo,
    gate_variance and value_variance those of the two projections, there are no biases, and the
    result is a `GatedPropagation`.

    With `residual`, each layer is a pre-norm block x + residual * f(x) where the branch

        f(x) = W phi(x / rms(x)) + b

    sees N(0, 1) whatever the depth. Lengths grow by a constant a block and chi_l is
    1 + residual^2 sw2 E[phi'^2] / q_l, so that gradients grow like a power of depth; q* is inf and
    chi1 is 1.

    Parameters
    ----------
    act : Activation or Gate
    weight_variance, bias_variance : float
        sw2, of sqrt(fan_in) times a weight, and sb2. Without sw2 it is the critical one,
        `critical_initialization(act, bias_variance)`.
    depth : int
        Layers.
    width : int, optional
        Units of each layer; gives `gradient_intervals`, for which `residual` is not allowed.
    input_length : float
        |x|^2 / n of an input.
    input_correlation : float
        Of two inputs of that length, in [-1, 1].
    residual : float, optional
        The scale of residual branches.
    gradient_limits : (float, float)
        The smallest and largest factor, of squared gradients, that `max_depth` allows.
    **projections : float
        Of a gate alone: gate_variance and value_variance.

    Returns
    -------
    Propagation or GatedPropagation

    Raises
    ------
    TypeError, ValueError
        If an argument is no number, or out of its range.
    NoCriticalPointError
        If no weight variance is given and none is critical.
    NotConvergedError
        If the function cannot be integrated where lengths go.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=20)
    >>> found.phase, round(found.q_star, 6), round(found.chi1, 6), found.max_depth
    ('ordered', 0.315316, 0.880164, 65.0)

    References
    ----------
    B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, 2016.
    S. S. Schoenholz et al., Deep information propagation, 2017. B. Hanin, M. Nica, Products of many
    large random matrices and gradients in deep neural networks, 2019.
    """
    gate = given_gate(act)
    if gate is not None:
        unasked = {
            "bias_variance": bias_variance == 0.0,
            "width": width is None,
            "input_correlation": input_correlation == 0.0,
            "gradient_limits": gradient_limits == (1e-4, 1e4),
        }
        for name, is_default in unasked.items():
            if not is_default:
                raise TypeError(f"propagate takes no {name} for a gate such as {gate!r}")
        return propagate_gated(
            gate,
            weight_variance,
            depth=depth,
            input_length=input_length,
            residual=residual,
            **projections,
        )
    if projections:
        raise TypeError(f"propagate takes {', '.join(projections)} for a gate alone, got {act!r}")
    act = expect_activation("propagate", act)
    bias = variance("bias_variance", bias_variance)
    depth = whole("depth", depth)
    width = None if width is None else whole("width", width)
    input_length = variance("input_length", input_length)
    input_correlation = between("input_correlation", input_correlation, -1.0)
    residual = None if residual is None else finite("residual", residual)
    gradient_limits = checked_limits(gradient_limits)
    if weight_variance is None:
        weight_variance = critical_initialization(act, bias).weight_variance
    network = Network(act, variance("weight_variance", weight_variance), bias, residual)
    first = network.affine(input_length)
    if residual is not None and first == 0.0:
        raise ValueError(
            "a residual block divides by the length of its input: with residual, the length of the "
            "first layer, weight_variance * input_length + bias_variance, must be above 0"
        )
    settled: Limits = limits(network, first)
    q = layers.lengths(network, first, depth)
    # Two inputs of length 0 are the same.
    start = network.affine(input_length * input_correlation) / first if first else 1.0
    chi = layers.factors(network, q)
    gradients = layers.gradients(chi)
    return Propagation(
        act,
        network.weight_variance,
        network.bias_variance,
        depth,
        width,
        residual,
        q,
        layers.correlations(network, q, start),
        chi,
        gradients,
        _intervals(network, q, gradients, width),
        *settled,
        gradient_limits,
        max_depth(network, first, settled.chi1, gradient_limits),
    )


def _intervals(network: Network, q: Array, gradients: Array, width: int | None) -> Array | None:
    if width is None:
        return None
    if network.residual is not None:
        raise ValueError("width and residual: the spread of finite residual networks is not known")
    if not np.isfinite(q).all():
        return np.full((len(q), 2), np.nan)
    # At length 0 it is the limit from above, as far as squares of its inverse can be computed.
    q = np.maximum(q, 1e-60)
    beta = finite_width.log_variances(moments(network.act, q), q, network.weight_variance, width)
    return finite_width.interval(gradients, beta)
