import json
import string

import numpy as np
import pytest
from theory import maps, words
from theory.networks import Size, measure
from theory.page import Found, misses, write
from theory.page_tables import agreement_table
from theory.points import Point
from theory.store import Measured, from_json, to_json
from theory.summary import summarise
from theory.training import MULTIPLES, depth_limit, starts

import nonlin as nl

POINT = Point("critical", 2.0, 0.0, 1.0)


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_numbers():
    english, korean = (
        json.loads((words.Path(words.__file__).with_name(f"{lang}.json")).read_text("utf-8"))
        for lang in words.LANGUAGES
    )
    assert english.keys() == korean.keys()
    for key, text in english.items():
        assert fields(text) == fields(korean[key]), key


def exact(factor):
    """Networks whose gradients change by one factor, in all of two draws."""
    lengths = np.ones((2, 10))
    return summarise(nl.relu, Measured(POINT, lengths, 0.5 * lengths, np.full((2, 9), factor)))


@pytest.mark.parametrize(("factor", "meets"), [(1.0, True), (1.019, True), (1.021, False)])
def test_the_bar_is_two_per_cent(factor, meets):
    summary = exact(factor)
    assert summary.meets is meets
    assert summary.factor.error == pytest.approx(factor - 1.0)
    assert (summary.kept, summary.judged.error) == ("growth", 0.0)
    text = misses([("ReLU", summary)], "en")
    assert text.startswith("No point" if meets else "What misses its demand:\n\n- ReLU, critical")


def test_a_gradient_that_is_gone_misses():
    summary = exact(np.nan)
    assert summary.factor is None
    assert not summary.meets


@pytest.fixture
def found():
    size = Size(30, 6, 3)
    summaries = {
        name: [summarise(nl.get(name), x) for x in _measured(nl.get(name), size)]
        for name in ("relu", "tanh")
    }
    beyond = summaries["relu"][0]
    table = [[0.1 + 0.05 * place] for place in range(len(starts("relu")))]
    setting = {
        "width": 30, "depth": 6, "draws": 3, "steps": 5, "seeds": 1, "rates": "0.1",
        "system": "Linux", "python": "3.11", "torch": "2", "minutes": 1.0,
        "training": 1.0, "quick": True,
    }  # fmt: skip
    titles = {"relu": "ReLU", "tanh": "Tanh"}
    return Found(titles, summaries, beyond, 1.0, {"relu": {2: table, 8: table}}, setting)


def _measured(act, size):
    return from_json(to_json([POINT], measure(act, [POINT], size)))


def test_the_page_is_written_in_both_languages(found, tmp_path):
    write(found, tmp_path / "theory.md", "theory")
    for lang, name in (("en", "theory.md"), ("ko", "theory.ko.md")):
        page = (tmp_path / name).read_text("utf-8")
        assert "{" not in page
        assert f"theory/relu.{lang}.png" in page
        # One point, and one row of counts.
        assert page.count("| ReLU |") == 2
        # The last start: 0.1 + 0.05 x 13.
        assert "**75%**" in page


def test_a_map_has_a_cell_for_each_training(found, tmp_path):
    figure = maps.draw("relu", "ReLU", found.accuracies["relu"], "en")
    mesh = figure.axes[0].collections[0]
    assert mesh.get_array().shape == (2, len(MULTIPLES))
    assert mesh.get_array()[0, 1] == pytest.approx(0.15)


def test_the_limits_of_relu_are_those_of_its_gradient():
    limits = {start.name: depth_limit("relu", start) for start in starts("relu")[len(MULTIPLES) :]}
    # chi1 = sw2 / 2: 1/2 for Xavier, 1 for He. PyTorch's default, 1/6, has biases, so that lengths
    # settle, correlations at 1, and xi_c = 1 / ln 6 as well.
    assert limits["default"] == pytest.approx(6 / np.log(6))
    assert limits["xavier"] == pytest.approx(6 / np.log(2))
    assert limits["he"] == limits["critical"] == np.inf


def test_networks_are_counted_on_either_side_of_the_limit():
    # ReLU's limits at 0.3 and at 1 of the critical variance: 6 / ln(1 / 0.3) = 4.98 and infinity.
    column = [[0.9, 0.2]] * len(starts("relu"))
    written = agreement_table({"relu": "ReLU"}, {"relu": {4: column, 64: column}}, "en")
    limits = [depth_limit("relu", start) for start in starts("relu")[: len(MULTIPLES)]]
    within = sum(depth <= limit for limit in limits for depth in (4, 64))
    beyond = 2 * len(MULTIPLES) - within
    # One of two seeds trains everywhere.
    row = f"| ReLU | {within} of {2 * within} | {beyond} of {2 * beyond} |"
    assert limits[0] == pytest.approx(6 / np.log(1 / 0.3))
    assert written.splitlines()[-1] == row
