"""A trial judges by samples that it did not train on, and does no harm."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, TensorDataset

from nonlin.torch import examine
from nonlin.torch.case import Case
from nonlin.torch.clipping import clip_gradients_
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.split import parts
from nonlin.torch.remedies import remedies

X = torch.randn(128, 8, generator=torch.Generator().manual_seed(3))
Y = X[:, :4].argmax(1)


def deep(depth=12, act=nn.Sigmoid):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [m for _ in range(depth) for m in (nn.Linear(8, 8), act())]
        return nn.Sequential(*layers, nn.Linear(8, 4))


def network(out=4):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, out)
        )  # fmt: skip


def fitted(steps=300):
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(X), Y).backward()
        optimizer.step()
    return model


def case(model, inputs, targets, loss_fn=F.cross_entropy):
    return Case(model, inputs, targets, loss_fn)


def rows(found):
    return {tuple(row.tolist()) for batch in found for row in batch.args[0]}


def test_a_batch_is_parted_in_halves_that_share_no_sample():
    made = parts(case(network(), X, Y))
    trained, judged = rows(made.trained), rows(made.judged)
    assert made.held_out
    assert len(trained) == len(judged) == 64
    assert trained | judged == {tuple(row.tolist()) for row in X}
    for batch in (*made.trained, *made.judged):
        # Each sample has its own target.
        assert torch.equal(batch.targets, batch.args[0][:, :4].argmax(1))


def test_of_a_loader_every_second_batch_is_held_out():
    made = parts(case(network(), DataLoader(TensorDataset(X, Y), 32), None))
    assert made.held_out
    assert [len(x.targets) for x in made.trained] == [32, 32]
    assert torch.equal(made.judged[0].args[0], X[32:64])


def test_samples_along_the_second_axis_and_named_arguments():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = nn.RNN(8, 8), nn.Linear(8, 4)

        def forward(self, x, scale):
            return self.out(self.rnn(x)[0][-1]) * scale[:, None]

    x, scale = torch.randn(5, 20, 8), torch.rand(20)
    made = parts(case(Last(), {"x": x, "scale": scale}, torch.randint(4, (20,))))
    assert made.held_out
    assert made.trained[0].kwargs["x"].shape == (5, 10, 8)
    assert made.judged[0].kwargs["scale"].shape == (10,)


class OfTwenty(nn.Module):
    """Takes 20 samples, and no fewer."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(20, 20) / 20)
        self.out = nn.Linear(8, 4)

    def forward(self, x):
        return self.out(self.w @ x)


@pytest.mark.parametrize("kind", ["few", "whole", "packed"])
def test_what_cannot_be_parted_is_judged_by_what_it_trains_on(kind):
    if kind == "few":
        given = case(network(), X[:15], Y[:15])
    elif kind == "whole":
        given = case(OfTwenty(), X[:20], Y[:20])
    else:
        rnn = nn.RNN(8, 4)
        packed = pack_sequence([X[:4]] * 20)
        given = case(rnn, packed, Y[:20], lambda o, t: F.cross_entropy(o[1][0], t))
    made = parts(given)
    assert not made.held_out
    assert made.trained is made.judged or made.trained == made.judged


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_that_nothing_was_held_out_is_said(lang):
    model = network()
    with torch.no_grad():
        model[2].bias[:30] = -30.0
    few = remedies(examine(model, X[:12], Y[:12], F.cross_entropy), steps=2)[0]
    many = remedies(examine(model, X, Y, F.cross_entropy), steps=2)[0]
    assert (few.held_out, many.held_out) == (False, True)
    words = {"en": "held out", "ko": "학습에 쓰지 않은"}[lang]
    assert words in many.result(lang)
    assert {"en": "too few", "ko": "표본이 적거나"}[lang] in few.result(lang)


def test_what_is_learnt_by_heart_is_no_gain():
    """Labels at random: the loss on other samples falls below guessing's for nobody."""
    labels = torch.randint(4, (128,), generator=torch.Generator().manual_seed(1))
    model = deep()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    found = remedies(examine(model, X, labels, F.cross_entropy, optimizer=optimizer), steps=60)
    tried = [x for x in found if x.losses is not None]
    assert tried
    for remedy in tried:
        # ln 4 is the loss of guessing; 64 samples stray from it by some percent.
        assert remedy.losses[1] > 0.93 * torch.tensor(4.0).log()
        assert remedy.gain < 0.1


def test_the_best_is_what_gains_most():
    found = remedies(examine(deep(), X, Y, F.cross_entropy,
                             optimizer=None))  # fmt: skip
    gains = [x.gain for x in found if x.outcome in ("cured", "better")]
    assert len(gains) > 1
    # Gains are alike where they differ by less than a fifth.
    assert gains[0] >= max(gains) - 0.2
    assert gains[0] > 0.0


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_cure_that_gains_nothing_says_so(lang):
    """Half the units are dead in a layer that is far too wide for a sum."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(8, 512), nn.ReLU(), nn.Linear(512, 1))
    with torch.no_grad():
        model[0].bias[:300] = -60.0
    y = X.sum(1, keepdim=True)
    optimizer = torch.optim.Adam(model.parameters(), 1e-9)
    found = remedies(examine(model, X, y, F.mse_loss, optimizer=optimizer), steps=5)
    cured = [x for x in found if x.why == "not_better"]
    assert {x.outcome for x in cured} == {"cured"}
    words = {"en": "no better", "ko": "더 잘 학습하지는"}[lang]
    assert all(words in x.result(lang) for x in cured)


def test_a_remedy_that_leaves_the_finding_and_helps_is_better():
    """Each of 16 layers makes the gradient 6 ** 0.5 times as long: clipped it can be followed."""
    model = deep(16, nn.ReLU)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in model[:-1:2]:
            layer.weight.normal_(0.0, (12 / 8) ** 0.5, generator=generator)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    exam = examine(model, X, Y, F.cross_entropy, optimizer=optimizer)
    assert "exploding_gradients" in {x.kind for x in exam.findings}
    (clipped,) = [x for x in remedies(exam) if x.key == "clip_gradients"]
    assert (clipped.outcome, clipped.why) == ("better", "learns")
    assert clipped.losses[1] < 0.5 * clipped.losses[0] or clipped.losses[0] != clipped.losses[0]


def test_clipping_is_carried_into_copies_and_no_other_hook_is():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 1.0)
    called = []
    optimizer.register_step_pre_hook(lambda *given: called.append(1))
    clip_gradients_(optimizer, 0.5)
    made = copied(Case(model, X, Y, F.cross_entropy, optimizer))
    before = [p.detach().clone() for p in made.model.parameters()]
    for p in made.model.parameters():
        p.grad = torch.full_like(p, 100.0)
    made.optimizer.step()
    moved = sum(float((p.detach() - b).square().sum()) for p, b in
                zip(made.model.parameters(), before, strict=True)) ** 0.5  # fmt: skip
    assert moved == pytest.approx(0.5, rel=1e-4)
    assert called == []
    with pytest.raises(ValueError, match="max_norm"):
        clip_gradients_(optimizer, 0.0)


def test_dead_units_of_what_has_learnt_come_back_without_a_change_of_the_outputs():
    model = fitted()
    with torch.no_grad():
        model[2].bias[:24] = -100.0
    exam = examine(model, X, Y, F.cross_entropy)
    (remedy,) = [x for x in remedies(exam, steps=0) if x.key == "unheard_units"]
    changed = remedy.apply(copy.deepcopy(model))
    assert torch.equal(changed(X), model(X))
    assert remedy.outcome == "cured"


def test_biases_are_moved_and_weights_are_kept():
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    exam = examine(model, X, Y, F.cross_entropy)
    (remedy,) = [x for x in remedies(exam, steps=0) if x.key == "centre_units"]
    changed = remedy.apply(copy.deepcopy(model))
    assert torch.equal(changed[2].weight, model[2].weight)
    z = changed[:3](X)[:, :24].mean(0)
    assert torch.allclose(z, torch.zeros(24), atol=1e-5)


def test_weights_that_are_finite_stay():
    model = fitted()
    with torch.no_grad():
        model[2].weight[3, 5] = float("nan")
        model[2].bias[7] = float("inf")
    exam = examine(model, X, Y, F.cross_entropy)
    (remedy,) = [x for x in remedies(exam, steps=3) if x.key == "finite_weights"]
    assert remedy.outcome == "cured"
    changed = remedy.apply(copy.deepcopy(model))
    kept = model[2].weight.isfinite()
    assert torch.equal(changed[2].weight[kept], model[2].weight[kept])
    assert changed[2].weight.isfinite().all()
    assert changed[2].bias[7] == 0.0
    assert float((changed(X).argmax(1) == Y).float().mean()) > 0.9


def test_averages_of_a_normalisation_are_not_moved_by_what_is_judged():
    """The copy that is trained sees its own half alone: the untouched training is the same."""
    from nonlin.torch.mending.trial import measured

    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4)).train()
    made = case(model, X, Y)
    before = copy.deepcopy(dict(model.named_buffers()))
    measured(made, parts(case(copy.deepcopy(model), X, Y)).judged)
    assert all(torch.equal(before[name], x) for name, x in model.named_buffers())
