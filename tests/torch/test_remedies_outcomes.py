"""What a trial says of a remedy, and what is never done to a model that has learnt."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.remedies import remedies


@pytest.fixture
def data():
    """256 inputs of eight features; the class is the largest of the first four."""
    x = torch.randn(256, 8, generator=torch.Generator().manual_seed(3))
    return x, x[:, :4].argmax(1)


def fitted(model, x, y, loss_fn=F.cross_entropy, steps=300):
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
    optimizer.zero_grad()
    return model


def network(*behind, out=4, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, out), *behind
        )  # fmt: skip


class LoRA(nn.Module):
    """A layer and a product of two thin matrices beside it, the second of zeros."""

    def __init__(self, base, frozen):
        super().__init__()
        self.base = base.requires_grad_(not frozen)
        generator = torch.Generator().manual_seed(1)
        self.A = nn.Parameter(torch.randn(2, base.in_features, generator=generator) / 8)
        self.B = nn.Parameter(torch.zeros(base.out_features, 2))

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.A), self.B)


def accuracy(model, x, y):
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


def redrawn(model, remedy):
    """Count the matrices that a remedy changes."""
    before = {name: p.detach().clone() for name, p in model.named_parameters() if p.ndim > 1}
    changed = dict(remedy.apply(copy.deepcopy(model)).named_parameters())
    return sum(not torch.equal(changed[name], p) for name, p in before.items())


def keeps_what_was_learnt(model, found):
    """Tell whether no remedy that can be applied draws every matrix anew."""
    matrices = sum(p.ndim > 1 for p in model.parameters())
    return all(redrawn(model, x) < matrices for x in found if x.outcome != "untried")


@pytest.mark.parametrize("frozen", [True, False])
def test_an_adapter_on_what_was_learnt_is_not_drawn_anew(data, frozen):
    model = fitted(network(), *data)
    model[0], model[2] = LoRA(model[0], frozen), LoRA(model[2], frozen)
    with torch.no_grad():
        model[2].base.bias[:24] = -100.0
    before = accuracy(model, *data)
    found = remedies(examine(model, *data, F.cross_entropy))
    assert all("initialize_" not in x.code or x.outcome == "untried" for x in found)
    for remedy in found:
        if remedy.outcome in ("cured", "better"):
            changed = remedy.apply(copy.deepcopy(model))
            assert accuracy(changed, *data) >= before - 0.05


@pytest.mark.parametrize(
    ("loss_fn", "targets", "out", "behind"),
    [
        (F.cross_entropy, lambda x: x[:, :4].argmax(1), 4, ()),
        (F.mse_loss, lambda x: x.sum(1, keepdim=True).sin(), 1, ()),
        (F.l1_loss, lambda x: x[:, :2].relu(), 2, ()),
        (F.binary_cross_entropy_with_logits, lambda x: (x[:, :1] > 0).float(), 1, ()),
        (F.binary_cross_entropy, lambda x: (x[:, :3] > 0).float(), 3, (nn.Sigmoid(),)),
        (F.nll_loss, lambda x: x[:, :4].argmax(1), 4, (nn.LogSoftmax(1),)),
        (lambda o, t: 5.0 + F.multi_margin_loss(o, t) * 100, lambda x: x[:, :4].argmax(1), 4, ()),
    ],
)
def test_a_model_that_has_learnt_is_never_drawn_anew_as_a_whole(
    data, loss_fn, targets, out, behind
):
    x, y = data[0], targets(data[0])
    model = fitted(network(*behind, out=out), x, y, loss_fn)
    with torch.no_grad():
        model[0].weight[:14] = 0.0
        model[0].bias[:14] = -50.0
    found = remedies(examine(model, x, y, loss_fn), steps=5)
    assert found
    assert keeps_what_was_learnt(model, found)


def test_with_its_loss_inside_too(data):
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = network()

        def forward(self, x, y):
            return {"loss": F.cross_entropy(self.net(x), y)}

    model = Whole()
    fitted(model.net, *data)
    with torch.no_grad():
        model.net[0].weight[:14] = 0.0
        model.net[0].bias[:14] = -50.0
    given = dict(zip("xy", data, strict=True))
    found = remedies(examine(model, given, None, lambda out: out["loss"]), steps=5)
    assert found
    assert keeps_what_was_learnt(model, found)


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.Adagrad])
def test_an_optimizer_that_made_a_step_remembers_a_training(data, kind):
    x, y = data
    layers = [m for _ in range(12) for m in (nn.Linear(8, 8), nn.Sigmoid())]
    model = nn.Sequential(*layers, nn.Linear(8, 4))
    optimizer = kind(model.parameters(), lr=1e-9)
    fresh = remedies(examine(model, x, y, F.cross_entropy, optimizer=optimizer), steps=0)
    assert any(x.key == "initialize" for x in fresh)
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    found = remedies(examine(model, x, y, F.cross_entropy, optimizer=optimizer), steps=0)
    assert found
    assert keeps_what_was_learnt(model, found)


def test_a_network_of_first_weights_may_be_drawn_anew(data):
    """Guessing is no learning: neither by luck nor with few samples."""
    for seed in range(5):
        model = network(seed=seed)
        with torch.no_grad():
            model[2].weight.mul_(100.0)
        for n in (4, 16, 256):
            found = remedies(examine(model, data[0][:n], data[1][:n], F.cross_entropy), steps=0)
            assert "initialize" in {x.key for x in found}


def test_a_change_with_which_the_loss_is_worse_is_neither_cured_nor_first(data):
    x, y = data
    model = fitted(network(), x, y)
    with torch.no_grad():
        # Inputs as large as these have the finding; the weights are made for them.
        model[0].weight.div_(500.0)
    exam = examine(model, 500.0 * x, y, F.cross_entropy)
    assert "unscaled_inputs" in {x.kind for x in exam.findings}
    found = remedies(exam)
    for remedy in found:
        if remedy.losses is not None and remedy.losses[1] > 2.0 * remedy.losses[0]:
            assert remedy.outcome == "failed"
            assert remedy is not found[0]


def test_an_error_that_comes_instead_is_no_cure(data):
    class Fragile(nn.Module):
        """Sound only with a bounded activation."""

        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(12))
            self.act, self.out = nn.Sigmoid(), nn.Linear(8, 4)

        def forward(self, x):
            for layer in self.layers:
                x = self.act(layer(x))
            return self.out(torch.log(1.0 - x.clamp(min=0.5)) if x.max() < 1.0 else x / 0.0)

    with torch.random.fork_rng():
        torch.manual_seed(0)
        exam = examine(Fragile(), *data, F.cross_entropy)
    found = {x.key: x for x in remedies(exam, steps=0)}
    assert found["replace_activation"].outcome == "failed"
    assert {x.kind for x in found["replace_activation"].after} >= {"non_finite"}


def test_each_change_is_tried_once(data):
    """Twenty layers out of scale are twenty findings, and one change mends them."""
    calls = 0

    def loss_fn(outputs, targets):
        nonlocal calls
        calls += 1
        return F.cross_entropy(outputs, targets)

    layers = [m for _ in range(20) for m in (nn.Linear(8, 8), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(8, 4))
    with torch.no_grad():
        for layer in model[:-1:2]:
            layer.weight.mul_(1e-3)
    exam = examine(model, *data, loss_fn)
    assert sum(x.is_root for x in exam.findings) >= 20
    calls = 0
    found = remedies(exam, steps=10)
    assert len({x.code for x in found}) == len(found)
    tried = sum(x.losses is not None for x in found)
    # Each training takes 10 steps or 40, is judged at every second, and one more is without a
    # change. An examination takes two passes at most, the search for what was learnt fifty losses,
    # and each half of the batch is tried once.
    assert calls <= (41 + 21) * (tried + 1) + 2 * tried + 52


class Watched(nn.Sequential):
    """Looks into its last module, which therefore cannot be exchanged."""

    def forward(self, x):
        y = super().forward(x)
        return y + 0.0 * self[-1].dim


def test_one_that_raises_does_not_lose_the_others(data):
    x, y = data
    model = Watched(*network(), nn.Softmax(-1))
    exam = examine(model, 500.0 * x, y, F.cross_entropy)
    found = {remedy.key: remedy for remedy in remedies(exam, steps=5)}
    assert (found["remove_output"].outcome, found["remove_output"].after) == ("failed", ())
    for lang in ("en", "ko"):
        assert "has no attribute 'dim'" in found["remove_output"].result(lang)
    assert "scale_inputs" in found


def test_an_interruption_keeps_what_is_known(data):
    x, y = data
    model = network(nn.Softmax(-1))
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    calls, last = 0, None

    def loss_fn(outputs, targets):
        nonlocal calls
        calls += 1
        if last is not None and calls > last:
            raise KeyboardInterrupt
        return F.cross_entropy(outputs, targets)

    exam = examine(model, x, y, loss_fn)
    calls = 0
    whole = remedies(exam, steps=10)
    assert len(whole) > 2
    calls, last = 0, calls - 5
    found = remedies(exam, steps=10)
    assert 0 < len(found) < len(whole)
    assert {x.key for x in found} < {x.key for x in whole}


def test_nothing_is_shown_where_no_terminal_is(data, capsys):
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    remedies(examine(model, *data, F.cross_entropy), steps=1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("rich", [True, False])
def test_a_terminal_shows_the_trials(data, capsys, monkeypatch, rich):
    from nonlin.torch.mending import progress

    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    if not rich:
        monkeypatch.setattr(progress, "find_spec", lambda name: None)
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    found = remedies(examine(model, *data, F.cross_entropy), steps=1)
    out, err = capsys.readouterr()
    assert out == ""
    assert found[0].describe("en") in err
    assert f"/{len(found)}" in err


def test_what_came_instead_is_said(data):
    model = network(nn.Softmax(-1))
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    for remedy in remedies(examine(model, *data, F.cross_entropy), steps=5):
        said = remedy.result("en")
        assert len(said) > 20
        assert "{" not in said
        assert remedy.result("ko") != said
        assert remedy.describe("en") in repr(remedy) or remedy.what in repr(remedy)
