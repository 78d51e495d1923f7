"""Remedies are tried on copies; what they claim is checked on the model itself."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch.examination import examine
from nonlin.torch.remedies import remedies


@pytest.fixture
def digits():
    """Sixty-four inputs of eight features in four classes that a layer can tell apart."""
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(256, 8, generator=generator)
    return x, x[:, :4].argmax(1)


def network(seed=0, act=nn.ReLU):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(8, 32), act(), nn.Linear(32, 32), act(), nn.Linear(32, 4)
        )  # fmt: skip


def first(model, x, y, loss_fn=F.cross_entropy, optimizer=None):
    exam = examine(model, x, y, loss_fn, optimizer=optimizer)
    return exam, remedies(exam, steps=10)[0]


def kinds(model, x, y, loss_fn=F.cross_entropy, optimizer=None):
    found = examine(model, x, y, loss_fn, optimizer=optimizer).findings
    return {x.kind for x in found if x.severity != "note"}


def test_a_healthy_model_needs_none(digits):
    assert remedies(examine(network(), *digits, F.cross_entropy)) == ()


def test_dead_units_are_drawn_anew_and_the_others_kept(digits):
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("reinitialize_units", "cured")
    before = copy.deepcopy(model[2].weight)
    assert remedy.apply(model) is model
    assert torch.equal(model[2].weight[24:], before[24:])
    assert not torch.equal(model[2].weight[:24], before[:24])
    assert kinds(model, *digits) == set()


def test_trying_changes_nothing(digits):
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    optimizer = torch.optim.Adam(model.parameters())
    before, state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    first(model, *digits, optimizer=optimizer)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(torch.get_rng_state(), state)
    assert optimizer.state == {}
    assert all(p.grad is None for p in model.parameters())


def test_softmax_before_the_loss_is_taken_out(digits):
    model = network().append(nn.Softmax(-1))
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("remove_output", "cured")
    remedy.apply(model)
    assert isinstance(model[5], nn.Identity)


def test_inputs_are_scaled_before_the_model(digits):
    x, y = digits
    _, remedy = first(network(), 500.0 * x, y)
    assert (remedy.key, remedy.outcome) == ("scale_inputs", "cured")
    model = remedy.apply(network())
    scaled = model.prepare(500.0 * x)
    assert float(scaled.mean()) == pytest.approx(0.0, abs=1e-5)
    assert float(scaled.std()) == pytest.approx(1.0, abs=0.01)


def test_weights_that_explode_are_drawn_for_the_activation(digits):
    model = network()
    with torch.no_grad():
        model[2].weight.mul_(100.0)
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("initialize_layer", "cured")
    remedy.apply(model)
    # Variance 2 / fan_in before a ReLU.
    assert float(32 * model[2].weight.detach().var()) == pytest.approx(2.0, rel=0.15)


def test_a_layer_the_optimizer_forgot_is_given_to_it(digits):
    model = network()
    optimizer = torch.optim.SGD([*model[0].parameters(), *model[4].parameters()], lr=0.1)
    _, remedy = first(model, *digits, optimizer=optimizer)
    assert (remedy.key, remedy.outcome) == ("optimize_layer", "cured")
    remedy.apply(model)
    known = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert known == {id(p) for p in model.parameters()}


def test_an_activation_is_put_between_layers(digits):
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 16), nn.Linear(16, 4))
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("insert_activation", "cured")
    remedy.apply(model)
    assert isinstance(model[2][1], nn.Tanh)


def test_a_second_activation_is_taken_out(digits):
    model = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Sigmoid(), nn.Linear(16, 4))
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("remove_activation", "cured")


def test_sigmoids_give_way_where_they_lose_the_gradient(digits):
    layers = [m for _ in range(12) for m in (nn.Linear(8, 8), nn.Sigmoid())]
    exam = examine(nn.Sequential(*layers, nn.Linear(8, 4)), *digits, F.cross_entropy)
    tried = remedies(exam, steps=0)
    assert {x.finding.kind for x in tried} == {"vanishing_gradients"}
    assert tried[0].key == "replace_activation"


def test_a_cut_graph_is_told_and_not_tried(digits):
    class Cut(nn.Module):
        def forward(self, x):
            return x.detach()

    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), Cut(), nn.Linear(16, 4))
    _, remedy = first(model, *digits)
    assert (remedy.key, remedy.outcome) == ("connect", "untried")
    with pytest.raises(ValueError, match="code"):
        remedy.apply(model)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_says_what_it_does_and_what_came_of_it(digits, lang):
    model = network()
    with torch.no_grad():
        model[2].bias[:24] = -30.0
    _, remedy = first(model, *digits)
    said = remedy.describe(lang) + remedy.result(lang)
    assert "24" in said
    assert "'2'" in said
    assert "{" not in said
    assert remedy.code in str(remedy).replace("    ", "") or "with torch" in str(remedy)


def test_an_examination_of_a_file_has_no_model():
    exam = examine(network(), torch.zeros(4, 8), torch.zeros(4, dtype=torch.long), F.cross_entropy)
    from dataclasses import replace

    with pytest.raises(ValueError, match="file"):
        remedies(replace(exam, case=None))
