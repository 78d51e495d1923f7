"""Trains an ensemble, every member with its own learning rate and its own order of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from nonlin.study.data import Data, Part
from nonlin.study.design import FIRST_SEED
from nonlin.study.networks import Ensemble

Optimiser = Literal["sgd", "adam"]
Tensors = Sequence[Tensor]


def repeat(stacked: Tensor, variants: int) -> Tensor:
    """Give every variant the seeds' data: (seeds, ...) to (variants * seeds, ...)."""
    return stacked.unsqueeze(0).expand(variants, *stacked.shape).flatten(0, 1)


def member_losses(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of each member, (members,), from logits (members, samples, classes)."""
    losses = functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
    return losses.view(y.shape).mean(1)


def member_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Sum the cross-entropies of one member's samples, so that each has its own gradient."""
    return functional.cross_entropy(logits, y, reduction="sum")


def batches(data: Part, batch: int, steps: int, first: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Draw `steps` batches a seed, every sample once an epoch in the seed's own order."""
    seeds, samples = data.y.shape
    start = 2_000_003 + FIRST_SEED + first
    generators = [torch.Generator().manual_seed(start + k) for k in range(seeds)]
    rows = torch.arange(seeds).unsqueeze(1)
    epoch = samples // batch
    for step in range(steps):
        if step % epoch == 0:
            order = torch.stack([torch.randperm(samples, generator=g) for g in generators])
        chosen = order[:, (step % epoch) * batch : (step % epoch + 1) * batch]
        yield data.x[rows, chosen], data.y[rows, chosen]


class _Momentum:
    """SGD with momentum 0.9: v <- 0.9 v + g, w <- w - rate v."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.velocities = [torch.zeros_like(p) for p in parameters]

    def step(self, parameters: Tensors, gradients: Tensors, rates: Tensor) -> None:
        for p, g, v in zip(parameters, gradients, self.velocities, strict=True):
            v.mul_(0.9).add_(g)
            p.sub_(rates.view(-1, *[1] * (p.dim() - 1)) * v)


class _Adam:
    """Adam with its usual constants (Kingma and Ba 2015)."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
        self.time = 0

    def step(self, parameters: Tensors, gradients: Tensors, rates: Tensor) -> None:
        self.time += 1
        first, second = 1 - 0.9**self.time, 1 - 0.999**self.time
        for p, g, (m, v) in zip(parameters, gradients, self.moments, strict=True):
            m.lerp_(g, 0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            update = (m / first).div_((v / second).sqrt_().add_(1e-8))
            p.sub_(rates.view(-1, *[1] * (p.dim() - 1)) * update)


@contextmanager
def flushed() -> Iterator[None]:
    """Let results below the smallest normal float32 be 0, as they were before on leaving.

    Where gradients vanish, subnormal arithmetic is ten times as slow, and a step of 1e-38 moves no
    weight.
    """
    before = bool((torch.tensor([1e-40]) * 1.0 == 0).item())
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def train(
    ensemble: Ensemble,
    data: Data,
    rates: Sequence[float],
    steps: int,
    *,
    batch: int = 64,
    frozen: int = 0,
    optimiser: Optimiser = "sgd",
    observe: Callable[[int], None] | None = None,
) -> Tensor:
    """Train every member by cross-entropy on the training part.

    Parameters
    ----------
    ensemble : members in variant-major order: member = variant * data.seeds + seed.
    rates : one learning rate a member.
    observe : called with the number of steps taken, before the first step and after each.

    Returns
    -------
    The batch losses, (steps, members).
    """
    parameters = [*ensemble.weights[frozen:], *ensemble.biases[frozen:]]
    stepper = _Adam(parameters) if optimiser == "adam" else _Momentum(parameters)
    variants = ensemble.members // data.seeds
    per_member = torch.tensor(rates)
    losses = torch.empty(steps, ensemble.members)
    watch = observe or (lambda _: None)
    watch(0)
    for step, (x, y) in enumerate(batches(data.train, batch, steps, data.first)):
        with flushed():
            loss = member_losses(ensemble(repeat(x, variants)), repeat(y, variants))
            # The sum's gradient at one member's weights is that member's own gradient.
            gradients = torch.autograd.grad(loss.sum(), parameters)
            with torch.no_grad():
                stepper.step(parameters, gradients, per_member)
        losses[step] = loss.detach()
        watch(step + 1)
    return losses


@torch.no_grad()
def evaluate(ensemble: Ensemble, part: Part) -> tuple[Tensor, Tensor]:
    """Each member's mean cross-entropy and accuracy on a part, two tensors (members,)."""
    variants = ensemble.members // part.y.shape[0]
    y = repeat(part.y, variants)
    logits = ensemble(repeat(part.x, variants))
    return member_losses(logits, y), (logits.argmax(2) == y).float().mean(1)
