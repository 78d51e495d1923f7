"""A copy is mended by one remedy after the other; the lines do the same to the model itself."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import Mended, examine

X = torch.randn(256, 8, generator=torch.Generator().manual_seed(3))
Y = X[:, :4].argmax(1)


def network(*behind, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4), *behind
        )  # fmt: skip


def broken():
    """Dead units, and a softmax before the cross entropy."""
    model = network(nn.Softmax(-1))
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    return model


def by_hand(exam, code, targets):
    """Execute lines on a copy of what was examined."""
    model, optimizer = copy.deepcopy((exam.case.model, exam.case.optimizer))
    names = {"exam": exam, "torch": torch, "nn": nn, "activations": exam.case.activations,
             "model": model, "inputs": exam.case.inputs, "targets": targets,
             "loss_fn": exam.case.loss_fn, "optimizer": optimizer}  # fmt: skip
    exec(code, names)
    return names


def same(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def accuracy_after(model, optimizer, loss_fn, inputs, targets, steps=200):
    """Train a copy on the first half, and give the accuracy on the second."""
    half = len(targets) // 2
    for _ in range(steps):
        optimizer.zero_grad()
        loss_fn(model(inputs[:half]), targets[:half]).backward()
        optimizer.step()
    with torch.no_grad():
        return float((model(inputs[half:]).argmax(1) == targets[half:]).float().mean())


def test_two_faults_are_mended_in_a_copy_and_the_lines_do_it_to_the_model():
    model = broken()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    exam = examine(model, 50.0 * X, Y, F.cross_entropy, optimizer=optimizer)
    before, state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    mended = exam.mend()
    assert isinstance(mended, Mended)
    assert mended.why == "mended"
    assert [x for x in mended.after.findings if x.severity != "note"] == []
    keys = [x.key for x in mended.remedies]
    assert set(keys) >= {"scale_inputs", "remove_output"}
    assert len(keys) == len(set(keys))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert optimizer.state == {}
    made = by_hand(exam, mended.code, Y)
    assert same(made["model"], mended.model)
    assert [type(x) for x in made["model"].modules()] == [type(x) for x in mended.model.modules()]
    # A sound network of this kind learns which of four numbers is the largest.
    own = copy.deepcopy(model)
    hurt = accuracy_after(own, torch.optim.Adam(own.parameters(), 0.01), F.cross_entropy,
                          50.0 * X, Y)  # fmt: skip
    case = mended.case
    sound = accuracy_after(case.model, case.optimizer, case.loss_fn, 50.0 * X, Y)
    assert sound > 0.8
    assert sound >= hurt


def test_units_are_named_anew_for_the_model_as_it_is_by_then():
    """Lines behind others ask an examination of their own, where they ask one."""
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 4), nn.Softmax(-1))
    with torch.no_grad():
        model[0].bias[::2] = -30.0
    exam = examine(model, X, Y, F.cross_entropy)
    mended = exam.mend()
    assert mended.why == "mended"
    assert len(mended.remedies) == 2
    assert same(by_hand(exam, mended.code, Y)["model"], mended.model)


def test_a_fault_that_another_one_hides_is_mended_too():
    """Behind a weight that is no number nothing is seen, and inputs out of scale drown a bias."""
    for hide in ("nan", "scale"):
        model = network()
        with torch.no_grad():
            model[2].bias[:24] = -30.0
            if hide == "nan":
                model[0].weight[3, 4] = float("nan")
        x = X if hide == "nan" else 500.0 * X
        mended = examine(model, x, Y, F.cross_entropy,
                         optimizer=torch.optim.Adam(model.parameters(), 0.01)).mend()  # fmt: skip
        assert mended.why == "mended"
        assert {x.finding.kind for x in mended.remedies} >= {
            {"nan": "non_finite", "scale": "unscaled_inputs"}[hide], "dead_units"
        }  # fmt: skip


def test_each_time_the_same():
    exam = examine(broken(), 50.0 * X, Y, F.cross_entropy)
    one, other = exam.mend(steps=10), exam.mend(steps=10)
    assert one.code == other.code
    assert one.losses == other.losses
    assert str(one) == str(other)


def test_a_sound_model_needs_nothing():
    mended = examine(network(), X, Y, F.cross_entropy).mend()
    assert (mended.why, len(mended.remedies), mended.code) == ("healthy", 0, "")
    assert same(mended.model, network())


def test_what_only_the_users_code_can_mend_is_left():
    class Cut(nn.Module):
        def forward(self, x):
            return x.detach()

    exam = examine(network().insert(2, Cut()), X, Y, F.cross_entropy)
    assert {x.kind for x in exam.findings} == {"stuck_layer"}
    mended = exam.mend(steps=2)
    assert (mended.why, len(mended.remedies)) == ("no_remedy", 0)
    assert "Left:" in mended.text("en")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_tells_what_was_done(lang):
    mended = examine(broken(), X, Y, F.cross_entropy).mend(steps=5)
    said = mended.text(lang)
    assert "{" not in said.replace("{name", "")
    for number, remedy in enumerate(mended.remedies, 1):
        assert f"{number}. {remedy.describe(lang)}" in said
    for line in mended.code.splitlines():
        assert line in said
    assert mended.describe("ko") != mended.describe("en")
    assert repr(mended) == str(mended)


def test_time_is_kept():
    exam = examine(broken(), 50.0 * X, Y, F.cross_entropy)
    mended = exam.mend(time_limit=1e-6)
    assert (mended.why, len(mended.remedies)) == ("stopped", 0)
    assert same(mended.model, exam.case.model)
    found = exam.remedies(time_limit=1e-6)
    assert len(found) == 0
    assert found.left == len(exam.remedies(steps=0))
    assert str(found.left) in str(found)


@pytest.mark.parametrize("method", ["remedies", "mend"])
@pytest.mark.parametrize(
    "wrong", [{"time_limit": 0.0}, {"time_limit": float("nan")}, {"steps": -1}]
)
def test_wrong_arguments(method, wrong):
    exam = examine(network(), X, Y, F.cross_entropy)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        getattr(exam, method)(**wrong)


def test_an_interruption_keeps_what_was_done():
    calls, last = 0, None

    def loss_fn(outputs, targets):
        nonlocal calls
        calls += 1
        if last is not None and calls > last:
            raise KeyboardInterrupt
        return F.cross_entropy(outputs, targets)

    exam = examine(broken(), X, Y, loss_fn)
    calls = 0
    whole = exam.mend(steps=5)
    assert len(whole.remedies) > 1
    calls, last = 0, calls - 20
    part = exam.mend(steps=5)
    assert part.why == "stopped"
    assert 0 < len(part.remedies) < len(whole.remedies)
    assert [x.key for x in part.remedies] == [x.key for x in whole.remedies][: len(part.remedies)]


def test_a_language_model_that_someone_broke_twice():
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(vocab_size=20, n_positions=12, n_embd=32, n_layer=2, n_head=2,
                                     resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                                     bos_token_id=0, eos_token_id=0)  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.GPT2LMHeadModel(config)
        # Each token is the one before it plus 3.
        tokens = (torch.randint(20, (32, 1)) + 3 * torch.arange(12)) % 20
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight.mul_(300.0)
        model.transformer.h[1].mlp.c_fc.weight.mul_(300.0)
    inputs = transformers.BatchEncoding({"input_ids": tokens, "labels": tokens})
    mended = examine(model, inputs).mend(steps=5)
    assert mended.why == "mended"
    assert mended.held_out
    shapes = [(name, p.shape) for name, p in model.named_parameters()]
    assert [(name, p.shape) for name, p in mended.model.named_parameters()] == shapes
