import math

import pytest
import torch

from nonlin.study.networks import ACTIVATIONS, Ensemble, critical_variances, initial_weights


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_a_member_computes_what_torch_modules_compute(activation):
    ensemble = Ensemble([3, 5, 2], activation, [0, 1])
    x = torch.randn(2, 7, 3, generator=torch.Generator().manual_seed(0))
    for member in range(2):
        first, last = torch.nn.Linear(3, 5), torch.nn.Linear(5, 2)
        with torch.no_grad():
            for layer, index in ((first, 0), (last, 1)):
                layer.weight.copy_(ensemble.weights[index][member].T)
                layer.bias.copy_(ensemble.biases[index][member])
        expected = last(ACTIVATIONS[activation](first(x[member])))
        torch.testing.assert_close(ensemble(x)[member], expected)


def test_one_seed_one_start():
    ensemble = Ensemble([3, 4, 2], "relu", [7, 8, 7])
    assert torch.equal(ensemble.weights[0][0], ensemble.weights[0][2])
    assert not torch.equal(ensemble.weights[0][0], ensemble.weights[0][1])
    assert ensemble.members == 3


@pytest.mark.parametrize(
    ("init", "variance", "bias_variance"),
    [("xavier", 2 / (200 + 300), 0.0), ("he", 2 / 200, 0.0), ("default", 1 / 600, 1 / 600)],
)
def test_the_variances_of_the_starts(init, variance, bias_variance):
    # Glorot and Bengio 2010; He et al. 2015; torch.nn.Linear: uniform, variance 1 / (3 fan_in).
    weight, bias = initial_weights(init, 200, 300, torch.Generator().manual_seed(0))
    assert weight.var().item() == pytest.approx(variance, rel=0.03)
    assert bias.var().item() == pytest.approx(bias_variance, rel=0.25)
    if init == "default":
        assert weight.abs().max() <= 1 / math.sqrt(200)


def test_the_last_layer_starts_with_xavier_beside_he():
    ensemble = Ensemble([400, 400, 400], "relu", [0])
    variances = [weight.var().item() for weight in ensemble.weights]
    assert variances == pytest.approx([2 / 400, 2 / 800], rel=0.03)


def test_a_sigmoid_network_can_start_as_a_tanh_network():
    sizes, seeds = [5, 7, 6, 3], [0, 1]
    x = torch.randn(2, 9, 5, generator=torch.Generator().manual_seed(0))
    tanh = Ensemble(sizes, "tanh", seeds, "xavier")
    sigmoid = Ensemble(sizes, "sigmoid", seeds, "as_tanh")
    torch.testing.assert_close(sigmoid(x), tanh(x))
    with pytest.raises(ValueError, match="only the sigmoid starts as tanh, got 'relu'"):
        Ensemble(sizes, "relu", seeds, "as_tanh")


def test_the_critical_start_has_the_critical_variance():
    ensemble = Ensemble([300, 400, 10], "tanh", [0], "critical")
    # sw2 = 1.76 at sb2 = 0.05, from mean-field theory.
    assert 300 * ensemble.weights[0].var().item() == pytest.approx(1.761, rel=0.03)
    assert ensemble.biases[0].var().item() == pytest.approx(0.05, rel=0.25)
    assert critical_variances("relu") == (2.0, 0.0)
    with pytest.raises(ValueError, match="hangs on the function"):
        initial_weights("critical", 2, 2, torch.Generator())
