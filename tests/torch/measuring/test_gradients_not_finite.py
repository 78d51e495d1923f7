"""A loss that is finite while its gradient is not: which operation made it, and what comes next."""

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import Exam, examine


def data(rows=16, width=4):
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(0))


def net(width=4, outputs=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Linear(8, outputs))


class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, grad):
        return grad * math.nan


class Inside(nn.Module):
    """A network with a function in its middle, in a module of the name "middle"."""

    def __init__(self, function):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.middle, self.last = nn.Linear(4, 8), Called(function), nn.Linear(8, 3)

    def forward(self, x):
        return self.last(torch.relu(self.middle(self.first(x))))


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def rmse(outputs, targets):
    return F.mse_loss(outputs, targets).sqrt()


def same_pair(outputs, targets):
    return F.pairwise_distance(outputs, outputs.clone(), eps=0.0).mean()


def angle(outputs, targets):
    return torch.acos(F.cosine_similarity(outputs, outputs).clamp(max=1.0)).mean()


def clipped_log(outputs, targets):
    positive = outputs * (outputs > 0)
    return -torch.where(positive > 0, positive.log(), torch.zeros(())).mean()


LOSSES = [
    (rmse, "sqrt"),
    (lambda o, t: (o - t).square().mean() ** 0.5, "pow"),
    (lambda o, t: (o - t).norm(), ""),
    (lambda o, t: (o - o.detach()).abs().sum().sqrt(), "sqrt"),
    (same_pair, ""),
    (angle, "acos"),
    (clipped_log, "log"),
    (lambda o, t: (o - o.detach()).square().sum(1).sqrt().mean(), "sqrt"),
    (lambda o, t: Wrong.apply(o).mean(), "Wrong"),
    (lambda o, t: (o * 0.0).sqrt().mul(0.0).mean(), "sqrt"),
]


@pytest.mark.parametrize(("loss", "operation"), LOSSES)
def test_the_operation_is_named(loss, operation):
    model, x = net(), data()
    y = model(x).detach()
    value = loss(model(x), y)
    value.backward()
    grads = [p.grad for p in model.parameters()]
    broken = sum(int((~g.isfinite()).sum()) for g in grads)
    model.zero_grad()
    assert math.isfinite(value.item())
    exam = examine(model, x, y, loss)
    found = [each for each in exam.findings if each.kind == "non_finite"]
    if not operation:
        # PyTorch gives the gradient of a norm at 0 as 0: nothing is broken here.
        assert (broken, found) == (0, [])
        return
    assert broken > 0
    (found,) = found
    cause = "own_backward" if operation == "Wrong" else "gradient"
    assert (found.severity, found.cause, found.is_root) == ("error", cause, True)
    assert found.evidence["operation"] == operation
    # As many weights as autograd itself leaves without a finite gradient, of 4 8 + 8 + 8 3 + 3.
    assert (found.evidence["broken"], found.evidence["parameters"]) == (broken, 67)
    assert Exam.from_json(exam.to_json()).findings == exam.findings
    said = str(exam)
    assert f"'{operation}'" in said
    assert str(broken) in said
    assert "nothing is wrong" not in said.lower()


MIDDLES = [
    (lambda x: (x * 0.0).sqrt(), "sqrt"),
    (lambda x: Wrong.apply(x), "Wrong"),
    (lambda x: F.normalize(x * 0.0, dim=1, eps=0.0).nan_to_num(), "normalize"),
    (lambda x: torch.where(x > 100.0, (x * 0.0).sqrt(), x), "sqrt"),
    (lambda x: torch.acos(x * 0.0 + 1.0), "acos"),
    (lambda x: torch.where(x.abs() > 1e9, (x * 0.0).log(), x), "log"),
]


@pytest.mark.parametrize(("function", "operation"), MIDDLES)
def test_in_the_middle_the_module_is_named_too(function, operation):
    exam = examine(Inside(function), data(), torch.zeros(16, 3), F.mse_loss)
    roots = [each for each in exam.findings if each.is_root and each.severity == "error"]
    assert [each.kind for each in roots] == ["non_finite"]
    assert roots[0].evidence["operation"] == operation
    assert roots[0].evidence["module"] == "middle"
    assert "'middle'" in str(exam)


def test_what_is_sound_is_left_alone():
    # The root of a sum of squares with a small number inside, as the remedy says.
    model, x = net(), data()
    y = model(x).detach()
    exam = examine(model, x, y, lambda o, t: (F.mse_loss(o, t) + 1e-8).sqrt())
    assert [each for each in exam.findings if each.kind == "non_finite"] == []


def test_an_infinite_gradient():
    # 0 1e38 1e38 is 0, and its derivative 1e76 is more than float32 holds.
    model, x = net(), data()
    exam = examine(model, x, x, lambda o, t: (o - o.detach()).mean() * 1e38 * 1e38)
    (found,) = [each for each in exam.findings if each.kind == "non_finite"]
    assert (found.severity, found.evidence["operation"]) == ("error", "mul")
    assert found.evidence["value"] == "infinite"
    # The two layers' numbers: 4 8 + 8 weights behind units that are off get none, the rest do.
    assert 0 < found.evidence["broken"] <= 67


def test_half_precision_that_the_scale_explains_is_no_fault():
    model, x = net().half(), data().half()
    exam = examine(
        model, x, torch.zeros(16, 3).half(), lambda o, t: F.mse_loss(o.float(), t.float())
    )
    assert [each for each in exam.findings if each.kind == "non_finite"] == []


def test_the_remedy_speaks_of_the_argument():
    model, x = net(), data()
    exam = examine(model, x, model(x).detach(), rmse)
    (remedy,) = exam.remedies()
    assert remedy.outcome == "untried"
    assert "1e-8" in remedy.code
    assert "sqrt" in remedy.what


def test_nothing_of_the_model_is_changed_by_the_search():
    model, x = net(), data()
    model[0].weight.grad = torch.ones(8, 4)
    state = torch.get_rng_state()
    before = [p.detach().clone() for p in model.parameters()]
    examine(model, x, model(x).detach(), rmse)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert torch.equal(model[0].weight.grad, torch.ones(8, 4))
    assert model[0].bias.grad is None


class Router(nn.Module):
    """Puts its best scores into -inf, of which a sigmoid makes 0."""

    def __init__(self, rest=-math.inf):
        super().__init__()
        self.score, self.experts, self.rest = nn.Linear(4, 6), nn.Linear(4, 6), rest

    def forward(self, x):
        best, places = self.score(x).topk(2, dim=-1)
        scores = torch.full((len(x), 6), self.rest).scatter(1, places, best)
        return scores.sigmoid() * self.experts(x)


def test_scores_that_are_put_into_minus_infinity_are_a_mask():
    torch.manual_seed(0)
    x, y = data(), torch.arange(16) % 6
    assert "non_finite" not in {f.kind for f in examine(Router(), x, y, F.cross_entropy).findings}
    (found,) = examine(Router(math.inf), x, y, lambda o, t: o.sum() * 0.0 + math.nan).findings[:1]
    assert (found.kind, found.evidence["operation"]) == ("non_finite", "scatter")
