"""The first finding names where the fault lies, and what follows from it is said to follow."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.remedies import remedies


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


X, Y = torch.randn(128, 8, generator=rng()), torch.randint(4, (128,), generator=rng(1))
ROWS = torch.randn(64, 9, 4, generator=rng(2))
FIRST = (ROWS[:, 0].sum(1) > 0.0).long()


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


class Rows(nn.Module):
    def __init__(self, kind, **more):
        super().__init__()
        self.rnn = kind(4, 16, batch_first=True, **more)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


def examined(model, inputs, targets, loss_fn=F.cross_entropy, optimizer=None):
    optimizer = optimizer or torch.optim.Adam(model.parameters())
    return examine(model, inputs, targets, loss_fn, optimizer=optimizer)


def roots(exam):
    return [(x.kind, x.site) for x in exam.findings if x.is_root and x.severity != "note"]


def row(*more):
    inner = [each for _ in range(2) for each in (nn.Linear(32, 32), nn.GELU())]
    return nn.Sequential(nn.Linear(8, 32), nn.GELU(), *inner, *more, nn.Linear(32, 4))


def test_weights_that_overflow_in_a_normalisation_behind_them():
    model = row(nn.LayerNorm(32))
    with torch.no_grad():
        model[2].weight.mul_(1e38)
    exam = examined(model, X, Y)
    assert roots(exam) == [("bad_initialization", "2")]
    (found,) = [x for x in exam.findings if x.kind == "non_finite"]
    assert (found.site, found.caused_by) == ("6", "2")


def test_a_gradient_too_large_for_a_step_is_no_matter_of_the_rate():
    model = row()
    with torch.no_grad():
        model[2].weight.mul_(1e38)
    exam = examined(model, X, Y)
    assert roots(exam)[0] == ("bad_initialization", "2")
    stuck = [x for x in exam.findings if x.kind == "stuck_layer"]
    assert stuck
    assert not any(x.is_root for x in stuck)
    assert "overflowed" in {x.cause for x in stuck}


def test_a_gradient_too_small_for_a_step_is_no_matter_of_the_rate():
    inner = [each for _ in range(14) for each in (nn.Linear(32, 32), nn.Tanh())]
    model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), *inner, nn.Linear(32, 4))
    with torch.no_grad():
        for layer in inner[::2]:
            layer.weight.mul_(0.25)
    exam = examined(model, X, Y, optimizer=torch.optim.SGD(model.parameters(), 0.05))
    assert [kind for kind, _ in roots(exam)] == ["vanishing_gradients"]
    assert {x.kind for x in exam.findings} == {"vanishing_gradients", "stuck_layer"}


def test_a_rate_too_small_for_any_step_is_a_root():
    model = row()
    exam = examined(model, X, Y, optimizer=torch.optim.SGD(model.parameters(), 1e-12))
    (found,) = [x for x in exam.findings if x.is_root]
    assert (found.kind, found.cause) == ("stuck_layer", "learning_rate")


@pytest.mark.parametrize(("kind", "gate", "value"), [(nn.LSTM, 3, -40.0), (nn.GRU, 1, 40.0)])
def test_shut_gates_of_a_recurrent_layer_are_found_and_opened(kind, gate, value):
    model = Rows(kind)
    with torch.no_grad():
        model.rnn.bias_ih_l0[gate * 16 : (gate + 1) * 16] = value
    exam = examined(model, ROWS, FIRST, optimizer=torch.optim.Adam(model.parameters(), 0.01))
    kinds = {kind for kind, _ in roots(exam)}
    # The state that they keep at 0 is no input that someone forgot to scale.
    assert kinds <= {"saturated_units", "silent_gate"}
    assert kinds
    first = remedies(exam)[0]
    assert (first.key, first.outcome) == ("reset_biases", "cured")
    changed = first.apply_to(exam.case).model
    assert float(changed.rnn.bias_ih_l0.detach().abs().max()) < 1.0
    # The other gates keep what they have.
    kept = torch.ones(len(model.rnn.bias_ih_l0), dtype=torch.bool)
    kept[gate * 16 : (gate + 1) * 16] = False
    assert torch.equal(changed.rnn.bias_ih_l0[kept], model.rnn.bias_ih_l0[kept])


def test_outputs_that_a_growing_state_blows_up_follow_from_it():
    model = Rows(nn.RNN, nonlinearity="relu")
    with torch.no_grad():
        model.rnn.weight_hh_l0.normal_(0.0, 1.5, generator=rng())
        model.out = nn.Linear(16, 1)
    exam = examined(model, ROWS, ROWS[:, -1, :1], F.mse_loss)
    assert roots(exam)[0] == ("bad_initialization", "rnn.weight_hh_l0")
    assert "output_mismatch" not in {kind for kind, _ in roots(exam)}
    assert "unscaled_inputs" not in {kind for kind, _ in roots(exam)}


def test_recurrent_weights_that_make_a_state_chaotic():
    model = Rows(nn.RNN)
    assert roots(examined(model, ROWS, FIRST)) == []
    with torch.no_grad():
        model.rnn.weight_hh_l0.mul_(6.0)
    exam = examined(model, ROWS, FIRST)
    assert roots(exam)[0] == ("bad_initialization", "rnn.weight_hh_l0")


@pytest.mark.parametrize("share", [0.65, 0.95])
def test_a_layer_most_of_which_is_silent_on_few_samples(share):
    """Weights that point away from inputs without a sign let units work on very few of them."""
    model = nn.Sequential(
        nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 4)
    )
    lost = set(range(int(40 * share)))
    with torch.no_grad():
        model[2].weight[: len(lost)] = -4.0 * model[2].weight[: len(lost)].abs()
        model[2].bias[: len(lost)] = -0.05
    exam = examined(model, X, Y)
    (found,) = [x for x in exam.findings if x.kind == "dead_units"]
    assert found.severity == "error"
    assert lost.issuperset(found.units)
    assert len(found.units) >= 0.9 * len(lost)


def test_three_activations_in_a_row_are_three():
    model = nn.Sequential(nn.Linear(8, 32), nn.ELU(), nn.Tanh(), nn.Sigmoid(), nn.Linear(32, 4))
    exam = examined(model, X, Y)
    assert [x.activation for x in exam.sites] == ["nl.elu", "nl.tanh", "nl.sigmoid"]
    doubled = [x.site for x in exam.findings if x.kind == "doubled_activation"]
    assert doubled == ["2", "3"]


def test_weights_near_the_largest_number_vary():
    model = row()
    with torch.no_grad():
        model[0].weight.fill_(1e37).view(-1)[::2].mul_(3.0)
    layer = next(x for x in examined(model, X, Y).reading.layers if x.name == "0")
    assert layer.weight_variance > 1e70


class Losing(nn.Module):
    """As transformers' models: given its labels by name, it gives its loss and its logits out."""

    def __init__(self, *behind):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4), *behind)

    def forward(self, x, labels):
        logits = self.layers(x)
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}


@pytest.mark.parametrize(
    ("behind", "shift", "key"),
    [([], 1, "shift_labels"), ([nn.Softmax(1)], 0, "remove_output")],
)
def test_labels_and_outputs_of_a_model_that_returns_its_loss_are_mended(behind, shift, key):
    labels = (X @ torch.randn(8, 4, generator=rng(5))).argmax(1)
    model = Losing(*behind)
    exam = examined(model, {"x": X, "labels": labels + shift}, None, None)
    first = remedies(exam)[0]
    assert (first.key, first.outcome) == (key, "cured")
    changed = first.apply_to(exam.case)
    assert torch.equal(changed.inputs["labels"], labels)
    assert float(changed.model(**changed.inputs)["loss"].detach()) > 0.0
    if behind:
        assert not isinstance(changed.model.layers[3], nn.Softmax)


def test_branches_that_begin_at_zero_before_a_layer_of_zeros_are_healthy():
    class Branch(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(32, 32), nn.Linear(32, 32)
            nn.init.zeros_(self.two.weight)

        def forward(self, x):
            return x + self.two(self.one(x).relu())

    model = nn.Sequential(nn.Linear(8, 32), *(Branch() for _ in range(6)), nn.Linear(32, 4))
    nn.init.zeros_(model[-1].weight)
    assert roots(examined(model, X, Y)) == []


def of_numbers(outputs, labels):
    return F.cross_entropy(torch.tensor(outputs.tolist(), requires_grad=True), labels)


def of_largest(outputs, labels):
    return F.mse_loss(outputs.argmax(1).float().requires_grad_(), labels.float())


@pytest.mark.parametrize(("loss_fn", "end"), [(of_numbers, "2"), (of_largest, "argmax")])
def test_a_loss_that_is_cut_off_from_all_layers_is_one_error(loss_fn, end):
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
    exam = examined(model, X, Y, loss_fn)
    (found,) = exam.findings
    assert (found.kind, found.cause, found.severity) == ("stuck_layer", "cut_off", "error")
    assert found.evidence["end"] == end
    (remedy,) = remedies(exam)
    assert remedy.key == "connect"


def test_units_whose_inputs_cannot_bring_them_to_work_are_dead_without_a_gaussian_tail():
    model = nn.Sequential(nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 4))
    nn.init.normal_(model[0].weight, std=0.25, generator=rng(2))
    nn.init.zeros_(model[0].bias)
    nn.init.uniform_(model[2].weight, -0.4, 0.0, generator=rng(3))
    nn.init.constant_(model[2].bias, -0.12)
    with torch.no_grad():
        model[2].weight[[3, 7]] *= -1.0
    found = [x for x in examined(model, X, Y).findings if x.kind == "dead_units"]
    assert [(x.site, x.severity) for x in found] == [("3", "error")]
    assert set(range(16)) - set(found[0].units) == {3, 7}
