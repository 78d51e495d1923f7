"""Ratios of given times, verdicts, and that what is timed computes what it should."""

import json

import numpy as np
import pytest

import nonlin as nl
from nonlin.catalogue import DOCUMENT
from nonlin.study import cost
from nonlin.study.context import Context
from nonlin.study.results import Number


def table(**nanoseconds):
    """The same times in every implementation and place, with no spread."""
    times = {"copy": 1.0, **dict.fromkeys(DOCUMENT, 2.0), **nanoseconds}
    everywhere = {
        f"{implementation} {name}": np.full(9, times[name])
        for implementation in cost.IMPLEMENTATIONS
        for name in DOCUMENT
    }
    return {where: {"copy": np.full(9, times["copy"]), **everywhere} for where in cost.SIZES}


def fields(name, times):
    return {number.name: number for number in cost.cost_numbers(name, times)}


def test_ratios_to_relu_and_to_a_copy():
    found = fields("sigmoid", table(sigmoid=5.0))
    assert {n.value for key, n in found.items() if key.endswith("_to_relu")} == {2.5}
    assert {n.value for key, n in found.items() if key.endswith("_to_copy")} == {5.0}
    assert len(found) == 2 * len(cost.SETTINGS)
    assert found["numpy_memory_to_relu"].n == 9


def test_ratios_are_taken_within_a_round():
    times = table()
    # A disturbance that doubles a whole round leaves the round's ratio alone.
    disturbed = np.array([1.0, 2, 1, 2, 1, 2, 1, 2, 2])
    times["cache"] = {name: taken * disturbed for name, taken in times["cache"].items()}
    number = fields("elu", times)["torch_cache_to_copy"]
    assert (number.low, number.value, number.high) == (2, 2, 2)


def test_relu_is_compared_with_the_fastest_other():
    found = fields("relu", table(tanh=1.0))
    assert found["nonlin_cache_next_to_relu"].value == 0.5
    assert "nonlin_cache_to_relu" not in found


def rule(claim, times, name):
    return cost.RULES[claim](fields(name, times))


@pytest.mark.parametrize(("claim", "name"), [("S8", "sigmoid"), ("T6", "tanh")])
def test_costly_is_twice_relu(claim, name):
    assert rule(claim, table(**{name: 4.0}), name) == "holds"
    assert rule(claim, table(**{name: 3.9}), name) == "fails"
    mixed = table(**{name: 3.9})
    mixed["cache"][f"torch {name}"] = np.full(9, 8.0)
    assert rule(claim, mixed, name) == "depends"


def test_as_fast_and_slower_share_a_bound():
    assert rule("K3", table(leaky_relu=2.4), "leaky_relu") == "holds"
    assert rule("K3", table(leaky_relu=2.6), "leaky_relu") == "fails"
    assert rule("E6", table(elu=2.6), "elu") == "holds"
    assert rule("E6", table(elu=2.4), "elu") == "fails"


def test_fast_is_near_a_copy_and_first():
    assert rule("R3", table(relu=1.4), "relu") == "holds"
    assert rule("R3", table(relu=1.6), "relu") == "fails"
    assert rule("R3", table(relu=1.4, tanh=1.3), "relu") == "fails"


def test_an_interval_across_the_bound_decides_nothing():
    names = [f"{setting}_to_relu" for setting in cost.SETTINGS]
    wide = {name: Number(name, 2.2, 1.9, 2.5) for name in names}
    assert cost.RULES["S8"](wide) == "fails"


def test_every_timed_call_computes_its_function():
    x = np.random.default_rng(0).standard_normal(64, dtype=np.float32)
    out = np.empty_like(x)
    calls = cost.calls(x, out)
    calls["copy"]()
    assert np.array_equal(out, x)
    # The document's Leaky ReLU has slope 0.05; NumPy's lines return their result.
    ours = {"leaky_relu": nl.leaky_relu.bind(negative_slope=0.05)}
    for name in DOCUMENT:
        exact = nl.get(name)(x.astype(np.float64))
        line = ours.get(name, nl.get(name))(x.astype(np.float64))
        np.testing.assert_allclose(calls[f"numpy {name}"](), line, rtol=1e-5, atol=1e-7)
        for implementation in ("nonlin", "torch"):
            out.fill(np.nan)
            calls[f"{implementation} {name}"]()
            np.testing.assert_allclose(out, exact, rtol=1e-6)


def test_all_five_claims_in_small(monkeypatch):
    monkeypatch.setattr(cost, "QUICK_SIZES", {"cache": 256, "memory": 1024})
    done = []
    outcomes = cost.measure(Context(quick=True, progress=done.append))
    assert [outcome.id for outcome in outcomes] == list(cost.SUBJECTS)
    assert done[-1] == 1
    series = outcomes[0].series
    assert series["sizes"] == {"cache": 256, "memory": 1024}
    assert series["ratio_to_relu"]["cache"]["torch"]["relu"]["median"] == 1
    # The document's ELU line makes five arrays on the way.
    assert series["nanoseconds"]["memory"]["numpy"]["elu"]["median"] > 0.5
    json.dumps([outcome.series for outcome in outcomes], allow_nan=False)


def test_nothing_is_timed_unasked():
    assert cost.measure(Context(ids=frozenset({"S1"}))) == []
