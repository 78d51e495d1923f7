"""Activations as modules: the names and the signatures of `torch.nn`, and our own.

Each of `torch.nn`'s is also an instance of the class there of the same name, with its attributes,
`repr` and state, and computes with `nonlin.torch.functional`.
"""

# ruff: noqa: A002 - `input` is what PyTorch calls it

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.activation import Activation
from nonlin.torch import functional as F  # noqa: N812 - as PyTorch's own is called
from nonlin.torch.functions import Activate
from nonlin.torch.names import of_torch

__all__ = [
    "CELU",
    "ELU",
    "GEGLU",
    "GELU",
    "GLU",
    "SELU",
    "XIELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReGLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Snake",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "SwiGLU",
    "Swish",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _Named(Activate):
    """A module that applies the activation which its attributes say."""

    def __init__(self) -> None:
        nn.Module.__init__(self)

    @property
    def activation(self) -> Activation:  # type: ignore[override]
        """The activation that it applies, with its parameters as they are."""
        return of_torch(self)

    def extra_repr(self) -> str:
        """Show nothing where `torch.nn` does not."""
        return ""


class CELU(nn.CELU, _Named):
    """`functional.celu` as a module: max(0, x) + min(0, alpha (exp(x / alpha) - 1)).

    Parameters
    ----------
    alpha : float
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.celu`."""
        return F.celu(input, self.alpha, self.inplace)


class ELU(nn.ELU, _Named):
    """`functional.elu` as a module.

    Parameters
    ----------
    alpha : float
    inplace : bool

    Examples
    --------
    >>> ELU(alpha=0.5)(torch.tensor([-100.0, 2.0]))
    tensor([-0.5000,  2.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.elu`."""
        return F.elu(input, self.alpha, self.inplace)


class GELU(nn.GELU, _Named):
    """`functional.gelu` as a module: x Phi(x), Phi the normal distribution function.

    Parameters
    ----------
    approximate : str
        ``"none"``, or ``"tanh"`` for 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.gelu`."""
        return F.gelu(input, self.approximate)


class Hardshrink(nn.Hardshrink, _Named):
    """`functional.hardshrink` as a module: x where |x| > lambd, else 0.

    Parameters
    ----------
    lambd : float
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.hardshrink`."""
        return F.hardshrink(input, self.lambd)


class Hardsigmoid(nn.Hardsigmoid, _Named):
    """`functional.hardsigmoid` as a module: min(max(x + 3, 0), 6) / 6.

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.hardsigmoid`."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(nn.Hardswish, _Named):
    """`functional.hardswish` as a module: x min(max(x + 3, 0), 6) / 6.

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.hardswish`."""
        return F.hardswish(input, self.inplace)


class Hardtanh(nn.Hardtanh, _Named):
    """`functional.hardtanh` as a module: min(max(x, min_val), max_val).

    Parameters
    ----------
    min_val, max_val : float
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.hardtanh`."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


class LeakyReLU(nn.LeakyReLU, _Named):
    """`functional.leaky_relu` as a module: x where x > 0, else negative_slope x.

    Parameters
    ----------
    negative_slope : float
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.leaky_relu`."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class LogSigmoid(nn.LogSigmoid, _Named):
    """`functional.logsigmoid` as a module: log(1 / (1 + exp(-x)))."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.logsigmoid`."""
        return F.logsigmoid(input)


class Mish(nn.Mish, _Named):
    """`functional.mish` as a module: x tanh(log(1 + exp(x))).

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.mish`."""
        return F.mish(input, self.inplace)


class PReLU(nn.PReLU):
    """`functional.prelu` with slopes that are learned.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels.
    init : float
    device, dtype : optional
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.prelu`."""
        return F.prelu(input, self.weight)


class ReLU(nn.ReLU, _Named):
    """`functional.relu` as a module: max(x, 0).

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.relu`."""
        return F.relu(input, self.inplace)


class ReLU6(nn.ReLU6, _Named):
    """`functional.relu6` as a module: min(max(x, 0), 6).

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.relu6`."""
        return F.relu6(input, self.inplace)


class RReLU(nn.RReLU):
    """`functional.rrelu` as a module: x where x >= 0, else a x with a drawn from [lower, upper].

    Parameters
    ----------
    lower, upper : float
        Of the slope; in evaluation it is their mean.
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.rrelu`, with slopes that are drawn while it is in training mode."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class SELU(nn.SELU, _Named):
    """`functional.selu` as a module: scale (max(0, x) + min(0, alpha (exp(x) - 1))).

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.selu`."""
        return F.selu(input, self.inplace)


class Sigmoid(nn.Sigmoid, _Named):
    """`functional.sigmoid` as a module: 1 / (1 + exp(-x))."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.sigmoid`."""
        return F.sigmoid(input)


class SiLU(nn.SiLU, _Named):
    """`functional.silu` as a module: x / (1 + exp(-x)).

    Parameters
    ----------
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.silu`."""
        return F.silu(input, self.inplace)


class Softplus(nn.Softplus, _Named):
    """`functional.softplus` as a module: log(1 + exp(beta x)) / beta.

    Parameters
    ----------
    beta : float
    threshold : float
        Of beta x, above which the value is x.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.softplus`."""
        return F.softplus(input, self.beta, self.threshold)


class Softshrink(nn.Softshrink, _Named):
    """`functional.softshrink` as a module.

    x - lambd where x > lambd, x + lambd where x < -lambd, else 0.

    Parameters
    ----------
    lambd : float
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.softshrink`."""
        return F.softshrink(input, self.lambd)


class Softsign(nn.Softsign, _Named):
    """`functional.softsign` as a module: x / (1 + |x|)."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.softsign`."""
        return F.softsign(input)


class Tanh(nn.Tanh, _Named):
    """`functional.tanh` as a module: (exp(x) - exp(-x)) / (exp(x) + exp(-x))."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.tanh`."""
        return F.tanh(input)


class Tanhshrink(nn.Tanhshrink, _Named):
    """`functional.tanhshrink` as a module: x - tanh(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.tanhshrink`."""
        return F.tanhshrink(input)


class Threshold(nn.Threshold, _Named):
    """`functional.threshold` as a module: x where x > threshold, else value.

    Parameters
    ----------
    threshold, value : float
    inplace : bool
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.threshold`."""
        return F.threshold(input, self.threshold, self.value, self.inplace)


class GLU(nn.GLU):
    """`functional.glu` as a module: the first half times the sigmoid of the second."""

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.glu`."""
        return F.glu(input, self.dim)


class Softmax(nn.Softmax):
    """`functional.softmax` as a module: exp(x_i) / sum_j exp(x_j) along an axis.

    Parameters
    ----------
    dim : int
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.softmax`."""
        return F.softmax(input, -1 if self.dim is None else self.dim)


class LogSoftmax(nn.LogSoftmax):
    """`functional.log_softmax` as a module: x_i - log sum_j exp(x_j) along an axis.

    Parameters
    ----------
    dim : int
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.log_softmax`."""
        return F.log_softmax(input, -1 if self.dim is None else self.dim)


class Softmin(nn.Softmin):
    """`functional.softmin` as a module: exp(-x_i) / sum_j exp(-x_j) along an axis.

    Parameters
    ----------
    dim : int
    """

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.softmin`."""
        return F.softmin(input, -1 if self.dim is None else self.dim)


class Swish(nn.Module):
    """x / (1 + exp(-beta x)), with a beta that is learned if one likes.

    Parameters
    ----------
    beta : float
    learned : bool
        Whether beta is a parameter of the module.
    device, dtype : optional
        Of that parameter.

    References
    ----------
    P. Ramachandran, B. Zoph, Q. V. Le, Searching for Activation Functions, 2017
    (https://arxiv.org/abs/1710.05941).
    """

    def __init__(
        self, beta: float = 1.0, learned: bool = False, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.beta: float | Tensor = beta
        if learned:
            self.beta = nn.Parameter(torch.tensor(float(beta), device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.swish`."""
        return F.swish(input, self.beta)

    def extra_repr(self) -> str:
        """Show beta between the brackets."""
        learned = isinstance(self.beta, Tensor)
        beta = self.beta.detach() if isinstance(self.beta, Tensor) else self.beta
        return f"beta={float(beta):g}, learned={learned}"


class XIELU(nn.Module):
    """`functional.xielu` with the two alphas learned, each kept in its range by a softplus.

    alpha_p = softplus(a_p) and alpha_n = beta + softplus(a_n), where a_p and a_n are the
    parameters `alpha_p` and `alpha_n`.

    Parameters
    ----------
    alpha_p_init, alpha_n_init : float
        What alpha_p and alpha_n are at first; alpha_n above beta.
    beta, eps : float
    device, dtype : optional

    Raises
    ------
    ValueError
        If a first alpha is outside its range.

    References
    ----------
    A. H. Huang, I. Schlag, Deriving Activation Functions Using Integration, 2024
    (https://arxiv.org/abs/2411.13010).
    """

    def __init__(
        self,
        alpha_p_init: float = 0.8,
        alpha_n_init: float = 0.8,
        beta: float = 0.5,
        eps: float = -1e-6,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if alpha_p_init <= 0.0 or alpha_n_init <= beta:
            raise ValueError(
                "XIELU: expected alpha_p_init above 0 and alpha_n_init above beta, got "
                f"{alpha_p_init}, {alpha_n_init} and {beta}"
            )
        self.beta, self.eps = beta, eps
        raw = (math.log(math.expm1(x)) for x in (alpha_p_init, alpha_n_init - beta))
        self.alpha_p, self.alpha_n = (
            nn.Parameter(torch.tensor([x], device=device, dtype=dtype)) for x in raw
        )

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.xielu`."""
        alpha_p = F.softplus(self.alpha_p, threshold=math.inf)
        alpha_n = self.beta + F.softplus(self.alpha_n, threshold=math.inf)
        return F.xielu(input, alpha_p, alpha_n, self.beta, self.eps)

    def extra_repr(self) -> str:
        """Show what is not learned."""
        return f"beta={self.beta:g}, eps={self.eps:g}"


class Snake(nn.Module):
    """`functional.snake` with an alpha that each channel learns.

    Parameters
    ----------
    channels : int
        The size of the input's second dimension; 1 for one alpha.
    alpha : float
        What it is at first.
    device, dtype : optional
    """

    def __init__(
        self, channels: int = 1, alpha: float = 1.0, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.channels = channels
        self.alpha = nn.Parameter(torch.full((channels,), float(alpha), device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        """Compute `functional.snake`, shape (N, channels, ...)."""
        return F.snake(input, F.along_channels("snake", input, self.alpha))

    def extra_repr(self) -> str:
        """Show the number of channels."""
        return f"channels={self.channels}"


class _TwoInputs(nn.Module):
    """A gate, of two tensors, or of one that holds the gate and then the value."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def compute(self, gate: Tensor, value: Tensor) -> Tensor:
        """Compute the gate."""
        raise NotImplementedError

    def forward(self, gate: Tensor, value: Tensor | None = None) -> Tensor:
        """Compute the gate; without a value the first half of `gate` is the gate."""
        if value is None:
            gate, value = F.halves(type(self).__name__, gate, self.dim)
        return self.compute(gate, value)

    def extra_repr(self) -> str:
        """Show the dimension that is split."""
        return f"dim={self.dim}"


class SwiGLU(_TwoInputs):
    """`functional.swiglu` as a module of two inputs, or of one that is split.

    Parameters
    ----------
    dim : int
        Along which one tensor is split, the gate first.
    beta : float

    Examples
    --------
    >>> SwiGLU()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]))
    tensor([0.7311, 0.8808])
    """

    def __init__(self, dim: int = -1, beta: float = 1.0) -> None:
        super().__init__(dim)
        self.beta = beta

    def compute(self, gate: Tensor, value: Tensor) -> Tensor:
        """Compute `functional.swiglu`."""
        return F.swiglu(gate, value, self.beta)


class GEGLU(_TwoInputs):
    """`functional.geglu` as a module; see `SwiGLU`.

    Parameters
    ----------
    dim : int
    approximate : str
        "none" or "tanh".
    """

    def __init__(self, dim: int = -1, approximate: str = "none") -> None:
        super().__init__(dim)
        self.approximate = approximate

    def compute(self, gate: Tensor, value: Tensor) -> Tensor:
        """Compute `functional.geglu`."""
        return F.geglu(gate, value, self.approximate)


class ReGLU(_TwoInputs):
    """`functional.reglu` as a module; see `SwiGLU`."""

    def compute(self, gate: Tensor, value: Tensor) -> Tensor:
        """Compute `functional.reglu`."""
        return F.reglu(gate, value)
