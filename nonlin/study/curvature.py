"""How the loss bends at a network's weights: the ends of its Hessian's spectrum, by Lanczos.

A Ritz value is a quotient v H v / v v: the smallest one is never below the smallest eigenvalue, so
a negative one proves that the weights are no minimum (Lanczos 1950; Parlett 1998, ch. 13).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.study.data import Part
from nonlin.study.networks import Ensemble
from nonlin.study.training import member_losses

ITERATIONS = 30


def curvature(
    ensemble: Ensemble, part: Part, iterations: int = ITERATIONS
) -> tuple[Tensor, Tensor, Tensor]:
    """The loss's gradient norm, and its Hessian's smallest and largest Ritz value, (members,) each.

    Computed in float64, every member at once. The start is drawn from a fixed seed.
    """
    parameters = [p.detach().double().requires_grad_() for p in ensemble.parameters()]
    names = [name for name, _ in ensemble.named_parameters()]
    members = ensemble.members
    x = part.x.double()

    def loss(*values: Tensor) -> Tensor:
        called = torch.func.functional_call(ensemble, dict(zip(names, values, strict=True)), (x,))
        return member_losses(called, part.y).sum()

    gradients = torch.autograd.grad(loss(*parameters), parameters, create_graph=True)
    flat = _flat(gradients, members)

    def product(v: Tensor) -> Tensor:
        found = torch.autograd.grad((flat * v).sum(), parameters, retain_graph=True)
        return _flat(found, members)

    ritz = _ritz_values(product, members, flat.shape[1], iterations)
    return flat.detach().norm(dim=1), ritz[:, 0], ritz[:, -1]


def _flat(tensors: tuple[Tensor, ...], members: int) -> Tensor:
    return torch.cat([tensor.reshape(members, -1) for tensor in tensors], 1)


def _ritz_values(
    product: Callable[[Tensor], Tensor], members: int, size: int, iterations: int
) -> Tensor:
    """Rising, (members, iterations); every new direction is made orthogonal to all before it."""
    generator = torch.Generator().manual_seed(5)
    v = torch.randn(size, generator=generator, dtype=torch.float64).expand(members, -1)
    basis = [v / v.norm(dim=1, keepdim=True)]
    steps = min(iterations, size)
    projected = torch.zeros(members, steps, steps, dtype=torch.float64)
    for step in range(steps):
        w = product(basis[step])
        for _ in range(2):
            for place, b in enumerate(basis):
                overlap = (w * b).sum(1)
                if place <= step:
                    projected[:, place, step] += overlap
                w = w - overlap.unsqueeze(1) * b
        basis.append(w / w.norm(dim=1, keepdim=True).clamp(min=1e-300))
    # Above the diagonal stands each column's own product; below it nothing was written.
    symmetric = torch.triu(projected) + torch.triu(projected, 1).mT
    values: Tensor = torch.linalg.eigvalsh(symmetric)
    return values
