"""Every fact of the functions along an axis, found again by trying; how they are shown."""

import json
from html import unescape

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nonlin as nl
from nonlin.cards.axis_card import axis_html
from nonlin.cli import main
from nonlin.facts.axis import AXIS_FACTS, axis_properties
from nonlin.facts.axis_said import lines
from nonlin.messages import languages, text

NAMES = nl.axis_functions()
N = 6
ROWS = np.random.default_rng(0).normal(size=(300, N)) * np.array([[0.1], [1.0], [8.0]]).repeat(
    100, 0
)


@pytest.mark.parametrize("name", NAMES)
def test_range_total_and_shift(name):
    function = nl.get(name)
    known = nl.properties(function)
    y = function(ROWS)
    assert all(float(each) in known["range"].value for each in y.ravel())
    total = known["total"].value
    if total is None:
        assert np.ndim(y) == 1 or np.ptp(y.sum(axis=-1)) > 0.1
    else:
        assert_allclose(y.sum(axis=-1), total, rtol=1e-15)
    moved = {"invariant": y, "moves": y + 0.75}.get(known["shift"].value)
    if moved is None:
        assert not np.allclose(function(ROWS + 0.75), y)
        assert not np.allclose(function(ROWS + 0.75), y + 0.75)
    else:
        assert_allclose(function(ROWS + 0.75), moved, rtol=1e-12, atol=1e-12)


# Rows that come near to the largest stretch: two equal scores, or one, far above the others.
EXTREME = np.array([[40.0, 40, 0, 0, 0, 0], [40.0, 0, 0, 0, 0, 0], [0.1, 0, 0, 0, 0, 0]])


@pytest.mark.parametrize("temperature", [1.0, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_stretch_is_the_supremum_of_the_jacobians_norm(name, temperature):
    function = nl.get(name)
    if "temperature" in function.parameters:
        function = function.bind(temperature=temperature)
    stretch = nl.properties(function)["stretch"].value
    if isinstance(stretch, str):
        scale, _, over = stretch.partition(" / ")
        assert scale == "sqrt(n)"
        stretch = np.sqrt(N) / float(over or 1)
    rows = np.concatenate([ROWS, EXTREME, -EXTREME])
    norms = np.linalg.norm(function.jacobian(rows), ord=2, axis=(-2, -1))
    assert norms.max() <= stretch * (1 + 1e-12)
    assert norms.max() >= stretch * (1 - 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_rank(name):
    function = nl.get(name)
    x = np.random.default_rng(1).normal(size=N)
    support = int((nl.sparsemax(x) > 0).sum())
    known = nl.properties(name)["rank"].value
    expected = {"n - 1": N - 1, "k - 1": support - 1, "1": 1, "n": N, "n / k": N // 2}[known]
    assert np.linalg.matrix_rank(function.jacobian(x)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_temperatures(name):
    known = nl.properties(name)
    function, x = nl.get(name), np.array([0.3, 2.0, -1.0])
    if known["cold"].value is not None:
        chosen = {"largest": x.argmax(), "smallest": x.argmin()}[known["cold"].value]
        assert_allclose(function(x, temperature=1e-3), np.arange(3) == chosen, atol=1e-12)
    if known["hot"].value is not None:
        assert np.ptp(function(x, temperature=1e9)) < 1e-8


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NAMES)
def test_shown(name, lang, capsys):
    known = axis_properties(nl.get(name))
    answers = [fact for fact in AXIS_FACTS if known[fact].value is not None]
    assert len(lines(known, lang)) == len(answers)
    assert main(["show", name, "--lang", lang]) == 0
    shown = capsys.readouterr().out
    html = unescape(axis_html(nl.get(name), lang))
    for place in (shown, html):
        assert text(f"axis.names.{name}", lang) in place
        assert all(text(f"axis.facts.{fact}", lang) in place for fact in answers)
    assert main(["show", name, "--json", "--lang", lang]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["definition_latex"] == nl.get(name).record.latex
    assert card["facts"]["rank"]["value"] == known["rank"].value


def test_commands_for_elementwise_functions_say_so(capsys):
    assert main(["propagate", "softmax", "--lang", "en"]) == 2
    assert "works along an axis" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_plot(name, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    figure = nl.plot(nl.get(name), lang="en")
    if nl.get(name).record.masked == 0.0:
        bars = [bar.get_height() for bar in figure.axes[1].patches]
        assert_allclose(bars, nl.get(name)((2.0, -1.0, 1.5, 0.0, -2.0, 1.0)))
    file = tmp_path / "picture.svg"
    assert main(["plot", name, "--out", str(file), "--lang", "en"]) == 0
    assert file.stat().st_size > 1000
    with pytest.raises(ValueError, match="alone"):
        nl.plot(name, nl.relu)
    with pytest.raises(ValueError, match="has no curve"):
        nl.plot(name, derivative=True)
    assert main(["plot", name, "--derivative", "--lang", "en"]) == 2
    assert "has no curve" in capsys.readouterr().err
