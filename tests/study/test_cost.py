"""Ratios of given times, verdicts, and that what is timed computes what it should."""

import json

import numpy as np
import pytest
from judged import verdict_of

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


@pytest.mark.parametrize("claim", ["S8", "R3", "K3", "E6"])
def test_one_machine_judges_no_cost(claim):
    name = cost.SUBJECTS[claim]
    for nanoseconds in (0.5, 100.0):
        found = fields(name, table(**{name: nanoseconds}))
        assert verdict_of(cost.RULES[claim](found)) == "unjudged"


@pytest.mark.parametrize(
    ("name", "count"), [("sigmoid", 1), ("tanh", 1), ("relu", 0), ("leaky_relu", 0), ("elu", 1)]
)
def test_exponentials_are_counted_in_the_definition(name, count):
    # tanh's e^x and e^-x are one exponential and its reciprocal.
    (number,) = cost.operations(name)
    assert (number.name, number.value) == ("exponentials", count)


def test_tanh_needs_the_exponential_however_fast_it_is():
    for count, verdict in ((1, "holds"), (0, "fails")):
        found = {"exponentials": Number("exponentials", count)}
        assert verdict_of(cost.RULES["T6"](found)) == verdict


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
