"""Activations of tensors: the names and the signatures of `torch.nn.functional`, and our own.

`import nonlin.torch.functional as F` takes the place of `torch.nn.functional`'s activations. On the
CPU they are computed by nonlin's kernels, differentiable as often as one likes, in both modes;
elsewhere, and inside `decomposed()`, by PyTorch's own operations. So are ReLU and Leaky ReLU
everywhere: PyTorch rounds them once, and keeps of ReLU what the next layer keeps anyway.

A tensor is of float16, bfloat16, float32 or float64; TypeError says what came otherwise. Where two
pieces of a function meet, the derivative is the left one. A parameter may be a tensor that
broadcasts with the input: it then gets gradients, too.

`inplace=True` writes the result over the input, as it does in PyTorch.
"""

# ruff: noqa: A002 - `input` is what PyTorch calls it

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import _C, Tensor, nn

from nonlin.torch import formulas, gate_ops
from nonlin.torch.functions import learned
from nonlin.torch.gate_ops import GATE_CALLS, GATES
from nonlin.torch.ops import CALLS, TWO_SLOPES
from nonlin.torch.registration import DTYPES, expect_floating
from nonlin.torch.trace.record import watching

__all__ = [
    "bilinear",
    "celu",
    "clamped_swiglu",
    "decomposed",
    "elu",
    "exponential",
    "geglu",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "identity",
    "laplace",
    "leaky_relu",
    "lisht",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "reglu",
    "relu",
    "relu6",
    "relu_squared",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "situ_glu",
    "snake",
    "snake_beta",
    "softcap",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sqrt_softplus",
    "squareplus",
    "stanh",
    "star_relu",
    "step",
    "swiglu",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
    "thresholded_relu",
    "xielu",
]

# Whether PyTorch's own operations are asked for.
_decomposed = False


@contextmanager
def decomposed() -> Iterator[None]:
    """Compute with PyTorch's own operations meanwhile: the same function by a stable formula.

    A compiler that fuses operations sees through them, where a kernel is closed to it. The results
    are within rounding of the kernels', not the same bits.

    Examples
    --------
    >>> with decomposed():
    ...     print(elu(torch.tensor([0.0, 2.0])))
    tensor([0., 2.])
    """
    global _decomposed
    before, _decomposed = _decomposed, True
    try:
        yield
    finally:
        _decomposed = before


def compute(name: str, input: Tensor, *parameters: Any, inplace: bool = False) -> Tensor:
    """Compute a kernel's function of its name and parameters, which are numbers or tensors."""
    _expect(name, input)
    if inplace:
        return _in_place(name, input, parameters)
    for p in parameters:
        if isinstance(p, Tensor):
            return learned(name, input, *parameters)
    if _decomposed or (not input.is_cpu and torch.compiler.is_compiling()):
        return formulas.value(name, input, *parameters)
    return CALLS[name](input, *parameters)  # type: ignore[no-any-return]


def _expect(name: str, input: Tensor) -> None:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}: expected a tensor, got {type(input).__name__}")
    if input.dtype not in DTYPES:
        expect_floating(name, input)


def _in_place(name: str, input: Tensor, parameters: tuple[Any, ...]) -> Tensor:
    # What the backward pass reads must not be written over.
    kept = torch.is_grad_enabled() and input.requires_grad and name not in TWO_SLOPES
    return input.copy_(compute(name, input.clone() if kept else input, *parameters))


def compute_gate(name: str, gate: Tensor, value: Tensor, *parameters: float) -> Tensor:
    """Compute a gate of its name of inputs that broadcast, in the wider of their dtypes.

    Raises
    ------
    TypeError
        If one of them is no tensor of a floating dtype, or they are on two devices.
    ValueError
        If their shapes do not broadcast.
    """
    for x in (gate, value):
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}: expected two tensors, got {type(x).__name__}")
        expect_floating(name, x)
    if gate.device != value.device:
        raise TypeError(f"{name}: the gate is on {gate.device} and the value on {value.device}")
    if gate.dtype != value.dtype:
        dtype = torch.promote_types(gate.dtype, value.dtype)
        gate, value = gate.to(dtype), value.to(dtype)
    if gate.shape != value.shape:
        try:
            gate, value = torch.broadcast_tensors(gate, value)  # type: ignore[no-untyped-call]
        except RuntimeError:
            raise ValueError(
                f"{name}: the shapes {tuple(gate.shape)} and {tuple(value.shape)} do not broadcast"
            ) from None
    if not torch.compiler.is_compiling() and _is_watched():
        # The activation of a gate is a place to be looked at, so its steps are shown.
        activation = GATES[name].activation
        if activation is None:
            return gate_ops.value(name, gate, value, *parameters)
        return compute(activation, gate, *parameters) * value
    if _decomposed or (gate.device.type != "cpu" and torch.compiler.is_compiling()):
        return gate_ops.value(name, gate, value, *parameters)
    return GATE_CALLS[name](gate, value, *parameters)  # type: ignore[no-any-return]


def _is_watched() -> bool:
    return _C._len_torch_dispatch_stack() > 0 and watching() is not None


def halves(name: str, input: Tensor, dim: int = -1) -> tuple[Tensor, Tensor]:
    """Split a tensor in two along a dimension; ValueError says where that is impossible."""
    if not input.dim() or input.shape[dim] % 2:
        raise ValueError(
            f"{name}: expected an even size along dimension {dim}, got {tuple(input.shape)}"
        )
    first, second = input.chunk(2, dim)
    return first, second


def bilinear(gate: Tensor, value: Tensor) -> Tensor:
    """Compute gate * value."""
    return compute_gate("bilinear", gate, value)


def clamped_swiglu(
    gate: Tensor,
    value: Tensor,
    limit: float = 7.0,
    alpha: float = 1.702,
    offset: float = 1.0,
) -> Tensor:
    """Compute g / (1 + exp(-alpha g)) (v + offset), g = min(gate, limit), v within +-limit."""
    return compute_gate("clamped_swiglu", gate, value, limit, alpha, offset)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Compute x if x > 0, else alpha (exp(x / alpha) - 1)."""
    return compute("celu", input, alpha, inplace=inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Compute x if x > 0, else alpha (exp(x) - 1).

    Parameters
    ----------
    input : Tensor, shape (...), float16, bfloat16, float32 or float64
    alpha : float or Tensor
    inplace : bool
        Whether the result is written over the input.

    Returns
    -------
    Tensor, shape and dtype of the input

    Raises
    ------
    TypeError
        If the input is no tensor of these dtypes.

    Examples
    --------
    >>> x = torch.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = elu(x)
    >>> y.detach(), torch.autograd.grad(y.sum(), x)
    (tensor([-0.6321,  2.0000]), (tensor([0.3679, 1.0000]),))
    """
    return compute("elu", input, alpha, inplace=inplace)


def exponential(input: Tensor) -> Tensor:
    """Compute exp(x)."""
    return compute("exponential", input)


def geglu(gate: Tensor, value: Tensor, approximate: str = "none") -> Tensor:
    """Compute gelu(gate) * value; see `swiglu`."""
    kernels = {"none": "geglu", "tanh": "geglu_tanh"}
    if approximate not in kernels:
        raise ValueError(f"geglu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return compute_gate(kernels[approximate], gate, value)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """Compute x (1 + erf(x / sqrt(2))) / 2, or its form with tanh if `approximate` is "tanh".

    ValueError says so if it is another word.
    """
    kernels = {"none": "gelu", "tanh": "gelu_tanh"}
    if approximate not in kernels:
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return compute(kernels[approximate], input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Compute a * sigmoid(b) of the first half a and the second half b along a dimension.

    Parameters
    ----------
    input : Tensor, shape (..., 2 n, ...)
    dim : int

    Returns
    -------
    Tensor, shape (..., n, ...)

    Raises
    ------
    ValueError
        If the size along that dimension is odd.
    """
    value, gate = halves("glu", input, dim)
    return compute_gate("glu", gate, value)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Compute x if |x| > lambd, else 0."""
    return compute("hard_shrink", input, lambd)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute min(max(0, x / 6 + 1/2), 1)."""
    return compute("hard_sigmoid", input, 6.0, 0.5, inplace=inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute x min(max(0, x + 3), 6) / 6."""
    return compute("hard_swish", input, inplace=inplace)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Compute min(max(min_val, x), max_val)."""
    return compute("hard_tanh", input, min_val, max_val, inplace=inplace)


def identity(input: Tensor) -> Tensor:
    """Compute x, in new memory."""
    return compute("identity", input)


def laplace(
    input: Tensor, mu: float = math.sqrt(0.5), sigma: float = 0.5 / math.sqrt(math.pi)
) -> Tensor:
    """Compute (1 + erf((x - mu) / (sigma sqrt(2)))) / 2."""
    return compute("laplace", input, mu, sigma)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Compute x if x > 0, else negative_slope x."""
    if isinstance(negative_slope, Tensor):
        return compute("leaky_relu", input, negative_slope, inplace=inplace)
    _expect("leaky_relu", input)
    return nn.functional.leaky_relu(input, negative_slope, inplace)


def lisht(input: Tensor) -> Tensor:
    """Compute x tanh(x)."""
    return compute("lisht", input)


def log_softmax(input: Tensor, dim: int = -1, dtype: torch.dtype | None = None) -> Tensor:
    """Compute the logarithms of `softmax`."""
    return torch.log_softmax(input, dim, dtype=dtype)


def logsigmoid(input: Tensor) -> Tensor:
    """Compute -log(1 + exp(-x))."""
    return compute("log_sigmoid", input)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute x tanh(log(1 + exp(x)))."""
    return compute("mish", input, inplace=inplace)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Compute x if x > 0, else weight x.

    Parameters
    ----------
    input : Tensor, shape (N, C, ...)
    weight : Tensor, shape (1,) or (C,)

    Raises
    ------
    ValueError
        If there are neither one slope nor as many as channels.
    """
    return compute("leaky_relu", input, along_channels("prelu", input, weight))


def along_channels(name: str, input: Tensor, weight: Tensor) -> Tensor:
    """Lay a parameter's entries along the channels of the input, its second dimension."""
    channels = input.shape[1] if input.dim() > 1 else 1
    if weight.numel() not in (1, channels):
        raise ValueError(
            f"{name}: expected 1 parameter or one for each of {channels} channels, "
            f"got {weight.numel()}"
        )
    if weight.numel() == 1:
        return weight.reshape(())
    return weight.reshape(-1, *(1,) * (input.dim() - 2))


def reglu(gate: Tensor, value: Tensor) -> Tensor:
    """Compute relu(gate) * value; see `swiglu`."""
    return compute_gate("reglu", gate, value)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute max(0, x)."""
    _expect("relu", input)
    return nn.functional.relu(input, inplace)


def relu_squared(input: Tensor) -> Tensor:
    """Compute max(0, x)^2."""
    return compute("relu_squared", input)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute min(max(0, x), 6)."""
    return compute("relu6", input, inplace=inplace)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8.0,
    upper: float = 1.0 / 3.0,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Compute x if x > 0, else a x: a is drawn from [lower, upper], or else their mean.

    While `training` each element has an a of its own, from PyTorch's generator of its device.

    Raises
    ------
    ValueError
        If lower is above upper.
    """
    if lower > upper:
        raise ValueError(f"rrelu: lower is {lower}, above upper, {upper}")
    slope: Any = 0.5 * (lower + upper)
    if training:
        slope = torch.empty_like(input, requires_grad=False).uniform_(lower, upper)
    return compute("leaky_relu", input, slope, inplace=inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute scale x if x > 0, else scale alpha (exp(x) - 1), with the paper's two constants."""
    return compute("selu", input, inplace=inplace)


def sigmoid(input: Tensor) -> Tensor:
    """Compute 1 / (1 + exp(-x))."""
    return compute("sigmoid", input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Compute x / (1 + exp(-x))."""
    return compute("silu", input, 1.0, inplace=inplace)


def snake(input: Tensor, alpha: float | Tensor = 1.0) -> Tensor:
    """Compute x + sin(alpha x)^2 / alpha.

    L. Ziyin, T. Hartwig, M. Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix
    It, NeurIPS 2020.
    """
    return compute("snake", input, alpha)


def snake_beta(input: Tensor, alpha: float | Tensor = 1.0, beta: float | Tensor = 1.0) -> Tensor:
    """Compute x + sin(alpha x)^2 / beta."""
    return compute("snake_beta", input, alpha, beta)


def softcap(input: Tensor, cap: float = 30.0) -> Tensor:
    """Compute cap tanh(x / cap)."""
    return compute("softcap", input, cap)


def softmax(input: Tensor, dim: int = -1, dtype: torch.dtype | None = None) -> Tensor:
    """Compute exp(x_i) / sum_j exp(x_j) along a dimension."""
    return torch.softmax(input, dim, dtype=dtype)


def softmin(input: Tensor, dim: int = -1, dtype: torch.dtype | None = None) -> Tensor:
    """Compute softmax(-x)."""
    return softmax(-input, dim, dtype)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Compute log(1 + exp(beta x)) / beta, or x where beta x > threshold.

    The threshold is PyTorch's; with that of `nonlin.softplus`, infinity, there is no jump.
    """
    return compute("softplus", input, beta, threshold)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Compute x - lambd if x > lambd, x + lambd if x < -lambd, else 0."""
    return compute("soft_shrink", input, lambd, lambd)


def softsign(input: Tensor) -> Tensor:
    """Compute x / (1 + |x|)."""
    return compute("softsign", input)


def situ_glu(gate: Tensor, value: Tensor, beta1: float = 4.0, beta2: float = 25.0) -> Tensor:
    """Compute beta1 tanh(gate / beta1) sigmoid(gate) beta2 tanh(value / beta2)."""
    return compute_gate("situ_glu", gate, value, beta1, beta2)


def sparse_plus(input: Tensor) -> Tensor:
    """Compute 0 if x <= -1, x if x > 1, else (x + 1)^2 / 4."""
    return compute("sparse_plus", input)


def sparse_sigmoid(input: Tensor) -> Tensor:
    """Compute min(max(0, (x + 1) / 2), 1)."""
    return compute("sparse_sigmoid", input)


def sqrt_softplus(input: Tensor) -> Tensor:
    """Compute the square root of log(1 + exp(x))."""
    return compute("sqrt_softplus", input)


def squareplus(input: Tensor, b: float = 4.0) -> Tensor:
    """Compute (x + sqrt(x^2 + b)) / 2."""
    return compute("squareplus", input, b)


def stanh(input: Tensor, a: float = 0.67, b: float = 1.7159) -> Tensor:
    """Compute b tanh(a x)."""
    return compute("stanh", input, a, b)


def star_relu(input: Tensor, s: float = 0.8944, b: float = -0.4472) -> Tensor:
    """Compute s max(0, x)^2 + b."""
    return compute("star_relu", input, s, b)


def step(input: Tensor) -> Tensor:
    """Compute 1 if x > 0, else 0; the derivative is 0."""
    return compute("step", input)


def swiglu(gate: Tensor, value: Tensor, beta: float = 1.0) -> Tensor:
    """Compute gate / (1 + exp(-beta gate)) * value.

    For the backward pass the two inputs are kept and nothing else.

    Parameters
    ----------
    gate, value : Tensor
        Of shapes that broadcast. Two dtypes are taken as the wider one.
    beta : float

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError, ValueError
        As `compute_gate`.

    References
    ----------
    N. Shazeer, GLU Variants Improve Transformer, 2020 (https://arxiv.org/abs/2002.05202).
    """
    return compute_gate("swiglu", gate, value, beta)


def swish(input: Tensor, beta: float | Tensor = 1.0) -> Tensor:
    """Compute x / (1 + exp(-beta x))."""
    return compute("silu", input, beta)


def tanh(input: Tensor) -> Tensor:
    """Compute (exp(x) - exp(-x)) / (exp(x) + exp(-x))."""
    return compute("tanh", input)


def tanhshrink(input: Tensor) -> Tensor:
    """Compute x - tanh(x)."""
    return compute("tanh_shrink", input)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Compute x if x > threshold, else value."""
    return compute("threshold", input, threshold, value, inplace=inplace)


def thresholded_relu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Compute x if x > alpha, else 0."""
    return compute("thresholded_relu", input, alpha)


def xielu(
    input: Tensor,
    alpha_p: float | Tensor = 0.8,
    alpha_n: float | Tensor = 0.8,
    beta: float = 0.5,
    eps: float = -1e-6,
) -> Tensor:
    """Compute alpha_p x^2 + beta x if x > 0, else alpha_n (exp(min(x, eps)) - 1 - x) + beta x.

    A. H. Huang, I. Schlag, Deriving Activation Functions Using Integration, 2024
    (https://arxiv.org/abs/2411.13010).
    """
    return compute("xielu", input, alpha_p, alpha_n, beta, eps)
