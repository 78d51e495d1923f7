import torch

from nonlin.study.data import Part
from nonlin.study.networks import Ensemble
from nonlin.study.units import dead, highest, zero_outputs


def planted(activation):
    """One layer of three units on inputs -1 and 1: alive, positive on one input, below -200."""
    ensemble = Ensemble([1, 3, 2], activation, [0])
    with torch.no_grad():
        ensemble.weights[0].copy_(torch.tensor([[[1.0, 1.0, 0.0]]]))
        ensemble.biases[0].copy_(torch.tensor([[2.0, 0.5, -200.0]]))
    part = Part(torch.tensor([[[-1.0], [1.0]]]), torch.tensor([[0, 1]]))
    return ensemble, part


def test_the_planted_dead_unit_is_found():
    for activation, expected in {
        "relu": [False, False, True],
        "leaky_relu": [False, False, False],
        # exp(-200) is 0 in float32: so far out ELU is as dead as ReLU.
        "elu": [False, False, True],
    }.items():
        ensemble, part = planted(activation)
        assert dead(ensemble, part).tolist() == [[expected]]


def test_a_diverged_unit_is_not_a_dead_one():
    ensemble, part = planted("relu")
    with torch.no_grad():
        ensemble.biases[0][0, 2] = torch.nan
    assert dead(ensemble, part).tolist() == [[[False, False, False]]]


def test_zeros_and_heights_of_the_planted_units():
    ensemble, part = planted("relu")
    # Outputs: (1, 0, 0) on -1 and (3, 1.5, 0) on 1; three of six are exactly zero.
    assert zero_outputs(ensemble, part).tolist() == [[0.5]]
    assert highest(ensemble, part).tolist() == [[[3.0, 1.5, -200.0]]]


def test_relus_derivative_at_the_kink_is_zero():
    ensemble, part = planted("relu")
    with torch.no_grad():
        ensemble.biases[0][0, 1] = -1.0
    # The second unit's pre-activations are -2 and 0.
    assert dead(ensemble, part).tolist() == [[[False, True, True]]]


def test_a_member_is_the_network_that_the_ensemble_has():
    ensemble = Ensemble([4, 8, 8, 3], "elu", [0, 1])
    x = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(0))
    for index in range(2):
        torch.testing.assert_close(ensemble.member(index)(x[index]), ensemble(x)[index])
