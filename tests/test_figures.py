"""The figures, read back from matplotlib's own objects and from the files they are saved to."""

import pickle
import subprocess
import sys
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

import nonlin as nl
from nonlin.figures import canvas, document_figures, fonts, plot, sampling, save

matplotlib = pytest.importorskip("matplotlib")
has_korean_font = pytest.mark.skipif(
    fonts.korean_font() is None, reason="no font with Korean letters is installed"
)

FIVE = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")


@pytest.fixture
def no_korean_font(monkeypatch):
    monkeypatch.setattr(fonts, "korean_font", lambda: None)
    fonts._say_that_no_font_was_found.cache_clear()
    yield
    fonts._say_that_no_font_was_found.cache_clear()


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text)]


def curve_of(axes, i=0):
    return axes.lines[i].get_xdata(), axes.lines[i].get_ydata()


def test_the_curve_is_the_function():
    (axes,) = plot(nl.elu).axes
    x, y = curve_of(axes)
    assert np.array_equal(x, np.linspace(-10, 10, 1001))
    assert np.array_equal(y, nl.elu(x))


def test_the_derivative_has_a_panel_of_its_own_over_the_same_x():
    values, derivatives = plot(nl.tanh, derivative=True, xlim=(-2, 3)).axes
    x, y = curve_of(derivatives)
    assert np.array_equal(y, nl.tanh.derivative(x))
    assert values.get_xlim() == derivatives.get_xlim() == (-2, 3)


@pytest.mark.parametrize("xlim", [(-10, 10), (-3, 4), (-0.3, 17)])
def test_the_jump_of_relus_derivative_is_a_gap(xlim):
    _, axes = plot(nl.relu, derivative=True, xlim=xlim).axes
    x, y = curve_of(axes)
    (gap,) = np.flatnonzero(np.isnan(y))
    # On either side of the gap: the one-sided limits 0 and 1, at the kink.
    assert list(y[[gap - 1, gap + 1]]) == [0, 1]
    assert x[gap] == pytest.approx(0, abs=1e-5)
    assert set(y[:gap]) == {0}
    assert set(y[gap + 1 :]) == {1}


def test_a_small_jump_is_a_gap_and_a_steep_slope_is_not():
    _, nearly_smooth = plot(nl.elu.bind(alpha=0.9), derivative=True).axes
    assert np.isnan(curve_of(nearly_smooth)[1]).sum() == 1
    x = np.linspace(-10, 10, 1001)
    assert not np.isnan(sampling.curve(lambda x: np.tanh(1000 * x), x)[1]).any()


def test_a_jump_away_from_the_samples_is_found_where_it_is():
    x, y = sampling.curve(lambda x: np.where(x > np.pi, 5.0, -1.0), np.linspace(0, 10, 101))
    assert x[np.isnan(y)] == pytest.approx(np.pi, abs=1e-5)
    assert np.all(np.diff(x) >= 0)


def test_a_pole_is_a_gap_and_leaves_the_limits_to_the_samples():
    _, y = sampling.curve(np.reciprocal, np.array([-2.0, -1.0, 0.5, 1.0]))
    # The samples span [-1, 2], their margin is 6 % of that, and the branches go to its end.
    assert list(y[1:6]) == pytest.approx([-1, -1.18, np.nan, 2.18, 2], nan_ok=True)


def test_values_that_are_not_finite_leave_the_limits_finite():
    _, y = sampling.curve(np.reciprocal, np.array([-2.0, 0.0, 2.0]))
    assert sampling.span(y) == pytest.approx((-0.56, 0.56))
    assert sampling.span(np.array([np.nan, np.inf])) == (-1, 1)


def test_a_jump_smeared_by_differences_is_a_clean_gap():
    relu = nl.Activation.from_function(lambda x: np.maximum(x, 0.0), name="relu by hand")
    _, axes = plot(relu, derivative=True, xlim=(-1, 2)).axes
    _, y = curve_of(axes)
    (gap,) = np.flatnonzero(np.isnan(y))
    assert y[:gap] == pytest.approx(0, abs=1e-9)
    assert y[gap + 1 :] == pytest.approx(1, abs=1e-9)


def test_limits_show_zero_and_every_curve():
    (axes,) = plot(nl.sigmoid, nl.tanh).axes
    # [-1, 1] and a margin of 6 % of its length
    assert axes.get_ylim() == pytest.approx((-1.12, 1.12), abs=1e-6)
    (axes,) = plot(nl.relu, xlim=(1, 3), ylim=(-1, 2)).axes
    assert axes.get_ylim() == (-1, 2)


def test_limits_of_the_values_leave_the_derivative_alone():
    _, derivatives = plot(nl.relu, derivative=True, ylim=(-1, 2)).axes
    assert derivatives.get_ylim() == pytest.approx((-0.06, 1.06))


def test_one_activation_is_the_title_and_several_are_a_legend():
    (alone,) = plot(nl.leaky_relu.bind(negative_slope=0.05), lang="en").axes
    assert alone.get_title() == "Leaky ReLU (negative_slope=0.05)"
    assert alone.get_legend() is None
    (together,) = plot(nl.sigmoid, nl.elu, lang="en").axes
    assert [t.get_text() for t in together.get_legend().get_texts()] == [
        "Sigmoid",
        "ELU (alpha=1)",
    ]


def test_curves_differ_in_grey_and_in_colour():
    (axes,) = plot(*[nl.tanh] * 14).axes
    looks = {(line.get_color(), str(line._dash_pattern)) for line in axes.lines[:14]}
    assert len(looks) == 14
    five = [str(line._dash_pattern) for line in axes.lines[:5]]
    assert len(set(five)) == 5


def test_a_function_of_the_users_own_is_drawn():
    square = nl.Activation.from_function(np.square, derivative=lambda x: 2 * x, name="square")
    values, derivatives = plot(square, derivative=True).axes
    assert values.get_title() == "square"
    assert curve_of(derivatives)[1][-1] == 20


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((), {}, ValueError, "at least one activation"),
        ((nl.relu, np.tanh), {}, TypeError, "argument 2 is <ufunc 'tanh'>"),
        (("relu",), {}, TypeError, "argument 1 is 'relu'"),
        ((nl.relu,), {"xlim": (3, -3)}, ValueError, r"xlim expects .* it is \(3, -3\)"),
        ((nl.relu,), {"xlim": (0, np.inf)}, ValueError, "xlim expects two finite numbers"),
        ((nl.relu,), {"xlim": 3}, ValueError, "xlim expects two finite numbers"),
        ((nl.relu,), {"ylim": (np.nan, 1)}, ValueError, "ylim expects two finite numbers"),
        ((nl.relu,), {"ylim": ("a", "b")}, ValueError, "ylim expects two finite numbers"),
        ((nl.relu,), {"lang": "fr"}, ValueError, "expected one of en, ko"),
    ],
)
def test_a_mistake_is_explained(arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        plot(*arguments, **keywords)


def test_the_locale_chooses_the_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    assert "Derivatives" in texts(plot(nl.relu, nl.tanh, derivative=True))


def test_settings_of_matplotlib_stay_as_they_were(tmp_path):
    before = dict(matplotlib.rcParams)
    plot(nl.relu, derivative=True, lang="ko")
    document_figures(tmp_path, "ko")
    assert dict(matplotlib.rcParams) == before


def run(code):
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )


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
    expected = 'a figure needs matplotlib, which is missing: pip install "nonlin[plot]"\n'
    assert run(code).stdout == expected


def test_a_notebook_can_show_the_figure_and_it_pickles():
    figure = plot(nl.relu)
    assert figure._repr_png_().startswith(b"\x89PNG")
    (axes,) = pickle.loads(pickle.dumps(figure)).axes
    assert np.array_equal(curve_of(axes)[1], nl.relu(curve_of(axes)[0]))


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


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'docx' is not supported"):
        document_figures(tmp_path, "en", ["docx"])


def test_a_saved_svg_has_no_date(tmp_path):
    svg, png = save(plot(nl.relu), tmp_path / "a.b" / "relu")
    assert "date" not in svg.read_text(encoding="utf-8")
    assert (svg.name, png.name) == ("relu.svg", "relu.png")


@has_korean_font
def test_korean_letters_are_drawn_and_not_boxed():
    figure = plot(nl.relu, nl.elu, derivative=True, lang="ko")
    assert {"활성화 함수", "도함수"} <= set(texts(figure))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that no font has
        save(figure, "/dev/null", [])
        assert figure._repr_png_().startswith(b"\x89PNG")


@has_korean_font
def test_the_korean_font_stands_behind_the_users_own():
    from matplotlib.text import Text

    families = {tuple(text.get_fontfamily()) for text in plot(nl.relu, lang="ko").findobj(Text)}
    assert families == {(*matplotlib.rcParams["font.family"], fonts.korean_font())}


def test_without_a_korean_font_the_labels_are_english_and_one_message_says_so(
    no_korean_font, capsys, tmp_path
):
    figure = plot(nl.relu, nl.elu, derivative=True, lang="ko")
    document_figures(tmp_path, "ko", ["svg"])
    assert {"Activation functions", "Derivatives"} <= set(texts(figure))
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert message.startswith("한글 글꼴을 찾지 못하여")


def test_english_needs_no_korean_font(no_korean_font, capsys):
    plot(nl.relu, lang="en")
    assert capsys.readouterr().err == ""


def test_a_font_installed_since_matplotlib_listed_the_fonts_is_found(monkeypatch):
    from matplotlib import font_manager
    from matplotlib.font_manager import FontEntry

    manager = font_manager.FontManager.__new__(font_manager.FontManager)
    manager.ttflist = []
    manager.addfont = lambda path: manager.ttflist.append(FontEntry(fname=path, name="NanumGothic"))
    monkeypatch.setattr(font_manager, "fontManager", manager)
    found = ["/fonts/DejaVuSans.ttf", "/fonts/NanumGothic.ttf"]
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: found)
    assert fonts.korean_font.__wrapped__() == "NanumGothic"
    assert [font.fname for font in manager.ttflist] == ["/fonts/NanumGothic.ttf"]


def test_no_font_is_no_answer(monkeypatch):
    from matplotlib import font_manager

    manager = font_manager.FontManager.__new__(font_manager.FontManager)
    manager.ttflist = []
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["/fonts/DejaVuSans.ttf"])
    assert fonts.korean_font.__wrapped__() is None


def test_every_style_is_used_once():
    assert len({color for color, _ in canvas.STYLES}) == len(canvas.STYLES)
    assert len({str(line) for _, line in canvas.STYLES}) == len(canvas.STYLES)
