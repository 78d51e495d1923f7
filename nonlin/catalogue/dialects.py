"""What other frameworks call the functions, and what their parameters and defaults are.

The same name does not mean the same function everywhere: Leaky ReLU's slope is 0.01 in PyTorch, JAX
and ONNX, 0.2 in Keras' function and 0.3 in Keras' layer, and it is called alpha in ONNX. Each entry
is one of ours with what the framework's documentation says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from types import MappingProxyType
from typing import Any

from nonlin.catalogue.record import Value

Ours = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function of a framework.

    Attributes
    ----------
    ours : str
        Our name of it.
    takes : callable
        From that framework's parameters, each with its default, to ours.
    """

    ours: str
    takes: Callable[..., Ours] = field(default=lambda: {})

    @property
    def theirs(self) -> dict[str, Value]:
        """The framework's parameters and their defaults."""
        return {name: each.default for name, each in signature(self.takes).parameters.items()}

    @property
    def parameters(self) -> Ours:
        """Our parameters at the framework's defaults."""
        return self.takes()


def _entries(*same: str, **others: str | Entry) -> Mapping[str, Entry]:
    """Give entries: names that are ours too, names of ours, and entries with parameters."""
    named = others | {name: name for name in same}
    return MappingProxyType(
        {name: Entry(each) if isinstance(each, str) else each for name, each in named.items()}
    )


def _alpha(name: str, parameter: str = "alpha", default: float = 1.0) -> Entry:
    """Give an entry whose one parameter is called alpha."""

    def takes(alpha: float = default) -> Ours:
        return {parameter: alpha}

    return Entry(name, takes)


def _leaky_relu(default: float) -> Entry:
    def takes(negative_slope: float = default) -> Ours:
        return {"negative_slope": negative_slope}

    return Entry("leaky_relu", takes)


def _gelu(default: str) -> Entry:
    def takes(approximate: str = default) -> Ours:
        return {"approximate": approximate}

    return Entry("gelu", takes)


def _gelu_or_tanh(default: bool) -> Entry:
    """Give GELU whose `approximate` says whether it is the one by tanh."""

    def takes(approximate: bool | str = default) -> Ours:
        if isinstance(approximate, str):  # ours
            return {"approximate": approximate}
        return {"approximate": "tanh" if approximate else "none"}

    return Entry("gelu", takes)


def _fixed(name: str, **parameters: Value) -> Entry:
    """Give an entry without parameters, of ours with certain ones."""
    return Entry(name, lambda: dict(parameters))


def _squareplus(b: float = 4.0) -> Ours:
    return {"b": b}


def _prelu(init: float = 0.25) -> Ours:
    return {"negative_slope": init}


def _rrelu(lower: float = 1 / 8, upper: float = 1 / 3) -> Ours:
    # As in evaluation.
    return {"negative_slope": (lower + upper) / 2}


def _hard_tanh(min_val: float = -1.0, max_val: float = 1.0) -> Ours:
    return {"min_val": min_val, "max_val": max_val}


def _hardshrink(lambd: float = 0.5) -> Ours:
    return {"lambd": lambd}


def _softshrink(lambd: float = 0.5) -> Ours:
    return {"lambd": lambd, "bias": lambd}


def _softplus(beta: float = 1.0, threshold: float = 20.0) -> Ours:
    return {"beta": beta, "threshold": threshold}


def _threshold(threshold: float = 0.0, value: float = 0.0) -> Ours:
    return {"threshold": threshold, "value": value}


# PyTorch 2: the modules of torch.nn and, in small letters, the functions of torch.nn.functional.
# Threshold has no defaults there.
_TORCH = {
    "celu": _alpha("celu"),
    "elu": _alpha("elu"),
    "gelu": _gelu("none"),
    "hardshrink": Entry("hard_shrink", _hardshrink),
    "hardsigmoid": Entry("hard_sigmoid"),
    "hardswish": Entry("hard_swish"),
    "hardtanh": Entry("hard_tanh", _hard_tanh),
    "leaky_relu": _leaky_relu(0.01),
    "logsigmoid": Entry("log_sigmoid"),
    "rrelu": Entry("leaky_relu", _rrelu),
    "softplus": Entry("softplus", _softplus),
    "softshrink": Entry("soft_shrink", _softshrink),
    "tanhshrink": Entry("tanh_shrink"),
    "threshold": Entry("threshold", _threshold),
}
TORCH = _entries(
    "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softsign", "tanh",
    **_TORCH,
    CELU=_TORCH["celu"], ELU=_TORCH["elu"], GELU=_TORCH["gelu"], Hardshrink=_TORCH["hardshrink"],
    Hardsigmoid="hard_sigmoid", Hardswish="hard_swish", Hardtanh=_TORCH["hardtanh"],
    Identity="identity", LeakyReLU=_TORCH["leaky_relu"], LogSigmoid="log_sigmoid", Mish="mish",
    PReLU=Entry("leaky_relu", _prelu), RReLU=_TORCH["rrelu"], ReLU="relu", ReLU6="relu6",
    SELU="selu", SiLU="silu", Sigmoid="sigmoid", Softplus=_TORCH["softplus"],
    Softshrink=_TORCH["softshrink"], Softsign="softsign", Tanh="tanh", Tanhshrink="tanh_shrink",
    Threshold=_TORCH["threshold"],
)  # fmt: skip

# JAX: the functions of jax.nn.
JAX = _entries(
    "hard_sigmoid", "hard_swish", "hard_tanh", "identity", "log_sigmoid", "mish", "relu", "relu6",
    "selu", "sigmoid", "silu", "softplus", "sparse_plus", "sparse_sigmoid", "tanh",
    celu=_alpha("celu"), elu=_alpha("elu"), gelu=_gelu_or_tanh(True), hard_silu="hard_swish",
    leaky_relu=_leaky_relu(0.01), soft_sign="softsign", squareplus=Entry("squareplus", _squareplus),
    swish="silu",
)  # fmt: skip


def _keras_shrink(name: str, *parameters: str) -> Entry:
    def takes(threshold: float = 0.5) -> Ours:
        return dict.fromkeys(parameters, threshold)

    return Entry(name, takes)


# Keras 3: the functions of keras.activations, in capitals the layers whose defaults are others.
# relu's slope, bound and threshold make it a function that we do not have.
KERAS = _entries(
    "exponential", "hard_sigmoid", "hard_swish", "hard_tanh", "log_sigmoid", "mish", "relu",
    "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "sparse_plus", "sparse_sigmoid",
    "tanh", "tanh_shrink",
    LeakyReLU=_leaky_relu(0.3), celu=_alpha("celu"), elu=_alpha("elu"), gelu=_gelu_or_tanh(False),
    hard_shrink=_keras_shrink("hard_shrink", "lambd"), hard_silu="hard_swish",
    leaky_relu=_leaky_relu(0.2), linear="identity",
    soft_shrink=_keras_shrink("soft_shrink", "lambd", "bias"),
    squareplus=Entry("squareplus", _squareplus), swish="silu",
)  # fmt: skip


def _onnx_hard_sigmoid(alpha: float = 0.2, beta: float = 0.5) -> Ours:
    # alpha x + beta
    return {"width": 1 / alpha, "offset": beta}


def _onnx_shrink(lambd: float = 0.5, bias: float = 0.0) -> Ours:
    return {"lambd": lambd, "bias": bias}


# ONNX: the operators, and their attributes.
ONNX = _entries(
    Celu=_alpha("celu"), Elu=_alpha("elu"), Exp="exponential", Gelu=_gelu("none"),
    HardSigmoid=Entry("hard_sigmoid", _onnx_hard_sigmoid), HardSwish="hard_swish",
    Identity="identity", LeakyRelu=_alpha("leaky_relu", "negative_slope", 0.01), Mish="mish",
    Relu="relu", Selu="selu", Shrink=Entry("soft_shrink", _onnx_shrink), Sigmoid="sigmoid",
    Softplus="softplus", Softsign="softsign", Swish=_alpha("silu", "beta"), Tanh="tanh",
    ThresholdedRelu=_alpha("thresholded_relu"),
)  # fmt: skip


def _xielu(
    alpha_p_init: float = 0.8, alpha_n_init: float = 0.8, beta: float = 0.5, eps: float = -1e-6
) -> Ours:
    return {"alpha_p": alpha_p_init, "alpha_n": alpha_n_init, "beta": beta, "eps": eps}


# Transformers: the keys of ACT2FN, whose modules have no arguments there but xielu's. gelu_10 is
# GELU clipped to [-10, 10], which is none of ours.
_QUICK = _fixed("silu", beta=1.702)
TRANSFORMERS = _entries(
    "leaky_relu", "mish", "relu", "relu6", "sigmoid", "silu", "tanh",
    gelu=_fixed("gelu"), gelu_accurate=_fixed("gelu", approximate="tanh"),
    gelu_fast=_fixed("gelu", approximate="tanh"), gelu_new=_fixed("gelu", approximate="tanh"),
    gelu_python=_fixed("gelu"), gelu_python_tanh=_fixed("gelu", approximate="tanh"),
    gelu_pytorch_tanh=_fixed("gelu", approximate="tanh"), hardswish="hard_swish",
    laplace=_fixed("laplace", mu=0.707107, sigma=0.282095), linear="identity",
    prelu=_fixed("leaky_relu", negative_slope=0.25), quick_gelu=_QUICK, relu2="relu_squared",
    sqrtsoftplus="sqrt_softplus", swish="silu",
    xielu=Entry("xielu", _xielu),
)  # fmt: skip


def _star_relu(scale_value: float = 1.0, bias_value: float = 0.0) -> Ours:
    return {"s": scale_value, "b": bias_value}


# timm: the names of its factory of layers, and in capitals the layers of its MetaFormer, whose
# StarReLU starts as a plain square. hard_mish is none of ours.
TIMM = _entries(
    "celu", "elu", "gelu", "hard_sigmoid", "hard_swish", "identity", "leaky_relu", "mish", "relu",
    "relu6", "selu", "sigmoid", "silu", "tanh",
    SquaredReLU="relu_squared", StarReLU=Entry("star_relu", _star_relu),
    gelu_tanh=_fixed("gelu", approximate="tanh"), hardsigmoid="hard_sigmoid",
    hardswish="hard_swish", prelu=Entry("leaky_relu", _prelu), quick_gelu=_QUICK, swish="silu",
)  # fmt: skip

DIALECTS: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {
        "torch": TORCH, "jax": JAX, "keras": KERAS, "onnx": ONNX, "transformers": TRANSFORMERS,
        "timm": TIMM,
    }
)  # fmt: skip
