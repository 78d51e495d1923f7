import re
import xml.etree.ElementTree as ElementTree

import numpy as np

import nonlin as nl
from nonlin.cards.curve import curve


def _paths(activation):
    root = ElementTree.fromstring(curve(activation, "label"))
    axes, slopes, values, *_ = (part.get("d") for part in root if part.tag == "path")
    return axes, slopes, values


def _words(activation):
    root = ElementTree.fromstring(curve(activation, "label"))
    return [part.text for part in root if part.tag == "text"]


def _points(path):
    return np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", path), float)


def test_the_curve_of_tanh_runs_through_the_middle():
    _, slopes, values = _paths(nl.tanh)
    points = _points(values)
    # The drawing is 320 x 200 with a margin of 8; tanh spans [-1, 1] of it, so 0 is half way.
    assert points[200].tolist() == [160, 100]
    assert points[0].tolist() == [8, 192]
    assert points[-1].tolist() == [312, 8]
    assert _points(slopes)[200].tolist() == [160, 8]


def test_the_pen_lifts_at_the_jump_of_relus_derivative():
    _, slopes, values = _paths(nl.relu)
    assert slopes.count("M") == 2
    assert values.count("M") == 1


def test_what_is_infinite_or_out_of_sight_is_left_out():
    reciprocal = nl.Activation.from_function(
        lambda x: np.divide(1.0, x, out=np.full_like(x, np.nan), where=x != 0),
        derivative=lambda x: np.full_like(x, np.inf),
    )
    _, slopes, values = _paths(reciprocal)
    assert slopes == ""
    assert values.count("M") == 2


def test_the_axes_have_numbers_and_the_lines_a_key():
    # tanh(-5) is not quite -1, and its slope at 0 is 1; ReLU goes up to 5.
    assert _words(nl.tanh) == ["−4", "−2", "2", "4", "−0.5", "0.5", "1", "φ(x)", "φ′(x)"]
    assert _words(nl.relu) == ["−4", "−2", "2", "4", "1", "2", "3", "4", "5", "φ(x)", "φ′(x)"]


def test_every_functions_drawing_has_numbers_on_both_axes():
    for name in nl.names():
        assert 4 + 1 <= len(_words(nl.get(name))) - 2 <= 4 + 7, name
