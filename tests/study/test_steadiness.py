import pytest
import torch

from nonlin.study import derivatives
from nonlin.study.data import Part
from nonlin.study.networks import Ensemble


def test_the_turning_of_a_linear_classifiers_gradient_is_its_hessians():
    ensemble = Ensemble([2, 2], "identity", [0])
    x = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]])
    part = Part(x, torch.tensor([[0, 1, 1]]))
    found = derivatives.turning(ensemble, part)
    weights = [p.detach().double() for p in ensemble.parameters()]
    norm = torch.cat([w.flatten() for w in weights]).norm()

    def gradient(values):
        leaves = [v.clone().requires_grad_() for v in values]
        logits = torch.baddbmm(leaves[1].unsqueeze(1), x.double(), leaves[0])
        loss = torch.nn.functional.cross_entropy(logits[0], part.y[0])
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, leaves)])

    g = gradient(weights)
    step = derivatives.STEP * norm / g.norm()
    pieces = g.split([4, 2])
    moved = [w - step * p.view(w.shape) for w, p in zip(weights, pieces, strict=True)]
    expected = (gradient(moved) - g).norm() / g.norm()
    assert found.item() == pytest.approx(expected.item(), rel=1e-9)


def test_the_turning_has_no_unit():
    x = torch.randn(2, 20, 4, generator=torch.Generator().manual_seed(0))
    y = torch.randint(0, 3, (2, 20), generator=torch.Generator().manual_seed(1))
    plain = Ensemble([4, 6, 3], "tanh", [0, 1])
    turned = derivatives.turning(plain, Part(x, y))
    assert turned.shape == (2,)
    assert (turned > 0).all()
