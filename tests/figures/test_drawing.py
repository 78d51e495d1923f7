"""A plot, read back from matplotlib's own objects."""

import numpy as np
import pytest

import nonlin as nl
from nonlin.figures import plot, sampling

pytest.importorskip("matplotlib")


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
        ((3,), {}, TypeError, "argument 1 is 3"),
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
    titles = [axes.get_title() for axes in plot(nl.relu, nl.tanh, derivative=True).axes]
    assert titles == ["Activation functions", "Derivatives"]
