"""Gradients, weights and updates, on readings made by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hand_made_readings import (
    alike,
    blown,
    idle,
    network,
    units,
    with_layer,
    with_site,
    with_weights,
)
from torch import nn

from nonlin.torch import examine
from nonlin.torch.findings import findings
from nonlin.torch.reading import Step
from nonlin.torch.wording import describe


def only(reading, kind):
    return [x for x in findings(reading) if x.kind == kind]


def shrinking(depth, weight, slope):
    """A row whose gradient changes by the factors given at each layer and each site."""
    reading, gradient = network(depth), 1.0
    for place in reversed(range(depth)):
        reading = with_site(
            reading, place, output_gradient_rms=gradient, gradient_rms=gradient * slope
        )
        gradient *= slope * weight
    return reading


def test_vanishing_says_how_much_a_layer_and_by_what():
    reading = shrinking(12, math.sqrt(1 / 3), 0.25)
    sites = tuple(replace(x, activation="nl.sigmoid", can_die=False) for x in reading.sites)
    layers = tuple(replace(x, weight_variance=1 / 3) for x in reading.layers)
    (found,) = only(replace(reading, sites=sites, layers=layers), "vanishing_gradients")
    assert found.severity == "error"
    assert found.site == "1"
    # 12 sites with 0.25 each and 11 layers with sqrt(1/3) between them.
    ratio = 0.25**12 * (1 / 3) ** 5.5
    assert found.evidence["ratio"] == pytest.approx(ratio)
    assert found.evidence["factor"] == pytest.approx(ratio ** (1 / 12))
    assert found.evidence["derivative"] == pytest.approx(0.25)
    assert found.evidence["weights"] == pytest.approx((1 / 3) ** (5.5 / 12))
    assert found.cause == "derivative"
    # E[sigmoid'(z)^2] at length 1 is 0.0448362414.
    predicted = (0.0448362414**6 * (1 / 3) ** 5.5) ** (1 / 12)
    assert found.evidence["predicted"] == pytest.approx(predicted, rel=1e-3)
    assert found.evidence["low"] < predicted < found.evidence["high"]


def test_one_small_layer_is_the_root():
    reading = shrinking(4, 1.0, 1.0)
    reading = with_site(reading, 1, output_gradient_rms=1e-6, gradient_rms=1e-6)
    reading = with_site(reading, 0, output_gradient_rms=1e-6, gradient_rms=1e-6)
    reading = with_weights(reading, 2, 1e-12, weight_rms=1.25e-7)
    first, second = findings(reading)
    assert (first.kind, first.site, first.cause) == ("bad_initialization", "4", "small")
    assert (second.kind, second.site, second.caused_by) == ("vanishing_gradients", "4", "4")


def test_exploding():
    (found,) = only(shrinking(8, 8.0, 1.0), "exploding_gradients")
    assert found.evidence["ratio"] == pytest.approx(8.0**7)
    assert (found.severity, found.cause) == ("error", "weights")


def test_branches_and_gates_are_not_on_the_main_way():
    reading = with_site(network(), 1, residual=True, gradient_rms=1e-12)
    assert only(reading, "vanishing_gradients") == []


def test_dead_units_explain_what_vanishes():
    reading = shrinking(4, 1.0, 1.0)
    made = idle(units(), list(range(64)))
    reading = with_site(reading, 2, units=made, gradient_rms=0.0)
    reading = with_site(reading, 1, gradient_rms=0.0, output_gradient_rms=0.0)
    reading = with_site(reading, 0, gradient_rms=0.0, output_gradient_rms=0.0)
    roots = [x for x in findings(reading) if x.is_root]
    assert [(x.kind, x.site) for x in roots] == [("dead_units", "5")]
    (found,) = only(reading, "vanishing_gradients")
    assert (found.cause, found.caused_by) == ("dead_units", "5")


def test_a_gradient_of_zero_is_said_as_zero():
    # 4 layers of sqrt(1/3), 6 derivatives of 1/4, then a site that lets nothing through.
    reading = shrinking(8, math.sqrt(1 / 3), 0.25)
    for place in range(3):
        reading = with_site(reading, place, gradient_rms=0.0, output_gradient_rms=0.0)
    reading = with_site(reading, 2, output_gradient_rms=1e-3)
    (found,) = only(reading, "vanishing_gradients")
    assert (found.severity, found.site, found.cause) == ("error", "5", "derivative")
    assert (found.evidence["ratio"], found.evidence["factor"]) == (0.0, 0.0)
    assert (found.evidence["derivative"], found.evidence["worst_factor"]) == (0.0, 0.0)
    assert found.evidence["dead"] == 1.0
    for lang, words in (("en", "nothing arrives"), ("ko", "아무것도 닿지 않습니다")):
        said = describe(found, lang)
        assert words in said
        assert "e-1" not in said


def test_dead_units_that_let_nothing_through_are_the_cause():
    reading = shrinking(6, 1.0, 1.0)
    reading = with_site(reading, 2, units=idle(units(), list(range(64))), gradient_rms=0.0)
    for place in range(2):
        reading = with_site(reading, place, gradient_rms=0.0, output_gradient_rms=0.0)
    (found,) = only(reading, "vanishing_gradients")
    assert (found.evidence["ratio"], found.evidence["dead"], found.cause) == (0, 0, "dead_units")


@pytest.mark.parametrize(
    ("variance", "rms", "cause"),
    [(64.0, 1.0, "large"), (1e-4, 1e-3, "small"), (0.0, 0.0, "zero")],
)
def test_bad_initialization(variance, rms, cause):
    reading = blown(with_weights(network(), 1, variance, weight_rms=rms))
    (found,) = only(reading, "bad_initialization")
    assert (found.site, found.cause) == ("2", cause)
    assert found.evidence["asked"] == pytest.approx(2.0)


def test_weights_that_the_loss_does_not_show_hurt_nothing():
    reading = with_weights(network(), 1, 64.0, weight_rms=1.0)
    assert only(reading, "bad_initialization") == []
    # A function that flattens is driven into its limits, whatever the loss is.
    bounded = with_site(reading, 1, activation="nl.tanh")
    assert [x.cause for x in only(bounded, "bad_initialization")] == ["large"]


def test_first_weights_are_a_matter_of_the_start():
    reading = with_weights(network(), 1, 1e-4, weight_rms=1e-3)
    assert only(reading, "bad_initialization") != []
    for begun in ({"step": 1}, {"begun": True}, {"target": replace(reading.target, value=1.0)}):
        assert only(replace(reading, **begun), "bad_initialization") == []


def test_units_that_are_all_the_same_are_found_at_any_time():
    reading = with_site(network(), 1, units=alike(units()))
    for step in (None, 100):
        (found,) = only(replace(reading, step=step), "bad_initialization")
        assert (found.site, found.severity, found.cause) == ("2", "error", "equal_weights")


def test_a_bias_is_no_weight():
    reading = network()
    shifted = replace(reading.sites[1].units, mean=reading.sites[1].units.mean - 100.0)
    reading = with_site(reading, 1, units=shifted, length=1e4, activation="nl.softplus")
    assert only(reading, "bad_initialization") == []


def test_normalised_layers_may_have_any_weights():
    reading = blown(with_weights(network(), 1, 64.0, weight_rms=1.0))
    steps = list(reading.steps)
    steps.append(Step("normalization", "batch_norm", (3,)))
    steps[4] = replace(steps[4], sources=(len(steps) - 1,))
    assert only(reading, "bad_initialization") != []
    assert only(replace(reading, steps=tuple(steps)), "bad_initialization") == []


def test_a_layer_that_the_optimizer_forgot():
    reading = network()
    reading = replace(reading, layers=tuple(replace(x, update_ratio=1e-3) for x in reading.layers))
    forgotten = with_layer(reading, 2, update_ratio=None)
    (found,) = findings(forgotten)
    assert (found.kind, found.site, found.cause) == ("stuck_layer", "4", "not_optimized")
    slow = with_layer(reading, 2, update_ratio=0.0)
    assert [x.cause for x in findings(slow)] == ["small_updates"]
    assert found.evidence["usual"] == 1e-3


def test_frozen_layers_are_meant_to_be():
    reading = with_layer(network(), 2, update_ratio=0.0, trainable=False)
    assert findings(reading) == ()


def test_a_last_layer_that_begins_at_zero_is_meant_to():
    reading = network()
    for place in range(3):
        reading = with_layer(reading, place, weight_gradient_rms=0.0)
    assert {x.severity for x in only(reading, "stuck_layer")} == {"error"}
    reading = with_layer(reading, 3, weight_rms=0.0, weight_variance=0.0)
    assert {x.severity for x in only(reading, "stuck_layer")} == {"note"}


def test_a_rate_that_moves_nothing():
    reading = network()
    layers = tuple(replace(x, update_ratio=1e-9) for x in reading.layers)
    found = only(replace(reading, layers=layers), "stuck_layer")
    assert {x.cause for x in found} == {"learning_rate"}
    assert [(x.site, x.caused_by) for x in found] == [
        ("0", None), ("2", "0"), ("4", "0"), ("6", "0"),
    ]  # fmt: skip


def test_a_gradient_that_is_cut_ends_at_one_layer():
    reading = network()
    for place in (0, 1):
        reading = with_layer(reading, place, weight_gradient_rms=0.0)
    found = only(reading, "stuck_layer")
    assert [(x.site, x.caused_by) for x in found] == [("2", None), ("0", "2")]


def saturated(reading, place):
    """The same reading, all units of one of its sites saturated at both ends."""
    made = replace(units(), saturated=units().observations * np.ones(64, dtype=int))
    return with_site(reading, place, units=made, activation="nl.sigmoid", can_die=False)


def test_a_depth_that_takes_the_gradient_anyhow_is_no_consequence_of_one_saturated_site():
    reading = saturated(shrinking(12, math.sqrt(1 / 3), 0.25), 0)
    assert only(reading, "saturated_units")
    (found,) = only(reading, "vanishing_gradients")
    assert (found.is_root, found.cause) == (True, "derivative")


def test_where_the_saturated_site_takes_it_the_saturation_is_the_cause():
    reading = shrinking(4, 1.0, 1.0)
    reading = saturated(with_site(reading, 0, gradient_rms=1e-12), 0)
    (found,) = only(reading, "vanishing_gradients")
    assert found.caused_by == "1"


def sigmoids(layers, seed=0):
    torch.manual_seed(seed)
    row = [each for _ in range(layers) for each in (nn.Linear(16, 16), nn.Sigmoid())]
    return nn.Sequential(*row, nn.Linear(16, 4))


@pytest.mark.parametrize(
    ("layers", "optimizer", "grade"),
    [
        (4, lambda p: torch.optim.SGD(p, 0.1), "error"),
        (4, lambda p: torch.optim.SGD(p, 0.05, momentum=0.9), "error"),
        # Steps that do not depend on the gradient's length move the first layer, too.
        (4, lambda p: torch.optim.Adam(p, 1e-3), None),
        (1, lambda p: torch.optim.SGD(p, 0.1), None),
    ],
)
def test_a_gradient_that_vanishes_where_nothing_is_learnt_at_any_rate(layers, optimizer, grade):
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(4, (256,), generator=generator)
    inputs = torch.randn(4, 16, generator=generator)[labels]
    inputs = inputs + 0.5 * torch.randn(256, 16, generator=generator)
    model = sigmoids(layers)
    exam = examine(
        model, inputs, labels, nn.functional.cross_entropy,
        optimizer=optimizer(model.parameters()), trial=20,
    )  # fmt: skip
    found = [x for x in exam.findings if x.kind == "vanishing_gradients"]
    assert [x.severity for x in found] == ([] if grade is None else [grade])
    for x in found:
        # Alone it is no trouble: four layers of a network that trains with Adam keep as much.
        assert 2e-5 < x.evidence["ratio"] < 0.02
        assert x.evidence["best_loss"] > 0.99 * x.evidence["chance_loss"]
        assert "At no rate" in describe(x, "en")


@pytest.mark.parametrize(("optimizer", "grade"), [("SGD", "warning"), ("Adam", None), (None, None)])
def test_without_a_trial_the_same_gradient_is_a_warning_where_steps_follow_it(optimizer, grade):
    model = sigmoids(5)
    found = examine(
        model, torch.randn(64, 16), torch.arange(64) % 4, nn.functional.cross_entropy,
        optimizer=optimizer and getattr(torch.optim, optimizer)(model.parameters(), 0.01),
    )  # fmt: skip
    grades = [x.severity for x in found.findings if x.kind == "vanishing_gradients"]
    assert grades == ([] if grade is None else [grade])


@pytest.mark.parametrize("length", [0.02, 0.05])
def test_functions_that_are_flat_but_for_next_to_nothing(length):
    # Beyond the threshold lie 1e-273 and 1e-110 of the pre-activations.
    made = {"activation": "nl.thresholded_relu", "parameters": {"alpha": 5.0}, "length": length}
    reading = shrinking(3, 1e-4, 1e-4)
    for place in range(3):
        reading = with_site(reading, place, **made)
    (found,) = only(reading, "vanishing_gradients")
    assert found.evidence["low"] == 0.0
    assert describe(found, "en")
