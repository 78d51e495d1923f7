"""What is proved of the derivatives, against results known from calculus."""

import math

import pytest
import sympy

import nonlin as nl
from nonlin.catalogue import DOCUMENT
from nonlin.study import derivative_proofs as proofs


@pytest.mark.parametrize("name", DOCUMENT)
def test_every_derivative_has_the_textbook_form(name):
    assert all(difference == 0 for difference in proofs.differences(nl.get(name)))


def test_a_wrong_form_is_told_apart(monkeypatch):
    wrong = sympy.Symbol("x", real=True)
    monkeypatch.setattr(proofs.symbolic, "derivative", lambda activation, bound: wrong)
    assert not any(difference == 0 for difference in proofs.differences(nl.relu))


@pytest.mark.parametrize(
    ("activation", "slopes"),
    [
        (nl.sigmoid, (sympy.Rational(1, 4), sympy.Rational(1, 4))),
        (nl.tanh, (1, 1)),
        (nl.relu, (0, 1)),
        (nl.leaky_relu, (sympy.Rational(1, 100), 1)),
        (nl.elu.bind(alpha=0.5), (sympy.Rational(1, 2), 1)),
    ],
)
def test_slopes_at_0(activation, slopes):
    assert proofs.one_sided_slopes(activation) == slopes


def test_elus_pieces_meet_with_one_slope_for_alpha_1_and_bend_by_1():
    alpha, jump = proofs.join_of_elu()
    # Slopes alpha and 1; second derivatives alpha and 0, with the default alpha = 1.
    assert (alpha.value, jump.value) == (1.0, -1.0)


def test_second_derivatives_peak_where_calculus_says():
    # sigmoid'' = s(1 - s)(1 - 2s) is extreme at s = 1/2 +- sqrt(3)/6; tanh'' = -2 t(1 - t^2) at
    # t = +-1/sqrt(3).
    assert proofs.largest_second_derivative(nl.sigmoid) == pytest.approx(math.sqrt(3) / 18)
    assert proofs.largest_second_derivative(nl.tanh) == pytest.approx(4 * math.sqrt(3) / 9)


def test_slope_jumps():
    assert proofs.slope_jump(nl.sigmoid) == 0
    assert proofs.slope_jump(nl.relu) == 1
    assert proofs.slope_jump(nl.leaky_relu) == pytest.approx(0.99)


def test_sigmoids_slope_is_below_a_twentieth_beyond_ln_of_9_plus_4_root_5():
    numbers = {number.name: number.value for number in proofs.small_slope(nl.sigmoid)}
    # s(1 - s) = 1/20 gives exp(x) = 9 + 4 sqrt(5).
    crossing = math.log(9 + 4 * math.sqrt(5))
    assert numbers["largest_slope"] == 0.25
    assert numbers["slope_is_tiny_beyond"] == pytest.approx(crossing)
    assert numbers["share_of_range_tiny"] == pytest.approx(1 - crossing / 10)
    # 2 (1 - Phi(2.88727)) from a table of the normal distribution.
    assert numbers["share_of_normal_tiny"] == pytest.approx(0.00389, abs=1e-5)


def test_tanh_is_a_scaled_sigmoid_and_another_scale_is_not(monkeypatch):
    assert proofs.is_scaled_sigmoid()
    monkeypatch.setattr(proofs, "tanh", nl.relu)
    assert not proofs.is_scaled_sigmoid()
