"""Timing of contenders in turns, so that what disturbs one disturbs all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from ops.cases import CONTESTS, Case

ROUNDS = 15
# A round of a contender takes about as long, in seconds; of a slow one it is a single call.
ROUND = 4e-3

Times = dict[str, dict[str, float]]


def measure(case: Case) -> Times:
    """Time each contender of a case: the median of the rounds and half the distance of their
    quartiles, in seconds.
    """
    torch.set_num_threads(case.threads)
    runs = _runs(case)
    counts = {name: _count(run) for name, run in runs.items()}
    rounds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            rounds[name].append(_time(run, counts[name]))
    return {name: _summary(times) for name, times in rounds.items()}


def _summary(times: list[float]) -> dict[str, float]:
    """Of the last digits no run would say the same."""
    low, middle, high = statistics.quantiles(times, n=4)
    return {"median": float(f"{middle:.4g}"), "spread": float(f"{0.5 * (high - low):.2g}")}


def _runs(case: Case) -> Mapping[str, Callable[[], Any]]:
    contest = CONTESTS[case.function]
    generator = torch.Generator().manual_seed(0)
    dtype = getattr(torch, case.dtype)
    inputs = [
        (3 * torch.randn(case.size, generator=generator)).to(dtype).requires_grad_(case.backward)
        for _ in range(contest.inputs)
    ]
    grad = torch.randn(case.size, generator=generator).to(dtype)
    contenders = {"torch": contest.torch, "nonlin": contest.nonlin}
    if case.compiled:
        # Each size, and whether there is a gradient, is compiled anew, and only so often.
        torch.compiler.reset()
        contenders["compile"] = torch.compile(contest.torch, fullgraph=True, dynamic=False)
    return {name: _run(f, inputs, grad, case.backward) for name, f in contenders.items()}


def _run(
    f: Callable[..., Tensor], inputs: list[Tensor], grad: Tensor, backward: bool
) -> Callable[[], Any]:
    if backward:
        return lambda: torch.autograd.grad(f(*inputs), inputs, grad)
    return lambda: f(*inputs)


def _count(run: Callable[[], Any]) -> int:
    for _ in range(3):
        run()
    once = min(_time(run, 1) for _ in range(3))
    return max(1, int(ROUND / once))


def _time(run: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count
