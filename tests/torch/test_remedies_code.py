"""What a remedy prints is what it applies: its lines, executed by hand, do the same."""

import copy
import json
from dataclasses import replace
from importlib.resources import files

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nonlin import messages
from nonlin.torch import examine
from nonlin.torch.case import Case
from nonlin.torch.remedies import remedies

X = torch.randn(128, 8, generator=torch.Generator().manual_seed(3))
Y = X[:, :4].argmax(1)


def network(*behind, act=nn.ReLU, out=4):
    return nn.Sequential(nn.Linear(8, 32), act(), nn.Linear(32, 32), act(), nn.Linear(32, out),
                         *behind)  # fmt: skip


def deep(make, depth=12):
    layers = [m for _ in range(depth) for m in (nn.Linear(8, 8), make())]
    return nn.Sequential(*layers, nn.Linear(8, 4))


def with_bias(model, name, count):
    with torch.no_grad():
        model.get_parameter(name)[:count] = -30.0
    return model


def scaled(model, name, factor):
    with torch.no_grad():
        model.get_parameter(name).mul_(factor)
    return model


def small():
    return scaled(scaled(deep(nn.ReLU, 4), "2.weight", 1e-3), "4.weight", 1e-3)


class Beside(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one, self.two = nn.Linear(width, width), nn.Linear(width, width)
        for layer in (self.one, self.two):
            nn.init.kaiming_normal_(layer.weight)

    def forward(self, x):
        return x + self.two(self.one(x).relu())


def growing():
    return nn.Sequential(nn.Linear(8, 16), *(Beside(16) for _ in range(30)), nn.Linear(16, 4))


def exploding():
    """Sixteen layers, each of which makes a gradient 6 ** 0.5 times as long."""
    model = deep(nn.ReLU, 16)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in model[:-1:2]:
            layer.weight.normal_(0.0, (12 / 8) ** 0.5, generator=generator)
    return model


def normalized():
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    return with_bias(model, "1.bias", 24)


def cut():
    class Cut(nn.Module):
        def forward(self, x):
            return x.detach()

    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), Cut(), nn.Linear(16, 4))


class Function(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.act = nn.Linear(8, 8), torch.sigmoid

    def forward(self, x):
        return self.act(self.fc(x))


def forgotten(model):
    return torch.optim.SGD([*model[0].parameters(), model[2].bias, *model[4].parameters()], lr=0.1)


class Pair(nn.Module):
    """A generator and what judges it, each trained by an optimizer of its own."""

    def __init__(self):
        super().__init__()
        self.maker, self.judge = network(out=8), network()

    def forward(self, x):
        return self.judge(self.maker(x))


def of_one_part(model):
    return torch.optim.SGD(model.maker.parameters(), lr=0.1)


def halved(model):
    """In float16, with inputs that are 0 on all samples for a weight each."""
    return nn.Sequential(Masked(), *model).half()


class Masked(nn.Module):
    def forward(self, x):
        return x * (torch.arange(8) > 0)


def half_entropy(outputs, targets):
    return F.cross_entropy(outputs.float(), targets)


def frozen():
    model = network()
    model[:3].requires_grad_(False)
    return model


def trained_alone(model):
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)


def adam(rate):
    return lambda model: torch.optim.Adam(model.parameters(), lr=rate)


def loader(x, y):
    return DataLoader(TensorDataset(x, y), 64)


class Attending(nn.Module):
    """One attention over eight tokens of one feature, its queries and keys much too large."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Linear(1, 16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))
        scaled(self, "attention.in_proj_weight", 100.0)

    def forward(self, x):
        h = self.tokens(x.unsqueeze(2))
        return self.head(self.attention(h, h, h)[0].mean(1))


class WrittenOut(nn.Module):
    """The same, with queries, keys and values of layers of its own."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Linear(1, 16)
        self.q, self.k, self.v = (nn.Linear(16, 16) for _ in range(3))
        self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))
        scaled(self, "q.weight", 100.0)
        scaled(self, "k.weight", 100.0)

    def forward(self, x):
        h = self.tokens(x.unsqueeze(2))
        weights = torch.softmax(self.q(h) @ self.k(h).transpose(1, 2), -1)
        return self.head((weights @ self.v(h)).mean(1))


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers, self.head = [nn.Linear(8, 16), nn.ReLU()], nn.Linear(16, 4)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


def groups(model):
    return torch.optim.SGD(
        [{"params": model[:2].parameters()}, {"params": model[2:].parameters(), "lr": 2e-8}], 1e-8
    )


def fitted():
    return scaled(scaled(network(out=1), "4.weight", 0.0), "4.bias", 0.0)


def root(outputs, targets):
    return F.mse_loss(outputs, targets).sqrt()


class Undefined(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 1.0 * x

    @staticmethod
    def backward(ctx, grad):
        return torch.full_like(grad, torch.nan)


class Broken(nn.Module):
    def forward(self, x):
        return Undefined.apply(x)


def decayed(model):
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1.0)


def shrunk(model):
    """What a decay leaves of weights."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(0.1)
    return model


class Rows(nn.Module):
    """A recurrence over eight steps of one feature, along the wrong axis or after a reshape."""

    def __init__(self, reshaped=False):
        super().__init__()
        self.rows, self.head, self.reshaped = nn.GRU(1, 16), nn.Linear(16, 4), reshaped

    def forward(self, x):
        if self.reshaped:
            return self.head(self.rows(x.unsqueeze(2).view(8, -1, 1))[0][-1])
        return self.head(self.rows(x.unsqueeze(2))[0][:, -1])


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.score, self.value, self.head = nn.Linear(1, 1), nn.Linear(1, 16), nn.Linear(16, 4)

    def forward(self, x):
        x = x.unsqueeze(2)
        return self.head((self.score(x).softmax(0) * self.value(x)).sum(1))


class Steps(nn.Module):
    """A row of three classes for each of eight steps; time may come first."""

    def __init__(self, time_first=False):
        super().__init__()
        self.one, self.two = nn.Conv1d(1, 16, 3, padding=1), nn.Linear(16, 3)
        self.time_first = time_first

    def forward(self, x):
        made = self.two(self.one(x[:, None]).relu().transpose(1, 2))
        return made.transpose(0, 1) if self.time_first else made.transpose(1, 2)


def flat(outputs, targets):
    return F.cross_entropy(outputs.reshape(-1, 3), targets.reshape(-1))


STEPS = (X > 0.0).long() + (X > 1.0).long()
LATER = X.roll(-1, 1)


class Around(nn.Module):
    """Tells each step by those around it."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv1d(1, 16, 3, padding=1), nn.Conv1d(16, 1, 1)

    def forward(self, x):
        return self.two(self.one(x[:, None]).relu())[:, 0]


def left_out():
    return nn.Sequential(nn.ReLU(), nn.Dropout(0.95))


class Encoding(nn.Module):
    """Attention keeps its dropout as a number, the layers beside it in modules."""

    def __init__(self):
        super().__init__()
        self.into, self.head = nn.Linear(8, 16), nn.Linear(16, 4)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.95, batch_first=True)
        self.last = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.95), nn.Linear(32, 16))

    def forward(self, x):
        return self.head(self.last(self.block(self.into(x)[:, None])[:, 0]))


class Softmax(nn.Module):
    def forward(self, x):
        return torch.softmax(x, 1)


def log_loss(outputs, targets):
    return -(outputs[range(len(targets)), targets] + 1e-8).log().mean()


FIRST, SEVERAL = (X[:, :1] > 0).float(), (X[:, :4] > 0).float()
NAN = X.index_fill(0, torch.tensor([3]), float("nan"))
SPOTS = (torch.arange(8) == 2).float()

# A case, and the key that it must bring about: model, inputs, targets, loss, optimizer.
CASES = {
    "reinitialize_units": (lambda: with_bias(network(), "2.bias", 24), X, Y, F.cross_entropy, None),
    "few units": (lambda: with_bias(network(), "2.bias", 14), X, Y, F.cross_entropy, None),
    "reset_shift": (normalized, X, Y, F.cross_entropy, None),
    "initialize_layer": (lambda: scaled(network(), "2.weight", 100.0), X, Y, F.cross_entropy, None),
    "initialize_layers": (small, X, Y, F.cross_entropy, None),
    "initialize": (small, X, Y, F.cross_entropy, None),
    "replace_activation": (lambda: deep(nn.Sigmoid), X, Y, F.cross_entropy, None),
    "functions": (lambda: nn.Sequential(*(Function() for _ in range(12)), nn.Linear(8, 4)),
                  X, Y, F.cross_entropy, None),
    "insert_activation": (lambda: nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 16),
                                                nn.Linear(16, 4)), X, Y, F.cross_entropy, None),
    "remove_activation": (lambda: network(act=lambda: nn.Sequential(nn.Sigmoid(), nn.Sigmoid())),
                          X, Y, F.cross_entropy, None),
    "replace_softmax": (lambda: network(act=lambda: nn.Softmax(-1)), X, Y, F.cross_entropy, None),
    "replace_softmax beside ReLU": (
        lambda: network(act=lambda: nn.Sequential(nn.LogSoftmax(-1), nn.ReLU())),
        X, Y, F.cross_entropy, None),
    "replace_softmax by hand": (lambda: network(act=Softmax), X, Y, F.cross_entropy, None),
    "remove_output": (lambda: network(nn.Softmax(-1)), X, Y, F.cross_entropy, None),
    "remove_output of a site": (lambda: network(nn.Sigmoid()), X, Y, F.cross_entropy, None),
    "scale_inputs": (network, 500.0 * X, Y, F.cross_entropy, None),
    "scale_inputs of a loader": (network, loader(500.0 * X, Y), None, F.cross_entropy, None),
    "scale_inputs of a dict": (network, {"input": 500.0 * X}, Y, F.cross_entropy, None),
    "finite_inputs": (network, NAN, Y, F.cross_entropy, None),
    "finite_inputs of a loader": (network, loader(NAN, Y), None, F.cross_entropy, None),
    "finite_weights": (lambda: scaled(network(), "2.weight", float("nan")), X, Y,
                       F.cross_entropy, None),
    "shift_labels": (network, X, Y + 1, F.cross_entropy, None),
    "shift_labels of a loader": (network, loader(X, Y + 1), None, F.cross_entropy, None),
    "scale_targets": (lambda: network(out=1), X, 100.0 * X[:, :1].sigmoid(),
                      F.binary_cross_entropy_with_logits, None),
    "scale_targets of a loader": (lambda: network(out=1), loader(X, 100.0 * X[:, :1].sigmoid()),
                                  None, F.binary_cross_entropy_with_logits, None),
    "log_softmax": (network, X, Y, F.nll_loss, None),
    "log_outputs": (network, X, Y, nn.NLLLoss(), None),
    "log_outputs of probabilities": (lambda: network(nn.Softmax(1)), X, Y, F.nll_loss, None),
    "keep_off_edge": (fitted, X, torch.zeros(len(X), 1), root, None),
    "mend_backward": (lambda: network(Broken()), X, Y, F.cross_entropy, None),
    "optimize_layer": (network, X, Y, F.cross_entropy, forgotten),
    "all_optimizers": (Pair, X, Y, F.cross_entropy, of_one_part),
    "raise_rate": (network, X, Y, F.cross_entropy, adam(1e-12)),
    "lower_rate": (lambda: with_bias(network(), "2.bias", 24), X, Y, F.cross_entropy, adam(30.0)),
    "connect": (cut, X, Y, F.cross_entropy, None),
    "widen_output": (network, X, 2 * Y, F.cross_entropy, None),
    "labels_are_classes": (lambda: network(out=1), X, Y[:, None].float(),
                           F.binary_cross_entropy_with_logits, None),
    "guard": (lambda: network(), X, Y, lambda o, t: F.cross_entropy(o, t) / 0.0, None),
    "centre_units": (lambda: with_bias(network(), "2.bias", 24), X, Y, F.cross_entropy, None),
    "reset_biases": (lambda: with_bias(network(), "2.bias", 24), X, Y, F.cross_entropy, None),
    "unheard_units": (lambda: with_bias(network(), "2.bias", 24), X, Y, F.cross_entropy, "stepped"),
    "clip_gradients": (exploding, X, Y, F.cross_entropy, adam(1e-3)),
    "clip_gradients by hand": (exploding, X, Y, F.cross_entropy, None),
    "start_again": (lambda: deep(nn.Sigmoid), X, Y, F.cross_entropy, "stepped"),
    "logits_again": (lambda: network(Softmax()), X, Y, F.cross_entropy, None),
    "logits_again of a sigmoid": (lambda: network(nn.Sigmoid(), out=1), X, FIRST,
                                  F.binary_cross_entropy_with_logits, None),
    "exchange_output": (lambda: network(nn.Softmax(1), out=1), X, FIRST, F.binary_cross_entropy,
                        None),
    "exchange_output for several": (lambda: network(nn.Softmax(1)), X, SEVERAL,
                                    F.binary_cross_entropy, None),
    "softmax_axis": (lambda: network(nn.LogSoftmax(0)), X, Y, F.nll_loss, None),
    "binary_loss": (lambda: network(out=1), X, FIRST, F.cross_entropy, None),
    "binary_loss for several": (network, X, SEVERAL, F.cross_entropy, None),
    "loss_of_logits": (lambda: network(out=1), X, FIRST, F.binary_cross_entropy, None),
    "loss_of_logits of classes": (network, X, Y, log_loss, None),
    "probabilities_first": (lambda: network(nn.Sigmoid()), X, Y, log_loss, None),
    "probabilities_first of a loader": (network, loader(X, Y), None, log_loss, None),
    "two_sided": (lambda: network(nn.Sigmoid(), out=1), X, FIRST,
                  lambda o, t: -(t * o.log()).mean(), None),
    "reshape_targets": (lambda: network(out=1), X, X[:, 0],
                        lambda o, t: ((o - t) ** 2).mean(), None),
    "batch_first": (Rows, X, Y, F.cross_entropy, None),
    "transpose": (lambda: Rows(True), X, Y, F.cross_entropy, None),
    "softmax_of_steps": (Pool, X, Y, F.cross_entropy, None),
    "flatten_alike": (lambda: Steps(True), X, STEPS, flat, None),
    "flatten_alike of classes": (Steps, X, STEPS, flat, None),
    "regroup_targets": (Steps, X, F.one_hot(STEPS, 3).reshape(128, 3, 8).float(), F.cross_entropy,
                        None),
    "mask_later": (Around, X, LATER, F.mse_loss, None),
    "remove_norm": (lambda: nn.Sequential(nn.Unflatten(1, (8, 1)), nn.LayerNorm(1), nn.Flatten(),
                                          *network()), X, Y, F.cross_entropy, None),
    "thaw": (frozen, X, Y, F.cross_entropy, trained_alone),
    "remove_output of dropout": (lambda: network(nn.Dropout(0.5)), X, Y, F.cross_entropy, None),
    "raise_epsilon": (lambda: halved(network()), X.half(), Y, half_entropy, adam(1e-3)),
    "turn_loss": (network, X, Y, lambda o, t: o.log_softmax(1)[range(len(t)), t].mean(), None),
    "standardize_targets": (lambda: network(out=1), X, 1e5 * X[:, :1] + 3e5, F.mse_loss, None),
    "standardize_targets of a loader": (lambda: network(out=2), loader(X, 1e5 * X[:, :2]), None,
                                        F.mse_loss, None),
    "register": (Listed, X, Y, F.cross_entropy, None),
    "initialize_scores": (Attending, X, Y, F.cross_entropy, None),
    "scale_scores": (WrittenOut, X, Y, F.cross_entropy, None),
    "lower_decay": (network, X, Y, F.cross_entropy, decayed),
    "lower_decay_anew": (lambda: shrunk(network()), X, Y, F.cross_entropy, decayed),
    "lower_dropout": (lambda: network(act=left_out), X, Y, F.cross_entropy, adam(1e-2)),
    "lower_dropout of attention": (Encoding, X, Y, F.cross_entropy, adam(1e-2)),
    "lower_dropout_anew": (lambda: network(act=left_out), X, Y, F.cross_entropy, "stepped"),
    "set_rate": (network, X, Y, F.cross_entropy, adam(1e-7)),
    "scale_rates": (network, X, Y, F.cross_entropy, groups),
    "rate_anew": (lambda: scaled(network(), "2.weight", float("nan")), X, Y, F.cross_entropy,
                  adam(10.0)),
    "quiet_branches": (growing, X, Y, F.cross_entropy, adam(1e-3)),
    "shuffle": (network, X.repeat(2, 1), torch.ones(256, dtype=torch.long), F.cross_entropy, None),
}  # fmt: skip

# What only comes of an exception in the search for changes.
UNPLANNED = {"no_change"}
OTHERS = {"outcome", "trained", "trained_alike", "came", "places", "trying", "left"}


def examined(name):
    make, inputs, targets, loss_fn, optimizer = CASES[name]
    torch.manual_seed(0)
    model = make()
    made = None
    if optimizer == "stepped":
        made = torch.optim.Adam(model.parameters())
        loss_fn(model(inputs), targets).backward()
        made.step()
        made.zero_grad()
    elif optimizer is not None:
        made = optimizer(model)
    lowered = name.startswith("lower_d")
    trial = (
        20
        if lowered
        else 10
        if name in ("set_rate", "scale_rates", "rate_anew", "raise_epsilon")
        else 0
    )
    return examine(model, inputs, targets, loss_fn, optimizer=made, trial=trial)


def copied(case):
    model, optimizer = copy.deepcopy((case.model, case.optimizer))
    return replace(case, model=model, optimizer=optimizer)


def same_tensor(a, b):
    return torch.equal(a.nan_to_num(7e30), b.nan_to_num(7e30))


def assert_same(one, other, inputs):
    """Compare two cases: models, optimizers, and what the loss makes of them."""
    a, b = one.model.state_dict(), other.model.state_dict()
    assert a.keys() == b.keys()
    assert all(same_tensor(a[name], b[name]) for name in a)
    assert [type(m) for m in one.model.modules()] == [type(m) for m in other.model.modules()]
    assert str(one.model) == str(other.model)
    if one.optimizer is not None:
        groups = [
            [
                (g["lr"], g.get("weight_decay"), [tuple(p.shape) for p in g["params"]])
                for g in x.optimizer.param_groups
            ]
            for x in (one, other)
        ]
        assert groups[0] == groups[1]
    batches = [(inputs, None)] if one.targets is not None else list(inputs)
    for given, y in batches:
        results = []
        for x in (one, other):
            torch.manual_seed(0)  # dropout draws the same for both
            with torch.no_grad():
                outputs = x.model(**given) if isinstance(given, dict) else x.model(given)
                targets = x.targets if y is None else y
                results += [outputs, x.loss_fn(outputs, targets)]
        assert same_tensor(results[0], results[2])
        assert same_tensor(results[1], results[3])


@pytest.mark.parametrize("name", CASES)
def test_the_code_does_what_apply_does(name):
    exam = examined(name)
    found = remedies(exam, steps=0)
    assert found
    for remedy in found:
        if remedy.outcome == "untried":
            assert all(line.startswith("#") for line in remedy.code.splitlines())
            continue
        by_hand, applied = copied(exam.case), copied(exam.case)
        names = {"activations": None, "torch": torch, "nn": nn, "exam": exam,
                 "model": by_hand.model,
                 "inputs": by_hand.inputs, "targets": by_hand.targets,
                 "loss_fn": by_hand.loss_fn, "optimizer": by_hand.optimizer}  # fmt: skip
        exec(remedy.code, names)
        own = Case(*(names[x] for x in ("model", "inputs", "targets", "loss_fn", "optimizer")))
        changed = remedy.apply_to(applied)
        assert changed.model is applied.model
        if changed.targets is exam.case.targets and changed.loss_fn is exam.case.loss_fn:
            alone = copied(exam.case)
            assert remedy.apply(alone.model) is alone.model
            states = alone.model.state_dict(), changed.model.state_dict()
            assert all(same_tensor(states[0][key], states[1][key]) for key in states[1])
        assert_same(own, changed, exam.case.inputs)


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_among_them(name):
    keys = {remedy.key for remedy in remedies(examined(name), steps=0)}
    expected = {"few units": "reinitialize_units", "functions": "replace_activation"}
    assert expected.get(name, name.partition(" ")[0]) in keys


def test_every_change_that_there_is_is_tested():
    source = files(messages).joinpath("en.json").read_text(encoding="utf-8")
    known = set(json.loads(source)["doctor"]["remedy"]) - OTHERS - UNPLANNED
    tested = {name.partition(" ")[0] for name in CASES} - {"few", "functions"}
    assert known == tested


def first_input(model, x):
    """Give what comes into the first Linear."""
    seen = []
    layer = next(m for m in model.modules() if isinstance(m, nn.Linear))
    handle = layer.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    with torch.no_grad():
        model(x)
    handle.remove()
    return seen[0]


def test_each_feature_is_scaled_by_its_own_deviation_and_constants_are_kept():
    scales = torch.tensor([1e-3, 1e-1, 1.0, 1e3, 1e4, 1.0, 1.0, 1.0])
    offsets = torch.tensor([0.0, 5.0, -3.0, 1e4, 0.0, 0.0, 0.0, 0.0])
    x = X * scales + offsets
    x[:, 5], x[:, 6], x[:, 7] = 0.0, 1.0, -2.5
    exam = examine(network(), x, Y, F.cross_entropy)
    (remedy,) = [r for r in remedies(exam, steps=0) if r.key == "scale_inputs"]
    given = first_input(remedy.apply(copy.deepcopy(exam.case.model)), x)
    assert torch.allclose(given[:, :5].mean(0), torch.zeros(5), atol=1e-3)
    assert torch.allclose(given[:, :5].std(0, correction=0), torch.ones(5), atol=1e-3)
    assert torch.equal(given[:, 5:], x[:, 5:])
    # Also of inputs that have another mean: the numbers are those of the batch that was examined.
    other = first_input(remedy.apply(copy.deepcopy(exam.case.model)), x + scales)
    assert torch.allclose(other[:, :5].mean(0), torch.ones(5), atol=0.2)


def test_images_are_scaled_channel_by_channel_over_all_batches():
    torch.manual_seed(0)
    x = torch.randn(128, 3, 6, 6) * torch.tensor([50.0, 1.0, 200.0])[:, None, None]
    # The second half differs: the first batch alone would give other numbers.
    x[64:] = 3.0 * x[64:] + 40.0
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(128, 4))
    exam = examine(model, loader(x, Y), None, F.cross_entropy)
    (remedy,) = [r for r in remedies(exam, steps=0) if r.key == "scale_inputs"]
    remedy.apply(model)
    seen = []
    model[0].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    model(x)
    assert torch.allclose(seen[0].mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(seen[0].std((0, 2, 3)), torch.ones(3), atol=1e-3)


@pytest.mark.parametrize("classes", [3, 5])
def test_labels_are_no_probabilities(classes):
    labels = (torch.arange(128) % classes).float()[:, None]
    exam = examine(network(out=1), X, labels, F.binary_cross_entropy_with_logits)
    for remedy in remedies(exam, steps=0):
        if remedy.outcome != "untried":
            assert torch.equal(remedy.apply_to(copied(exam.case)).targets, labels)


def test_two_labels_are_brought_to_0_and_1():
    labels = torch.where(X[:, :1] > 0, 2.0, 1.0)
    exam = examine(network(out=1), X, labels, F.binary_cross_entropy_with_logits)
    remedy = remedies(exam, steps=0)[0]
    assert torch.equal(remedy.apply_to(copied(exam.case)).targets, labels - 1.0)
