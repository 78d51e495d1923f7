import pytest
import torch

from nonlin.study.curvature import curvature
from nonlin.study.data import Part
from nonlin.study.networks import Ensemble
from nonlin.study.training import member_losses


def exact(ensemble, part, member):
    """The Hessian of one member's loss, by torch, entry by entry."""
    parameters = [p[member : member + 1].detach().double() for p in ensemble.parameters()]
    names = [name for name, _ in ensemble.named_parameters()]
    sizes = [p.numel() for p in parameters]
    x, y = part.x[member : member + 1].double(), part.y[member : member + 1]

    def loss(flat):
        pieces = [f.view(p.shape) for f, p in zip(flat.split(sizes), parameters, strict=True)]
        values = dict(zip(names, pieces, strict=True))
        return member_losses(torch.func.functional_call(ensemble, values, (x,)), y).sum()

    flat = torch.cat([p.flatten() for p in parameters])
    return torch.autograd.functional.hessian(loss, flat)


@pytest.fixture
def small():
    ensemble = Ensemble([3, 4, 2], "sigmoid", [0, 1])
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 11, 3, generator=generator)
    return ensemble, Part(x, torch.randint(0, 2, (2, 11), generator=generator))


def test_with_as_many_steps_as_weights_the_ends_are_the_eigenvalues(small):
    ensemble, part = small
    norm, lowest, highest = curvature(ensemble, part, iterations=60)
    for member in range(2):
        eigenvalues = torch.linalg.eigvalsh(exact(ensemble, part, member))
        assert lowest[member].item() == pytest.approx(eigenvalues[0].item(), abs=1e-6)
        assert highest[member].item() == pytest.approx(eigenvalues[-1].item(), abs=1e-6)
    assert (norm > 0).all()


def test_a_ritz_value_is_never_below_the_smallest_eigenvalue(small):
    ensemble, part = small
    _, lowest, highest = curvature(ensemble, part, iterations=4)
    for member in range(2):
        eigenvalues = torch.linalg.eigvalsh(exact(ensemble, part, member))
        assert lowest[member] >= eigenvalues[0] - 1e-12
        assert highest[member] <= eigenvalues[-1] + 1e-12


def test_a_convex_loss_has_no_direction_that_bends_down(small):
    _, part = small
    linear = Ensemble([3, 2], "identity", [0, 1])
    _, lowest, highest = curvature(linear, part, iterations=8)
    assert (lowest > -1e-9).all()
    assert (highest > 0).all()
