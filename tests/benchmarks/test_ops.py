"""The page about the operators' speed, from invented times."""

import json

import pytest

pytest.importorskip("torch")

from ops.cases import Case, cases
from ops.clock import measure
from ops.figures import draw
from ops.page import page
from ops.store import Store
from sample_study import ENVIRONMENT
from twins import numbers

FIGURE = "torch-performance/ratios.svg"


def times(ratio, **more):
    contenders = {"torch": ratio * 1e-6, "nonlin": 1e-6, **more}
    return {name: {"median": median, "spread": 1e-8} for name, median in contenders.items()}


@pytest.fixture
def store():
    return Store(
        ENVIRONMENT,
        2.5,
        {
            Case("ReLU", 1, "float32", False, 1).key: times(0.5),
            Case("ReLU", 1 << 16, "float32", False, 1).key: times(2.0, compile=3e-6),
            Case("Mish", 1 << 16, "float32", False, 1).key: times(8.0, compile=1e-6),
            Case("Mish", 1 << 16, "float16", True, 2).key: times(0.25),
        },
    )


@pytest.mark.parametrize("quick", [True, False])
def test_a_case_has_a_name_of_its_own(quick):
    every = list(cases(2, quick))
    assert [Case.of(case.key) for case in every] == every
    assert len({case.key for case in every}) == len(every)


def test_a_table_has_ratios_alone_and_says_where_the_least_is(store):
    written = page(store, FIGURE, "en")
    # In bold what is above 1; what was not measured is a dash.
    assert "| ReLU | 0.50 | **2.00** |\n| Mish | – | **8.00** |" in written
    assert "The least is 0.50: ReLU, 1 element. Below 0.85: 1 of 3." in written
    assert "## Forward and backward, 2 threads\n\n### float16\n" in written
    assert "µs" not in written.partition("## Over size")[2]


def test_the_first_lines_say_how_much_is_faster(store):
    head = page(store, FIGURE, "en").partition("## What")[0]
    assert "It is in 2 of\n4 comparisons" in head
    # sqrt(2 * 8) = 4.
    assert "| float32 | 0.50 | 4.00 | – | – |" in head
    assert "| float16 | – | – | – | 0.25 |" in head


def test_compiled_functions_have_a_table_of_their_own(store):
    compiled = page(store, FIGURE, "en").partition("## Beside torch.compile")[2]
    assert "| ReLU | **3.00** |\n| Mish | 1.00 |" in compiled


def test_the_page_says_what_was_measured_on_and_how_busy_it_was(store):
    written = page(store, FIGURE, "en")
    assert "PyTorch 2.13.0+cpu with AVX2, nonlin with v3, Python 3.11.7, Some CPU" in written
    assert "The load average was at most 2.5 meanwhile." in written
    assert "(torch-performance/times.json)" in written


def test_both_languages_tell_the_same_numbers(store):
    korean = page(store, FIGURE, "ko")
    assert numbers(korean) == numbers(page(store, FIGURE, "en"))
    assert "가장 작은 값: 0.50(ReLU, 원소 1개). 0.85 미만: 3개 가운데 1개." in korean
    assert "| function |" not in korean


def test_times_are_kept_as_they_are(store, tmp_path):
    store.save(tmp_path / "times.json")
    assert Store.load_from(tmp_path / "times.json") == store
    store.add(Case("ELU", 1, "float32", False, 1), times(1.0), load=1.0)
    assert (len(store.times), store.load) == (5, 2.5)
    assert json.loads((tmp_path / "times.json").read_text())["load"] == 2.5


def test_the_figure_has_a_panel_a_function(store, tmp_path):
    drawn = draw(store.results, tmp_path / "ratios", "en")
    assert drawn == tmp_path / "ratios.svg"
    assert (tmp_path / "ratios.png").is_file()


def test_a_case_is_timed_with_everyone_who_takes_part():
    found = measure(Case("ReLU", 1, "float32", False, 1))
    assert found.keys() == {"torch", "nonlin"}
    assert all(0 < each["median"] < 1 for each in found.values())
