"""The interpolated moments against those computed directly."""

import numpy as np
import pytest
from mean_field_functions import activation

from nonlin.propagation.moments import moments
from nonlin.propagation.table import table

NAMES = ["relu", "leaky_relu", "elu", "tanh", "sigmoid", "gelu", "selu", "softplus", "hardswish",
         "relu6", "jump", "shrink", "steep", "exponential", "sine"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_interpolation_is_exact_to_a_hundred_millionth(name):
    known = table(activation(name))
    log_q = np.random.default_rng(0).uniform(known.edges[0], known.edges[-1], 300)
    q = np.exp(log_q)
    direct = moments(activation(name), q)
    square, slope_square, growth = known(q)
    scale = direct.square + 1e-8 * q
    assert (np.abs(square - direct.square) / scale).max() < 1e-8
    assert (np.abs(slope_square - direct.slope_square) / (direct.slope_square + 1e-8)).max() < 1e-8
    assert (np.abs(growth - direct.growth) / (scale + q)).max() < 1e-8


def test_the_table_says_where_it_ends():
    growing, sine = table(activation("exponential")), table(activation("sine"))
    assert growing.complete
    assert growing.overflows
    assert np.exp(growing.edges[-1]) < 360.0  # exp(2 q) overflows at 354.9
    assert not sine.complete
    assert table(activation("tanh")).complete
    assert not table(activation("tanh")).overflows
