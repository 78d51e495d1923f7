"""Remedies for models and inputs as people have them: no layer is lost, nothing is changed."""

import copy
import pickle
import re
import threading
import warnings
from collections import UserDict
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import nonlin as nl
from nonlin.torch import Activate, examine
from nonlin.torch.mending.weights import bias_name
from nonlin.torch.remedies import remedies

WIDTH = 8


def batch():
    x = torch.randn(128, WIDTH, generator=torch.Generator().manual_seed(3))
    return x, x[:, :4].argmax(1)


class Called(nn.Module):
    """A block that calls a function."""

    def __init__(self, act):
        super().__init__()
        self.fc = nn.Linear(WIDTH, WIDTH)
        self.function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh}[act]
        self.kept = [self.function]

    def forward(self, x):
        return self.kept[0](self.fc(x))


class Held(Called):
    """A block that calls the function in its attribute."""

    def forward(self, x):
        return self.function(self.fc(x))


class Own(nn.Module):
    """A layer that is its own activation, too."""

    def __init__(self, act):
        super().__init__()
        self.w = nn.Parameter(torch.randn(WIDTH, WIDTH) / WIDTH**0.5)
        self.act = act

    def forward(self, x):
        z = x @ self.w
        return z.sigmoid() if self.act == "sigmoid" else z.tanh()


class Twice(Called):
    def forward(self, x):
        return self.function(self.function(self.fc(x)))


class Learned(nn.Module):
    """An activation that learns its scale."""

    def __init__(self, act):
        super().__init__()
        self.fc, self.scale = nn.Linear(WIDTH, WIDTH), nn.Parameter(torch.ones(WIDTH))
        self.act = act

    def forward(self, x):
        z = self.scale * self.fc(x)
        return torch.sigmoid(z) if self.act == "sigmoid" else torch.tanh(z)


class Plain(nn.Module):
    """An activation as a module of one's own, without parameters."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def forward(self, x):
        return torch.sigmoid(x) if self.act == "sigmoid" else torch.tanh(x)


class Dictionary(nn.Module):
    def __init__(self, act):
        super().__init__()
        chosen = nn.Sigmoid() if act == "sigmoid" else nn.Tanh()
        self.parts = nn.ModuleDict({"a:b": nn.Linear(WIDTH, WIDTH), "act#2": chosen})

    def forward(self, x):
        return self.parts["act#2"](self.parts["a:b"](x))


def modular(act, inner):
    return nn.Sequential(nn.Linear(WIDTH, WIDTH), inner(act))


BLOCKS = {
    "called": Called,
    "held": Held,
    "own": Own,
    "twice": Twice,
    "learned": Learned,
    "plain": lambda act: modular(act, Plain),
    "module": lambda act: modular(act, lambda a: nn.Sigmoid() if a == "sigmoid" else nn.Tanh()),
    "ours": lambda act: modular(act, lambda a: Activate(nl.get(a))),
    "dictionary": Dictionary,
    "prelu": lambda act: modular(act, lambda a: nn.PReLU()),
}
ENDS = {
    "none": nn.Identity,
    "softmax": lambda: nn.Softmax(-1),
    "sigmoid": nn.Sigmoid,
    "relu": nn.ReLU,
    "own": lambda: Head(),
}


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return torch.sigmoid(self.fc(x)).softmax(-1)


def built(kinds, act, depth, end, fault, shared=False):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        blocks = [BLOCKS[kinds[i % len(kinds)]](act) for i in range(depth)]
        if shared:
            blocks = [blocks[i % 2] for i in range(depth)]
        model = nn.Sequential(*blocks, nn.Linear(WIDTH, 4), ENDS[end]())
    with torch.no_grad():
        for name, p in model.named_parameters():
            if fault == "large" and p.ndim > 1:
                p.mul_(40.0)
            elif fault == "small" and p.ndim > 1:
                p.mul_(1e-3)
            elif fault == "shifted" and name.endswith("bias"):
                p.fill_(-30.0)
    return model


def parameters_of(model):
    return {name: p.shape for name, p in model.named_parameters(remove_duplicate=False)}


@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(
    kinds=st.lists(st.sampled_from(sorted(BLOCKS)), min_size=1, max_size=3),
    act=st.sampled_from(["sigmoid", "tanh"]),
    depth=st.sampled_from([2, 7, 12]),
    end=st.sampled_from(sorted(ENDS)),
    fault=st.sampled_from(["none", "large", "small", "shifted"]),
    shared=st.booleans(),
)
def test_no_remedy_takes_a_parameter_or_a_layer_away(kinds, act, depth, end, fault, shared):
    x, y = batch()
    model = built(kinds, act, depth, end, fault, shared)
    before = copy.deepcopy(model.state_dict())
    exam = examine(model, x, y, F.cross_entropy)
    layers = [layer.name for layer in exam.layers]
    for remedy in remedies(exam, steps=1):
        if remedy.outcome == "untried":
            with pytest.raises(ValueError, match="code"):
                remedy.apply(copy.deepcopy(model))
            continue
        own = copy.deepcopy(model)
        given_ = list(own.parameters())
        changed = remedy.apply(own)
        assert changed is own
        kept = {id(p) for p in changed.parameters()}
        assert all(id(p) in kept for p in given_), remedy.key
        after = examine(changed, x, y, F.cross_entropy)
        if remedy.key != "insert_activation":
            assert parameters_of(changed) == parameters_of(model), remedy.key
            assert [layer.name for layer in after.layers] == layers
        assert len(after.layers) == len(layers)
        assert not any("#" in name for name in set(dict(changed.named_modules()))
                       - set(dict(model.named_modules())))  # fmt: skip
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize("kind", ["called", "own", "learned"])
@pytest.mark.parametrize("act", ["sigmoid", "tanh"])
def test_a_call_in_a_block_is_told_with_its_line(kind, act):
    x, y = batch()
    if act == "tanh":
        # Slopes of tanh vanish where it is saturated.
        x = 30.0 * x
    exam = examine(built([kind], act, 14, "none", "none"), x, y, F.cross_entropy)
    sites = {site.where for site in exam.sites}
    (where,) = sites
    file, _, line = where.partition(":")
    assert file == "test_remedies_models.py"
    code = Path(__file__).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip()
    assert act in code or "self.kept" in code
    found = [r for r in remedies(exam, steps=0) if r.key == "replace_activation"]
    if exam.findings and exam.findings[0].kind == "vanishing_gradients":
        (remedy,) = found
        assert remedy.outcome == "untried"
        assert f"{file}, line {line}: {code}" in remedy.code
        assert where in str(remedy)
        assert where in remedy.result("ko")


def test_the_same_line_is_told_of_a_second_activation():
    x, y = batch()
    exam = examine(built(["twice"], "sigmoid", 3, "none", "none"), x, y, F.cross_entropy)
    found = {remedy.key: remedy for remedy in remedies(exam, steps=0)}
    remedy = found["remove_activation"]
    assert remedy.outcome == "untried"
    assert "return self.function(self.function(self.fc(x)))" in remedy.code


class Shared(nn.Module):
    """One activation in twelve places."""

    def __init__(self):
        super().__init__()
        self.act = nn.Sigmoid()
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(12))
        self.head = nn.Linear(WIDTH, 4)

    def forward(self, x):
        for layer in self.layers:
            x = self.act(layer(x))
        return self.head(x)


def replaced(model, **given_):
    """Apply the remedy that exchanges the activation."""
    exam = examine(model, *batch(), F.cross_entropy, **given_)
    found = [r for r in remedies(exam, steps=0) if r.key == "replace_activation"]
    return found[0].apply(copy.deepcopy(model)), found[0]


def test_a_module_in_many_places_is_exchanged_once_and_leaves_no_ghosts():
    torch.manual_seed(0)
    model = Shared()
    changed, remedy = replaced(model)
    assert [name for name, _ in changed.named_children()] == ["act", "layers", "head"]
    assert isinstance(changed.act, nn.ReLU)
    assert {site.activation for site in examine(changed, *batch(), F.cross_entropy).sites} == {
        "nl.relu"
    }
    assert "#" not in remedy.code


@pytest.mark.parametrize("kind", ["plain", "module", "ours", "dictionary", "held"])
def test_what_can_be_exchanged_is(kind):
    changed, remedy = replaced(built([kind], "sigmoid", 12, "none", "none"))
    after = examine(changed, *batch(), F.cross_entropy)
    assert {site.activation for site in after.sites} == {"nl.relu"}
    assert remedy.outcome == "cured"


def test_an_activation_by_the_users_word_is_exchanged():
    class Steep(nn.Module):
        def forward(self, x):
            return 1.0 / (1.0 + torch.exp(-x))

    layers = [m for _ in range(12) for m in (nn.Linear(WIDTH, WIDTH), Steep())]
    torch.manual_seed(0)
    model = nn.Sequential(*layers, nn.Linear(WIDTH, 4))
    changed, _ = replaced(model, activations={Steep: nl.sigmoid})
    assert sum(isinstance(m, nn.ReLU) for m in changed) == 12


def test_gates_and_outputs_stay_what_they_are():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.gate = nn.Linear(8, 8), nn.Linear(8, 8), nn.Sigmoid()

        def forward(self, x):
            return self.gate(self.a(x)) * self.b(x)

    torch.manual_seed(0)
    x, y = batch()
    layers = [m for _ in range(12) for m in (nn.Linear(WIDTH, WIDTH), nn.Sigmoid())]
    model = nn.Sequential(Gated(), *layers, nn.Linear(WIDTH, 4), nn.Sigmoid())
    exam = examine(model, x, F.one_hot(y, 4).float(), F.binary_cross_entropy)
    (remedy,) = [r for r in remedies(exam, steps=0) if r.key == "replace_activation"]
    changed = remedy.apply(copy.deepcopy(model))
    assert isinstance(changed[-1], nn.Sigmoid)
    assert isinstance(changed[0].gate, nn.Sigmoid)
    assert all(isinstance(changed[i], nn.ReLU) for i in range(2, 25, 2))


def test_a_softmax_inside_is_not_the_one_before_the_loss():
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.weigh = nn.Linear(WIDTH, WIDTH), nn.Softmax(-1)
            self.head = nn.Linear(WIDTH, 4)

        def forward(self, x):
            return torch.softmax(self.head(x * self.weigh(self.fc(x))), -1)

    exam = examine(Attention(), *batch(), F.cross_entropy)
    found = {remedy.key: remedy for remedy in remedies(exam, steps=0)}
    assert found["remove_output"].outcome == "untried"
    line = "return torch.softmax(self.head(x * self.weigh(self.fc(x))), -1)"
    assert re.search(rf"test_remedies_models.py, line \d+: {re.escape(line)}",
                     found["remove_output"].code)  # fmt: skip
    assert found["remove_output"].where[0].startswith("test_remedies_models.py:")


def test_the_lines_that_break_a_number_or_cut_a_gradient_are_told():
    class Logarithm(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 4)

        def forward(self, x):
            h = torch.log(self.a(x).relu())
            return self.b(h)

    class Cut(Logarithm):
        def forward(self, x):
            h = torch.relu(self.a(x)).detach()
            return self.b(h)

    for kind, key, line in (
        (Logarithm, "guard", "h = torch.log(self.a(x).relu())"),
        (Cut, "connect", "h = torch.relu(self.a(x)).detach()"),
    ):
        exam = examine(kind(), *batch(), F.cross_entropy)
        found = {remedy.key: remedy for remedy in remedies(exam, steps=0)}
        assert re.search(rf"test_remedies_models.py, line \d+: {re.escape(line)}",
                         found[key].code)  # fmt: skip
        assert found[key].where[0] in str(found[key])


@pytest.fixture
def dead():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 4))
    with torch.no_grad():
        model[0].bias[:12] = -50.0
    return model


def forms(x, y):
    halves = [(x[:64], y[:64]), (x[64:], y[64:])]
    return {
        "tensor": (x, y),
        "tuple": ((x,), y),
        "loader": (DataLoader(TensorDataset(x, y), 64), None),
        "shuffled": (DataLoader(TensorDataset(x, y), 64, shuffle=True), None),
        "list": (halves, None),
        "dict": ({"input": x}, y),
        "mapping": (UserDict(input=x), y),
        "pairs of dicts": ([({"input": a}, b) for a, b in halves], None),
        "pairs of mappings": ([(UserDict(input=a), b) for a, b in halves], None),
        "pairs of tuples": ([((a,), b) for a, b in halves], None),
    }


FORMS = tuple(forms(*batch()))


@pytest.mark.parametrize("form", FORMS)
def test_inputs_of_every_form(dead, form):
    inputs, targets = forms(*batch())[form]
    state = torch.get_rng_state()
    exam = examine(dead, inputs, targets, F.cross_entropy)
    found = remedies(exam, steps=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert [x.key for x in found if x.outcome == "cured"][:1] == ["reinitialize_units"]
    assert "initialize" in {x.key for x in remedies(exam, steps=0) if x.outcome == "cured"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", ["scaled", "not finite"])
def test_faults_of_inputs_of_every_form(form, fault):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 4))
    x, y = batch()
    x = 500.0 * x if fault == "scaled" else x.index_fill(0, torch.tensor([3]), float("nan"))
    inputs, targets = forms(x, y)[form]
    exam = examine(model, inputs, targets, F.cross_entropy)
    remedy = remedies(exam, steps=3)[0]
    assert remedy.outcome == "cured"
    assert examine(remedy.apply(model), inputs, targets, F.cross_entropy).findings == ()


@pytest.mark.parametrize("form", ["tensor", "tuple", "loader", "list", "dict"])
@pytest.mark.parametrize("ignored", [False, True])
def test_labels_are_counted_from_0_in_every_form(form, ignored):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 4))
    x, y = batch()
    y = (y + 1).index_fill(0, torch.tensor([5, 70]), -100) if ignored else y + 1
    inputs, targets = forms(x, y)[form]
    exam = examine(model, inputs, targets, F.cross_entropy)
    remedy = remedies(exam, steps=3)[0]
    assert (remedy.key, remedy.outcome) == ("shift_labels", "cured")
    changed = remedy.apply_to(exam.case)
    right = (y - 1).where(y != -100, y)
    first = 64 if targets is None else 128
    with torch.no_grad():
        outputs = model(x[:first])
        found = changed.loss_fn(outputs, y[:first] if targets is None else changed.targets)
        expected = F.cross_entropy(outputs, right[:first])
    assert float(found) == pytest.approx(float(expected))


def test_an_iterator_that_is_used_up_is_refused_in_words(dead):
    x, y = batch()
    exam = examine(dead, iter([(x, y)]), None, F.cross_entropy)
    with pytest.raises(ValueError, match="gone through again"):
        remedies(exam)


class Keeping(nn.Module):
    """Keeps what no copy can be made of."""

    def __init__(self):
        super().__init__()
        self.fc, self.out = nn.Linear(WIDTH, 16), nn.Linear(16, 4)
        self.lock, self.steps = threading.Lock(), (i for i in range(3))
        self.kept = {"row": [], "pair": (1, None)}
        with torch.no_grad():
            self.fc.bias[:12] = -50.0

    def forward(self, x):
        with self.lock:
            self.features = h = torch.relu(self.fc(x))
            self.kept["row"].append(h)
            self.kept["pair"] = (2, h)
        return self.out(h)


def test_a_model_that_cannot_be_copied_has_remedies_and_stays_as_it_is():
    x, y = batch()
    torch.manual_seed(0)
    model = Keeping()
    F.cross_entropy(model(x), y).backward()
    with pytest.raises((TypeError, RuntimeError)):
        copy.deepcopy(model)
    # Its generator cannot be put back, of which each reading warns.
    warnings.filterwarnings("ignore", "Cannot be put back")
    exam = examine(model, x, y, F.cross_entropy)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    grads = {name: p.grad.clone() for name, p in model.named_parameters()}
    held = model.features, model.kept["pair"], list(model.kept["row"])
    found = remedies(exam, steps=3)
    assert (found[0].key, found[0].outcome) == ("reinitialize_units", "cured")
    assert model.features is held[0]
    assert model.kept["pair"] is held[1]
    assert len(model.kept["row"]) == len(held[2])
    for name, p in model.named_parameters():
        assert torch.equal(p, before[name])
        assert torch.equal(p.grad, grads[name])


def test_weights_that_are_computed_by_hooks():
    x, y = batch()
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        layers = [torch.nn.utils.weight_norm(nn.Linear(a, b)) for a, b in ((8, 16), (16, 4))]
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1])
    F.cross_entropy(model(x), y).backward()
    with torch.no_grad():
        layers[0].bias[:12] = -50.0
    with pytest.raises(RuntimeError):
        copy.deepcopy(model)
    found = remedies(examine(model, x, y, F.cross_entropy), steps=3)
    assert "cured" in {remedy.outcome for remedy in found}


def test_optimizers_that_compute_the_loss_themselves(dead):
    optimizer = torch.optim.LBFGS(dead.parameters(), lr=0.1)
    x, _ = batch()
    exam = examine(dead, x, x[:, :4].argmax(1), F.cross_entropy, optimizer=optimizer)
    found = remedies(exam, steps=2)
    assert found[0].key in ("reinitialize_units", "centre_units")
    assert found[0].outcome == "cured"
    # Two steps of twenty iterations bring it down, on samples that they do not see.
    assert found[0].losses[1] < 0.9 * exam.reading.target.value


def test_tied_weights_are_not_drawn_anew_by_themselves():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.fc = nn.Embedding(20, 16), nn.Linear(16, 16)
            self.head, self.last = nn.Linear(16, 20), nn.Linear(20, 20)
            self.head.weight = self.embedding.weight

        def forward(self, x):
            return self.last(self.head(torch.relu(self.fc(self.embedding(x)))).relu())

    torch.manual_seed(0)
    model = Tied()
    with torch.no_grad():
        model.head.bias[:18] = -500.0
    tokens = torch.randint(20, (64, 5))
    exam = examine(
        model, tokens, tokens, lambda o, t: F.cross_entropy(o.flatten(0, 1), t.flatten())
    )
    assert "dead_units" in {x.kind for x in exam.findings}
    for remedy in remedies(exam, steps=0):
        if remedy.outcome != "untried" and remedy.key != "initialize":
            changed = remedy.apply(copy.deepcopy(model))
            assert torch.equal(changed.embedding.weight, model.embedding.weight)


def test_a_transformer_of_another_library():
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(vocab_size=50, n_positions=16, n_embd=32, n_layer=2, n_head=2,
                                     bos_token_id=0, eos_token_id=0)  # fmt: skip
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(config)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight.mul_(300.0)
    tokens = torch.randint(50, (16, 12))
    inputs = transformers.BatchEncoding({"input_ids": tokens, "labels": tokens})
    exam = examine(model, inputs, None, lambda out: out.loss)
    found = remedies(exam, steps=3)
    (cured,) = [x for x in found if x.key == "initialize_layer"]
    before = parameters_of(model)
    changed = cured.apply(copy.deepcopy(model))
    assert parameters_of(changed) == before
    assert cured.outcome == "cured"
    # Of 32 inputs each; 300 times as large they were 57.6.
    assert 0.5 < float(32 * changed.transformer.h[0].mlp.c_fc.weight.detach().var()) < 4.0


def test_a_model_that_prepares_its_inputs_can_be_kept():
    x, y = batch()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(WIDTH, 16), nn.ReLU(), nn.Linear(16, 4))
    remedy = remedies(examine(model, 500.0 * x, y, F.cross_entropy), steps=0)[0]
    remedy.apply(model)
    expected = model(500.0 * x)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert torch.equal(again(500.0 * x), expected)
    assert {name for name, _ in model.named_parameters()} == {
        "0.weight", "0.bias", "2.weight", "2.bias"
    }  # fmt: skip


class Written(nn.Module):
    """Layers as products with matrices, whose names are no "weight"."""

    def __init__(self, bias):
        super().__init__()
        self.w1, self.w2 = (nn.Parameter(torch.randn(8, 8) * 0.5) for _ in range(2))
        self.b1, self.head = nn.Parameter(torch.full((8,), bias)), nn.Linear(8, 3)

    def forward(self, x):
        return self.head((torch.relu(x @ self.w1 + self.b1) @ self.w2).relu())


def test_a_matrix_is_not_taken_for_its_own_bias():
    torch.manual_seed(0)
    model, x = Written(-30.0), torch.randn(96, 8)
    assert bias_name(model, "w1") == "b1"
    assert bias_name(model, "w2") is None
    exam = examine(model, x, x[:, :3].argmax(1), nn.functional.cross_entropy)
    for remedy in exam.remedies():
        if remedy.outcome != "untried":
            changed = remedy.apply(copy.deepcopy(model))
            assert min(float(w.detach().abs().sum(1).min()) for w in (changed.w1, changed.w2)) > 0.0
