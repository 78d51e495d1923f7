"""Softmax over scores while a pass runs: how each head spreads what it looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nonlin.torch.measuring.norms import wide
from nonlin.torch.reading import Attention

# Queries of a head that are looked at, evenly spaced; all of them where there are no more.
ROWS = 32

# Of the norm of the softmax's Jacobian diag(p) - p p^T, its supremum: at two keys of 1/2.
SUPREMUM = 0.5
SATURATED = 0.01

# What masks add, of whatever dtype, but for float16's -65504, lies below.
MASKED = -6e4

SUMS = ("entropy", "saturated", "queries", "keys")


@dataclass(eq=False)
class AttentionSums:
    """An attention, with sums over all of its calls, head by head."""

    name: str
    heads: int
    device: torch.device

    def __post_init__(self) -> None:
        self.sums = torch.zeros(len(SUMS), self.heads, dtype=torch.float64, device=self.device)
        self.largest = torch.full((self.heads,), -torch.inf, dtype=torch.float64)

    def look(self, scores: Tensor) -> None:
        """Take scores of some queries, -inf where a key is masked.

        Their shape is (samples, heads, queries, keys).
        """
        scores = scores.double()
        allowed = scores > MASKED
        keys = allowed.sum(-1)
        p = torch.softmax(scores.masked_fill(~allowed, -torch.inf), -1).nan_to_num()
        square = p.square()
        norm = (square * (1 - 2 * p)).sum(-1) + square.sum(-1).square()
        entropy = -(p * p.clamp_min(1e-300).log()).sum(-1)
        # A query with one allowed key has no choice.
        free = keys > 1
        spread = torch.where(free, entropy / keys.clamp_min(2).double().log(), 0.0)
        flat = free & (norm.clamp_min(0.0).sqrt() < SATURATED * SUPREMUM)
        rows = (spread, flat, free, torch.where(free, keys, 0))
        self.sums += torch.stack([row.double().sum((0, 2)) for row in rows])
        top = scores.masked_fill(~allowed, -torch.inf).amax((0, 2, 3)).cpu()
        self.largest = torch.maximum(self.largest, top)


def attention_record(found: AttentionSums, sums: np.ndarray, largest: np.ndarray) -> Attention:
    """Turn an attention's sums into what a reading says of it."""
    entropy, saturated, queries, keys = sums
    count = np.maximum(queries, 1.0)
    return Attention(
        name=found.name,
        queries=int(queries.sum()),
        keys=float(keys.sum() / max(queries.sum(), 1.0)),
        entropy=np.where(queries > 0, entropy / count, np.nan),
        saturated=np.where(queries > 0, saturated / count, np.nan),
        largest_score=largest,
    )


def of_softmax(scores: Tensor, batch: int | None) -> Tensor | None:
    """Bring scores before a softmax over their last axis to (samples, heads, queries, keys)."""
    if scores.ndim < 3 or scores.shape[-1] < 2:
        return None
    if scores.ndim == 3:
        heads = scores.shape[0] // batch if batch and scores.shape[0] % batch == 0 else 1
        scores = scores.reshape(-1, heads, *scores.shape[1:])
    elif scores.ndim > 4:
        scores = scores.reshape(-1, *scores.shape[-3:])
    return scores[:, :, _chosen(scores.shape[2])]


def of_fused(op_args: tuple[Any, ...], op_kwargs: dict[str, Any]) -> Tensor | None:
    """Compute the scores of some queries of a fused attention."""
    query: Tensor = op_args[0]
    key: Tensor = op_args[1]
    if query.ndim != 4 or key.shape[-2] < 2:
        return None
    mask = op_kwargs.get("attn_mask", op_kwargs.get("attn_bias"))
    if mask is None and len(op_args) > 3 and isinstance(op_args[3], Tensor):
        mask = op_args[3]
    causal = bool(op_kwargs.get("is_causal", _flag(op_args)))
    scale = op_kwargs.get("scale") or 1.0 / math.sqrt(query.shape[-1])
    chosen = _chosen(query.shape[-2])
    if key.shape[1] != query.shape[1]:
        key = key.repeat_interleave(query.shape[1] // key.shape[1], 1)
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
    return scores


def _flag(args: tuple[Any, ...]) -> bool:
    return any(x is True for x in args[3:])


def _chosen(count: int) -> list[int]:
    if count <= ROWS:
        return list(range(count))
    return [round(x) for x in np.linspace(0, count - 1, ROWS)]
