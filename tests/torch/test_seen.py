"""What was seen of a model, and that nothing is called healthy which nobody looked at."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import Exam, examine
from nonlin.torch.runs import Run

HEALTHY = {"en": "nothing is wrong", "ko": "문제가 없습니다"}


def data(rows=32, width=8, outputs=3):
    rng = torch.Generator().manual_seed(0)
    return torch.randn(rows, width, generator=rng), torch.randn(rows, outputs, generator=rng)


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Opaque(nn.Module):
    """A sigmoid of which torch sees nothing."""

    def forward(self, x):
        return Hidden.apply(x)


class Hidden(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.y = torch.from_numpy(1 / (1 + np.exp(-x.numpy())))
        return ctx.y.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.y * (1 - ctx.y)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cell, self.head = kind(8, 12, batch_first=True), nn.Linear(12, 3)

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


class Doubling(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.numpy().copy() is not None and torch.from_numpy(2 * x.numpy())

    @staticmethod
    def backward(ctx, grad):
        return 2 * grad


def mlp(function):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 16), Called(function), nn.Linear(16, 3))


def deep(build):
    torch.manual_seed(0)
    rows = [module for _ in range(4) for module in (nn.Linear(8, 8), build())]
    return nn.Sequential(*rows, nn.Linear(8, 3))


def exponential_of_a_matrix(x):
    return torch.linalg.matrix_exp(x[:, :, None] * torch.eye(x.shape[1])).diagonal(dim1=1, dim2=2)


UNKNOWN = [
    (lambda: deep(lambda: Called(lambda x: x.sort(-1)[0])), ("sort", 4, ("1", "3", "5", "7"))),
    (lambda: mlp(lambda x: x.cummax(-1)[0]), ("cummax", 1, ("1",))),
    (lambda: mlp(exponential_of_a_matrix), ("linalg_matrix_exp", 1, ("1",))),
    (lambda: mlp(Doubling.apply), ("Called", 1, ("1",))),
]


@pytest.mark.parametrize(("build", "operation"), UNKNOWN)
def test_where_no_activation_was_recognised_nothing_is_called_healthy(build, operation, tmp_path):
    exam = examine(build(), *data(), F.mse_loss)
    assert exam.sites == ()
    found = [(each.name, each.calls, each.modules) for each in exam.reading.coverage.unrecognized]
    assert operation in found
    again = Exam.from_json(exam.to_json())
    assert again.reading.coverage == exam.reading.coverage
    said, read = str(exam), str(again)
    assert "No activation was recognised" in said
    assert "activations=" in said
    assert operation[0] in said
    page = exam.report(tmp_path / "page.html").read_text(encoding="utf-8").lower()
    for words in HEALTHY.values():
        assert all(words not in each.lower() for each in (said, read, exam._repr_html_(), page))
    assert "nothing is wrong here" not in page
    assert "이상이 없습니다" not in page


def test_whole_and_in_korean(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    said = str(examine(mlp(Doubling.apply), *data(), F.mse_loss))
    assert "활성화 함수를 하나도 알아보지 못해" in said
    assert HEALTHY["ko"] not in said


def test_the_same_model_with_its_activation_named_is_judged():
    import nonlin as nl

    model, (x, y) = deep(Opaque), data()
    assert examine(model, x, y, F.mse_loss).sites == ()
    exam = examine(model, x, y, F.mse_loss, activations={Opaque: nl.sigmoid})
    assert len(exam.sites) == 4
    assert exam.reading.coverage.complete
    assert "No activation" not in str(exam)


@pytest.mark.parametrize(
    ("kind", "functions"),
    [
        (nn.RNN, ["tanh_l0"]),
        (nn.LSTM, ["input_l0", "cell_l0", "output_l0", "tanh_l0", "forget_l0"]),
        (nn.GRU, ["reset_l0", "tanh_l0", "update_l0"]),
    ],
)
def test_the_functions_inside_recurrent_layers_are_seen_step_by_step(kind, functions):
    x, y = data()
    x = torch.stack([x * 0.9**step for step in range(5)], 1)
    torch.manual_seed(0)
    model = Recurrent(kind)
    exam = examine(model, x, y, F.mse_loss)
    assert [site.name for site in exam.sites] == [f"cell:{name}" for name in functions]
    assert exam.reading.coverage.complete
    # The first step has nothing to forget.
    calls = {site.name: site.calls for site in exam.sites}
    assert {n for k, n in calls.items() if "forget" not in k} == {5}
    hidden, _ = model.cell(x)
    squares = {site.name: site.units for site in exam.sites}
    if kind is nn.RNN:
        found = squares["cell:tanh_l0"]
        assert found.output_mean == pytest.approx(hidden.mean((0, 1)).tolist(), rel=1e-5)


def test_the_gates_of_an_lstm_are_those_that_its_weights_tell():
    x, y = data()
    torch.manual_seed(0)
    model = Recurrent(nn.LSTM)
    with torch.no_grad():
        model.cell.bias_ih_l0[12:24] = 30.0
        model.cell.bias_ih_l0[36:] = -30.0
    sites = {s.name: s for s in examine(model, x[:, None].repeat(1, 5, 1), y, F.mse_loss).sites}
    assert sites["cell:forget_l0"].units.mean == pytest.approx([30.0] * 12, abs=1.0)
    assert sites["cell:output_l0"].units.mean == pytest.approx([-30.0] * 12, abs=1.0)
    assert abs(sites["cell:input_l0"].units.mean).max() < 1.0
    assert sites["cell:output_l0"].units.saturated.min() == 32 * 5


def test_a_model_that_is_seen_whole():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(8, 16), nn.BatchNorm1d(16), nn.PReLU(16), nn.Linear(16, 16), nn.LayerNorm(16),
        nn.ReLU(), nn.Linear(16, 3),
    )  # fmt: skip
    coverage = examine(model, *data(), F.mse_loss).reading.coverage
    assert (coverage.parameters, coverage.complete) == (11, True)
    said = str(examine(mlp(torch.relu), *data(), F.mse_loss))
    assert said.startswith("Sequential: nothing is wrong at 1 sites on 32 samples.")


class Mixture(nn.Module):
    """A layer that is seen beside a parameter that goes through a determinant."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = mlp(torch.relu)
        self.hidden = nn.Parameter(torch.eye(3))
        self.scale = nn.Parameter(torch.ones(3))
        self.token = nn.Parameter(torch.zeros(1, 3))
        self.unused = nn.Parameter(torch.zeros(5))

    def forward(self, x):
        y = self.net(x) * self.scale
        y = torch.cat([self.token, y])[1:] + self.token
        return y + torch.linalg.solve(self.hidden, y.T).T


def test_parameters_that_belong_to_nothing_that_was_seen():
    exam = examine(Mixture(), *data(), F.mse_loss)
    coverage = exam.reading.coverage
    # Of 2 weights, 2 biases and the three that are used; `unused` gets no gradient.
    assert (coverage.parameters, coverage.unseen) == (7, ("hidden",))
    said = str(exam)
    assert "1 of 7 (hidden)" in " ".join(said.split())
    assert "nothing is wrong at" not in said


def test_parts_of_one_weight_are_seen_with_it():
    class Adapted(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.base = mlp(torch.relu)
            self.down, self.up = nn.Linear(8, 2, bias=False), nn.Linear(2, 3, bias=False)

        def forward(self, x):
            return self.base(x) + F.linear(x, self.up.weight @ self.down.weight)

    torch.manual_seed(0)
    coverage = examine(Adapted(), *data(), F.mse_loss).reading.coverage
    assert (coverage.parameters, coverage.unseen) == (6, ())
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(8, 16))
    model = nn.Sequential(normed, nn.ReLU(), nn.Linear(16, 3))
    assert examine(model, *data(), F.mse_loss).reading.coverage.complete


def test_a_model_without_layers():
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(8))

        def forward(self, x):
            return torch.relu(x * self.scale)

    x, _ = data()
    said = str(examine(Bare(), x, x, F.mse_loss))
    assert "No layer that is trained was seen" in said
    assert HEALTHY["en"] not in said


def test_a_recurrence_is_not_called_linear():
    class Stacked(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.cell = nn.LSTM(8, 12, batch_first=True)
            self.one, self.two = nn.Linear(12, 16), nn.Linear(16, 3)

        def forward(self, x):
            return self.two(self.one(self.cell(x)[0][:, -1]))

    x, y = data()
    stacks = [
        each.severity
        for model, given in ((Stacked(), x[:, None].repeat(1, 5, 1)), (folded_sine(), x))
        for each in examine(model, given, y, F.mse_loss).findings
        if each.kind == "linear_stack"
    ]
    assert stacks
    assert "error" not in stacks


def folded_sine():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(8, 16), Called(torch.sin), nn.Linear(16, 16), nn.Linear(16, 3)
    )  # fmt: skip


def test_a_gradient_of_zero_is_zero_everywhere(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(
        *[m for _ in range(4) for m in (nn.Linear(8, 8), nn.ReLU())], nn.Linear(8, 3)
    )  # fmt: skip
    with torch.no_grad():
        model[4].bias.fill_(-100.0)
    exam = examine(model, *data(), F.mse_loss)
    (found,) = [each for each in exam.findings if each.kind == "vanishing_gradients"]
    assert (found.evidence["ratio"], found.evidence["factor"]) == (0.0, 0.0)
    page = exam.report(tmp_path / "page.html").read_text(encoding="utf-8")
    for shown in (str(exam), exam.to_json(), page):
        assert "e-15" not in shown
        assert "e-7" not in shown
    assert "nothing arrives" in str(found)


def test_a_log_without_sites_is_not_called_healthy(tmp_path):
    from nonlin.report import examination
    from nonlin.torch import Monitor
    from nonlin.torch.runs import load

    x, y = data()
    Monitor(mlp(Doubling.apply), (x, y), F.mse_loss, log=tmp_path / "run.jsonl")
    run = load(tmp_path / "run.jsonl")
    assert isinstance(run, Run)
    page = examination(None, tmp_path / "page.html", "en", run=run).read_text(encoding="utf-8")
    assert "No activation was recognised" in page
    assert "Nothing is wrong here" not in page


class Again(nn.Module):
    """Uses an activation's result as it is, and once more with parameters that change nothing."""

    def __init__(self, change):
        super().__init__()
        self.first, self.one, self.other = nn.Linear(6, 16), nn.Linear(16, 4), nn.Linear(16, 4)
        self.shift, self.scale = nn.Parameter(torch.zeros(16)), nn.Parameter(torch.ones(16))
        self.change = change

    def forward(self, x):
        h = self.first(x).relu()
        return self.one(h) + self.other(self.change(self, h))


@pytest.mark.parametrize(
    "change",
    [
        lambda m, h: h * m.scale,
        lambda m, h: h + m.shift,
        lambda m, h: (1 + m.shift) * h,
        lambda m, h: 2 * h.tanh() + m.shift,
        lambda m, h: torch.exp(h.tanh() * m.scale),
        lambda m, h: (h * m.scale).sigmoid(),
    ],
    ids=["scaled", "shifted", "isomorphism", "tanh", "flow", "gate"],
)
def test_a_result_that_is_used_twice_once_with_parameters_that_change_nothing_yet(change):
    torch.manual_seed(0)
    x, y = torch.randn(64, 6), torch.arange(64) % 4
    exam = examine(Again(change), x, y, F.cross_entropy)
    assert exam.sites[0].activation == "nl.relu"
    assert exam.reading.coverage.complete
