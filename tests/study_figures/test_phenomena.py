"""The numbers of an outcome are the numbers in its figure."""

from dataclasses import replace

import numpy as np
import pytest

from nonlin.study_figures import draw

pytest.importorskip("matplotlib")


def line(axes, label):
    (found,) = [line for line in axes.lines if line.get_label() == label]
    return found


def test_usage_counts_downwards_and_marks_relu(examples):
    transformers, timm = draw("usage", examples["usage"], "en").axes
    assert [axes.get_title() for axes in (transformers, timm)] == ["transformers", "timm"]
    assert [bar.get_width() for bar in transformers.patches] == [9, 5, 3, 2]
    names = [tick.get_text() for tick in transformers.get_yticklabels()]
    assert names == ["gelu", "silu", "relu", "gelu_pytorch_tanh"]
    assert transformers.yaxis_inverted()  # the most frequent stands on top
    # One bar has another colour than all the rest: ReLU's, wherever it stands.
    for axes, place in ((transformers, 2), (timm, 0)):
        colors = [bar.get_facecolor() for bar in axes.patches]
        marked = colors.pop(place)
        assert len(set(colors)) == 1
        assert marked not in colors


def test_linearity_writes_each_accuracy_below_its_region(examples):
    figure = draw("linearity", examples["linearity"], "en")
    assert [axes.get_xlabel() for axes in figure.axes] == ["50.0%"] * 12
    assert [axes.get_title() for axes in figure.axes[:2]] == ["Identity", "Sigmoid"]
    # A boundary where the probability crosses one half; none where it is one half everywhere.
    assert [len(axes.collections) for axes in figure.axes[:2]] == [0, 1]


def test_ranges_end_where_the_bound_is_reached(examples):
    sigmoid, elu = draw("ranges", examples["ranges"], "en").axes
    # The smallest |x| that rounds to the bound stands beside the dtype; the line ends before it.
    assert list(line(sigmoid, "float32: 17.0").get_xdata()) == [0, 10]
    assert list(line(sigmoid, "float64").get_ydata()) == [0.5, 1e-5, 1e-9]
    assert list(line(elu, "float64: 37.1").get_xdata()) == [0, 10, 20]
    assert (sigmoid.get_xlabel(), elu.get_xlabel()) == ("x", "−x")


def test_derivatives_are_broken_where_they_jump(examples):
    tiny, second, five = draw("derivatives", examples["derivatives"], "en").axes
    x, slope = line(five, "ReLU").get_data()
    assert list(x) == [-1, -0.5, 0, 0, 0, 0.5, 1]
    assert list(slope) == pytest.approx([0, 0, 0, np.nan, 1, 1, 1], nan_ok=True)
    assert list(line(five, "Tanh").get_ydata()) == [0.1, 0.5, 1, 0.5, 0.1]
    assert list(line(second, "Tanh").get_ydata()) == [1, 1, 0, -1, -1]
    labels = [text.get_text() for text in tiny.get_legend().get_texts()]
    assert labels == ["below 0.05: 40% of the axis", "largest: 0.25"]


def test_cost_draws_the_times_in_multiples_of_a_copy(examples):
    cache, memory = draw("cost", examples["cost"], "en").axes
    for axes in (cache, memory):
        assert [bar.get_height() for bar in axes.patches] == [12, 3, 8, 2, 4, 1]
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["Sigmoid", "ReLU"]
        assert line(axes, "copy").get_ydata()[0] == 1


def test_sparsity_draws_each_data_set_before_and_after_training(examples):
    for axes, name in zip(
        draw("sparsity", examples["sparsity"], "en").axes, ("digits", "breast cancer"), strict=True
    ):
        assert axes.get_title() == f"ReLU: share of zeros, {name}"
        assert list(line(axes, "before training").get_ydata()) == [0.5, 0.5, 0.5]
        assert list(line(axes, "after training").get_ydata()) == [0.4, 0.6, 0.7]


def test_dying_leaves_out_what_diverged_and_joins_the_cures(examples):
    panels = draw("dying", examples["dying"], "en").axes
    titles = ["Share of dead units", "Dead units of ReLU", "Back again"]
    assert [axes.get_title() for axes in panels] == [
        f"{title}, {optimiser}" for title in titles for optimiser in ("SGD", "Adam")
    ]
    rates, adam, training, _, back, _ = panels
    assert list(line(rates, "ReLU").get_ydata()) == [0.1, 0.5]
    assert list(line(adam, "ELU").get_ydata()) == pytest.approx([0, np.nan], nan_ok=True)
    assert list(line(training, "0.1").get_ydata()) == [0, 0.3, 0.5]
    assert [curve.get_label() for curve in training.lines] == ["0.1"]
    # Two claims measured Leaky ReLU, and all of them ReLU beside their own: each is one line.
    back = {curve.get_label(): list(curve.get_ydata()) for curve in back.lines}
    assert back == {"ReLU": [0, 0.1, 0.2], "Leaky ReLU": [0, 0.3, 0.6], "ELU": [0, 0.4, 0.8]}


def test_dyings_shares_fill_their_axis_and_legends_stand_outside(examples):
    figure = draw("dying", examples["dying"], "en")
    for axes in figure.axes:
        low, high = axes.get_ylim()
        assert -0.1 < low < 0 < 1 < high < 1.1
        assert axes.get_legend() is None
    labels = [[text.get_text() for text in part.legends[0].get_texts()] for part in figure.subfigs]
    assert labels == [["ReLU", "ELU"], ["0.1"], ["ReLU", "Leaky ReLU", "ELU"]]


def test_relu_is_seen_where_other_lines_lie_upon_it(examples):
    back = draw("dying", examples["dying"], "en").axes[4]
    relu, *others = (line(back, name) for name in ("ReLU", "Leaky ReLU", "ELU"))
    assert all(relu.get_markersize() > 1.5 * other.get_markersize() for other in others)
    assert all(relu.get_zorder() > other.get_zorder() for other in others)
    # Larger marks frame the smaller ones only if they are empty.
    assert relu.get_markerfacecolor() == "none"


def test_one_rate_has_one_look_in_both_panels(examples):
    sgd, adam = dict(examples["dying"]["R6"].series["sgd"]), examples["dying"]["R6"].series["adam"]
    sgd["rates"] = [0.01, 1.0]
    outcome = replace(examples["dying"]["R6"], series={"sgd": sgd, "adam": adam})
    _, _, left, right = draw("dying", {"R6": outcome}, "en").axes
    assert line(left, "0.01").get_color() != line(right, "0.1").get_color()


def test_linearity_leaves_no_empty_band_between_its_rows(examples):
    figure = draw("linearity", examples["linearity"], "en")
    figure.draw_without_rendering()
    above, below = (figure.axes[i].get_position() for i in (0, 6))
    # The accuracies stand there: half the height of a panel is more than they need.
    assert above.y0 - below.y1 < 0.5 * above.height


def test_slope_draws_what_each_data_set_gains_over_the_usual_slope(examples):
    (axes,) = draw("slope", examples["slope"], "en").axes
    assert axes.get_title() == "Test accuracy less that at 0.01, percentage points"
    for label, gains in (("digits", [-1, 0, -2]), ("cancer", [1, 0, 2])):
        assert list(line(axes, label).get_xdata()) == [0.001, 0.01, 0.5]
        assert list(line(axes, label).get_ydata()) == pytest.approx(gains)
    assert line(axes, "usual: 0.01").get_xdata()[0] == 0.01


def test_comparison_draws_the_differences_at_each_depth_in_points(examples):
    panels = draw("comparison", examples["comparison"], "en").axes
    for axes, depth in zip(panels, (2, 4, 8), strict=True):
        assert axes.get_title() == f"ELU − ReLU (pp), {depth} layers"
        assert list(axes.lines[0].get_xdata()) == [depth, depth]
        assert axes.collections[0].get_segments()[0].tolist() == [[-1, 0], [10, 0]]
        assert [tick.get_text() for tick in axes.get_yticklabels()] == ["digits", "cancer"]


def test_probability_draws_the_reliability_and_the_error(examples):
    reliability, error = draw("probability", examples["probability"], "en").axes
    assert list(line(reliability, "stopped early").get_xdata()) == [0.1, 0.8]
    assert list(line(reliability, "stopped early").get_ydata()) == [0.2, 0.7]
    assert list(line(error, "measured").get_ydata()) == [0.03, 0.02, 0.04]
    assert [tick.get_text() for tick in error.get_xticklabels()] == ["25", "50", "100"]


def test_centring_draws_the_means_with_their_intervals_and_the_race(examples):
    ratios, signs, race = draw("centring", examples["centring"], "en").axes
    heights = [bar.get_height() for bar in ratios.patches]
    assert heights == [0.9, 0.9, 0.8, 0.8, 0.7, 0.7]
    ends = [segment[:, 1].tolist() for segment in ratios.collections[1].get_segments()]
    assert ends == [[0.7, 0.9], [0.7, 0.9]]
    assert [bar.get_height() for bar in signs.patches] == [1.0, 1.0, 0.6, 0.6]
    assert list(line(race, "2σ(2x) − 1").get_ydata()) == [2.3, 1.0, 0.09]


def test_vanishing_writes_the_factor_beside_each_function(examples):
    layers, depths, change, loss = draw("vanishing", examples["vanishing"], "en").axes
    assert list(line(layers, "Sigmoid ×0.01").get_ydata()) == [1e-8, 1e-6, 1e-4, 1e-2]
    assert list(line(layers, "Tanh ×0.50").get_ydata()) == [0.1, 0.2, 0.4, 0.8]
    assert line(layers, "ReLU ×1.00").get_ydata()[0] == 1
    # 1e-2 at depth 2, times 0.25 for each further layer
    assert line(depths, "×0.25 a layer").get_ydata() == pytest.approx([1e-2, 6.25e-4, 3.90625e-5])
    assert list(line(change, "ReLU").get_ydata()) == [0.1, 0.2, 0.3, 0.4]
    names = ["Sigmoid", "Tanh", "ReLU", "Leaky ReLU", "ELU", "chance"]
    assert [curve.get_label() for curve in loss.lines] == names
    assert line(loss, "chance").get_ydata()[0] == 2.3


def test_vanishing_falls_back_on_the_pair_and_its_control(examples):
    (loss,) = draw("vanishing", {"V3": examples["vanishing"]["V3"]}, "en").axes
    assert list(line(loss, "Sigmoid").get_ydata()) == [2.3, 2.3, 2.3]
    assert list(line(loss, "sigmoid from tanh's start").get_ydata()) == [2.3, 1.0, 0.5]
