"""Dead and saturated units, on readings made by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hand_made_readings import SAMPLES, WIDTH, idle, network, units, with_layer, with_site
from torch import nn

import nonlin as nl
from nonlin.torch import measure
from nonlin.torch.findings import findings, silent_units
from nonlin.torch.findings.chance import (
    at_least,
    samples_to_settle,
    silent_chance,
    upper_bound,
)
from nonlin.torch.findings.curves import Edges, edges
from nonlin.torch.measuring.slopes import supremum


def only(reading, kind):
    return [x for x in findings(reading) if x.kind == kind]


def test_healthy_network_has_no_finding():
    assert findings(network()) == ()


@pytest.mark.parametrize(("share", "grade"), [(0.05, "note"), (0.45, "warning"), (0.7, "error")])
def test_dead_units_are_named_one_by_one(share, grade):
    chosen = list(range(int(WIDTH * share)))
    reading = with_site(network(), 1, units=idle(units(), chosen))
    (found,) = only(reading, "dead_units")
    assert found.site == "3"
    assert found.units == tuple(chosen)
    assert found.severity == grade
    assert found.evidence["dead"] == len(chosen)
    assert found.is_root


def test_bound_is_clopper_and_pearsons():
    # One-sided at 95 %: the share p at which 256 silent samples have the probability 0.05.
    assert (1.0 - upper_bound(256)) ** 256 == pytest.approx(0.05, rel=1e-12)
    reading = with_site(network(), 1, units=idle(units(), [0, 1, 2]))
    assert only(reading, "dead_units")[0].evidence["bound"] == upper_bound(SAMPLES)


def test_silence_that_chance_explains_is_no_finding():
    # At c = 0.95 a third of a layer's units is silent on 128 samples at their first weights.
    silent = list(range(int(WIDTH * nl.silent_probability(0.95, SAMPLES))))
    made = idle(units(), silent, mean=-1.2, deviation=0.22)
    reading = with_layer(with_site(network(), 1, units=made), 1, input_correlation=0.95)
    assert len(silent) > 5
    assert only(reading, "dead_units") == []
    record = silent_units(reading)["3"]
    assert record.undecided == tuple(silent)
    assert record.expected == pytest.approx(WIDTH * nl.silent_probability(0.95, SAMPLES))


def test_a_mean_that_no_weights_make_is_no_accident():
    # As above, but two of the units lie twenty standard deviations below what sw2 E[h^2] = 1 makes.
    silent = list(range(12))
    made = idle(units(), silent, mean=-1.2, deviation=0.22)
    mean = made.mean.copy()
    mean[:2] = -20.0
    made = replace(made, mean=mean)
    reading = with_layer(with_site(network(), 1, units=made), 1, input_correlation=0.95)
    (found,) = only(reading, "dead_units")
    assert found.units == (0, 1)


def test_few_samples_settle_nothing():
    # -2.2 standard deviations: active on Phi(-2.2) = 1.39 % of the inputs.
    made = idle(units(samples=32), list(range(40)), mean=-2.2, deviation=1.0)
    reading = with_site(network(), 1, units=made)
    assert only(reading, "dead_units") == []
    record = silent_units(reading)["3"]
    # ln 0.05 / ln(1 - 0.0139) = 213.9
    assert record.samples_needed == pytest.approx(214, abs=1)


def test_one_sample_accuses_nobody():
    made = idle(units(samples=1), list(range(30)), mean=-0.7, deviation=0.0)
    reading = with_layer(network(), 1, input_correlation=math.nan)
    assert only(with_site(reading, 1, units=made), "dead_units") == []


def test_samples_that_settle_what_chance_explains():
    # At c = 1/2 the chance is 1 / (B + 1): 40 units x 1 / (B + 1) = 0.05 at B = 799.
    chance = nl.silent_probability(0.5, 99)
    assert samples_to_settle(chance, 0.5, 40, 99) == pytest.approx(799, rel=0.02)
    assert samples_to_settle(0.4, 0.9999, 40, 99) == math.inf


@pytest.mark.parametrize(("correlation", "samples"), [(0.3, 50), (0.9, 200)])
def test_chance_agrees_with_simulation(correlation, samples):
    # 4,000 units with a common part and parts of their own, at an edge that is not 0.
    rng = np.random.default_rng(5)
    common, own = rng.standard_normal((4000, 1)), rng.standard_normal((4000, samples))
    z = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    seen = (z * math.sqrt(2.0) < 0.5).all(axis=1).mean()
    chance = silent_chance(Edges(0.5, math.inf), 2.0, correlation, samples)
    assert chance == pytest.approx(seen, abs=4 * math.sqrt(chance / 4000))


def test_chance_at_zero_is_silent_probability():
    chance = silent_chance(Edges(0.0, math.inf), 3.0, 0.5, 9)
    assert chance == pytest.approx(nl.silent_probability(0.5, 9), rel=1e-12)


def test_binomial_tail():
    # P(K >= 2), n = 3, p = 1/2: 4 of 8.
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(0, 3, 0.5) == 1.0


@pytest.mark.parametrize(
    ("act", "lower", "upper"),
    [
        # sech^2 z = 0.01 at z = arcosh 10 = 2.993; sigmoid' / sigmoid'(0) the same at twice that.
        (nl.tanh, -math.acosh(10), math.acosh(10)),
        (nl.sigmoid, -2 * math.acosh(10), 2 * math.acosh(10)),
        (nl.relu, 0.0, math.inf),
        (nl.hard_tanh, -1.0, 1.0),
        # e^z = 0.01
        (nl.elu, math.log(0.01), math.inf),
        (nl.identity, -math.inf, math.inf),
    ],
)
def test_edges_of_saturation(act, lower, upper):
    found = edges(act, 0.01)
    assert found.lower == pytest.approx(lower, abs=0.02)
    assert found.upper == pytest.approx(upper, abs=0.02)


def test_saturated_tanh_follows_from_its_weights():
    made = units(
        saturated=np.full(WIDTH, SAMPLES), variance=np.full(WIDTH, 900.0),
        derivative_square=np.full(WIDTH, 1e-4),
    )  # fmt: skip
    reading = with_site(network(), 1, activation="nl.tanh", can_die=False, units=made, length=900.0)
    reading = with_layer(reading, 1, weight_variance=1800.0)
    (found,) = only(reading, "saturated_units")
    assert (found.site, found.severity, found.caused_by) == ("3", "error", "2")
    assert found.evidence["share"] == 1.0


def test_half_saturated_observations_are_healthy():
    made = units(saturated=np.full(WIDTH, SAMPLES // 2))
    reading = with_site(network(), 1, activation="nl.tanh", can_die=False, units=made)
    assert only(reading, "saturated_units") == []


def test_elu_units_that_never_leave_the_flat_side():
    chosen = list(range(32))
    made = idle(units(), chosen, mean=-30.0)
    made = replace(made, active_samples=np.full(WIDTH, SAMPLES))
    reading = with_site(
        network(), 1, activation="nl.elu", parameters={"alpha": 1.0}, can_die=False, units=made
    )
    (found,) = only(reading, "saturated_units")
    assert found.units == tuple(chosen)


def test_relu_units_are_dead_and_not_saturated_too():
    reading = with_site(network(), 1, units=idle(units(), list(range(40))))
    assert only(reading, "saturated_units") == []


def test_units_that_biases_saturate_are_no_accident_of_the_first_weights():
    wanted = nl.first_weights(nl.sigmoid, 3)
    reading = network(3)
    sites = tuple(replace(x, activation="nl.sigmoid", can_die=False) for x in reading.sites)
    layers = tuple(
        replace(x, weight_variance=wanted.weight_variance, input_correlation=0.5)
        for x in reading.layers
    )
    reading = replace(reading, sites=sites, layers=layers)
    lost = units().saturated.copy()
    lost[:2] = units().observations
    reading = with_site(reading, 1, units=units(saturated=lost))
    assert [x for x in findings(reading) if x.kind == "saturated_units"] == []
    lost[:20] = units().observations
    reading = with_layer(with_site(reading, 1, units=units(saturated=lost)), 1, bias_variance=300.0)
    (found,) = [x for x in findings(reading) if x.kind == "saturated_units"]
    assert (found.cause, len(found.units)) == ("bias", 20)


def test_outputs_that_are_all_silent_stop_the_training_by_accident_or_not():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1), nn.ReLU())
    with torch.no_grad():
        net[2].bias.fill_(-2.0)
    x, amounts = torch.randn(64, 8), torch.rand(64, 1) * 3
    found = findings(measure(net, x, amounts, nn.functional.mse_loss))
    assert (found[0].kind, found[0].site, found[0].severity) == ("dead_units", "3", "error")
    assert {each.caused_by for each in found[1:]} == {"3"}
    # Where 0 is the right answer, nothing is wrong.
    right = measure(net, x, 0 * amounts, nn.functional.mse_loss)
    assert only(right, "dead_units") == []


class Noisy(nn.Module):
    """A mean and noise, whose deviation is exp of what is kept between two bounds."""

    def __init__(self, low, high):
        super().__init__()
        self.one, self.mean, self.log = nn.Linear(4, 32), nn.Linear(32, 6), nn.Linear(32, 6)
        nn.init.constant_(self.log.bias, low / 2.0 - 2.0)
        self.low, self.high = low, high

    def forward(self, x):
        h = self.one(x).relu()
        mean, log = self.mean(h), self.log(h).clamp(self.low, self.high)
        return mean + torch.randn_like(mean) * (0.5 * log).exp()


@pytest.mark.parametrize(("low", "high"), [(-8.0, 8.0), (-20.0, 2.0)])
def test_small_deviations_are_no_saturated_exponentials(low, high):
    torch.manual_seed(0)
    found = findings(measure(Noisy(low, high), torch.randn(128, 4), torch.randn(128, 6),
                             nn.functional.mse_loss))  # fmt: skip
    assert not [f for f in found if f.kind == "saturated_units"]


def test_bounded_functions_have_their_supremum():
    grown = nl.Activation.from_function(lambda x: np.exp(np.clip(x, -4.0, 4.0)), name="grown")
    assert supremum(grown) == np.inf
    for act in (nl.sigmoid, nl.tanh, nl.hard_tanh, nl.relu6, nl.hard_sigmoid, nl.hard_swish):
        assert np.isfinite(supremum(act))


def patches():
    """Images of one sign, dark in places, and a layer that most of its units turned away from."""
    torch.manual_seed(0)
    images = torch.rand(128, 1, 8, 8) * (torch.rand(128, 1, 8, 8) < 0.5)
    images[:, :, :2] = 0.0
    model = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Flatten(),
                          nn.Linear(2048, 4))  # fmt: skip
    with torch.no_grad():
        model[0].weight[:29] = -4.0 * model[0].weight[:29].abs()
        model[0].bias[:29] = -0.1
    return model, images, torch.arange(128) % 4


def test_first_weights_turned_away_from_pixels_that_are_dark_in_places():
    model, images, labels = patches()
    loss = nn.functional.cross_entropy
    (found,) = only(measure(model, images, labels, loss), "dead_units")
    assert (found.site, found.severity, found.units) == ("1", "error", tuple(range(29)))
    # They reach the edge where all pixels are 0, and go no further.
    assert found.evidence["largest"] == pytest.approx(-0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss(model(images), labels).backward()
    optimizer.step()
    # What a training made so sparse may be meant to be.
    reading = measure(model, images, labels, loss, optimizer=optimizer)
    assert only(reading, "dead_units") == []


def test_outputs_that_are_all_at_their_limit_though_targets_are_mostly_there():
    torch.manual_seed(0)
    x = torch.randn(128, 8)
    y = torch.rand(128, 1) * (torch.rand(128, 1) < 0.2)
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1), nn.ReLU())
    with torch.no_grad():
        model[2].bias -= 3.0
    found = findings(measure(model, x, y, nn.functional.mse_loss))
    assert [(x.kind, x.site) for x in found if x.is_root] == [("dead_units", "3")]
    assert {x.cause for x in found if not x.is_root} == {"no_gradient"}
