"""The backward pass of a reading."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor

from nonlin.torch.measuring.isolation import Leaves, gradients_kept
from nonlin.torch.measuring.norms import square_sum, stored, wide
from nonlin.torch.measuring.observation import Observation
from nonlin.torch.measuring.transfer import everywhere

# Of the loss in float16: the first with which no gradient overflows. Powers of 2, so exact.
SCALES = (2.0**16, 2.0**8, 1.0)


def backward(
    loss: Tensor,
    leaves: Leaves,
    gradients: Leaves,
    observation: Observation,
    own: Collection[int],
    group: Any,
) -> tuple[bool, Leaves]:
    """Take the gradients of one batch, and tell whether they are finite.

    Those of float16 are taken of a scaled loss, as in a training of it: most would be 0.

    Parameters
    ----------
    loss : Tensor
    leaves : mapping of str to Tensor
    gradients : mapping of str to Tensor
        To which they are added.
    observation : Observation
        Whose hooks see them.
    own : collection of int
        The ids of the user's parameters, which the model does not work with.
    group : process group or None
        Of the ranks that must make the same passes.

    Returns
    -------
    bool, mapping of str to Tensor
        Whether they are finite, and the sum of each one's squares; none where the loss was scaled.
    """
    trained = [leaf for leaf in leaves.values() if leaf.requires_grad]
    finite, squares = True, {}
    with gradients_kept(loss, leaves.values()) as strangers:
        # Named, so that no graph of the user's is gone through that ends in the model's own
        # parameters: a hidden state of the last step may lead there, and its graph is still needed.
        ends = [*trained, *(x for x in strangers if id(x) not in own)]
        for scale in SCALES if is_half(trained[0]) else SCALES[-1:]:
            observation.forget_gradients()
            for leaf in trained:
                leaf.grad = None
            (loss * scale).backward(retain_graph=scale > 1.0, inputs=ends)  # type: ignore[no-untyped-call]
            squares = _squares(leaves)
            finite = everywhere(_are_finite(squares, loss.device), group)
            if finite:
                break
    observation.end_batch(scale)
    _add(leaves, gradients, scale)
    return finite, squares if scale == 1.0 else {}


def is_half(x: Tensor) -> bool:
    """Whether gradients of a parameter are taken in float16."""
    kind = x.device.type
    cast = torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) == torch.float16
    return cast or x.dtype == torch.float16


def _squares(leaves: Leaves) -> Leaves:
    grads = {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}
    return {name: square_sum(stored(x)) for name, x in grads.items()}


def _are_finite(squares: Leaves, device: torch.device) -> Tensor:
    if not squares:
        return torch.ones((), dtype=torch.bool, device=device)
    first = next(iter(squares.values()))
    return torch.stack([x.to(first.device) for x in squares.values()]).isfinite().all()


def _add(leaves: Leaves, gradients: Leaves, scale: float) -> None:
    for name, leaf in leaves.items():
        if leaf.grad is not None:
            grad = wide(leaf.grad) / scale if scale > 1.0 else leaf.grad
            before = gradients.get(name)
            gradients[name] = grad if before is None else before + grad
            leaf.grad = None
