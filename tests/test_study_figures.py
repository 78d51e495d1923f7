"""The study's figures, drawn from made-up outcomes: the numbers that go in are the ones drawn."""

import re

import numpy as np
import pytest

from nonlin.figures import fonts
from nonlin.study.results import Number, Outcome
from nonlin.study_figures import PHENOMENA, draw, save

matplotlib = pytest.importorskip("matplotlib")
has_korean_font = pytest.mark.skipif(
    fonts.korean_font() is None, reason="no font with Korean letters is installed"
)


def outcome(claim, series, **numbers):
    """An outcome whose numbers are (value, low, high) or a value alone."""
    parts = [
        Number(name, *value) if isinstance(value, tuple) else Number(name, value)
        for name, value in numbers.items()
    ]
    return {claim: Outcome(claim, "holds", "measured", tuple(parts), series)}


def band(mean):
    mean = np.asarray(mean, dtype=float)
    return {"mean": list(mean), "low": list(mean * 0.9), "high": list(mean * 1.1)}


def linearity():
    functions = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu")
    flat = {"mean": 0.5, "low": 0.4, "high": 0.6}
    region = {
        "limit": 2.0,
        "points": [[-1.0, 0.0, 0], [1.0, 0.0, 1], [1.0, 1.0, 1], [0.0, 0.5, 0]],
        "grid": dict.fromkeys(functions, [[0, 50, 100]] * 3) | {"identity": [[50] * 3] * 3},
    }
    series = {
        "accuracy": {name: dict.fromkeys(functions, flat) for name in ("circles", "xor")},
        "regions": {"circles": region, "xor": region},
    }
    return outcome("N2", series)


def probability():
    rows = [
        {"confidence": 0.1, "frequency": 0.2, "low": 0.1, "high": 0.3, "n": 9},
        {"confidence": 0.8, "frequency": 0.7, "low": 0.6, "high": 0.9, "n": 8},
    ]
    series = {
        "budgets": [25, 50, 100],
        "error": band([0.03, 0.02, 0.04]),
        "expected": band([0.03, 0.02, 0.01]),
        "reliability": {"stopped": rows, "trained_on": rows[:1]},
    }
    return outcome("S4", series)


def centring():
    numbers = {
        "normal_ratio": 0.9,
        "untrained_ratio": (0.8, 0.7, 0.9),
        "trained_ratio": (0.7, 0.6, 0.8),
        "untrained_one_sign": (1.0, 1.0, 1.0),
        "trained_one_sign": (0.6, 0.5, 0.7),
    }
    names = ("tanh", "tanh_shifted", "sigmoid_centred", "sigmoid", "tanh_from_sigmoid")
    curve = {"epoch": [0, 0.25, 0.5], "loss": [2.3, 1.0, 0.09]}
    return (
        outcome("S7", {}, **numbers)
        | outcome("T3", {}, **numbers)
        | outcome("T4", {"target": 0.1, "curves": dict.fromkeys(names, curve)})
    )


def vanishing():
    layers, steps = [1, 2, 3, 4], [5.0, 15.0, 25.0]
    loss = {"steps": steps, "chance": 2.3}
    falling = band([2.3, 1.0, 0.5])
    return (
        outcome(
            "S6",
            {"layers": layers, "init": {"xavier": band([1e-8, 1e-6, 1e-4, 1e-2])}},
            factor_xavier=0.01,
        )
        | outcome("R4", {"layers": layers, "init": {"he": band([1, 1, 1, 1])}}, factor_he=1.0)
        | outcome("V1", {"depths": [2, 4, 6], "first_layer": band([1e-2, 1e-4, 1e-6])})
        | outcome(
            "V2", {"layers": layers, "optimiser": {"sgd": {"relu": band([0.1, 0.2, 0.3, 0.4])}}}
        )
        | outcome("V3", loss | {"optimiser": {"sgd": {"sigmoid": band([2.3, 2.3, 2.3])}}})
        | outcome("V5", loss | {"function": {"relu": falling, "elu": falling}})
    )


def ranges():
    exact, gone = [0.5, 1e-5, 1e-9], [0.5, 1e-5, None]
    gap = {"exact": exact, "float16": gone, "float32": gone, "float64": exact}
    series = {"input": [0.0, 10.0, 20.0], "gap": {"upper": gap, "lower": gap}}
    reached = {"float16_reaches_upper": 8.3, "float32_reaches_upper": 17.04}
    return (
        outcome("S1", series, range_agreement=1, **reached)
        | outcome("R1", {}, range_agreement=1)
        | outcome("E1", series, range_agreement=1, float64_reaches_lower=-37.1)
    )


def derivatives():
    x = [-1.0, -0.5, 0.0, 0.5, 1.0]
    step = {"x": x, "value": x, "derivative": [0, 0, 0, 1, 1]}
    bell = {"x": x, "value": x, "derivative": [0.1, 0.5, 1, 0.5, 0.1]}
    small = {"x": x, "derivative": [0.04, 0.2, 0.25, 0.2, 0.04], "level": 0.05, "crossing": 0.9}
    second = {"x": x, "second": {"sigmoid": [0.1, 0.1, 0, -0.1, -0.1], "tanh": [1, 1, 0, -1, -1]}}
    return (
        outcome("T2", bell, slope_left_of_zero=1, slope_right_of_zero=1)
        | outcome("R2", step, slope_left_of_zero=0, slope_right_of_zero=1)
        | outcome("S3", small, share_of_range_tiny=0.4, largest_slope=0.25)
        | outcome("S5", second)
    )


def cost():
    def times(factor):
        return {
            f"{implementation}_{where}_to_copy": (factor * i, factor * i - 0.1, factor * i + 0.1)
            for i, implementation in enumerate(("nonlin", "torch", "numpy"), start=1)
            for where in ("cache", "memory")
        }

    return outcome("S8", {}, **times(4)) | outcome("R3", {}, **times(1))


def sparsity():
    shares = {"layers": [1, 2, 3], "before": band([0.5] * 3), "after": band([0.4, 0.6, 0.7])}
    return outcome("R5", {"data": {"digits": shares, "breast_cancer": shares}})


def dying():
    # The largest rate diverged: no share of dead units, and no interval.
    diverged = {"mean": [0.0, None], "low": [0.0, None], "high": [0.1, None]}
    dead = {
        "rates": [0.1, 1.0],
        "dead": {"relu": band([0.1, 0.5]), "leaky_relu": diverged},
        "steps": [0, 50, 100],
        "over_training": [band([0, 0.3, 0.5]), dict.fromkeys(("mean", "low", "high"), [None] * 3)],
    }

    def cure(name, share):
        curves = {"relu": band([0, 0.1, 0.2]), name: band([0, share / 2, share])}
        found = {"steps": [0, 50, 100], "back": {"shallow": curves, "deep": curves}}
        return {"sgd": found, "adam": found}

    return (
        outcome("R6", {"sgd": dead, "adam": dead})
        | outcome("K2", cure("leaky_relu", 0.6))
        | outcome("E4", cure("elu", 0.8))
    )


def slope():
    accuracy = band([0.9, 0.91, 0.89])
    series = {
        "slopes": [0.001, 0.01, 0.5],
        "accuracy": {"digits": accuracy, "breast_cancer": accuracy},
    }
    return outcome("K4", series)


def comparison():
    pair = {"depth": 4, "difference": {"mean": 0.02, "low": -0.01, "high": 0.05}}
    pairs = [{"data": name, **pair} for name in ("digits", "breast_cancer")]
    return outcome(
        "E5",
        {"pairs": pairs},
        win_rate=(0.6, 0.4, 0.8),
        win_rate_digits=(0.5, 0.2, 0.8),
        ties=0.25,
    )


EXAMPLES = {
    "sparsity": sparsity,
    "dying": dying,
    "slope": slope,
    "comparison": comparison,
    "cost": cost,
    "derivatives": derivatives,
    "ranges": ranges,
    "linearity": linearity,
    "probability": probability,
    "centring": centring,
    "vanishing": vanishing,
}


def texts(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text().strip()]


def line(axes, label):
    (found,) = [line for line in axes.lines if line.get_label() == label]
    return found


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("phenomenon", EXAMPLES)
def test_a_figure_is_readable_at_a_phones_width(phenomenon, lang):
    figure = draw(phenomenon, EXAMPLES[phenomenon](), lang)
    figure.draw_without_rendering()
    assert figure.get_figwidth() == 6
    assert min(text.get_fontsize() for text in texts(figure)) >= 9


@pytest.mark.parametrize("phenomenon", EXAMPLES)
def test_no_text_leaves_the_figure(phenomenon):
    figure = draw(phenomenon, EXAMPLES[phenomenon](), "en")
    figure.draw_without_rendering()
    width, height = figure.bbox.size
    for axes in figure.axes:
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, axes.get_legend()):
            if text in texts(figure) or text is axes.get_legend() is not None:
                box = text.get_window_extent()
                assert box.x0 >= -1, text
                assert box.x1 <= width + 1, text
                assert 0 <= box.y0 <= box.y1 <= height, text


@has_korean_font
@pytest.mark.parametrize("phenomenon", EXAMPLES)
def test_korean_figures_speak_korean(phenomenon):
    written = " ".join(
        text.get_text() for text in texts(draw(phenomenon, EXAMPLES[phenomenon](), "ko"))
    )
    assert re.search("[가-힣]", written)


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_without_outcomes_there_is_no_figure(phenomenon):
    assert draw(phenomenon, {}, "en") is None


@pytest.mark.parametrize("phenomenon", EXAMPLES)
def test_a_part_of_the_claims_is_drawn_alone(phenomenon):
    for claim, found in EXAMPLES[phenomenon]().items():
        if claim != "R1":  # ReLU reaches its bound, and no other end of it is finite
            assert draw(phenomenon, {claim: found}, "en").axes


@pytest.mark.parametrize("phenomenon", EXAMPLES)
def test_the_same_outcomes_give_the_same_bytes(phenomenon, tmp_path):
    files = [
        save(draw(phenomenon, EXAMPLES[phenomenon](), "en"), tmp_path / name / phenomenon)
        for name in "ab"
    ]
    first, second = ([file.read_bytes() for file in pair] for pair in files)
    assert [file.suffix for file in files[0]] == [".svg", ".png"]
    assert first == second


def test_settings_of_matplotlib_stay_as_they_were():
    before = dict(matplotlib.rcParams)
    draw("probability", probability(), "ko")
    assert dict(matplotlib.rcParams) == before


def test_an_unknown_phenomenon_is_refused():
    with pytest.raises(ValueError, match="unknown phenomenon 'colour': expected one of linearity,"):
        draw("colour", {}, "en")


def test_linearity_writes_each_accuracy_below_its_region():
    figure = draw("linearity", linearity(), "en")
    assert [axes.get_xlabel() for axes in figure.axes] == ["50.0%"] * 12
    assert [axes.get_title() for axes in figure.axes[:2]] == ["Identity", "Sigmoid"]
    # A boundary where the probability crosses one half; none where it is one half everywhere.
    assert [len(axes.collections) for axes in figure.axes[:2]] == [0, 1]


def test_ranges_end_where_the_bound_is_reached():
    sigmoid, elu = draw("ranges", ranges(), "en").axes
    # The smallest |x| that rounds to the bound stands beside the dtype; the line ends before it.
    assert list(line(sigmoid, "float32: 17.0").get_xdata()) == [0, 10]
    assert list(line(sigmoid, "float64").get_ydata()) == [0.5, 1e-5, 1e-9]
    assert list(line(elu, "float64: 37.1").get_xdata()) == [0, 10, 20]
    assert (sigmoid.get_xlabel(), elu.get_xlabel()) == ("x", "−x")


def test_derivatives_are_broken_where_they_jump():
    tiny, second, five = draw("derivatives", derivatives(), "en").axes
    x, slope = line(five, "ReLU").get_data()
    assert list(x) == [-1, -0.5, 0, 0, 0, 0.5, 1]
    assert list(slope) == pytest.approx([0, 0, 0, np.nan, 1, 1, 1], nan_ok=True)
    assert list(line(five, "Tanh").get_ydata()) == [0.1, 0.5, 1, 0.5, 0.1]
    assert list(line(second, "Tanh").get_ydata()) == [1, 1, 0, -1, -1]
    labels = [text.get_text() for text in tiny.get_legend().get_texts()]
    assert labels == ["below 0.05: 40% of the axis", "largest: 0.25"]


def test_cost_draws_the_times_in_multiples_of_a_copy():
    cache, memory = draw("cost", cost(), "en").axes
    for axes in (cache, memory):
        assert [bar.get_height() for bar in axes.patches] == [12, 3, 8, 2, 4, 1]
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["Sigmoid", "ReLU"]
        assert line(axes, "copy").get_ydata()[0] == 1


def test_sparsity_draws_each_data_set_before_and_after_training():
    for axes, name in zip(
        draw("sparsity", sparsity(), "en").axes, ("digits", "breast cancer"), strict=True
    ):
        assert axes.get_title() == f"ReLU: share of zeros, {name}"
        assert list(line(axes, "before training").get_ydata()) == [0.5, 0.5, 0.5]
        assert list(line(axes, "after training").get_ydata()) == [0.4, 0.6, 0.7]


def test_dying_leaves_out_what_diverged_and_joins_the_cures():
    panels = draw("dying", dying(), "en").axes
    titles = ["Share of dead units", "Dead units of ReLU", "Back after a shock"]
    assert [axes.get_title() for axes in panels] == [
        f"{title}, {optimiser}" for title in titles for optimiser in ("SGD", "Adam")
    ]
    rates, training, back = panels[::2]
    assert list(line(rates, "ReLU").get_ydata()) == [0.1, 0.5]
    assert list(line(rates, "Leaky ReLU").get_ydata()) == pytest.approx([0, np.nan], nan_ok=True)
    assert list(line(training, "0.1").get_ydata()) == [0, 0.3, 0.5]
    assert [text.get_text() for text in training.get_legend().get_texts()] == ["0.1"]
    labels = [text.get_text() for text in back.get_legend().get_texts()]
    assert labels == ["ReLU", "Leaky ReLU", "ELU", "shallow", "deep"]
    # Three functions after the shallow shock, then the same after the deep one, hollow.
    assert [list(curve.get_ydata()) for curve in back.lines[2:6:3]] == [[0, 0.4, 0.8]] * 2
    assert [curve.get_markerfacecolor() == "white" for curve in back.lines[:6]] == [False] * 3 + [
        True
    ] * 3


def test_slope_draws_the_accuracy_of_each_data_set():
    for axes, name in zip(
        draw("slope", slope(), "en").axes, ("digits", "breast cancer"), strict=True
    ):
        assert axes.get_title() == f"Test accuracy, {name}"
        accuracy, usual = axes.lines
        assert list(accuracy.get_xdata()) == [0.001, 0.01, 0.5]
        assert list(accuracy.get_ydata()) == [0.9, 0.91, 0.89]
        assert usual.get_xdata()[0] == 0.01


def test_comparison_draws_differences_in_points_and_win_rates():
    differences, wins = draw("comparison", comparison(), "en").axes
    assert list(differences.lines[0].get_xdata()) == [2, 2]
    assert differences.collections[0].get_segments()[0].tolist() == [[-1, 0], [5, 0]]
    assert [tick.get_text() for tick in wins.get_yticklabels()] == ["all", "digits"]
    assert list(wins.lines[0].get_xdata()) == [0.6, 0.5]


def test_probability_draws_the_reliability_and_the_error():
    reliability, error = draw("probability", probability(), "en").axes
    assert list(line(reliability, "stopped early").get_xdata()) == [0.1, 0.8]
    assert list(line(reliability, "stopped early").get_ydata()) == [0.2, 0.7]
    assert list(line(error, "measured").get_ydata()) == [0.03, 0.02, 0.04]
    assert [tick.get_text() for tick in error.get_xticklabels()] == ["25", "50", "100"]


def test_centring_draws_the_means_with_their_intervals_and_the_race():
    ratios, signs, race = draw("centring", centring(), "en").axes
    heights = [bar.get_height() for bar in ratios.patches]
    assert heights == [0.9, 0.9, 0.8, 0.8, 0.7, 0.7]
    ends = [segment[:, 1].tolist() for segment in ratios.collections[1].get_segments()]
    assert ends == [[0.7, 0.9], [0.7, 0.9]]
    assert [bar.get_height() for bar in signs.patches] == [1.0, 1.0, 0.6, 0.6]
    assert list(line(race, "2σ(2x) − 1").get_ydata()) == [2.3, 1.0, 0.09]


def test_vanishing_writes_the_factor_beside_each_function():
    layers, depths, change, loss = draw("vanishing", vanishing(), "en").axes
    assert list(line(layers, "Sigmoid ×0.01").get_ydata()) == [1e-8, 1e-6, 1e-4, 1e-2]
    assert line(layers, "ReLU ×1.00").get_ydata()[0] == 1
    # 1e-2 at depth 2, times 0.25 for each further layer
    assert line(depths, "×0.25 a layer").get_ydata() == pytest.approx([1e-2, 6.25e-4, 3.90625e-5])
    assert list(line(change, "ReLU").get_ydata()) == [0.1, 0.2, 0.3, 0.4]
    assert line(loss, "chance").get_ydata()[0] == 2.3


def test_vanishing_falls_back_on_the_two_functions_that_were_trained():
    (loss,) = draw("vanishing", {"V3": vanishing()["V3"]}, "en").axes
    assert list(line(loss, "Sigmoid").get_ydata()) == [2.3, 2.3, 2.3]
