"""What other frameworks call the functions along an axis, with the axis that they take by default.

PyTorch's ``Softmax2d`` is over the channels of (N, C, H, W) or (C, H, W). Where a module's axis has
no default (``torch.nn.Softmax(dim=None)`` guesses one and warns), it is the last one here. ONNX'
``LogSoftmax`` and ``Softmax`` are those from opset 13 on; before it the axes from ``axis`` on were
one. JAX' ``logsumexp`` and ONNX' ``ReduceLogSumExp`` reduce every axis unless they are told which;
here it is the last one. Keras 3's ``sparsemax`` is meant to be the paper's, and is where one
element has everything; where several have a share its rows do not add up to 1 (3.15, see the
tests).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Entry = tuple[str, Mapping[str, int | float]]


def _entries(*same: str, **theirs: str | Entry) -> Mapping[str, Entry]:
    plain: dict[str, Entry] = {name: (name, {}) for name in same}
    named: dict[str, Entry] = {
        name: (ours, {}) if isinstance(ours, str) else ours for name, ours in theirs.items()
    }
    return MappingProxyType(plain | named)


AXIS_DIALECTS: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {
        "torch": _entries(
            "softmax",
            "log_softmax",
            "softmin",
            Softmax="softmax",
            Softmin="softmin",
            LogSoftmax="log_softmax",
            Softmax2d=("softmax", {"axis": -3}),
            logsumexp="log_sum_exp",
        ),
        "jax": _entries("softmax", "log_softmax", logsumexp="log_sum_exp"),
        "keras": _entries("softmax", "log_softmax", "sparsemax", Softmax="softmax"),
        "onnx": _entries(
            Softmax="softmax", LogSoftmax="log_softmax", ReduceLogSumExp="log_sum_exp"
        ),
    }
)
