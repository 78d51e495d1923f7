"""Kinks and jumps, found from values: they are what the functions were written with."""

import math

import numpy as np
import pytest
from mean_field_functions import KINKS, activation, users

import nonlin as nl
from nonlin.propagation.kinks import find


@pytest.mark.parametrize("name", [name for name in KINKS if name != "jump"])
def test_kinks_are_found(name):
    kinks, jumps = find(activation(name))
    assert kinks == pytest.approx(KINKS[name], abs=1e-14)
    assert jumps == ()


def test_a_slope_that_changes_little_is_a_kink():
    assert find(nl.elu.bind(alpha=0.999)) == ((0.0,), ())
    assert find(nl.elu) == ((), ())


def test_a_jump_lies_between_neighbours():
    kinks, jumps = find(users("jump"))
    assert kinks == ()
    assert jumps == (math.nextafter(0.3, 1.0),)
    sawtooth = nl.Activation.from_function(
        lambda x: np.where(np.abs(x) < 2.5, x - np.floor(x), 0.0)
    )
    assert find(sawtooth)[1] == pytest.approx([-2.5, -2, -1, 0, 1, 2, 2.5], abs=1e-15)


@pytest.mark.parametrize("place", [-700.123, -1e-3, 0.1, 2.0, 17.77, 1000.5])
@pytest.mark.parametrize("slopes", [(0.0, 1.0), (1.0, 1.1), (-2.0, 2.0)])
def test_kinks_anywhere(place, slopes):
    left, right = slopes
    bent = nl.Activation.from_function(
        lambda x: np.tanh(x / 50) + np.where(x > place, right, left) * (x - place)
    )
    kinks, jumps = find(bent)
    # A few roundings of the value over the change of the slope.
    assert kinks == pytest.approx([place], abs=1e-13 * (1 + abs(place)) / (right - left))
    assert jumps == ()


def test_noise_is_no_kink():
    noise = nl.Activation.from_function(lambda x: np.sin(1e9 * x))
    assert find(noise) == ((), ())
