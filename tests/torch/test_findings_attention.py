"""Attention that has collapsed, is sharp, or stays uniform, and what its softmax lets back."""

from dataclasses import replace

import healthy_models as models
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from healthy_models import exam, told
from torch import nn

from nonlin.torch import measure
from nonlin.torch.findings import findings


def scaled(case, factor):
    """Multiply the queries' and the keys' weights."""
    names = ("q_proj.weight", "k_proj.weight", "query.weight", "key.weight", "Attention.q.weight",
             "Attention.k.weight")  # fmt: skip
    with torch.no_grad():
        for name, weight in case.model.named_parameters():
            if name.endswith(names):
                weight.mul_(factor)
            elif name.endswith("c_attn.weight"):
                weight[:, : 2 * weight.shape[1] // 3].mul_(factor)
    return case


@pytest.mark.parametrize(
    ("make", "factor"),
    [(models.gpt2, 400), (models.bert, 400), (models.vit, 400), (models.llama, 400),
     (models.t5, 30)],
)  # fmt: skip
def test_attention_whose_scores_are_too_large_is_an_error_and_its_twin_is_silent(make, factor):
    torch.manual_seed(0)
    case = scaled(make(), factor)
    reading = exam(case).reading
    found = told(case, "collapsed_attention")
    assert {x.severity for x in found} == {"error"}
    assert len(found) >= len(reading.attentions) - 1
    assert all(x.evidence["passed"] < 0.05 for x in found)


@pytest.mark.parametrize("make", [models.bert, models.vit, models.llama])
def test_sharp_heads_that_pass_the_gradient_on_are_fine(make):
    torch.manual_seed(0)
    case = scaled(make(), 20)
    assert exam(case).reading.attentions[0].entropy.max() < 0.6
    assert told(case, "collapsed_attention") == []


def test_what_comes_back_to_the_scores_is_measured():
    torch.manual_seed(0)
    q, k, v = (nn.Parameter(torch.randn(2, 3, 7, 5)) for _ in range(3))

    class Attend(nn.Module):
        def __init__(self, fused):
            super().__init__()
            self.q, self.k, self.v, self.fused = q, k, v, fused

        def forward(self, x):
            q, k, v = self.q * x, self.k * x, self.v * x
            if self.fused:
                return F.scaled_dot_product_attention(q, k, v, is_causal=True)
            s = q @ k.mT / 5**0.5
            s = s.masked_fill(torch.ones(7, 7).triu(1).bool(), -torch.inf)
            return s.softmax(-1) @ v

    x, y = torch.ones(2, 1, 1, 1), torch.randn(2, 3, 7, 5)
    # By hand, from autograd's dL/dp and dL/ds, the first query left out: it has one key.
    s = (q @ k.mT / 5**0.5).detach()
    s = s.masked_fill(torch.ones(7, 7).triu(1).bool(), -torch.inf).requires_grad_()
    p = s.softmax(-1)
    p.retain_grad()
    F.mse_loss(p @ v, y).backward()
    keys, allowed = torch.arange(1, 8.0)[:, None], torch.ones(7, 7).tril()
    given = (p.grad - (p.grad * allowed).sum(-1, keepdim=True) / keys) * allowed
    back, given = (keys * s.grad)[:, :, 1:], given[:, :, 1:]
    expected = (back.square().sum((0, 2, 3)) / given.square().sum((0, 2, 3))).sqrt()
    for way in (True, False):
        (found,) = measure(Attend(way), x, y, F.mse_loss).attentions
        torch.testing.assert_close(torch.from_numpy(found.passed), expected.double(), rtol=1e-4,
                                   atol=0.0)  # fmt: skip


def test_attention_that_stays_uniform_in_a_training_is_noted():
    torch.manual_seed(0)
    case = models.gpt2()
    assert exam(case).findings == ()
    later = replace(measure(case.model, case.inputs), step=500)
    (found,) = [x for x in findings(later) if x.kind == "collapsed_attention"]
    assert (found.severity, found.cause, found.evidence["attentions"]) == ("note", "uniform", 3)
