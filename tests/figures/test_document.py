"""The document's five figures are drawn as its listings draw them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from nonlin.figures import document_figures

matplotlib = pytest.importorskip("matplotlib")

FIVE = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")


def test_the_documents_figures_have_its_names_and_formats(tmp_path):
    paths = document_figures(tmp_path / "new", "en")
    assert [path.name for path in paths] == [f"{n}.{s}" for n in FIVE for s in ("png", "svg")]
    # 8 x 5 inches; an SVG counts in points of 1/72 inch
    svg = ElementTree.parse(paths[1]).getroot()
    assert (svg.get("width"), svg.get("height")) == ("576pt", "360pt")


@pytest.mark.parametrize(
    ("name", "label", "heading", "heights", "at_minus_ten"),
    [
        # From the document's listings; the last column by hand: 1/(1+e^10), and so on.
        ("sigmoid", "σ(x)", "Sigmoid Function", (-0.1, 1.1), 4.5397868702434395e-05),
        ("tanh", "tanh(x)", "Tanh Function", (-1.2, 1.2), -0.9999999958776927),
        ("relu", "ReLU(x)", "ReLU Function: max(0, x)", (-2, 10), 0),
        ("leaky_relu", "Leaky ReLU(x)", "Leaky ReLU Function", (-2, 10), -0.5),
        (
            "elu",
            "ELU(x)",
            "ELU Function: x if x > 0, else α(e^x - 1)",
            (-2, 10),
            -0.9999546000702375,
        ),
    ],
)
def test_the_documents_figures_are_the_documents(
    monkeypatch, tmp_path, name, label, heading, heights, at_minus_ten
):
    drawn = {}
    monkeypatch.setattr(
        "nonlin.figures.document.save",
        lambda figure, path, formats: drawn.update({path.name: figure}) or [],
    )
    document_figures(tmp_path, "en")
    figure = drawn[name]
    (axes,) = figure.axes
    line, horizontal, vertical = axes.lines
    assert list(figure.get_size_inches()) == [8, 5]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("x", label, heading)
    assert (axes.get_xlim(), axes.get_ylim()) == ((-10, 10), heights)
    assert np.array_equal(line.get_xdata(), np.linspace(-10, 10, 1000))
    assert line.get_ydata()[0] == pytest.approx(at_minus_ten, rel=1e-12)
    assert (line.get_color(), line.get_linewidth(), line.get_linestyle()) == ("b", 2, "-")
    for zero in (horizontal, vertical):
        assert (zero.get_color(), zero.get_linewidth()) == ("k", 0.8)
    assert {g.get_alpha() for g in axes.get_xgridlines() + axes.get_ygridlines()} == {0.3}


def test_the_documents_figures_are_the_same_bytes_whatever_the_users_settings(tmp_path):
    first = document_figures(tmp_path / "a", "en")
    with matplotlib.rc_context({"lines.antialiased": False, "axes.facecolor": "red"}):
        second = document_figures(tmp_path / "b", "en")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
