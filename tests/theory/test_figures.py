import numpy as np
import pytest
from theory import figures
from theory.points import Point
from theory.store import Measured
from theory.summary import summarise

import nonlin as nl


@pytest.fixture
def found():
    random = np.random.default_rng(0)
    points = [Point("ordered", 1.6, 0.0, 1.0), Point("chaotic", 2.5, 0.0, 1.0)]
    noise = [random.normal(1.0, 0.05, (4, 12)) for _ in points]
    return [
        summarise(nl.relu, Measured(point, x, 0.5 * x, x[:, 1:]))
        for point, x in zip(points, noise, strict=True)
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_theory_and_means_are_drawn(found, lang):
    figure = figures.draw("ReLU", found, lang)
    factors = figure.axes[2]
    measured, theory = factors.lines[0], factors.lines[1]
    np.testing.assert_allclose(measured.get_ydata(), found[0].measured.factors.mean(0))
    np.testing.assert_allclose(theory.get_ydata(), 0.8)
    assert figure.axes[0].get_yscale() == "log"  # 0.8^12 to 1.25^12


def test_a_figure_for_each_language(found, tmp_path):
    figures.write("ReLU", found, tmp_path, "relu")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["relu.en.png", "relu.ko.png"]
