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


class Copying(nn.Module):
    """One head that has to find the word before; duplicates of a word tie."""

    def __init__(self, factor, positions=True):
        super().__init__()
        torch.manual_seed(0)
        self.words, self.places = nn.Embedding(20, 32), nn.Embedding(12, 32)
        self.query, self.key, self.value, self.head = (nn.Linear(32, n) for n in (32, 32, 32, 20))
        self.positions = positions
        with torch.no_grad():
            self.query.weight.mul_(factor)
            self.key.weight.mul_(factor)

    def forward(self, x):
        z = self.words(x) + (self.places(torch.arange(12)) if self.positions else 0.0)
        scores = self.query(z) @ self.key(z).transpose(1, 2)
        return self.head(z + scores.softmax(-1) @ self.value(z))


TEXT = torch.randint(20, (128, 12), generator=torch.Generator().manual_seed(1))


def of_words(outputs, targets):
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


@pytest.mark.parametrize(("factor", "grade"), [(1.0, None), (3.0, None), (7.0, "error")])
def test_scores_so_far_apart_that_steps_do_not_move_them_are_an_error(factor, grade):
    targets = TEXT.roll(1, 1)
    model = Copying(factor)
    found = [x for x in findings(measure(model, TEXT, targets, of_words)) if x.severity != "note"]
    assert [(x.kind, x.severity) for x in found] == (
        [] if grade is None else [("collapsed_attention", grade)]
    )
    # Gradient does come back: it is no longer that which tells.
    assert all(x.evidence["passed"] > 0.1 for x in found)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(300):
        optimizer.zero_grad()
        loss = of_words(model(TEXT), targets)
        loss.backward()
        optimizer.step()
    assert (loss.item() > 2.0) == (grade is not None)


def test_keys_that_tie_share_a_look_and_hide_nothing():
    reading = measure(Copying(30.0, positions=False), TEXT, TEXT.roll(1, 1), of_words)
    assert reading.attentions[0].saturated < 0.8
    assert [(x.kind, x.severity) for x in findings(reading)] == [("collapsed_attention", "error")]
