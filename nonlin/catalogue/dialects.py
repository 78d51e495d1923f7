"""What other frameworks call the functions, and what their defaults are.

The same name does not mean the same function everywhere: Leaky ReLU's slope is 0.01 in PyTorch, JAX
and ONNX, 0.2 in Keras' function and 0.3 in Keras' layer. Each entry is one of ours with the
parameters that the framework's documentation gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nonlin.catalogue.record import Value

Entry = tuple[str, Mapping[str, Value]]


def _entries(plain: Mapping[str, str], bound: Mapping[str, Entry]) -> Mapping[str, Entry]:
    return MappingProxyType({theirs: (ours, {}) for theirs, ours in plain.items()} | dict(bound))


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


# PyTorch 2: the modules of torch.nn and, in small letters, the functions of torch.nn.functional.
# RReLU as in evaluation (the mean of 1/8 and 1/3).
TORCH = _entries(
    {
        "CELU": "celu",
        "ELU": "elu",
        "Hardshrink": "hard_shrink",
        "Hardsigmoid": "hard_sigmoid",
        "Hardswish": "hard_swish",
        "Hardtanh": "hard_tanh",
        "Identity": "identity",
        "LeakyReLU": "leaky_relu",
        "LogSigmoid": "log_sigmoid",
        "Mish": "mish",
        "ReLU": "relu",
        "ReLU6": "relu6",
        "SELU": "selu",
        "SiLU": "silu",
        "Sigmoid": "sigmoid",
        "Softshrink": "soft_shrink",
        "Softsign": "softsign",
        "Tanh": "tanh",
        "Tanhshrink": "tanh_shrink",
        "hardshrink": "hard_shrink",
        "hardsigmoid": "hard_sigmoid",
        "hardswish": "hard_swish",
        "hardtanh": "hard_tanh",
        "logsigmoid": "log_sigmoid",
        "softshrink": "soft_shrink",
        "tanhshrink": "tanh_shrink",
        **_same(
            "celu", "elu", "leaky_relu", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
            "softsign", "tanh",
        ),
    },
    {
        "GELU": ("gelu", {"approximate": "none"}),
        "PReLU": ("leaky_relu", {"negative_slope": 0.25}),
        "RReLU": ("leaky_relu", {"negative_slope": (1 / 8 + 1 / 3) / 2}),
        "Softplus": ("softplus", {"threshold": 20.0}),
        "gelu": ("gelu", {"approximate": "none"}),
        "rrelu": ("leaky_relu", {"negative_slope": (1 / 8 + 1 / 3) / 2}),
        "softplus": ("softplus", {"threshold": 20.0}),
    },
)  # fmt: skip

# JAX: the functions of jax.nn.
JAX = _entries(
    {
        "hard_silu": "hard_swish",
        "soft_sign": "softsign",
        "swish": "silu",
        **_same(
            "celu", "elu", "hard_sigmoid", "hard_swish", "hard_tanh", "identity", "leaky_relu",
            "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softplus",
            "sparse_plus", "sparse_sigmoid", "squareplus", "tanh",
        ),
    },
    {"gelu": ("gelu", {"approximate": "tanh"})},
)  # fmt: skip

# Keras 3: the functions of keras.activations, in capitals the layers whose defaults are others.
KERAS = _entries(
    {
        "hard_silu": "hard_swish",
        "hard_swish": "hard_swish",
        "linear": "identity",
        "swish": "silu",
        **_same(
            "celu", "elu", "exponential", "hard_shrink", "hard_sigmoid", "hard_tanh",
            "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
            "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh",
            "tanh_shrink",
        ),
    },
    {
        "LeakyReLU": ("leaky_relu", {"negative_slope": 0.3}),
        "gelu": ("gelu", {"approximate": "none"}),
        "leaky_relu": ("leaky_relu", {"negative_slope": 0.2}),
    },
)  # fmt: skip

# ONNX: the operators. Its HardSigmoid is alpha x + beta with alpha = 0.2, which is 1 / width.
ONNX = _entries(
    {
        "Celu": "celu",
        "Elu": "elu",
        "Exp": "exponential",
        "HardSwish": "hard_swish",
        "Identity": "identity",
        "LeakyRelu": "leaky_relu",
        "Mish": "mish",
        "Relu": "relu",
        "Selu": "selu",
        "Sigmoid": "sigmoid",
        "Softplus": "softplus",
        "Softsign": "softsign",
        "Tanh": "tanh",
        "ThresholdedRelu": "thresholded_relu",
    },
    {
        "Gelu": ("gelu", {"approximate": "none"}),
        "HardSigmoid": ("hard_sigmoid", {"width": 5.0, "offset": 0.5}),
        "Shrink": ("soft_shrink", {"lambd": 0.5, "bias": 0.0}),
    },
)

DIALECTS: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {"torch": TORCH, "jax": JAX, "keras": KERAS, "onnx": ONNX}
)
