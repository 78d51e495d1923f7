import numpy as np
import pytest
import torch
from theory.networks import CORRELATION, RandomNetworks, Size, inputs, measure
from theory.points import Point
from theory.store import Store, from_json, to_json, wanted
from theory.summary import summarise

import nonlin as nl

POINTS = [Point("ordered", 1.0, 0.0, 1.0), Point("critical", 2.0, 0.0, 3.0)]


def test_inputs_have_their_length_and_correlation_exactly():
    x = inputs(POINTS, 100, torch.Generator().manual_seed(0)).double().numpy()
    assert x.shape == (2, 4, 100)
    np.testing.assert_allclose((x**2).mean(-1), [[1.0] * 4, [3.0] * 4], rtol=1e-5)
    for one, other in ((0, 1), (2, 3)):
        cosine = (x[1, one] * x[1, other]).mean() / 3.0
        assert cosine == pytest.approx(CORRELATION, rel=1e-5)
    assert (x[0, 0] * x[0, 2]).mean() == pytest.approx(0.0, abs=1e-5)


def test_two_points_are_two_networks():
    size = Size(8, 3, 1)
    networks = RandomNetworks(nl.tanh, [Point("", 1.5, 0.2, 1.0), Point("", 0.5, 0.0, 1.0)], size)
    networks.draw(torch.Generator().manual_seed(0))
    x = torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(1))
    found = networks(x)
    for place, (weight, bias) in enumerate([(1.5, 0.2), (0.5, 0.0)]):
        layers = []
        for layer in networks.layers:
            made = torch.nn.Linear(8, 8)
            made.weight.data = layer.weight * (weight / 8) ** 0.5
            made.bias.data = layer.bias * bias**0.5
            layers += [made, torch.nn.Tanh()]
        plain = torch.nn.Sequential(*layers[:-1])
        torch.testing.assert_close(found[-1][place], plain(x[place]))


def test_relu_is_measured_as_predicted():
    size = Size(400, 12, 6)
    found = measure(nl.relu, POINTS, size)
    ordered, critical = (summarise(nl.relu, entry) for entry in from_json(to_json(POINTS, found)))
    # chi = sw2 / 2. A factor a layer strays by sqrt(5 / 400); over 6 x 11 of them by 1.4 %.
    assert ordered.factor.predicted == pytest.approx(0.5)
    assert ordered.factor.measured.value == pytest.approx(0.5, rel=0.06)
    assert critical.factor.measured.value == pytest.approx(1.0, rel=0.06)
    assert critical.judged.measured.value == pytest.approx(1.0, rel=0.06)
    assert critical.kept == "growth"
    assert ordered.theory.correlations[-1] == pytest.approx(ordered.correlation[1].value, abs=0.05)


def test_draws_are_seeded_and_differ():
    size = Size(20, 3, 2)
    one, other = measure(nl.elu, POINTS, size), measure(nl.elu, POINTS, size)
    np.testing.assert_array_equal(one[1][1].factors, other[1][1].factors)
    assert (one[1][0].factors != one[1][1].factors).all()


def test_a_linear_network_has_the_gradient_of_its_product():
    act = nl.Activation.from_function(lambda x: x * 1.0, np.ones_like, name="same")
    size = Size(16, 2, 1)
    (found,) = measure(act, POINTS[:1], size)
    assert found[0].factors.shape == (1,)
    # delta_1 = W_2^T delta_2, whose mean square is near that of delta_2 for sw2 = 1.
    assert 0.2 < found[0].factors[0] < 3.0


def test_a_store_gives_back_what_fits_alone(tmp_path):
    size = Size(20, 3, 2)
    store = Store(tmp_path, {"torch": "2"})
    found = measure(nl.elu, POINTS, size)
    key = wanted(POINTS, size)
    assert store.load("elu", key) is None
    store.save("elu", {"points": to_json(POINTS, found), "seconds": 2.0}, key)
    kept = from_json(store.load("elu", key)["points"])
    assert kept[1].point == POINTS[1]
    np.testing.assert_allclose(kept[1].lengths[1], found[1][1].lengths, rtol=1e-6)
    assert store.load("elu", wanted(POINTS, Size(20, 3, 3))) is None
    assert Store(tmp_path, {"torch": "3"}).load("elu", key) is None
    assert store.seconds("el") == 2.0
