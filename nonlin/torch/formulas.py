"""Each kernel's function in PyTorch's own operations, for other devices and for compilers.

The formula of a kernel, with the derivatives that follow from it (`nonlin.torch.jets`). A point
where two pieces meet belongs to the left one, as in the kernels. NaN falls through every comparison
and so has to stand in the last piece.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from nonlin.torch.jets import (
    Jet,
    Number,
    bounded,
    choose,
    exp,
    expm1,
    gated,
    hypot,
    normal_cdf,
    primal,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)

# Of S. Klambauer et al., 2017, as in the catalogue.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848, 1.0507009873554804934

# Beyond it the gate of GELU's tanh form is 0 or 1, and its cube is far from overflow.
CUBES = 64.0


def _below(x: Number, bound: Number) -> Number:
    return choose(primal(x) > bound, bound, x, primal(x))


def _pieces(x: Number, *pieces: tuple[Number, Number]) -> Number:
    """Give the piece whose end is the first that x does not exceed; pieces are (end, formula)."""
    z = primal(x)
    *ended, (_, found) = pieces
    for end, piece in reversed(ended):
        found = choose(z <= primal(end), piece, found, z)
    return found


def identity(x: Number) -> Number:
    return x


def relu(x: Number) -> Number:
    return _pieces(x, (0.0, 0.0), (math.inf, x))


def leaky_relu(x: Number, negative_slope: Number) -> Number:
    return _pieces(x, (0.0, x * negative_slope), (math.inf, x))


def _clipped(x: Number, low: Number, high: Number, between: Number) -> Number:
    z = primal(x)
    return choose(z <= primal(low), low, choose(z > primal(high), high, between, z), z)


def relu6(x: Number) -> Number:
    return _clipped(x, 0.0, 6.0, x)


def hard_tanh(x: Number, min_val: Number, max_val: Number) -> Number:
    return _clipped(x, min_val, max_val, x)


def hard_sigmoid(x: Number, width: Number, offset: Number) -> Number:
    t = x / width + offset
    return _clipped(t, 0.0, 1.0, t)


def sparse_sigmoid(x: Number) -> Number:
    t = (x + 1.0) / 2.0
    return _clipped(t, 0.0, 1.0, t)


def threshold(x: Number, threshold: Number, value: Number) -> Number:
    return _pieces(x, (threshold, value), (math.inf, x))


def thresholded_relu(x: Number, alpha: Number) -> Number:
    return _pieces(x, (alpha, 0.0), (math.inf, x))


def hard_shrink(x: Number, lambd: Number) -> Number:
    z, edge = primal(x), primal(lambd)
    # At the left edge the value is that of the middle, and the derivative that of the left.
    outside = choose(z == -edge, x + lambd, x, z)
    return choose((z > -edge) & (z <= edge), 0.0, outside, z)


def soft_shrink(x: Number, lambd: Number, bias: Number) -> Number:
    z, edge = primal(x), primal(lambd)
    outside = choose(z > edge, x - bias, choose(z == -edge, x + lambd, x + bias, z), z)
    return choose((z > -edge) & (z <= edge), 0.0, outside, z)


def hard_swish(x: Number) -> Number:
    inner = bounded(x, 3.0)
    return _pieces(x, (-3.0, 0.0), (3.0, inner * (inner + 3.0) / 6.0), (math.inf, x))


def sparse_plus(x: Number) -> Number:
    inner = bounded(x, 1.0) + 1.0
    return _pieces(x, (-1.0, 0.0), (1.0, inner * inner / 4.0), (math.inf, x))


def elu(x: Number, alpha: Number) -> Number:
    return _pieces(x, (0.0, alpha * expm1(_below(x, 0.0))), (math.inf, x))


def celu(x: Number, alpha: Number) -> Number:
    return _pieces(x, (0.0, alpha * expm1(_below(x, 0.0) / alpha)), (math.inf, x))


def selu(x: Number) -> Number:
    return SELU_SCALE * elu(x, SELU_ALPHA)


def exponential(x: Number) -> Number:
    return exp(x)


def gelu(x: Number) -> Number:
    return gated(x, normal_cdf(x))


def gelu_tanh(x: Number) -> Number:
    c = bounded(x, CUBES)
    return gated(x, sigmoid(math.sqrt(8.0 / math.pi) * (c + 0.044715 * (c * c * c))))


def silu(x: Number, beta: Number) -> Number:
    return gated(x, sigmoid(x * beta))


def mish(x: Number) -> Number:
    return gated(x, tanh(softplus(x)))


def tanh_shrink(x: Number) -> Number:
    return x - tanh(x)


def soft_plus(x: Number, beta: Number, threshold: Number) -> Number:
    u = x * beta
    z = primal(u)
    smooth = softplus(u) / beta
    straight = z > primal(threshold)
    return choose(straight, x, smooth, z)


def log_sigmoid(x: Number) -> Number:
    return -softplus(-x)


def softsign(x: Number) -> Number:
    x = _finite(x)
    return x / (1.0 + _magnitude(x))


def squareplus(x: Number, b: Number) -> Number:
    # (x + h) / 2 = x + (h - x) / 2, and h - x = b / (h + x): no difference of two large numbers.
    h = hypot(x, sqrt(b))
    return relu(x) + 0.5 * b / (h + _magnitude(x))


def snake(x: Number, alpha: Number) -> Number:
    return snake_beta(x, alpha, alpha)


def snake_beta(x: Number, alpha: Number, beta: Number) -> Number:
    s = sin(_on_a_wave(x) * alpha)
    return x + s * s / beta


def relu_squared(x: Number) -> Number:
    return relu(x) * relu(x)


def star_relu(x: Number, s: Number, b: Number) -> Number:
    return s * relu_squared(x) + b


def softcap(x: Number, cap: Number) -> Number:
    return cap * tanh(x / cap)


def stanh(x: Number, a: Number, b: Number) -> Number:
    return b * tanh(x * a)


def lisht(x: Number) -> Number:
    return x * tanh(x)


def laplace(x: Number, mu: Number, sigma: Number) -> Number:
    return normal_cdf((x - mu) / sigma)


def step(x: Number) -> Number:
    z = primal(x)
    return choose(z <= 0, 0.0, choose(z > 0, 1.0, x, z), z)


def sqrt_softplus(x: Number) -> Number:
    # Far out the square root is taken of e^x, which need not be as large as a float.
    far = primal(x) < -40.0
    near = choose(far, -40.0, x, primal(x))
    return choose(far, exp(0.5 * x), sqrt(softplus(near)), primal(x))


def xielu(x: Number, alpha_p: Number, alpha_n: Number, beta: Number, eps: Number) -> Number:
    z = primal(x)
    above = choose(z > 0, x, 0.0, z)
    below = choose(z > 0, 0.0, x, z)
    # One multiple of x in each piece: of two, at -inf, one would be taken from the other.
    bent = alpha_n * expm1(choose(primal(below) > eps, eps, below, z)) + below * (beta - alpha_n)
    return choose(z > 0, alpha_p * (above * above) + beta * above, bent, z)


def _magnitude(x: Number) -> Number:
    return choose(primal(x) > 0, x, -x, primal(x))


def _on_a_wave(x: Number) -> Number:
    """Take x where a wave is bounded: at infinity its slope, of which there is no limit, is NaN."""
    z = primal(x)
    if not isinstance(x, Jet):
        return choose(z.isinf(), 0.0, x, z)
    # `derivatives` takes the largest numbers for the infinities.
    return choose(z.abs() >= torch.finfo(z.dtype).max, math.nan, x, z)


def _finite(x: Number) -> Number:
    return x if isinstance(x, Jet) else torch.nan_to_num(x, nan=math.nan)


FORMULAS: Mapping[str, Callable[..., Number]] = {
    "celu": celu,
    "elu": elu,
    "exponential": exponential,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "hard_shrink": hard_shrink,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": hard_swish,
    "hard_tanh": hard_tanh,
    "identity": identity,
    "laplace": laplace,
    "leaky_relu": leaky_relu,
    "lisht": lisht,
    "log_sigmoid": log_sigmoid,
    "mish": mish,
    "relu": relu,
    "relu6": relu6,
    "relu_squared": relu_squared,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "snake": snake,
    "snake_beta": snake_beta,
    "soft_shrink": soft_shrink,
    "softcap": softcap,
    "softplus": soft_plus,
    "softsign": softsign,
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": sparse_sigmoid,
    "sqrt_softplus": sqrt_softplus,
    "squareplus": squareplus,
    "stanh": stanh,
    "star_relu": star_relu,
    "step": step,
    "tanh": tanh,
    "tanh_shrink": tanh_shrink,
    "threshold": threshold,
    "thresholded_relu": thresholded_relu,
    "xielu": xielu,
}


def value(name: str, x: Tensor, *parameters: Number) -> Tensor:
    """Compute a kernel's function in PyTorch's operations; 16 bits are computed in float32."""
    if x.dtype in (torch.float16, torch.bfloat16):
        return value(name, x.float(), *parameters).to(x.dtype)
    y: Tensor = FORMULAS[name](x, *parameters)
    return y.clone() if y is x else y
