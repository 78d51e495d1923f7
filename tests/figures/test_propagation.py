"""The theory's figures: what they draw, in both languages."""

import numpy as np
import pytest

import nonlin as nl
from nonlin.figures import phase_figure, propagation_figure
from nonlin.messages import languages, text
from nonlin.propagation import critical_line, phase_diagram, propagate


@pytest.fixture(scope="module")
def found():
    return propagate(nl.tanh, weight_variance=1.3, bias_variance=0.05, depth=30, width=100)


@pytest.mark.parametrize("lang", languages())
def test_three_panels_draw_the_three_arrays(found, lang):
    figure = propagation_figure(found, lang)
    drawn = [axes.lines[0].get_ydata() for axes in figure.axes]
    for curve, expected in zip(
        drawn, (found.lengths, found.correlations, found.gradients), strict=True
    ):
        np.testing.assert_array_equal(curve, expected)
    # q* = 0.315316 and c* = 1 are dashed lines; the gradient's band is one area.
    settled = [axes.lines[1].get_ydata()[0] for axes in figure.axes[:2]]
    assert settled == pytest.approx([0.315316, 1.0], abs=5e-7)
    assert len(figure.axes[2].collections) == 1
    assert figure.axes[2].get_yscale() == "log"
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[0] in {text("figures.propagation.length", lang) for lang in languages()}


def test_exploding_lengths_are_drawn_while_they_are_finite():
    figure = propagation_figure(propagate(nl.relu, weight_variance=3.0, depth=20), "en")
    assert figure.axes[0].get_yscale() == "log"
    assert np.isfinite(figure.axes[0].lines[0].get_ydata()).all()


def test_the_phase_diagram_has_its_line_and_names():
    weights, biases = np.linspace(0.5, 4.0, 30), np.linspace(0.0, 1.0, 20)
    line = critical_line(nl.tanh, [0.01, 0.05, 1.0])
    figure = phase_figure(phase_diagram(nl.tanh, weights, biases), line, "en")
    (axes, _) = figure.axes
    # The reference values of the critical line.
    np.testing.assert_allclose(
        axes.lines[0].get_xdata(), [1.42420529, 1.76095464, 3.44321091], atol=5e-9
    )
    names = {words.get_text().partition(":")[0] for words in axes.texts}
    assert names == {"ordered", "chaotic"}
