"""First weights as networks have them: lengths and gradients live, and `examine` is silent."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from mean_field_functions import EXPLODING
from torch import nn

import nonlin as nl
from nonlin.torch import Activate, examine, initialize_

WIDTH, DEPTH, DRAWS = 512, 30, 10


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def plain(act, depth, width, inputs=None, outputs=None, bias=True):
    """A row of layers with one activation, and a linear one behind it if there are outputs."""
    sizes = [inputs or width] + [width] * depth
    layers = [
        part
        for i in range(depth)
        for part in (nn.Linear(sizes[i], sizes[i + 1], bias=bias), Activate(act))
    ]
    return nn.Sequential(*layers, *([nn.Linear(width, outputs)] if outputs else []))


def measured(net, x, generator):
    """Measure E[z^2] of each layer, and the mean squared gradient at the first over the last."""
    lengths, kept = [], []
    for module in net:
        x = module(x)
        if isinstance(module, nn.Linear):
            x.retain_grad()
            kept.append(x)
            lengths.append(x.detach().square().mean())
    kept[-1].backward(torch.randn(x.shape, generator=generator))
    first, last = (z.grad.double().square().mean() for z in (kept[0], kept[-1]))
    return torch.stack(lengths).double(), first / last


@pytest.mark.parametrize("name", nl.names())
def test_lengths_and_gradients_live_through_thirty_layers(name):
    # One end of the row is a layer too, so that all thirty are one.
    net = plain(nl.get(name), DEPTH, WIDTH, outputs=1)
    lengths, gradients = [], []
    for seed in range(DRAWS):
        generator = seeded(seed)
        x = torch.randn(16, WIDTH, generator=generator)
        record = initialize_(net, x, generator=generator)
        found, gradient = measured(net[:-1], x, generator)
        lengths.append(found / found[0])
        gradients.append(gradient)
    row = record.layers[0].first_weights
    assert (row.depth, {x.first_weights for x in record.layers[:-1]}) == (DEPTH, {row})
    if not row.holds:
        # exp(x): E[exp(2 z)] = exp(2 q) makes a length above 1/2 explode and takes chi = q below;
        # max(x, 0)^2: E = 3/2 q^2 makes a length grow or vanish, and xIELU's parabola does so
        # slowly; a step has no gradient.
        assert name in (*EXPLODING, "step")
        escapes = row.length_slope ** (DEPTH - 1) > 1.5 or name == "star_relu"
        assert row.gradient_change < 1e-12 or escapes
        assert f"{row.gradient_change:.3g} in all" in record.layers[0].note
        return
    # The mean of ln q over ten draws strays by 0.17 for ReLU, whose sum of 30 terms has the
    # variance 30 x 5 / 512 (Hanin and Nica 2019); that of the gradient's factor a layer by 0.006.
    middle = torch.stack(lengths).log().mean(0).exp()
    assert 0.5 <= middle.min() <= middle.max() <= 2.0
    factor = torch.stack(gradients).log().mean().div(DEPTH - 1).exp().item()
    assert factor == pytest.approx(row.gradient_factor, rel=0.03)


def classified(net, x, classes=5):
    y = torch.randint(0, classes, (len(x),), generator=seeded(1))
    return examine(net, x, y, F.cross_entropy).findings


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("depth", [4, 12])
@pytest.mark.parametrize("name", nl.names())
def test_examine_finds_nothing_in_what_was_just_drawn(name, depth, given):
    net = plain(nl.get(name), depth, 64, inputs=20, outputs=5)
    x = torch.randn(128, 20, generator=seeded(2))
    record = initialize_(net, x if given else None, generator=seeded(3))
    if name in EXPLODING and not record.layers[0].first_weights.holds:
        return  # what becomes of the lengths, a draw decides
    found = classified(net, x)
    if name == "step":  # its derivative is 0, so that no weights let a gradient pass
        assert {each.kind for each in found} == {"vanishing_gradients", "stuck_layer"}
        return
    assert found == ()


@pytest.mark.parametrize("name", ["relu", "relu6", "sigmoid", "gelu", "softplus", "tanh"])
def test_examine_finds_nothing_in_convolutions(name):
    act = nl.get(name)
    parts = [
        part
        for i in range(5)
        for part in (nn.Conv2d(32 if i else 3, 32, 3, padding=1), Activate(act))
    ]
    net = nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 5))
    x = torch.randn(64, 3, 8, 8, generator=seeded())
    initialize_(net, x, generator=seeded())
    assert classified(net, x) == ()


@pytest.mark.parametrize("scale", [100.0, 0.01])
def test_the_first_layer_is_drawn_for_its_inputs(scale):
    net = plain(nl.tanh, 12, 256, inputs=64)
    x = scale * torch.randn(64, 64, generator=seeded())
    record = initialize_(net, x, generator=seeded())
    found, _ = measured(net, x, seeded())
    wanted = record.layers[0].first_weights.length
    assert 0.5 * wanted < found.min() <= found.max() < 2.0 * wanted
    assert f"the mean square {x.square().mean():.3g}" in record.layers[0].note


def test_bytes_and_one_hot_inputs():
    class Own(nn.Module):
        def __init__(self, prepare, width):
            super().__init__()
            self.prepare, self.net = prepare, plain(nl.silu, 8, 256, inputs=width)

        def forward(self, x):
            return self.net(self.prepare(x))

    pixels = torch.randint(0, 256, (32, 192), generator=seeded(), dtype=torch.uint8)
    letters = torch.randint(0, 50, (32,), generator=seeded())
    for x, width, prepare in (
        (pixels, 192, lambda x: x.float()),
        (letters, 50, lambda x: F.one_hot(x, 50).float()),
    ):
        model = Own(prepare, width)
        first = initialize_(model, x, generator=seeded()).layers[0]
        made = model.net[0](prepare(x)).square().mean().item()
        assert made == pytest.approx(first.first_weights.length, rel=0.3)


def test_behind_a_row_with_large_outputs_lengths_go_back_to_1():
    net = plain(nl.softplus, 20, 256, inputs=32, outputs=64)
    x = torch.randn(64, 32, generator=seeded())
    record = initialize_(net, x, generator=seeded())
    assert record.layers[0].first_weights.output_length > 10.0
    assert net(x).square().mean().item() == pytest.approx(1.0, rel=0.5)


def test_biases_are_drawn_where_they_are_asked_for_and_0_elsewhere():
    net = plain(nl.soft_shrink, 30, 128, outputs=1)
    record = initialize_(net, generator=seeded())
    variance = record.layers[0].bias_variance
    assert variance > 0.1
    drawn = torch.cat([module.bias for module in net[:-1] if isinstance(module, nn.Linear)])
    # Of 3,840 numbers: a standard error of 2.3 %.
    assert drawn.var().item() == pytest.approx(variance, rel=0.1)
    assert net[-1].bias.abs().max() == 0.0
    without = plain(nl.soft_shrink, 30, 8, bias=False)
    assert initialize_(without, generator=seeded()).layers[0].bias_variance == 0.0


class Swish(nn.Module):
    """As people paste it; its parts are modules, too."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Sigmoid()

    def forward(self, x):
        return x * self.gate(x)


@pytest.mark.parametrize("by", ["class", "name"])
@pytest.mark.parametrize("given", [True, False])
def test_activations_of_the_users_own(by, given):
    net = nn.Sequential(nn.Linear(8, 9), Swish(), nn.Linear(9, 9), Swish(), nn.Linear(9, 2))
    names = {Swish: nl.silu} if by == "class" else {"1": nl.silu, "3": nl.silu}
    record = initialize_(net, torch.ones(1, 8) if given else None, activations=names)
    assert [x.activation for x in record.layers] == [nl.silu, nl.silu, None]
    assert record.layers[1].weight_variance == nl.first_weights(nl.silu, depth=2).weight_variance
    with pytest.raises(ValueError, match="the model has no module 'nine'"):
        initialize_(net, activations={"nine": nl.silu})


class Tied(nn.Module):
    def __init__(self, embedding, weight):
        super().__init__()
        self.embedding, self.hidden, self.act = embedding, nn.Linear(16, 16), nn.Tanh()
        self.head = nn.Linear(16, 10, bias=False)
        self.head.weight = weight(embedding.weight)

    def forward(self, x):
        h = self.embedding(x if isinstance(self.embedding, nn.Embedding) else x[:, None])
        return self.head(self.act(self.hidden(h)))


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize(
    "weight",
    [lambda x: x, lambda x: nn.Parameter(x.data), lambda x: nn.Parameter(x.data[:10])],
    ids=["itself", "its numbers", "a view"],
)
@pytest.mark.parametrize(
    "embedding",
    [lambda: nn.Embedding(10, 16, padding_idx=0), lambda: nn.EmbeddingBag(10, 16, padding_idx=0)],
    ids=["Embedding", "EmbeddingBag"],
)
def test_a_weight_that_an_embedding_has_is_not_drawn(embedding, weight, given):
    model = Tied(embedding(), weight)
    before, hidden = model.embedding.weight.clone(), model.hidden.weight.clone()
    record = initialize_(model, torch.arange(1, 9) if given else None, generator=seeded())
    head = record.layers[-1]
    assert (head.name, head.choice) == ("head", "untouched")
    assert head.note == "it shares its weight with 'embedding'"
    assert torch.equal(model.embedding.weight, before)
    assert model.embedding.weight[0].abs().max() == 0.0
    assert not torch.equal(model.hidden.weight, hidden)


def test_a_weight_that_any_other_module_has_is_not_drawn():
    class Other(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.table = weight

    class Looked(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.head = nn.Linear(4, 4), nn.Linear(4, 6)

        def forward(self, x):
            return self.head(torch.tanh(self.inner(F.embedding(x, self.head.weight))))

    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    net.append(Other(net[2].weight))
    buffered = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    buffered[1].register_buffer("seen", buffered[2].weight.data)
    cases = [
        (net, None, "2", "it shares its weight with '3'"),
        (buffered, None, "2", "it shares its weight with '1'"),
        (Looked(), torch.arange(6), "head", "its weight is looked up as an embedding, too"),
    ]
    for model, inputs, name, note in cases:
        before = model.get_submodule(name).weight.clone()
        layer = {x.name: x for x in initialize_(model, inputs).layers}[name]
        assert (layer.choice, layer.note) == ("untouched", note)
        assert torch.equal(model.get_submodule(name).weight, before)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_what_cannot_be_drawn_says_why():
    net = nn.Sequential(*[x for _ in range(4) for x in (nn.Linear(4, 4), nn.Tanh())])
    nn.utils.weight_norm(net[0])
    net[2].weight.requires_grad_(False)
    nn.utils.parametrizations.spectral_norm(net[4])
    before = copy.deepcopy(net.state_dict())
    layers = initialize_(net, torch.ones(2, 4), generator=seeded()).layers
    notes = [x.note for x in layers[:3]]
    assert "computed from others" in notes[0]
    assert "frozen" in notes[1]
    assert "computed from others" in notes[2]
    changed = {name for name, x in net.state_dict().items() if not torch.equal(x, before[name])}
    assert changed == {"6.weight", "6.bias"}


def test_the_record_speaks_korean_too():
    model = Tied(nn.Embedding(10, 16), lambda x: x)
    table = initialize_(model, torch.arange(8)).table("ko")
    assert "head: 'embedding' 모듈과 가중치를 함께 씁니다" in table
    assert math.isnan(initialize_(model, torch.arange(8)).layers[-1].standard_deviation)


def test_transformers_are_initialised_and_found_healthy():
    layer = nn.TransformerEncoderLayer(32, 4, 64, activation=F.gelu, batch_first=True, dropout=0.0)
    net = nn.Sequential(nn.TransformerEncoder(layer, 4), nn.Flatten(), nn.Linear(5 * 32, 5))
    x = torch.randn(64, 5, 32, generator=seeded())
    record = initialize_(net, x, generator=seeded())
    assert record.branches == 8
    assert {x.activation for x in record.layers if x.name.endswith("linear1")} == {nl.gelu}
    assert [x.kind for x in classified(net, x)] == []
