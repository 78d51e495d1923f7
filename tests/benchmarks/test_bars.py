"""Verdicts on invented times, whose outcome follows from the demand's own sentence."""

from dataclasses import asdict

import pytest

pytest.importorskip("scipy")

from speed.bars import backward, bars, lead, memory_bound, small_torch, small_ufunc, start, unbeaten
from speed.cases import DOCUMENT, IN_CACHE, OUT_OF_CACHE, Case
from speed.comparisons import beats, fastest, in_cache
from speed.results import Results
from speed.summary import Spread


def exactly(value):
    return asdict(Spread(value, value, value, value, value))


def put(results, case, ratios, errors=None):
    """Give each contender a time as a multiple of ours, and an error."""
    times = {"nonlin": 1.0} | ratios
    found = {
        label: {"nanoseconds": exactly(ratio), "ratio": exactly(ratio), "statement": "f(x)"}
        for label, ratio in times.items()
    }
    results.data["cases"][case.key] = {"rounds": 1, "contenders": found}
    results.data["accuracy"][f"{case.function} {case.kind} {case.dtype}"] = errors or {}


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "speed.json", {"environment": {"threads": 2}})


ELU = Case("elu", "value", "float32", IN_CACHE, 1)


@pytest.mark.parametrize(
    ("ratio", "error", "beaten"),
    [(0.9, 0.8, True), (0.9, 0.7, True), (0.9, 0.81, False), (1.1, 0.5, False)],
)
def test_a_peer_beats_us_only_if_faster_and_as_accurate(results, ratio, error, beaten):
    put(results, ELU, {"PyTorch": ratio}, {"nonlin": 0.8, "PyTorch": error})
    assert beats(results, ELU, "PyTorch") is beaten
    assert unbeaten(results, "en").verdict == ("fails" if beaten else "holds")
    assert unbeaten(results, "en").compared == 1


def test_a_miss_names_the_case_the_peer_and_the_figures(results):
    put(results, ELU, {"JAX, new array": 0.5}, {"nonlin": 0.8, "JAX": 0.6})
    expected = "elu value float32: JAX takes 0.50 of our time (0.6 and 0.8 ULP)"
    assert unbeaten(results, "en").misses == (expected,)


def test_the_copy_is_no_peer(results):
    put(results, ELU, {"memory copy": 0.2, "PyTorch": 3.0, "SciPy": 2.0})
    assert fastest(results, ELU) == ("SciPy", 2.0)


def test_lead_is_the_geometric_mean_of_the_fastest_peers(results):
    # (1 * 1 * 1 * 1 * 32)^(1/5) = 2, and (1 * 1 * 1 * 1 * 1)^(1/5) = 1.
    for case in in_cache(["value"]):
        best = 32.0 if (case.function, case.dtype) == ("elu", "float32") else 1.0
        put(results, case, {"PyTorch": best, "numexpr": 40.0})
    assert lead(results, "en").misses == ("value, float64: 1.00",)
    assert lead(results, "en").compared == 2
    assert lead(results, "en").figure == "least geometric mean 1.00"


def test_large_arrays_are_measured_in_copies(results):
    for name, copy in zip(DOCUMENT, (1.0, 0.9, 0.8, 1.2, 1.0), strict=True):
        put(results, Case(name, "value", "float32", OUT_OF_CACHE, 1), {"memory copy": copy})
    # A copy that takes 0.8 of our time: we take 1.25 copies.
    assert memory_bound(results, "en").misses == ("relu value float32: 1.25",)


def test_small_calls_in_both_forms(results):
    case = Case("tanh", "value", "float64", 10, 1)
    times = {"PyTorch": 2.0, "PyTorch, new array": 0.5, "numpy.exp": 0.5, "numpy.exp, new array": 1}
    put(results, case, times)
    assert small_torch(results, "en").misses == ("tanh value float64, 10, new array: 0.50",)
    assert small_ufunc(results, "en").misses == ("tanh value float64, 10: 2.00",)


def test_backward_is_compared_where_it_was_measured(results):
    put(results, Case("relu", "backward", "float32", IN_CACHE, 1), {"PyTorch": 1.1})
    put(results, Case("elu", "backward", "float32", OUT_OF_CACHE, 1), {"PyTorch": 0.9})
    assert backward(results, "en").misses == ("elu backward float32, 16,777,216: 0.90",)
    assert backward(results, "en").compared == 2


def test_start_is_judged_by_its_median(results):
    results.data["start"] = {"imports": 9, "import_ms": exactly(31.0), "wheel_mb": 2.9}
    assert [bar.verdict for bar in start(results, "en")] == ["fails", "holds"]


def test_what_is_not_measured_is_not_judged(results):
    assert {bar.verdict for bar in bars(results, 2, "en")} == {"not measured"}
