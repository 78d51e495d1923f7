import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.propagation import expectation, first_weights, gain, propagate
from nonlin.torch import Activate, activate, initialize_


def seeded():
    return torch.Generator().manual_seed(0)


class Functional(nn.Module):
    def __init__(self, function):
        super().__init__()
        # In an order that tells nothing.
        self.last, self.first = nn.Linear(50, 3), nn.Linear(20, 50)
        self.function = function

    def forward(self, x):
        return self.last(self.function(self.first(x)))


class Block(nn.Module):
    def __init__(self, channels, shortcut=False):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.shortcut = nn.Conv2d(channels, channels, 1) if shortcut else nn.Identity()

    def forward(self, x):
        out = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        out += self.shortcut(x)
        return F.relu(out)


class PreNorm(nn.Module):
    """The blocks of a transformer without their attention."""

    def __init__(self, width, blocks, act):
        super().__init__()
        self.act = act
        self.norms = nn.ModuleList(nn.RMSNorm(width) for _ in range(blocks))
        self.branches = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(blocks))

    def forward(self, x):
        for norm, branch in zip(self.norms, self.branches, strict=True):
            x = x + branch(activate(self.act, norm(x)))
        return x


def choices(found):
    return {x.name: (x.activation, x.choice, x.weight_variance) for x in found.layers}


def test_a_sequential_by_its_order():
    net = nn.Sequential(
        nn.Linear(300, 400), nn.Tanh(), nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 5)
    )
    found = choices(initialize_(net, generator=seeded()))
    # Critical at zero bias: tanh at 1, ReLU at 2 (He et al. 2015).
    assert found == {
        "0": (nl.tanh, "critical", 1.0),
        "2": (nl.relu, "critical", 2.0),
        "4": (None, "linear", 1.0),
    }
    # The standard error of a variance from n weights is sqrt(2/n): 0.4 % for 120,000.
    assert net[0].weight.var().item() * 300 == pytest.approx(1.0, rel=0.02)
    assert net[2].weight.var().item() * 400 == pytest.approx(2.0, rel=0.02)
    assert net[2].bias.abs().max() == 0


def test_a_pass_agrees_with_the_order_and_weights_are_seeded():
    nets = [nn.Sequential(nn.Linear(6, 7), nn.LeakyReLU(0.2), nn.Linear(7, 2)) for _ in range(2)]
    by_order = initialize_(nets[0], generator=seeded())
    by_pass = initialize_(nets[1], torch.ones(1, 6), generator=seeded())
    assert by_order == by_pass
    assert torch.equal(nets[0][0].weight, nets[1][0].weight)
    # chi = sw2 (1 + 0.2^2) / 2 = 1.
    assert by_pass.layers[0].weight_variance == pytest.approx(2 / 1.04, rel=1e-12)


def test_a_convolutional_network():
    net = nn.Sequential(
        nn.Conv2d(3, 8, 5, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, groups=4),
        nn.ELU(0.5),
        nn.ConvTranspose2d(8, 4, 4, stride=2),
        nn.Flatten(),
    )
    for inputs in (None, torch.zeros(1, 3, 16, 16)):
        found = initialize_(net, inputs).layers
        assert [x.activation for x in found] == [nl.relu, nl.elu.bind(alpha=0.5), None]
        # 3 x 5 x 5; 8 / 4 x 3 x 3; 8 x 4 x 4 spread over 2 x 2 outputs.
        assert [x.fan_in for x in found] == [75, 18, 32]


@pytest.mark.parametrize(
    ("function", "act"),
    [
        (F.relu, nl.relu),
        (torch.tanh, nl.tanh),
        (lambda x: x.sigmoid(), nl.sigmoid),
        (lambda x: x.relu_(), nl.relu),
        (lambda x: F.dropout(F.leaky_relu(x, 0.3)), nl.leaky_relu.bind(negative_slope=0.3)),
        (lambda x: F.elu(x, alpha=0.7, inplace=True), nl.elu.bind(alpha=0.7)),
        (lambda x: activate(nl.elu, x), nl.elu),
        (nn.PReLU(init=0.4), nl.leaky_relu.bind(negative_slope=0.4000000059604645)),
        (nn.RReLU(0.1, 0.3), nl.leaky_relu.bind(negative_slope=0.2)),
        (Activate(nl.tanh), nl.tanh),
    ],
)
def test_functions_are_seen_in_a_pass(function, act):
    layers = initialize_(Functional(function), torch.ones(2, 20)).layers
    assert [(x.name, x.activation) for x in layers] == [("last", None), ("first", act)]


def test_named_and_several_arguments():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(2, 3), nn.Linear(4, 3)

        def forward(self, x, y):
            return torch.tanh(self.a(x)) + self.b(y)

    x, y = torch.ones(1, 2), torch.ones(1, 4)
    expected = [(nl.tanh, 1.0), (None, 1.0)]
    for inputs in ((x, y), {"y": y, "x": x}):
        layers = initialize_(Two(), inputs).layers
        assert [(layer.activation, layer.weight_variance) for layer in layers] == expected


def test_residual_branches_are_scaled():
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), Block(4), Block(4, shortcut=True), Block(4))
    found = initialize_(net, torch.zeros(1, 2, 9, 9))
    assert found.branches == 3
    scales = {x.name: x.branch_scale for x in found.layers if x.branch_scale != 1.0}
    third = pytest.approx(1 / math.sqrt(3))
    assert scales == {"2.conv2": third, "3.conv2": third, "4.conv2": third}
    assert {x.activation for x in found.layers} == {nl.relu}


@pytest.mark.parametrize("act", [nl.relu, nl.elu])
def test_a_scaled_residual_network_is_as_propagate_predicts(act):
    width, blocks = 400, 16
    net = PreNorm(width, blocks, act)
    found = initialize_(net, torch.ones(1, width), generator=seeded())
    # What follows a branch is the next one's activation, but for the last one.
    variance = found.layers[0].weight_variance
    assert [x.weight_variance for x in found.layers] == [variance] * (blocks - 1) + [1.0]
    x = torch.randn(64, width, generator=seeded())
    with torch.no_grad():
        start = x.square().mean().item()
        for norm, branch in list(zip(net.norms, net.branches, strict=True))[:-1]:
            x = x + branch(activate(act, norm(x)))
    # The first layer of the prediction only scales its input to the stream's first length.
    predicted = propagate(
        act,
        weight_variance=variance,
        depth=blocks,
        residual=blocks**-0.5,
        input_length=start / variance,
    )
    # ReLU: 1 + 15/16. One network of 400 units, 64 inputs: it strays by a few per cent.
    assert x.square().mean().item() == pytest.approx(float(predicted.lengths[-1]), rel=0.05)


def test_a_deep_network_keeps_its_gradient():
    width, depth = 500, 30
    layers = [x for _ in range(depth) for x in (nn.Linear(width, width), nn.ReLU())]
    net = nn.Sequential(*layers)
    initialize_(net, generator=seeded())
    x = torch.randn(8, width, generator=seeded()).requires_grad_()
    grad = torch.randn(8, width, generator=seeded())
    (found,) = torch.autograd.grad(net(x), x, grad)
    # ln of the ratio ~ N(-beta/2, beta), beta = 5 x 30 / 500 (Hanin and Nica 2019): four of them.
    ratio = math.log(found.square().sum().item() / grad.square().sum().item())
    assert abs(ratio + 0.15) < 4 * math.sqrt(0.3)
    # PyTorch's own start leaves 6^-30 = e^-54 of it.


def test_without_a_critical_point_lengths_are_kept_and_the_record_says_so():
    plus = nl.Activation.from_function(lambda x: (x + (x * x + 4) ** 0.5) / 2, name="plus")
    net = nn.Sequential(nn.Linear(4, 5), Activate(plus), nn.Linear(5, 2))
    found = initialize_(net)
    first = found.layers[0]
    assert first.choice == "unit length"
    assert first.weight_variance == gain(plus) ** 2
    factor = first.weight_variance * float(expectation(plus, "slope_square", 1.0))
    assert f"{factor:.4g} a layer" in first.note
    assert "no critical weight variance" in repr(found)


def test_a_sigmoid_at_the_end_and_as_a_gate_keeps_unit_length():
    hidden = nn.Sequential(nn.Linear(4, 5), nn.Sigmoid(), nn.Linear(5, 1), nn.Sigmoid())
    for inputs in (None, torch.ones(1, 4)):
        first, last = initialize_(hidden, inputs).layers
        # q* of the sigmoid's critical point at zero bias is 45.6, far from a row of layers of 1.
        assert (first.choice, last.choice) == ("critical", "unit length")
        assert last.weight_variance == pytest.approx(1.8462285453**2, rel=1e-9)  # its gain

    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.out(x * torch.sigmoid(self.gate(x)))

    assert initialize_(Gated(), torch.ones(1, 4)).layers[0].choice == "unit length"


def test_what_is_not_a_layers_own_stays():
    tied = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    tied[2].weight = tied[0].weight
    nn.utils.parametrizations.weight_norm(tied[4])
    before = tied[4].weight.clone()
    layers = initialize_(tied, torch.ones(1, 4)).layers
    assert [x.choice for x in layers] == ["critical", "untouched", "untouched"]
    assert layers[1].note == "it shares its weight with '0'"
    assert torch.equal(tied[4].weight, before)


def test_a_layer_that_the_pass_does_not_reach():
    net = Functional(torch.tanh)
    net.spare = nn.Linear(2, 2)
    before = net.spare.weight.clone()
    spare = initialize_(net, torch.ones(1, 20)).layers[-1]
    assert (spare.choice, spare.note) == ("untouched", "the pass did not go through it")
    assert torch.equal(net.spare.weight, before)
    assert "spare" in repr(initialize_(net, torch.ones(1, 20)))


def test_the_pass_leaves_no_trace():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.ReLU())
    net[2].eval()
    buffers = [x.clone() for x in net.buffers()]
    state = torch.get_rng_state()
    initialize_(net, torch.randn(8, 3, generator=seeded()), generator=seeded())
    assert all(torch.equal(a, b) for a, b in zip(buffers, net.buffers(), strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert [x.training for x in net] == [True, True, False, True]


def test_an_attention_block():
    net = nn.TransformerEncoderLayer(8, 2, 16, activation=torch.relu, batch_first=True)
    found = initialize_(net, torch.ones(1, 3, 8))
    assert choices(found)["linear1"] == (nl.relu, "critical", 2.0)
    assert found.branches == 2
    scales = {x.name: x.branch_scale for x in found.layers}
    half = pytest.approx(1 / math.sqrt(2))
    assert scales == {"self_attn.out_proj": half, "linear1": 1.0, "linear2": half}


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("net", TypeError, "expected a torch.nn.Module, got str"),
        (nn.ReLU(), ValueError, "ReLU has no Linear and no Conv"),
        (nn.Sequential(nn.LazyLinear(3)), ValueError, "'0' has no weights yet"),
        (Functional(F.relu), ValueError, "between 'last' and 'first': give inputs="),
    ],
)
def test_what_cannot_be_initialised(model, error, message):
    with pytest.raises(error, match=message):
        initialize_(model)


def test_an_error_in_the_pass_leaves_the_mode():
    net = Functional(F.relu)
    with pytest.raises(RuntimeError):
        initialize_(net, torch.ones(2, 7))
    assert net.training
    assert net.first.training


GATED = [
    (F.silu, nl.swiglu),
    (F.gelu, nl.geglu),
    (lambda g: F.gelu(g, approximate="tanh"), nl.geglu.bind(approximate="tanh")),
    (F.relu, nl.reglu),
    (torch.sigmoid, nl.glu),
    (lambda g: g, nl.bilinear),
    (F.mish, nl.Gate(nl.mish)),
]


@pytest.mark.parametrize(("phi", "gate"), GATED)
def test_a_gated_layer_keeps_the_length_of_its_inputs(phi, gate):
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.RMSNorm(200)
            self.gate, self.value = (nn.Linear(200, 400, bias=False) for _ in range(2))
            self.out = nn.Linear(400, 200, bias=False)

        def forward(self, x):
            x = self.norm(x)
            return self.out(phi(self.gate(x)) * self.value(x))

    net = nn.Sequential(*(Layer() for _ in range(10)))
    # The inputs of another seed: weights of the same numbers would be no chance of theirs.
    x = torch.randn(50, 200, generator=seeded().manual_seed(1))
    found = initialize_(net, x, generator=seeded())
    weights = first_weights(gate)
    out = [layer for layer in found.layers if layer.name.endswith("out")]
    for layer in out:
        variance = layer.standard_deviation**2 * layer.fan_in
        assert variance == pytest.approx(weights.output_variance, rel=1e-9)
        assert repr(gate) in layer.note
    with torch.no_grad():
        lengths = torch.tensor([layer(x).square().mean() for layer in net])
    # Ten draws of a layer.
    assert abs(lengths.mean() - 1.0) < 4 * lengths.std() / math.sqrt(10) < 0.15


def test_a_layer_behind_a_packed_gate_makes_up_for_it():
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.both, self.out = nn.Linear(8, 32), nn.Linear(16, 8)

        def forward(self, x):
            return self.out(F.glu(self.both(x)))

    both, out = initialize_(Packed(), torch.full((3, 8), 2.0)).layers
    assert (both.choice, both.weight_variance) == ("unit length", 1.0)
    assert both.length_scale == pytest.approx(0.5)
    assert out.length_scale == pytest.approx(gain(nl.glu), rel=1e-9)
    assert "nl.glu" in out.note
