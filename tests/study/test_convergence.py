"""Epochs to a loss on curves known beforehand, and a race in small."""

import json
import math

import numpy as np
import pytest
import torch

from nonlin.study import convergence
from nonlin.study.context import Context
from nonlin.study.convergence import CHECKS, Entry, Race, Variant
from nonlin.study.data import load
from nonlin.study.networks import Ensemble


def falling(*members):
    return Race(np.array(members, dtype=float).T)


def test_epochs_to_the_target():
    race = falling([2.0, 1.0, 0.1, 0.2], [2.0, 1.0, 0.5, 0.4], [0.05, 1, 1, 1], [2, math.nan, 0, 0])
    # Checks come CHECKS times an epoch, the first before training.
    assert race.epochs(0.1).tolist() == [2 / CHECKS, math.inf, 0.0, 2 / CHECKS]


def test_a_rate_counts_only_if_all_its_seeds_arrive():
    race = falling([2, 0, 0], [2, 2, 0], [2, 2, 2], [0, 0, 0])
    averages = convergence.average_epochs(race, rates=2, target=0.1)
    assert averages == [1.5 / CHECKS, math.inf]


def test_a_seed_that_does_not_arrive_counts_as_the_limit():
    entry = Entry([], 0.1, falling([2, 2], [2, 0]), limit=12)
    assert entry.taken.tolist() == [12, 1 / CHECKS]


def test_the_control_is_tanh():
    z = torch.linspace(-9, 9, 1001, dtype=torch.float64)
    torch.testing.assert_close(convergence.tanh_from_sigmoid(z), torch.tanh(z), rtol=0, atol=4e-16)


def test_the_variants_are_what_their_names_say():
    z = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    found = {}
    for name, variant in convergence.VARIANTS.items():
        value = variant.function(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
        found[name] = (value.item(), slope.item())
        # By so much the function lies above its twin that is 0 at 0.
        assert variant.offset == value.item()
    assert found == {
        "tanh": (0, 1),
        "tanh_shifted": (1, 1),
        "sigmoid_centred": (0, 0.25),
        "sigmoid": (0.5, 0.25),
    }


@pytest.mark.parametrize(
    ("shifted", "centred"), [("tanh_shifted", "tanh"), ("sigmoid", "sigmoid_centred")]
)
def test_a_shifted_function_starts_as_its_centred_twin(shifted, centred):
    x = torch.randn(1, 9, 4, generator=torch.Generator().manual_seed(0))
    outputs = []
    for name in (shifted, centred):
        variant = convergence.VARIANTS[name]
        network = Ensemble((4, 8, 8, 3), variant.function, [0], init="xavier")
        convergence.compensate(network, variant.offset)
        outputs.append(network(x))
    torch.testing.assert_close(*outputs)


def test_a_race_starts_at_chance_and_follows_the_rate():
    data = load("digits", 1)
    race = convergence.race(data, Variant(torch.tanh), [0.0, 0.05], epochs=1)
    steps = data.train.y.shape[1] // convergence.BATCH
    assert race.losses.shape == (1 + steps // (steps // CHECKS), 2)
    # Untrained, ten classes: about ln 10; a rate of 0 stays there.
    assert race.losses[0] == pytest.approx(math.log(10), abs=0.6)
    assert race.losses[:, 0] == pytest.approx(race.losses[0, 0])
    assert race.losses[-1, 1] < race.losses[0, 1] / 2


def test_the_whole_comparison_in_small(monkeypatch):
    monkeypatch.setitem(convergence.TUNING_SEEDS, "quick", 1)
    monkeypatch.setattr(convergence, "SPLITS_PER_SEED", 1)
    done = []
    numbers, series = convergence.compare(Context(3, quick=True, progress=done.append))
    by_name = {number.name: number for number in numbers}
    # The control is the same function up to rounding: a check earlier or later at most.
    assert by_name["control_over_tanh"].value == pytest.approx(1, abs=0.15)
    assert by_name["epochs_tanh"].n == 3
    # Three paired ratios lie around the ratio of the means.
    ratio = by_name["epochs_sigmoid"].value / by_name["epochs_tanh"].value
    assert by_name["sigmoid_over_tanh"].value == pytest.approx(ratio, rel=0.1)
    assert set(series["curves"]) == {*convergence.VARIANTS, convergence.CONTROL}
    assert set(series["rates"]) == set(convergence.VARIANTS)
    assert done[-1] == 1
    json.dumps(series, allow_nan=False)
