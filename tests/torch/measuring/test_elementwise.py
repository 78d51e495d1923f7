"""A step that is taken a piece at a time goes as far as the whole one, to the last bit."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nonlin.torch.measuring.elementwise import KINDS, PIECE, divides, write_changes

# More than a piece, in whole vectors of each thread; with it a small one that shares a piece.
SHAPES = ((PIECE // 256 + 16, 256), (64, 8))


def stepped(kind: type) -> tuple[torch.optim.Optimizer, list[nn.Parameter]]:
    """Make an optimizer that has taken two steps."""
    rng = torch.Generator().manual_seed(0)
    parameters = [nn.Parameter(torch.randn(shape, generator=rng)) for shape in SHAPES]
    momentum = {"momentum": 0.9} if kind in (torch.optim.SGD, torch.optim.RMSprop) else {}
    optimizer = kind(parameters, lr=0.01, **momentum)
    for _ in range(2):
        for p in parameters:
            p.grad = torch.randn(p.shape, generator=rng)
        optimizer.step()
    return optimizer, parameters


@pytest.mark.parametrize("kind", sorted(KINDS, key=lambda x: x.__name__))
def test_pieces_move_as_the_whole_does(kind):
    optimizer, parameters = stepped(kind)
    grads = [torch.randn(p.shape, generator=torch.Generator().manual_seed(1)) for p in parameters]
    # What the optimizer itself does, on copies of everything.
    twins, other = copy.deepcopy((parameters, optimizer))
    for twin, grad in zip(twins, grads, strict=True):
        twin.grad = grad.clone()
    other.step()
    expected = [a.detach() - b.detach() for a, b in zip(twins, parameters, strict=True)]
    before = copy.deepcopy(optimizer.state_dict())
    kept = [p.detach().clone() for p in parameters]
    assert all(divides(optimizer, p, g) for p, g in zip(parameters, grads, strict=True))
    write_changes(optimizer, list(zip(parameters, grads, strict=True)))
    assert all(map(torch.equal, grads, expected))
    assert all(map(torch.equal, kept, parameters))
    torch.testing.assert_close(optimizer.state_dict(), before, rtol=0.0, atol=0.0)


def test_what_looks_at_a_parameter_as_a_whole_is_not_divided():
    class Own(torch.optim.SGD):
        """Another's, of which nothing is known."""

    p = nn.Parameter(torch.ones(4, 4))
    assert divides(torch.optim.SGD([p]), p, torch.ones(4, 4))
    assert not divides(Own([p]), p, torch.ones(4, 4))
    assert not divides(torch.optim.Adafactor([p]), p, torch.ones(4, 4))
    assert not divides(torch.optim.SGD([p]), p, torch.ones(4, 4).to_sparse())
    assert not divides(torch.optim.SGD([p]), p, torch.ones(4, 4).T[:, ::2].repeat(1, 2).T)
