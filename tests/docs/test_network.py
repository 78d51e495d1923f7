"""The lessons' network: its gradient is that of its loss."""

import numpy as np
import pytest

import nonlin as nl
from nonlin.tutorial import Network


@pytest.mark.parametrize(
    "act", [nl.sigmoid, nl.tanh, nl.elu, nl.identity], ids=lambda act: act.name
)
def test_gradients_are_differences_of_the_loss(act):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(20, 3)), np.arange(20) % 2
    network = Network([3, 4, 4, 1], act, seed=1)
    _, by_weights, by_biases = network.gradients(x, y)
    # A central difference with step h is off by h^2 and by rounding / h: about 1e-10 here.
    step = 1e-5
    for parameters, grads in ((network.weights, by_weights), (network.biases, by_biases)):
        for parameter, grad in zip(parameters, grads, strict=True):
            for index in np.ndindex(parameter.shape):
                kept = parameter[index]
                losses = []
                for moved in (kept + step, kept - step):
                    parameter[index] = moved
                    losses.append(network.gradients(x, y)[0])
                parameter[index] = kept
                assert grad[index] == pytest.approx((losses[0] - losses[1]) / (2 * step), abs=1e-8)


def test_dead_units_are_counted():
    network = Network([3, 4, 1], nl.relu, seed=1)
    network.biases[0][:3] = -100.0
    x = np.random.default_rng(0).normal(size=(50, 3))
    assert network.dead_units(x) == [0.75]


def test_the_same_seed_gives_the_same_training():
    x, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
    losses = [Network([2, 8, 1], nl.tanh, seed=4).train(x, y, 5, 0.1) for _ in range(2)]
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0]
