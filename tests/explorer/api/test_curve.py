"""Curves over the API are the kernels' own."""

import numpy as np
import pytest

import nonlin as nl


@pytest.fixture
def curve(ask):
    return lambda **query: ask("curve", **query)


def test_values_and_derivatives_are_the_kernels_in_the_dtype(curve):
    found = curve(f=["elu(alpha=0.5)", "gelu"], start=-3, stop=2, points=11, dtype="float32")
    x = np.linspace(-3, 2, 11).astype(np.float32)
    # JSON has the digits that tell float32 apart.
    assert np.float32(found["x"]).tolist() == x.tolist()
    for each, act in zip(found["curves"], (nl.elu.bind(alpha=0.5), nl.gelu), strict=True):
        assert np.float32(each["value"]).tolist() == act(x).tolist()
        assert np.float32(each["derivative"]).tolist() == act.derivative(x).tolist()


def test_a_formula_is_drawn_as_the_function_it_is(curve):
    found = curve(f="formula:x*tanh(log(1+exp(x)))", points=5, dtype="float64")
    (mish,) = found["curves"]
    assert mish["value"] == pytest.approx(nl.mish(np.linspace(-5, 5, 5)).tolist(), rel=1e-12)
    assert mish["naive"] is None


def test_saturated_and_dead_regions_are_those_of_the_facts_cut_to_what_is_shown(curve):
    sigmoid, relu = curve(f=["sigmoid", "relu"], start=-8, stop=8)["curves"]
    end = nl.properties(nl.sigmoid).saturated.value[1].lower
    assert sigmoid["saturated"] == [[-8, pytest.approx(-end)], [pytest.approx(end), 8]]
    assert sigmoid["dead"] == []
    assert (relu["dead"], relu["supremum"]) == ([[-8, 0]], 1)


def test_an_unbounded_slope_is_written_as_a_word_and_saturates_nowhere(curve):
    (found,) = curve(f="exponential")["curves"]
    assert (found["supremum"], found["saturated"]) == ("inf", [])


@pytest.mark.parametrize(
    ("function", "x", "textbook", "exact"),
    [
        # exp(x) - 1 has no digits left below float32's rounding, 6e-8.
        ("elu", -1e-8, 0.0, -1e-8),
        # x(1 + tanh(...)) aside, 1/(1 + exp(90)) is 1/inf, and its slope inf/inf.
        ("sigmoid", -90.0, 0.0, 8.194013e-40),
        # log(1 + exp(100)) is log(inf).
        ("softplus", 100.0, "inf", 100.0),
    ],
)
def test_the_textbook_breaks_where_the_kernel_does_not(curve, function, x, textbook, exact):
    found = curve(f=function, start=x, stop=x + 1e-9 if abs(x) < 1 else x + 1, points=2, naive=1)
    (each,) = found["curves"]
    assert each["naive"]["value"][0] == textbook
    assert each["value"][0] == pytest.approx(exact, rel=1e-6)


def test_the_textbook_slope_of_the_sigmoid_is_no_number_far_out(curve):
    (each,) = curve(f="sigmoid", start=-200, stop=-100, points=2, naive=1)["curves"]
    assert each["naive"]["derivative"] == [None, None]
    assert each["naive"]["formula"] == "1/(1 + exp(-x))"


@pytest.mark.parametrize("function", nl.names())
def test_the_textbook_agrees_with_the_kernel_where_it_does_not_break(curve, function):
    found = curve(f=function, start=-1.9, stop=2.1, points=9, dtype="float64", naive=1)
    (each,) = found["curves"]
    assert each["naive"]["value"] == pytest.approx(each["value"], rel=1e-12, abs=1e-15)
    assert each["naive"]["derivative"] == pytest.approx(each["derivative"], rel=1e-12, abs=1e-15)


def test_the_textbook_takes_the_parameters_of_the_function(curve):
    (each,) = curve(f="elu(alpha=0.25)", start=-2, stop=2, points=5, naive=1)["curves"]
    assert each["naive"]["value"] == pytest.approx(each["value"], rel=1e-6)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "name between 1 and 8 functions with f=; 0 were given"),
        ({"f": ["relu"] * 9}, "name between 1 and 8 functions with f=; 9 were given"),
        ({"f": "rleu"}, "there is no function 'rleu'"),
        ({"f": "elu(beta=1)"}, "cannot read the parameter 'beta=1'"),
        ({"f": "elu(alpha=nan)"}, "alpha must lie between -1e+06 and 1e+06, but is nan"),
        ({"f": "gelu(approximate=erf)"}, "approximate expects one of none, tanh"),
        ({"f": "relu", "points": "4002"}, "points must lie between 2 and 4001, but is 4002"),
        ({"f": "relu", "points": "1e3"}, "points expects a whole number, but got '1e3'"),
        ({"f": "relu", "start": "nan"}, "start expects a number, but got 'nan'"),
        ({"f": "relu", "start": "2", "stop": "1"}, "start must lie below stop"),
        ({"f": "relu", "dtype": "int8"}, "dtype expects one of float16, float32, float64"),
        ({"f": "relu", "pionts": "3"}, "there is no parameter 'pionts'; did you mean points?"),
        ({"f": "relu", "points": ["3", "4"]}, "points is given more than once"),
        ({"f": "squareplus(b=-4)"}, "squareplus has no finite value somewhere"),
    ],
)
def test_a_wrong_question_is_answered_in_one_sentence(refused, query, sentence):
    assert refused(400, "curve", **query).startswith(sentence)


def test_the_sentence_is_in_the_language_of_the_reader(refused):
    assert refused(400, "curve", f="relu", points=1, lang="ko") == (
        "points 값은 최소 2, 최대 4001인데 1 값이 왔습니다"
    )
