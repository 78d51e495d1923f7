"""What an ATen operation is in a network: a layer, a move, a normalisation, an elementwise one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple

import torch

Kind = Literal[
    "layer", "pointwise", "move", "normalization", "softmax", "attention", "reduction", "pooling",
    "loss", "factory", "choice", "router", "glu", "dropout", "other",
]  # fmt: skip

LAYERS = frozenset(
    {
        "mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "addbmm", "dot", "vdot", "linear", "matmul",
        "convolution", "_convolution", "convolution_overrideable", "mkldnn_convolution",
        "embedding", "_embedding_bag", "_embedding_bag_forward_only", "_trilinear",
        "mkldnn_rnn_layer", "lstm", "gru", "rnn_tanh", "rnn_relu", "_cudnn_rnn", "_grouped_mm",
        "_scaled_mm", "_sparse_addmm", "_sparse_mm", "_int_mm", "_weight_norm_interface",
    }
)  # fmt: skip
EMBEDDINGS = frozenset({"embedding", "_embedding_bag", "_embedding_bag_forward_only"})
RECURRENT = frozenset({"mkldnn_rnn_layer", "lstm", "gru", "rnn_tanh", "rnn_relu", "_cudnn_rnn"})
CONVOLUTIONS = frozenset(
    {"convolution", "_convolution", "convolution_overrideable", "mkldnn_convolution"}
)
NORMALIZATIONS = frozenset(
    {
        "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
        "_batch_norm_with_update", "_batch_norm_no_update", "cudnn_batch_norm", "native_layer_norm",
        "native_group_norm", "_fused_rms_norm", "batch_norm", "instance_norm",
    }
)  # fmt: skip
SOFTMAXES = frozenset({"_softmax", "_safe_softmax", "_log_softmax", "_sparse_softmax"})
ATTENTIONS = frozenset(
    {
        "_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_flash_attention",
        "_scaled_dot_product_efficient_attention", "_scaled_dot_product_cudnn_attention",
        "_scaled_dot_product_fused_attention_overrideable",
    }
)  # fmt: skip
LOSSES = {
    "nll_loss_forward": "nll",
    "nll_loss2d_forward": "nll",
    "nll_loss": "nll",
    "mse_loss": "mse",
    "binary_cross_entropy": "bce",
    "binary_cross_entropy_with_logits": "bce_with_logits",
    "smooth_l1_loss": "smooth_l1_loss",
    "huber_loss": "huber_loss",
    "l1_loss": "l1_loss",
    "soft_margin_loss": "soft_margin_loss",
    "multi_margin_loss": "multi_margin_loss",
    "multilabel_margin_loss_forward": "multilabel_margin_loss",
    "_ctc_loss": "ctc_loss",
}
REDUCTIONS = frozenset(
    {
        "sum", "mean", "amax", "amin", "max", "min", "var", "std", "var_mean", "std_mean", "norm",
        "linalg_vector_norm", "logsumexp", "prod", "all", "any", "argmax", "argmin", "median",
        "nanmedian", "nansum", "count_nonzero", "aminmax", "_euclidean_dist", "_cdist_forward",
        "histc", "bincount", "trace", "_pdist_forward", "linalg_norm",
    }
)  # fmt: skip
POOLINGS = frozenset(
    {
        "max_pool2d_with_indices", "max_pool3d_with_indices", "max_pool1d_with_indices",
        "avg_pool1d", "avg_pool2d", "avg_pool3d", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d",
        "adaptive_max_pool2d", "adaptive_max_pool3d", "fractional_max_pool2d", "max_pool2d",
    }
)  # fmt: skip
MOVES = frozenset(
    {
        "view", "_unsafe_view", "reshape", "_reshape_alias", "_reshape_copy", "t", "transpose",
        "permute", "expand", "slice", "select", "index", "_unsafe_index", "index_select", "gather",
        "cat", "stack", "split", "split_with_sizes", "chunk", "unbind", "squeeze", "unsqueeze",
        "as_strided", "constant_pad_nd", "roll", "flip", "repeat", "repeat_interleave", "unfold",
        "im2col", "col2im", "narrow", "diagonal", "pixel_shuffle", "pixel_unshuffle",
        "channel_shuffle", "masked_select", "movedim", "swapaxes", "view_as", "tril", "triu",
        "reflection_pad1d", "reflection_pad2d", "replication_pad1d", "replication_pad2d",
        "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "upsample_bilinear2d",
        "upsample_linear1d", "upsample_bicubic2d", "upsample_trilinear3d", "_pack_padded_sequence",
        "_pad_packed_sequence", "index_put", "scatter", "scatter_add", "index_add", "slice_scatter",
        "select_scatter", "index_copy", "masked_scatter", "to_dense", "_to_dense", "to_sparse",
        "coalesce", "_coalesce", "_values", "values", "unsafe_split", "unsafe_chunk", "fold",
        "grid_sampler_2d", "split_copy", "view_as_real", "view_as_complex", "real", "imag",
        "_fft_r2c", "_fft_c2c", "_fft_c2r", "rot90", "resize", "set", "scatter_reduce", "cumsum",
    }
)  # fmt: skip
FACTORIES = frozenset(
    {
        "zeros", "ones", "full", "empty", "arange", "linspace", "eye", "scalar_tensor", "tensor",
        "zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like",
        "new_zeros", "new_ones", "new_full", "new_empty", "new_empty_strided", "empty_strided",
        "rand", "randn", "randint", "randint_like", "randperm", "normal", "bernoulli", "uniform",
        "tril_indices", "triu_indices", "fill", "zero", "multinomial", "exponential",
        "normal_functional", "uniform_functional", "random", "log_normal", "geometric",
    }
)  # fmt: skip
ROUTERS = frozenset({"topk", "sort", "kthvalue"})

# Elementwise though PyTorch does not tag them so.
ELEMENTWISE = frozenset(
    {
        "_to_copy", "detach", "lift_fresh", "lift", "copy", "clone", "alias", "_prelu_kernel",
        "prelu", "hardswish", "log_sigmoid_forward", "rrelu_with_noise", "floor_divide",
        "_softplus", "nan_to_num", "masked_fill", "where", "celu", "selu", "mish", "relu6",
        "rrelu", "threshold", "hardtanh", "hardsigmoid", "softshrink", "hardshrink", "contiguous",
        "_neg_view", "_conj", "resolve_neg", "resolve_conj", "glu_elementwise",
    }
)  # fmt: skip
# Values as they are; in float64 a cast is one of them.
COPIES = frozenset(
    {"_to_copy", "clone", "detach", "alias", "lift_fresh", "lift", "copy", "contiguous"}
)
# They keep a function's inputs in bounds and are part of it.
CLIPS = COPIES | {"clamp", "clamp_min", "clamp_max", "minimum", "maximum"}
AFFINE = COPIES | {"add", "sub", "rsub", "neg", "mul", "div"}
DROPOUTS = frozenset({"native_dropout", "_fused_dropout", "dropout", "feature_dropout"})


class Described(NamedTuple):
    """What is known of an operation beforehand.

    Attributes
    ----------
    name : str
        Without the overload and the underscore of those in place.
    kind : str
    in_place : bool
        Whether it writes into its first operand.
    random : bool
        Whether it asks a random generator.
    shares : bool
        Whether what it makes may share memory with what it is given.
    """

    name: str
    kind: Kind
    in_place: bool
    random: bool
    shares: bool


@lru_cache(maxsize=4096)
def described(func: Any) -> Described:
    """Tell what is known of an operation beforehand."""
    schema = func._schema
    full = schema.name.rpartition("::")[2]
    in_place = full.endswith("_") and not full.endswith("__")
    name = full.rstrip("_") if in_place else full
    random = torch.Tag.nondeterministic_seeded in func.tags
    shares = any(x.alias_info for x in schema.returns)
    return Described(name, _kind(func, name, in_place), in_place, random, shares)


def _kind(func: Any, name: str, in_place: bool) -> Kind:
    for kind, names in _NAMED:
        if name in names:
            return kind
    if torch.Tag.pointwise in func.tags or (in_place and _has_pointwise_twin(name)):
        return "pointwise"
    if name == "glu":
        return "glu"
    return "other"


def _has_pointwise_twin(name: str) -> bool:
    packet = getattr(torch.ops.aten, name, None)
    if packet is None:
        return False
    return any(torch.Tag.pointwise in getattr(packet, x).tags for x in packet.overloads())


_NAMED: tuple[tuple[Kind, Any], ...] = (
    ("layer", LAYERS),
    ("normalization", NORMALIZATIONS),
    ("softmax", SOFTMAXES),
    ("attention", ATTENTIONS),
    ("loss", LOSSES),
    ("dropout", DROPOUTS),
    ("router", ROUTERS),
    ("pooling", POOLINGS),
    ("reduction", REDUCTIONS),
    ("move", MOVES),
    ("factory", FACTORIES),
    ("pointwise", ELEMENTWISE),
)
