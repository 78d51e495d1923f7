"""Inputs, outputs, the order of the calls and what is not finite, on readings made by hand."""

import math
from dataclasses import replace

import pytest
import torch
from hand_made_readings import layer, network, site, with_layer, with_site
from torch import nn

from nonlin.catalogue import get
from nonlin.torch import measure
from nonlin.torch.findings import findings
from nonlin.torch.reading import Step, Target


def only(reading, kind):
    return [x for x in findings(reading) if x.kind == kind]


def ending(reading, *steps, **changed):
    """Put steps between the last layer and the loss, and change the target."""
    before, loss = reading.steps[:-1], reading.steps[-1]
    made = list(before)
    for step in steps:
        made.append(replace(step, sources=(len(made) - 1,)))
    made.append(replace(loss, sources=(len(made) - 1,)))
    return replace(reading, steps=tuple(made), target=replace(reading.target, **changed))


@pytest.mark.parametrize(
    ("mean", "deviation", "spread", "cause"),
    [(0.0, 100.0, 1.0, "large"), (0.0, 1e-3, 1.0, "small"), (10.0, 0.1, 1.0, "offset"),
     (0.0, 1.0, 1e5, "uneven")],
)  # fmt: skip
def test_unscaled_inputs(mean, deviation, spread, cause):
    reading = replace(
        network(), input_mean=mean, input_deviation=deviation, input_feature_spread=spread
    )
    (found,) = findings(reading)
    assert (found.kind, found.site, found.cause) == ("unscaled_inputs", "inputs", cause)


def test_a_normalisation_first_scales_the_inputs():
    reading = replace(network(), input_deviation=255.0)
    steps = list(reading.steps)
    steps[1] = Step("normalization", "norm", (0,))
    assert findings(replace(reading, steps=tuple(steps))) == ()


def test_softmax_before_cross_entropy():
    reading = ending(network(), Step("softmax", "softmax"), output_rows_sum_to_one=True)
    (found,) = findings(reading)
    assert (found.kind, found.site, found.cause) == (
        "output_mismatch", "softmax", "probabilities_as_logits",
    )  # fmt: skip
    assert found.severity == "error"


def test_logarithm_of_softmax_costs_nothing():
    (found,) = findings(ending(network(), Step("softmax", "log_softmax")))
    assert (found.cause, found.severity) == ("log_probabilities", "note")


def test_log_softmax_is_what_nll_wants():
    reading = ending(network(), Step("softmax", "log_softmax"), loss="nll", output_largest=-0.1)
    assert findings(reading) == ()
    (found,) = findings(ending(network(), loss="nll"))
    assert found.cause == "not_log_probabilities"


@pytest.mark.parametrize(
    ("activation", "loss", "smallest", "largest", "cause"),
    [
        ("nl.sigmoid", "bce_with_logits", 0.0, 1.0, "probabilities_as_logits"),
        ("nl.relu", "cross_entropy", 0.0, 9.0, "bounded_logits"),
        ("nl.relu", "mse", -2.0, 2.0, "bounded_regression"),
        ("nl.sigmoid", "mse", 0.0, 30.0, "bounded_regression"),
        ("nl.sigmoid", "mse", 0.1, 0.9, None),
    ],
)
def test_activations_before_the_loss(activation, loss, smallest, largest, cause):
    reading = network()
    reading = replace(reading, sites=(*reading.sites, site("last", "6", activation=activation)))
    # What the function makes of values between -3 and 3, as the site has them.
    made = get(activation.removeprefix("nl."))([-3.0, 3.0])
    changed = {
        "loss": loss, "smallest": smallest, "largest": largest,
        "output_smallest": float(made[0]), "output_largest": float(made[1]),
    }  # fmt: skip
    found = only(ending(reading, Step("activation", "last"), **changed), "output_mismatch")
    assert [x.cause for x in found] == ([] if cause is None else [cause])


@pytest.mark.parametrize(
    ("loss", "smallest", "largest"),
    [("cross_entropy", 1.0, 10.0), ("cross_entropy", -100.0, 9.0), ("bce_with_logits", -1.0, 1.0)],
)
def test_targets_out_of_range(loss, smallest, largest):
    (found,) = findings(ending(network(), loss=loss, smallest=smallest, largest=largest))
    assert (found.kind, found.site) == ("output_mismatch", "loss")


def test_two_layers_with_nothing_between():
    reading = network()
    steps = [Step("other", "flatten", x.sources) if x.name == "3" else x for x in reading.steps]
    (found,) = findings(replace(reading, steps=tuple(steps), sites=reading.sites[::2]))
    assert (found.kind, found.site, found.severity) == ("linear_stack", "4", "warning")
    assert found.evidence["first"] == "2"


def test_what_a_branch_takes_too_is_no_stack():
    # Of a stem that feeds a residual block: the addition takes its result as well.
    reading = network()
    steps = [Step("other", "flatten", x.sources) if x.name == "3" else x for x in reading.steps]
    names = [x.name for x in steps]
    added = Step("addition", "add", (names.index("2"), len(steps) - 2))
    loss = replace(steps[-1], sources=(len(steps) - 1,))
    changed = replace(reading, steps=(*steps[:-1], added, loss), sites=reading.sites[::2])
    assert findings(changed) == ()


def test_no_activation_at_all():
    reading = network()
    steps = [
        replace(x, kind="other", name="view") if x.kind == "activation" else x
        for x in reading.steps
    ]
    straight = replace(reading, steps=tuple(steps), sites=())
    found = findings(replace(straight, linear=True))
    assert [(x.kind, x.severity, x.cause) for x in found] == [("linear_stack", "error", "whole")]
    # What was not measured, or bends where nothing was seen to, is not said.
    for linear in (None, False):
        (found,) = findings(replace(straight, linear=linear))
        assert (found.severity, found.cause) == ("warning", "between")


@pytest.mark.parametrize(
    ("first", "second", "missing"),
    [
        # Weights of the two and of the one: 64 (8 + 8) < 64 64, 64 (40 + 40) > 64 64.
        ((64, 8), (8, 64), 0),
        ((64, 40), (40, 64), 1),
        # 9 C^2 + C^2 > 9 C^2, 3 C^2 + 3 C^2 < 9 C^2, 9 C^2 + 9 C^2 > 9 C^2.
        ((64, 64, 3, 3), (64, 64, 1, 1), 1),
        ((64, 64, 1, 3), (64, 64, 3, 1), 0),
        ((64, 64, 3, 3), (64, 64, 3, 3), 1),
    ],
)
def test_two_layers_with_fewer_weights_than_one_are_meant_to_be(first, second, missing):
    reading = network()
    for place, shape in ((1, first), (2, second)):
        reading = with_layer(reading, place, shape=shape, weights=math.prod(shape))
    steps = [replace(x, kind="dropout") if x.name == "3" else x for x in reading.steps]
    reading = replace(reading, steps=tuple(steps), sites=reading.sites[::2])
    assert len(findings(reading)) == missing


def test_a_depthwise_and_a_pointwise_layer_are_meant_to_be():
    reading = with_layer(network(), 1, shape=(64, 64, 3, 3), weights=64 * 9)
    reading = with_layer(reading, 2, shape=(64, 64, 1, 1), weights=64 * 64)
    steps = [replace(x, kind="dropout") if x.name == "3" else x for x in reading.steps]
    assert findings(replace(reading, steps=tuple(steps), sites=reading.sites[::2])) == ()


def test_a_projection_that_others_take_too_is_no_missing_activation():
    reading = network()
    steps = [replace(x, kind="dropout") if x.name == "3" else x for x in reading.steps]
    steps[-1] = replace(steps[-1], sources=(*steps[-1].sources, 3))
    assert findings(replace(reading, steps=tuple(steps), sites=reading.sites[::2])) == ()


def test_one_layer_is_a_model():
    steps = (Step("input", "input"), Step("layer", "0", (0,)), Step("loss", "mse", (1,)))
    target = Target("mse", 1.0, None, -1.0, 1.0, -1.0, 1.0)
    reading = replace(network(), sites=(), layers=(layer("0"),), steps=steps, target=target)
    assert findings(reading) == ()


@pytest.mark.parametrize(
    ("activation", "grade", "cause"),
    [("nl.relu", "note", "repeated"), ("nl.sigmoid", "warning", "squeezed")],
)
def test_doubled_activation(activation, grade, cause):
    reading = with_site(network(), 1, activation=activation)
    steps = list(reading.steps)
    steps[3:] = [
        Step("activation", "again", (2,)),
        *(replace(x, sources=tuple(i + (i >= 3) for i in x.sources)) for x in steps[3:]),
    ]
    steps[4] = replace(steps[4], sources=(3,))
    sites = list(reading.sites)
    sites.insert(1, site("again", None, activation=activation))
    (found,) = only(replace(reading, steps=tuple(steps), sites=tuple(sites)), "doubled_activation")
    assert (found.site, found.severity, found.cause) == ("again", grade, cause)
    # relu' of relu is 1 wherever relu' is; sigmoid' is at most 1/4 and squared at most 1/16.
    assert (
        found.evidence["lost"] == pytest.approx(0.0)
        if cause == "repeated"
        else (found.evidence["lost"] > 15 / 16)
    )


def test_first_step_that_is_not_finite():
    reading = network()
    steps = [replace(x, finite=place < 3) for place, x in enumerate(reading.steps)]
    (found, *rest) = findings(replace(reading, steps=tuple(steps)))
    assert (found.kind, found.site, found.cause) == ("non_finite", "2", "overflow")
    assert rest == []
    broken = with_layer(replace(reading, steps=tuple(steps)), 1, weight_rms=math.nan)
    assert only(broken, "non_finite")[0].cause == "weights"


def test_a_loss_that_is_not_finite():
    reading = network()
    (found,) = findings(replace(reading, target=replace(reading.target, value=math.inf)))
    assert (found.kind, found.site) == ("non_finite", "loss")


def test_what_is_looked_up_is_not_broken():
    reading = with_layer(network(), 0, kind="embedding", input_length=math.nan)
    assert findings(replace(reading, input_mean=math.nan, input_deviation=math.nan)) == ()


class Heads(nn.Module):
    """Scores of relative places: a layer makes a part a head, and all heads share one map."""

    def __init__(self):
        super().__init__()
        self.parts, self.places = nn.Linear(8, 4 * 16), nn.Parameter(torch.randn(16, 48) / 4)
        self.out = nn.Linear(4 * 48, 3)

    def forward(self, x):
        parts = self.parts(x).view(len(x), 4, 16)
        return self.out((parts @ self.places).relu().flatten(1))


class Groups(nn.Module):
    """A projection of low rank within groups, and one that joins them."""

    def __init__(self):
        super().__init__()
        self.within = nn.Parameter(torch.randn(4, 16, 4) / 4)
        self.first, self.join = nn.Linear(8, 64), nn.Linear(16, 32)
        self.out = nn.Linear(32, 3)

    def forward(self, x):
        groups = self.first(x).relu().view(len(x), 4, 16).transpose(0, 1)
        joined = self.join((groups @ self.within).transpose(0, 1).flatten(1))
        return self.out(joined.relu())


@pytest.mark.parametrize("model", [Heads, Groups])
def test_layers_that_heads_share_or_groups_have_are_meant_to_be(model):
    torch.manual_seed(0)
    x, y = torch.randn(64, 8), torch.arange(64) % 3
    assert findings(measure(model(), x, y, nn.functional.cross_entropy)) == ()


class Clipped(nn.Module):
    """A gate whose input is clipped, as today's models do it: at limits that training may reach."""

    def __init__(self, limit):
        super().__init__()
        self.gate, self.value, self.out = nn.Linear(8, 32), nn.Linear(8, 32), nn.Linear(32, 3)
        self.limit = limit

    def forward(self, x):
        gate = nn.functional.hardtanh(self.gate(x), -self.limit, self.limit)
        return self.out(nn.functional.silu(gate) * self.value(x))


def test_a_clip_far_beyond_its_values_is_no_doubled_activation():
    torch.manual_seed(0)
    x, y = torch.randn(64, 8), torch.arange(64) % 3

    def found(limit):
        reading = measure(Clipped(limit), x, y, nn.functional.cross_entropy)
        return [each.kind for each in findings(reading) if each.kind == "doubled_activation"]

    assert found(10.0) == []
    assert found(0.1) == ["doubled_activation"]


class StepLength(nn.Module):
    """Mamba's: softplus of small numbers, clipped, a factor of what comes in."""

    def __init__(self, clips):
        super().__init__()
        self.value, self.step, self.out = nn.Linear(8, 32), nn.Linear(8, 32), nn.Linear(32, 3)
        self.clips = clips
        with torch.no_grad():
            self.step.weight *= 0.1
            self.step.bias.uniform_(-7.0, -4.0)

    def forward(self, x):
        step = nn.functional.softplus(self.step(x))
        step = step.clamp(1e-4, 100.0) if self.clips else step
        return self.out(self.value(x) * step)


@pytest.mark.parametrize("clips", [False, True])
def test_a_step_length_is_a_factor_of_any_size_clipped_or_not(clips):
    torch.manual_seed(0)
    x, y = torch.randn(64, 8), torch.arange(64) % 3
    found = findings(measure(StepLength(clips), x, y, nn.functional.cross_entropy))
    assert [each.kind for each in found if each.severity != "note"] == []
