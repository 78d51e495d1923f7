"""Softmax over scores while a pass runs: how each head spreads what it looks at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.norms import wide
from nonlin.torch.parts import Attention

# Queries of a head that are looked at, evenly spaced; all of them where there are no more.
ROWS = 32

# Of the norm of the softmax's Jacobian diag(p) - p p^T, its supremum: at two keys of 1/2.
SUPREMUM = 0.5
SATURATED = 0.01

# What masks add, of whatever dtype, but for float16's -65504, lies below.
MASKED = -6e4

SUMS = ("entropy", "saturated", "queries", "keys", "spread", "passed", "given")

# Gives dL/dp of the queries that are looked at, from the gradient at what an operation made.
ToWeights = Callable[[Tensor], Tensor]


class Scores(NamedTuple):
    """Scores of some queries, of shape (samples, heads, queries, keys); -inf where masked.

    Attributes
    ----------
    rows : Tensor
    gradient : callable
    """

    rows: Tensor
    gradient: ToWeights


@dataclass(eq=False)
class AttentionSums:
    """An attention, with sums over all of its calls, head by head."""

    name: str
    call: Call
    heads: int
    device: torch.device

    def __post_init__(self) -> None:
        self.sums = torch.zeros(len(SUMS), self.heads, dtype=torch.float64, device=self.device)
        self.largest = torch.full((self.heads,), -torch.inf, dtype=torch.float64)
        self.forget_gradients()

    def look(self, scores: Tensor) -> None:
        """Take scores of some queries, -inf where a key is masked.

        Their shape is (samples, heads, queries, keys).
        """
        scores = scores.double()
        masked = ~(scores > MASKED)
        keys = _keys(masked)
        scores = torch.where(masked, -torch.inf, scores)
        p = _weights(scores)
        square = p.square()
        norm = (square * (1 - 2 * p)).sum(-1) + square.sum(-1).square()
        entropy = -(p * p.clamp_min(1e-300).log()).sum(-1)
        # A query with one allowed key has no choice.
        free = keys > 1
        evenness = torch.where(free, entropy / keys.clamp_min(2).double().log(), 0.0)
        flat = free & (norm.clamp_min(0.0).sqrt() < SATURATED * SUPREMUM)
        away = _centred(scores, masked, keys).square().sum(-1) / keys.clamp_min(1)
        rows = (evenness, flat, free, torch.where(free, keys, 0), away * free)
        self.sums[:5] += torch.stack([row.double().sum((0, 2)) for row in rows])
        self.largest = torch.maximum(self.largest, scores.amax((0, 2, 3)).cpu())

    def ask(self, scores: Scores, made: Tensor) -> None:
        """Ask what comes back through the softmax, of the gradient at its weights p.

        With J = diag(p) - p p^T, dL/ds = J dL/dp. What is the same for all keys changes no score,
        and a uniform softmax over n keys passes 1/n of the rest: so n |J dL/dp| is compared with
        the length of dL/dp about its mean.
        """
        rows = wide(scores.rows.detach())
        masked = ~(rows > MASKED)
        p = _weights(torch.where(masked, -torch.inf, rows))
        queries = _keys(masked)
        keys = queries.unsqueeze(-1)

        def hook(grad: Tensor) -> None:
            given = _centred(wide(scores.gradient(grad.detach())), masked, queries)
            passed = keys * p * (given - (p * given).sum(-1, keepdim=True))
            both = torch.stack([(x * (keys > 1)).double().square() for x in (passed, given)])
            self._back += both.sum((1, 3, 4))

        made.register_hook(hook)  # type: ignore[no-untyped-call]

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._back = torch.zeros(2, self.heads, dtype=torch.float64, device=self.device)

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        self.sums[5:] += self._back / scale**2
        self.forget_gradients()


def _keys(masked: Tensor) -> Tensor:
    """Count the keys that each query may look at."""
    return masked.shape[-1] - masked.sum(-1)


def _weights(scores: Tensor) -> Tensor:
    return torch.softmax(scores, -1).nan_to_num()


def _centred(x: Tensor, masked: Tensor, keys: Tensor) -> Tensor:
    """Take the mean over the allowed keys off; others become 0."""
    x = torch.where(masked, 0.0, x)
    mean = (x.sum(-1) / keys.clamp_min(1)).unsqueeze(-1)
    return torch.where(masked, 0.0, x - mean)


def attention_record(
    found: AttentionSums, sums: np.ndarray, largest: np.ndarray, step: int
) -> Attention:
    """Turn an attention's sums into what a reading says of it."""
    entropy, saturated, queries, keys, spread, passed, given = sums
    count = np.maximum(queries, 1.0)
    known = given > 0.0
    return Attention(
        name=found.name,
        queries=int(queries.sum()),
        keys=float(keys.sum() / max(queries.sum(), 1.0)),
        entropy=np.where(queries > 0, entropy / count, np.nan),
        saturated=np.where(queries > 0, saturated / count, np.nan),
        largest_score=largest,
        spread=np.where(queries > 0, np.sqrt(spread / count), np.nan),
        passed=np.sqrt(np.divide(passed, given, out=np.full(len(given), np.nan), where=known)),
        step=step,
    )


def of_softmax(scores: Tensor, batch: int | None) -> Scores | None:
    """Take the scores before a softmax over their last axis."""
    rows = _arranged(scores, batch)

    def gradient(grad: Tensor) -> Tensor:
        found = _arranged(grad, batch)
        assert found is not None
        return found

    return None if rows is None else Scores(rows, gradient)


def _arranged(scores: Tensor, batch: int | None) -> Tensor | None:
    if scores.ndim < 3 or scores.shape[-1] < 2:
        return None
    if scores.ndim == 3:
        heads = scores.shape[0] // batch if batch and scores.shape[0] % batch == 0 else 1
        scores = scores.reshape(-1, heads, *scores.shape[1:])
    elif scores.ndim > 4:
        scores = scores.reshape(-1, *scores.shape[-3:])
    return scores[:, :, _chosen(scores.shape[2])]


def of_fused(op_args: tuple[Any, ...], op_kwargs: dict[str, Any]) -> Scores | None:
    """Compute the scores of some queries of a fused attention."""
    query, key, value = op_args[:3]
    if query.ndim != 4 or key.shape[-2] < 2:
        return None
    mask = op_kwargs.get("attn_mask", op_kwargs.get("attn_bias"))
    if mask is None and len(op_args) > 3 and isinstance(op_args[3], Tensor):
        mask = op_args[3]
    causal = bool(op_kwargs.get("is_causal", _flag(op_args)))
    scale = op_kwargs.get("scale") or 1.0 / math.sqrt(query.shape[-1])
    chosen = _chosen(query.shape[-2])
    if key.shape[1] != query.shape[1]:
        key, value = (x.repeat_interleave(query.shape[1] // x.shape[1], 1) for x in (key, value))
    scores = (wide(query[:, :, chosen]) @ wide(key).transpose(-1, -2)) * scale
    if mask is not None:
        rows = mask[..., chosen, :] if mask.shape[-2] > 1 else mask
        rows = rows.to(scores.device)
        told = rows.dtype == torch.bool
        scores = scores.masked_fill(~rows, -torch.inf) if told else scores + rows
    if causal:
        places = torch.arange(key.shape[-2], device=scores.device)
        ahead = places[None] > torch.as_tensor(chosen, device=scores.device)[:, None]
        scores = scores.masked_fill(ahead, -torch.inf)
    beside = value.detach()
    return Scores(scores, lambda grad: wide(grad[:, :, chosen]) @ wide(beside).transpose(-1, -2))


def _flag(args: tuple[Any, ...]) -> bool:
    return any(x is True for x in args[3:])


def _chosen(count: int) -> list[int]:
    if count <= ROWS:
        return list(range(count))
    return [round(x) for x in np.linspace(0, count - 1, ROWS)]
