"""Optimizers as people have them: several, wrapped, scheduled, and such as cannot be asked."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim import optimizer as registry
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    PolynomialLR,
)  # fmt: skip

from nonlin.torch import Monitor, examine, measure
from nonlin.torch.wording import describe

RNG = torch.Generator().manual_seed(0)
X, Y = torch.randn(16, 4, generator=RNG), torch.randn(16, 2, generator=RNG)


def net(depth=3):
    torch.manual_seed(0)
    body = [x for _ in range(depth - 1) for x in (nn.Linear(4, 4), nn.Tanh())]
    return nn.Sequential(*body, nn.Linear(4, 2))


def stuck(exam):
    return [x for x in exam.findings if x.kind == "stuck_layer"]


def ratios(model, optimizer, loss=F.mse_loss, x=X, y=Y):
    return [layer.update_ratio for layer in measure(model, x, y, loss, optimizer=optimizer).layers]


def moved(model, *optimizers):
    """Take a step, and tell how far it moved each layer's weights."""
    before = [x.weight.detach().clone() for x in model if hasattr(x, "weight")]
    for optimizer in optimizers:
        optimizer.zero_grad()
    F.mse_loss(model(X), Y).backward()
    for optimizer in optimizers:
        optimizer.step()
    after = [x.weight.detach() for x in model if hasattr(x, "weight")]
    return [((b - a).norm() / a.norm()).item() for a, b in zip(before, after, strict=True)]


class SAM(Optimizer):
    """Sharpness-aware minimisation: two steps, the second from a closure, around an optimizer."""

    def __init__(self, params, base, **defaults):
        super().__init__(params, defaults)
        self.base_optimizer = base(self.param_groups, **defaults)
        self.param_groups = self.base_optimizer.param_groups

    def step(self, closure=None):
        assert closure is not None, "needs closure"
        self.base_optimizer.step(closure)


class Lookahead(Optimizer):
    """Every k steps the weights go back half of the way to slow ones, kept beside `state`."""

    def __init__(self, inner, k=2):
        super().__init__([p for group in inner.param_groups for p in group["params"]], {})
        self.optimizer, self.k, self.count = inner, k, 0
        self.param_groups, self.defaults = inner.param_groups, inner.defaults
        self.state = inner.state
        self.slow = {p: p.detach().clone() for group in inner.param_groups for p in group["params"]}

    def step(self, closure=None):
        self.optimizer.step()
        self.count += 1
        if self.count % self.k == 0:
            for group in self.param_groups:
                for p in group["params"]:
                    self.slow[p].lerp_(p.detach(), 0.5)
                    p.data.copy_(self.slow[p])


class Wrapped:
    """Around an optimizer, and none itself."""

    def __init__(self, inner):
        self.inner, self.steps = inner, 0

    @property
    def param_groups(self):
        return self.inner.param_groups

    def zero_grad(self):
        self.inner.zero_grad()

    def step(self):
        self.steps += 1
        self.inner.step()


class Raising(SGD):
    def step(self, closure=None):
        raise ValueError("no step\nfor you")


class Together(Optimizer):
    """Several optimizers behind the interface of one, as trainers want it that take one alone."""

    def __init__(self, several, how=list):
        keyed = {str(place): {"held": x} for place, x in enumerate(several)}
        self.several = list(several) if how is list else keyed
        groups = [group for x in several for group in x.param_groups]
        super().__init__([{"params": list(group["params"])} for group in groups], {})
        self.param_groups = groups

    def step(self, closure=None):
        several = self.several
        for x in several if isinstance(several, list) else [x["held"] for x in several.values()]:
            x.step()


@pytest.mark.parametrize("how", [list, dict])
def test_optimizers_within_one_in_a_list_or_a_mapping(how):
    model = net()
    muon = torch.optim.Muon([x.weight for x in model if hasattr(x, "weight")], lr=0.02)
    adam = AdamW([x.bias for x in model if hasattr(x, "bias")], lr=1e-3)
    pair = Together([muon, adam], how)
    F.mse_loss(model(X), Y).backward()
    pair.step()
    # The gradients of the last step are still there: a step that reached them would move all.
    before = copy.deepcopy(model.state_dict())
    grads = [x.grad.clone() for x in model.parameters()]
    alone = ratios(model, [muon, adam])
    assert ratios(model, pair) == pytest.approx(alone, rel=1e-6)
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert all(torch.equal(x.grad, g) for x, g in zip(model.parameters(), grads, strict=True))
    assert alone == pytest.approx(moved(model, pair), rel=1e-4)


def halves(model):
    return model[:2].parameters(), model[2:].parameters()


def test_several_optimizers():
    model = net()
    one, other = halves(model)
    both = [SGD(one, lr=0.1), AdamW(other, lr=0.01)]
    for several in (both, tuple(both)):
        predicted = ratios(model, several)
        assert predicted == pytest.approx(moved(model, *both), rel=1e-4)
        assert stuck(examine(model, X, Y, F.mse_loss, optimizer=several)) == []
    assert all(x > 0 for x in ratios(model, both))
    alone = stuck(examine(model, X, Y, F.mse_loss, optimizer=both[1]))
    assert [(x.site, x.cause) for x in alone] == [("0", "not_optimized")]
    monitor = Monitor(model, (X, Y), F.mse_loss, both)
    assert all(x.update_ratio > 0 for x in monitor.run.last.layers)


def test_muon_beside_adamw():
    model = net()
    matrices = [p for p in model.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if p.ndim != 2]
    both = [torch.optim.Muon(matrices, lr=0.02), AdamW(rest, lr=0.01)]
    predicted = ratios(model, both)
    assert predicted == pytest.approx(moved(model, *both), rel=1e-3)


@pytest.mark.parametrize("given", ["sgd", [None], [SGD(net().parameters(), 0.1), 3]])
def test_what_is_no_optimizer(given):
    with pytest.raises(TypeError, match=r"optimizer: expected a torch\.optim\.Optimizer, got"):
        measure(net(), X, Y, F.mse_loss, optimizer=given)


WRAPPERS = [
    lambda p: Lookahead(SGD(p, lr=0.1, momentum=0.9)),
    lambda p: Lookahead(Adam(p, lr=0.01), k=1),
    lambda p: Wrapped(Adam(p, lr=0.01)),
    lambda p: Adam(p, lr=torch.tensor(0.01)),
    lambda p: SGD(p, lr=0.1, maximize=True),
    lambda p: AdamW(p, lr=0.01, fused=True),
]


def everything(optimizer):
    """All tensors and numbers of an optimizer, whatever it keeps where."""
    row, found = [vars(optimizer)], []
    while row:
        x = row.pop()
        if isinstance(x, dict):
            row += x.values()
        elif isinstance(x, list | tuple):
            row += x
        elif isinstance(x, Optimizer):
            row.append(vars(x))
        elif isinstance(x, torch.Tensor):
            found.append(x.detach().clone())
        elif isinstance(x, int | float):
            found.append(torch.tensor(float(x)))
    return found


@pytest.mark.parametrize("optimize", WRAPPERS)
def test_the_update_of_a_wrapped_optimizer(optimize):
    model = net()
    optimizer = optimize(list(model.parameters()))
    for _ in range(3):
        before, weights = everything(optimizer), copy.deepcopy(model.state_dict())
        predicted = ratios(model, optimizer)
        after = everything(optimizer)
        assert len(before) == len(after)
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
        assert all(torch.equal(a, weights[name]) for name, a in model.state_dict().items())
        assert predicted == pytest.approx(moved(model, optimizer), rel=1e-4)


def test_no_hook_of_an_optimizer_is_called():
    model, called = net(), []
    optimizer = Lookahead(SGD(model.parameters(), lr=0.1))
    optimizer.optimizer.register_step_pre_hook(lambda *_: called.append("own"))
    handles = [
        registry.register_optimizer_step_pre_hook(lambda *_: called.append("all")),
        registry.register_optimizer_step_post_hook(lambda *_: called.append("all")),
    ]
    try:
        assert all(x > 0 for x in ratios(model, optimizer))
        assert called == []
        F.mse_loss(model(X), Y).backward()
        optimizer.step()
        assert sorted(called) == ["all", "all", "all", "all", "own"]
    finally:
        for handle in handles:
            handle.remove()


UNTOLD = [
    (lambda p: SAM(p, SGD, lr=0.1), "no_updates", "AssertionError: needs closure"),
    (lambda p: torch.optim.LBFGS(p), "needs_closure", "LBFGS"),
    (lambda p: torch.optim.SparseAdam(p), "no_updates", "SparseAdam does not support dense"),
    (lambda p: Raising(p, lr=0.1), "no_updates", "ValueError: no step for you"),
]


@pytest.mark.parametrize(("optimize", "key", "reason"), UNTOLD)
def test_an_optimizer_that_cannot_be_asked(optimize, key, reason):
    from nonlin.torch.exam_text import plain_text

    model = net()
    exam = examine(model, X, Y, F.mse_loss, optimizer=optimize(list(model.parameters())))
    assert [x.update_ratio for x in exam.layers] == [None] * 3
    assert all(x.weight_gradient_rms > 0 for x in exam.layers)
    assert stuck(exam) == []
    (note,) = exam.reading.notes
    assert note.key == key
    for lang, word in (("en", "Updates not measured"), ("ko", "갱신량을 재지 못했습니다")):
        said = " ".join(plain_text(exam, lang).split())
        assert word in said
        assert reason in said


def test_one_that_cannot_be_asked_beside_one_that_can():
    model = net()
    one, other = halves(model)
    exam = examine(model, X, Y, F.mse_loss, optimizer=[SAM(one, SGD, lr=0.1), Adam(other)])
    first, *rest = [x.update_ratio for x in exam.layers]
    assert first is None
    assert all(x > 0 for x in rest)
    assert stuck(exam) == []
    # What neither has is said still.
    with_gap = examine(model, X, Y, F.mse_loss, optimizer=SAM(model[:2].parameters(), SGD, lr=0.1))
    assert {(x.site, x.cause) for x in stuck(with_gap)} == {
        ("2", "not_optimized"), ("4", "not_optimized"),
    }  # fmt: skip


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.EmbeddingBag(7, 4, sparse=True)
        self.net = nn.Sequential(nn.Tanh(), nn.Linear(4, 2))

    def forward(self, x):
        return self.net(self.words(x))


@pytest.mark.parametrize("count", [1, 2])
def test_sparse_gradients(count):
    model = Words()
    optimizers = [torch.optim.SparseAdam(model.words.parameters()), Adam(model.net.parameters())]
    x, y = torch.arange(10).reshape(5, 2) % 6, torch.ones(5, 2)
    reading = measure(model, [(x, y)] * count, None, F.mse_loss, optimizer=optimizers)
    before = model.words.weight.detach().clone()
    model.zero_grad()
    F.mse_loss(model(x), y).backward()
    grad = model.words.weight.grad.to_dense()
    for optimizer in optimizers:
        optimizer.step()
    expected = ((model.words.weight.detach() - before).norm() / before.norm()).item()
    assert reading.layers[0].update_ratio == pytest.approx(expected, rel=1e-4)
    assert reading.layers[0].weight_gradient_rms == pytest.approx(
        grad.square().mean().sqrt().item(), rel=1e-5
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize(
    "optimize", [lambda p: SGD(p, lr=0.1), lambda p: Adam(p, lr=0.1, eps=1e-3)]
)
def test_weights_of_another_dtype(dtype, optimize):
    model = net().to(dtype)
    optimizer = optimize(model.parameters())

    def loss(outputs, targets):
        return F.mse_loss(outputs.float(), targets.float())

    found = ratios(model, optimizer, loss, X.to(dtype), Y.to(dtype))
    before = [x.weight.detach().float() for x in model[::2]]
    loss(model(X.to(dtype)), Y).backward()
    optimizer.step()
    after = [x.weight.detach().float() for x in model[::2]]
    expected = [((b - a).norm() / a.norm()).item() for a, b in zip(before, after, strict=True)]
    assert found == pytest.approx(expected, rel=0.05)


def test_an_update_that_is_no_number_is_no_missing_optimizer():
    # In float16 Adam's own 1e-8 is 0, and so are small squares: 0 / 0.
    model = net().half()
    exam = examine(
        model, X.half(), Y.half(), F.mse_loss, optimizer=Adam(model.parameters(), lr=0.1)
    )
    assert None in [x.update_ratio for x in exam.layers]
    assert stuck(exam) == []


def test_one_weight_of_two_layers_in_several_batches():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.words, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
            self.head.weight = self.words.weight

        def forward(self, x):
            return self.head(torch.tanh(self.words(x)))

    x = torch.arange(6)
    once, twice = (
        measure(Tied(), [(x, x)] * count, None, F.cross_entropy).layers[0].weight_gradient_rms
        for count in (1, 2)
    )
    assert twice == pytest.approx(once, rel=1e-6)


SCHEDULES = {
    "linear warm-up": lambda o: LambdaLR(o, lambda step: step / 10),
    "warm-up from little": lambda o: LinearLR(o, start_factor=1e-9),
    "one cycle, its end": lambda o: _at_the_end(OneCycleLR(o, 1e-4, total_steps=6), 5),
    "cosine, its end": lambda o: _at_the_end(CosineAnnealingLR(o, 4), 4),
    "polynomial, its end": lambda o: _at_the_end(PolynomialLR(o, 4), 4),
    "by hand": lambda o: o.param_groups[0].update(lr=0.0),
    "a tensor": lambda o: o.param_groups[0].update(lr=torch.tensor(0.0)),
}


def _at_the_end(schedule, steps):
    for _ in range(steps):
        schedule.optimizer.step()
        schedule.step()


def test_an_optimizer_of_nothing_that_learns():
    # As with a head that is replaced after the optimizer was made, on a frozen trunk.
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    model[0].requires_grad_(False)
    optimizer = SGD(model.parameters(), lr=0.1)
    model[2] = nn.Linear(16, 4)
    x, y = torch.randn(32, 8), torch.arange(32) % 4
    exam = examine(model, x, y, F.cross_entropy, optimizer=optimizer)
    assert [(each.kind, each.site, each.cause, each.severity) for each in exam.findings] == [
        ("stuck_layer", "2", "not_optimized", "error")
    ]
    assert [note.key for note in exam.reading.notes] == ["nothing_optimized"]
    (remedy,) = exam.remedies()
    assert remedy.outcome == "cured"
    assert remedy.losses[1] < remedy.losses[0]


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("optimize", [SGD, AdamW])
def test_a_rate_of_nothing_is_one_note(optimize, schedule):
    model = net(17)
    optimizer = optimize(model.parameters(), lr=1e-3)
    schedule(optimizer)
    exam = examine(model, X, Y, lambda o, t: 100 * F.mse_loss(o, t), optimizer=optimizer)
    (found,) = stuck(exam)
    assert (found.severity, found.cause, found.is_root) == ("note", "schedule", True)
    assert found.evidence["layers"] == 17
    assert "17 layers" in describe(found, "en")
    assert "17개" in describe(found, "ko")
    told = []
    Monitor(
        model,
        (X, Y),
        F.mse_loss,
        optimizer,
        on_finding=lambda finding, _: told.append(finding.kind),
    )
    assert told.count("stuck_layer") == 1


def test_a_rate_that_is_too_small_at_its_highest_is_an_error_still():
    model = net()
    optimizer = SGD(model.parameters(), lr=1e-12)
    LambdaLR(optimizer, lambda step: 0.5)
    found = stuck(examine(model, X, Y, F.mse_loss, optimizer=optimizer))
    assert {(x.severity, x.cause) for x in found} == {("error", "learning_rate")}
    assert len(found) == 3


def test_a_layer_that_is_cut_off_is_an_error_whatever_the_rate():
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.two(torch.tanh(self.one(x)).detach())

    model = Cut()
    optimizer = SGD(model.parameters(), lr=0.0)
    found = stuck(examine(model, X, Y, F.mse_loss, optimizer=optimizer))
    assert [(x.site, x.severity, x.cause) for x in found] == [
        ("one", "error", "no_gradient"), ("two", "note", "schedule"),
    ]  # fmt: skip


def test_a_remedy_with_several_optimizers():
    model = net()
    one, other = halves(model)
    several = [SGD(one, lr=1e-12), SGD(other, lr=1e-12)]
    exam = examine(model, X, Y, F.mse_loss, optimizer=several)
    remedy = next(x for x in exam.remedies() if x.key == "raise_rate")
    remedy.apply(model)
    assert all(x.param_groups[0]["lr"] > 1e-6 for x in several)
