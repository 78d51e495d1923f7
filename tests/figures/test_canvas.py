"""Figures leave no trace in matplotlib's settings, and files depend on the figure alone."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import nonlin as nl
from nonlin.extras import missing_package
from nonlin.figures import canvas, document_figures, plot, save

matplotlib = pytest.importorskip("matplotlib")


def run(code):
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_of_matplotlib_stay_as_they_were(tmp_path):
    before = dict(matplotlib.rcParams)
    plot(nl.relu, derivative=True, lang="ko")
    document_figures(tmp_path, "ko")
    assert dict(matplotlib.rcParams) == before


def test_pyplot_is_never_imported(tmp_path):
    code = (
        "import sys, nonlin as nl\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from nonlin.figures import document_figures\n"
        "nl.plot(nl.relu, derivative=True)\n"
        f"document_figures({str(tmp_path)!r}, 'en')\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    assert run(code).stdout == "False\n"


def test_pyplot_does_not_know_the_figure():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    plot(nl.relu)
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize("call", ["nl.plot(nl.relu)", "document_figures('nowhere')"])
def test_without_matplotlib_one_sentence_names_the_extra(call):
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import nonlin as nl\n"
        "from nonlin.figures import document_figures\n"
        f"try:\n    {call}\nexcept ImportError as error:\n    print(error)\n"
    )
    assert run(code).stdout == f"{missing_package('matplotlib')}\n"


def test_a_notebook_can_show_the_figure_and_it_pickles():
    figure = plot(nl.relu)
    assert figure._repr_png_().startswith(b"\x89PNG")
    line = pickle.loads(pickle.dumps(figure)).axes[0].lines[0]
    assert np.array_equal(line.get_ydata(), nl.relu(line.get_xdata()))


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'docx' is not supported"):
        document_figures(tmp_path, "en", ["docx"])


def test_a_saved_svg_has_no_date(tmp_path):
    svg, png = save(plot(nl.relu), tmp_path / "a.b" / "relu")
    assert "date" not in svg.read_text(encoding="utf-8")
    assert (svg.name, png.name) == ("relu.svg", "relu.png")


def test_every_style_is_used_once():
    assert len({color for color, _ in canvas.STYLES}) == len(canvas.STYLES)
    assert len({str(line) for _, line in canvas.STYLES}) == len(canvas.STYLES)
