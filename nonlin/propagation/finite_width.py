"""How far the gradient of one finite network strays from the mean over all.

In a layer of n units the squared length of the gradient changes by the factor

    |delta'|^2 / |delta|^2 = (sw2 / n) sum_i phi'(u_i)^2 g_i^2,   g_i ~ N(0, 1),

where g is W^T delta over its mean length, with the mean chi = sw2 E[phi'^2] and, since E[g^4] = 3,
the relative variance

    T = (3 E[phi'^4] / E[phi'^2]^2 - 1) / n,

which for ReLU is 5/n (Hanin and Nica). The lengths fluctuate too: given one layer the length of the
next is off by e, Var e = sw2^2 Var(phi^2) / n, a deviation is multiplied by the slope of the length
map a layer, and it changes ln chi by kappa = d ln E[phi'^2] / dq each time. So a deviation made
behind layer l moves the logarithm of the product by K_l = kappa_{l+1} + slope_{l+1} K_{l+1}, and
the variance of that logarithm is to first order in 1/n

    beta = sum_l [ T_l + 2 K_l C_l + K_l^2 Var e_l ],   C = sw2 Cov(phi^2, phi'^2) / (n E[phi'^2]).

For ReLU kappa = 0. The product is close to log-normal, ln ~ N(ln prod chi - beta/2, beta). Limits:
width against depth, for terms of order depth/n^2 are left out, so beta should not exceed about 1;
all layers of width n; corrections to the mean of order depth/n, by weights that the forward and the
backward pass share, are left out but for ReLU, for which they vanish.
"""

from __future__ import annotations

import numpy as np

from nonlin.propagation.moments import Moments
from nonlin.propagation.quadrature import Array

# Of the normal distribution, 95 %.
QUANTILE = 1.959963984540054


def log_variances(found: Moments, lengths: Array, weight_variance: float, width: int) -> Array:
    """Compute beta of the gradient at each layer relative to that at the last one.

    Parameters
    ----------
    found : Moments
        At `lengths`, shape (depth,).
    lengths : array, shape (depth,)
    weight_variance : float
    width : int

    Returns
    -------
    array, shape (depth,)
        The variance of the logarithm of |delta^l|^2 / |delta^L|^2; 0 at the last layer.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _log_variances(found, lengths, weight_variance) / width


def _log_variances(found: Moments, lengths: Array, weight_variance: float) -> Array:
    own = 3.0 * found.slope_fourth / found.slope_square**2 - 1.0
    kappa = found.slope_growth / (lengths * found.slope_square)
    slope = weight_variance * found.growth / lengths
    noise = weight_variance**2 * (found.value_fourth - found.square**2)
    shared = weight_variance * (found.mixed / found.slope_square - found.square)
    # The factor from layer l+1 to layer l has phi' of layer l. A deviation made behind layer l
    # meets the factors of layers l+1 to depth-1.
    later, terms = 0.0, np.zeros(len(lengths))
    for layer in range(len(lengths) - 2, -1, -1):
        terms[layer] = own[layer] + 2.0 * later * shared[layer] + later**2 * noise[layer]
        later = kappa[layer] + slope[layer] * later
    return np.asarray(np.cumsum(terms[::-1])[::-1])


def interval(gradients: Array, beta: Array) -> Array:
    """Give the 95 % interval of the log-normal distribution with the mean `gradients`.

    Returns
    -------
    array, shape (depth, 2)
    """
    spread = QUANTILE * np.sqrt(beta)
    return gradients[:, None] * np.exp(np.stack([-spread, spread], axis=1) - 0.5 * beta[:, None])
