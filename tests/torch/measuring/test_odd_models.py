"""Complex weights, sparse arguments, tensors of other kinds: measured, or named in one line."""

from dataclasses import asdict

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.torch import Activate, Exam, examine

RNG = torch.Generator().manual_seed(0)
X, Y = torch.randn(32, 8, generator=RNG), torch.randn(32, 3, generator=RNG)
GRAPH = torch.eye(32) + 0.1 * (torch.rand(32, 32, generator=RNG) > 0.8)

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")


class Called(nn.Module):
    def __init__(self, function, *modules):
        super().__init__()
        self.function, self.m = function, nn.ModuleList(modules)

    def forward(self, *args):
        return self.function(self.m, *args)


class Spectral(nn.Module):
    """A layer of a Fourier neural operator."""

    def __init__(self, channels, modes):
        super().__init__()
        weight = torch.randn(channels, channels, modes, modes, dtype=torch.cfloat, generator=RNG)
        self.weight, self.modes = nn.Parameter(weight / channels**0.5), modes

    def forward(self, x):
        h, m = torch.fft.rfft2(x), self.modes
        out = torch.zeros_like(h)
        out[:, :, :m, :m] = torch.einsum("bixy,ioxy->boxy", h[:, :, :m, :m], self.weight)
        return torch.fft.irfft2(out, s=x.shape[-2:])


def two(dtype=None):
    torch.manual_seed(0)
    return nn.Linear(8, 16, dtype=dtype), nn.Linear(16, 3, dtype=dtype)


def right_gradients(model, args, y, loss):
    args = args if isinstance(args, tuple) else (args,)
    loss(model(*args), y).backward()
    found = {n: p.grad for n, p in model.named_parameters() if n.endswith("weight")}
    model.zero_grad()
    return [g.abs().square().mean().sqrt().item() for g in found.values()]


COMPLEX = [
    (
        lambda: Called(lambda m, x: m[1](torch.tanh(m[0](x.cfloat()))).abs(), *two(torch.cfloat)),
        X, Y,
    ),
    (
        lambda: Called(
            lambda m, x: m[1](F.gelu(m[0](x) + x)),
            Spectral(4, 3), nn.Conv2d(4, 1, 1),
        ),
        torch.randn(6, 4, 8, 8, generator=RNG), torch.randn(6, 1, 8, 8, generator=RNG),
    ),
    (
        lambda: Called(
            lambda m, x: m[1](torch.relu(m[0](x[:, None].cfloat()).real).flatten(1)),
            nn.Conv1d(1, 4, 3, dtype=torch.cfloat), nn.Linear(24, 3),
        ),
        X, Y,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("build", "x", "y"), COMPLEX)
def test_complex_weights_are_measured_by_their_magnitude(build, x, y):
    torch.manual_seed(0)
    model = build()
    expected = right_gradients(model, x, y, F.mse_loss)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    exam = examine(model, x, y, F.mse_loss, optimizer=optimizer)
    assert [each.weight_gradient_rms for each in exam.layers] == pytest.approx(expected, rel=1e-4)
    weights = [p for n, p in model.named_parameters() if n.endswith("weight")]
    rms = [p.detach().abs().square().mean().sqrt().item() for p in weights]
    assert [each.weight_rms for each in exam.layers] == pytest.approx(rms, rel=1e-5)
    updates = [0.1 * g / w for g, w in zip(expected, rms, strict=True)]
    assert [each.update_ratio for each in exam.layers] == pytest.approx(updates, rel=1e-3)
    assert exam.reading.coverage.unseen == ()
    assert exam.reading.coverage.unmeasured == {}


@pytest.mark.parametrize("product", [torch.sparse.mm, torch.matmul])
@pytest.mark.parametrize("sparse", [torch.Tensor.to_sparse, torch.Tensor.to_sparse_csr])
@pytest.mark.parametrize("first", [True, False])
def test_a_sparse_graph_gives_what_the_dense_one_gives(product, sparse, first):
    def model(multiply):
        def forward(m, p, q):
            adjacency, h = (p, q) if first else (q, p)
            return m[1](multiply(adjacency, torch.relu(multiply(adjacency, m[0](h)))))

        return Called(forward, *two())

    graph = sparse(GRAPH)
    given = (graph, X) if first else (X, graph)
    exam = examine(model(product), given, Y, F.mse_loss)
    dense = (GRAPH, X) if first else (X, GRAPH)
    expected = examine(model(torch.matmul), dense, Y, F.mse_loss)
    assert exam.reading.coverage.complete
    for name in ("weight_gradient_rms", "input_length", "output_gradient_rms"):
        found = [getattr(each, name) for each in exam.layers]
        assert found == pytest.approx([getattr(x, name) for x in expected.layers], rel=1e-4)
    assert exam.sites[0].gradient_rms == pytest.approx(expected.sites[0].gradient_rms, rel=1e-4)


def test_sparse_features():
    torch.manual_seed(0)
    model = Called(lambda m, x: m[1](torch.relu(torch.sparse.mm(x, m[0].weight.t()))), *two())
    exam = examine(model, (X * (X > 0)).to_sparse(), Y, F.mse_loss)
    assert [each.name for each in exam.layers] == ["m.0", "m.1"]
    assert exam.reading.coverage.complete


def nested():
    rows = [torch.randn(n, 8, generator=RNG) for n in (3, 5)]
    return torch.nested.nested_tensor(rows, layout=torch.jagged)


UNMEASURED = [
    (
        lambda m, x: torch.nested.to_padded_tensor(m[1](torch.relu(m[0](x))), 0.0),
        nested(), torch.randn(2, 5, 3, generator=RNG), "it is a nested tensor",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("function", "x", "y", "why"), UNMEASURED)
def test_what_cannot_be_measured_is_a_line_that_names_it(function, x, y, why):
    exam = examine(Called(function, *two()), x, y, F.mse_loss)
    assert set(exam.reading.coverage.unmeasured) >= {"m.0", "m.1", ":relu"}
    lines = [line for line in str(exam).splitlines() if line.startswith("Not measured: ")]
    assert len(lines) == 3
    assert all(line.endswith(why) for line in lines)
    assert "nothing is wrong" not in str(exam)
    assert Exam.from_json(exam.to_json()).reading == exam.reading


def test_what_runs_inside_vmap_is_measured_as_without_it():
    by_row = examine(
        Called(lambda m, x: torch.vmap(lambda row: m[1](torch.relu(m[0](row))))(x), *two()),
        X, Y, F.mse_loss,
    )  # fmt: skip
    whole = examine(Called(lambda m, x: m[1](torch.relu(m[0](x))), *two()), X, Y, F.mse_loss)
    assert by_row.reading.coverage == whole.reading.coverage
    assert by_row.reading.steps == whole.reading.steps
    for one, other in zip(by_row.layers, whole.layers, strict=True):
        pairs = zip(asdict(one).items(), asdict(other).values(), strict=True)
        assert all(x == y if isinstance(x, str | None) else x == pytest.approx(y, rel=1e-5)
                   for (_, x), y in pairs)  # fmt: skip
    (one,), (other,) = by_row.sites, whole.sites
    assert one.units.active.tolist() == other.units.active.tolist()
    assert one.gradient_rms == pytest.approx(other.gradient_rms, rel=1e-5)


def ragged(layer, x):
    rows = torch.nested.as_nested_tensor(x[:, None], layout=torch.jagged)
    return torch.nested.to_padded_tensor(layer(rows), 0.0)[:, 0]


def test_a_layer_that_fails_leaves_the_others():
    torch.manual_seed(0)
    inside = nn.Linear(16, 16)
    model = nn.Sequential(
        nn.Linear(8, 16), nn.ReLU(),
        Called(lambda m, x: x + ragged(m[0], x), inside), nn.ReLU(), nn.Linear(16, 3),
    )  # fmt: skip
    exam = examine(model, X, Y, F.mse_loss)
    assert [each.name for each in exam.layers] == ["0", "4"]
    assert list(exam.reading.coverage.unmeasured) == ["2.m.0"]
    assert exam.sites[0].gradient_rms > 0


def test_a_mistake_of_the_users_passes_as_it_is():
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        examine(nn.Sequential(*two()[::-1]), X, Y, F.mse_loss)


def test_the_meta_device_is_refused_by_name():
    model = nn.Sequential(*two()).to("meta")
    with pytest.raises(ValueError, match=r"'0.weight' is on the meta device"):
        examine(model, X, Y, F.mse_loss)


ODD = {
    "whole numbers": (lambda m, x: m[1](torch.relu(m[0](x.float()))), X.long(), Y, F.mse_loss),
    "no elements": (
        lambda m, x: m[1](torch.relu(m[0](x))) + torch.tanh(m[0](x[:0])).sum(), X, Y, F.mse_loss,
    ),
    "a number": (lambda m, x: m[1](torch.relu(m[0](x))).square().mean(), X, None, lambda o: o),
    "complex outputs": (
        lambda m, x: torch.complex(m[1](torch.relu(m[0](x))), Y), X, Y,
        lambda o, t: (o - t).abs().square().mean(),
    ),
    "sparse outputs": (
        lambda m, x: m[1](torch.relu(m[0](x))).to_sparse(), X, Y,
        lambda o, t: F.mse_loss(o.to_dense(), t),
    ),
    "one sample": (lambda m, x: m[1](torch.relu(m[0](x))), X[0], Y[0], F.mse_loss),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_other_kinds_of_tensors(name):
    function, x, y, loss = ODD[name]
    exam = examine(Called(function, *two()), x, y, loss)
    assert exam.sites[0].activation == "nl.relu"
    assert [each.name for each in exam.layers] == ["m.0", "m.1"]
    assert exam.layers[0].weight_gradient_rms > 0
    assert str(exam)


@pytest.mark.parametrize("name", nl.names())
def test_each_function_of_the_catalogue_as_a_site(name):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), Activate(nl.get(name)), nn.Linear(16, 3))
    exam = examine(model, X, Y, F.mse_loss, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    assert [each.activation for each in exam.sites] == [f"nl.{name}"]
    assert str(exam)
