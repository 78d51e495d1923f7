"""The figure of a gate: contours and cuts show what the gate computes, in both languages."""

import numpy as np
import pytest

import nonlin as nl


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", nl.gates())
def test_cuts_are_the_gates_own_values(name, lang):
    gate = nl.get(name)
    figure = nl.plot(gate, xlim=(-4, 4), lang=lang)
    _, along_gate, along_value, *_ = figure.axes
    for line, value in zip(along_gate.get_lines(), (-4.0, -1.0, 1.0, 4.0), strict=False):
        np.testing.assert_array_equal(line.get_ydata(), gate(line.get_xdata(), value))
    for line, at in zip(along_value.get_lines(), (-4.0, -1.0, 1.0, 4.0), strict=False):
        np.testing.assert_array_equal(line.get_ydata(), gate(at, line.get_xdata()))


def test_derivatives_have_a_row_of_their_own():
    figure = nl.plot("swiglu", derivative=True, lang="en")
    panels = [axes for axes in figure.axes if axes.get_lines()]
    line = panels[2].get_lines()[0]
    by_gate, _ = nl.swiglu.derivative(line.get_xdata(), -10.0)
    np.testing.assert_array_equal(line.get_ydata(), by_gate)
    assert panels[2].get_ylabel() == "derivative by the gate g"


def test_the_title_names_the_gate_and_its_parameters():
    figure = nl.plot(nl.swiglu.bind(beta=2.0), lang="en")
    assert figure.get_suptitle() == "SwiGLU (beta=2): output over gate and value"


def test_a_gate_is_drawn_alone():
    with pytest.raises(ValueError, match="plot draws a gate alone"):
        nl.plot(nl.swiglu, nl.relu)
    with pytest.raises(ValueError, match="xlim expects two finite numbers"):
        nl.plot(nl.swiglu, xlim=(1, 0))
