import numpy as np
import pytest
import torch
from theory import training
from theory.training import MULTIPLES, WIDTH, Budget, Start, accuracies, depth_limit, starts

import nonlin as nl
from nonlin.propagation import critical_initialization, propagate
from nonlin.study.networks import Ensemble


def test_each_member_has_its_start_and_all_the_same_draw():
    chosen = [Start("", 0.5), Start("default", 1 / 3, 1 / 192), Start("he", 2.0)]
    ensemble = Ensemble([64, WIDTH, WIDTH, 10], "tanh", [0, 1] * 3, "xavier")
    training._scale(ensemble, chosen, 2)
    for weight in list(ensemble.weights)[:2]:
        # 4,096 weights: the standard error of a variance is 2.2 %.
        found = weight.detach().var((1, 2)) * WIDTH
        np.testing.assert_allclose(found, [0.5, 0.5, 1 / 3, 1 / 3, 2, 2], rtol=0.1)
        torch.testing.assert_close(weight[0] * 2, weight[4])
    last = ensemble.weights[-1].detach().var((1, 2)) * WIDTH
    np.testing.assert_allclose(last, [1, 1, 1 / 3, 1 / 3, 1, 1], rtol=0.25)
    biases = ensemble.biases[0].detach()
    assert (biases[[0, 1, 4, 5]] == 0).all()
    assert biases[2:4].var().item() == pytest.approx(1 / 192, rel=0.4)


def test_the_columns_stand_around_the_critical_variance():
    found = starts("sigmoid")
    critical = critical_initialization(nl.sigmoid).weight_variance
    columns = [start.weight_variance / critical for start in found[: len(MULTIPLES)]]
    assert columns == pytest.approx(MULTIPLES)
    assert [start.name for start in found[len(MULTIPLES) :]] == [
        "default", "xavier", "he", "critical",
    ]  # fmt: skip


def test_the_limit_is_six_depth_scales_of_the_correlation():
    # tanh at (2.5, 0.05) has xi_c = 11.796 (reference), at (1.3, 0.05) 7.834.
    assert depth_limit("tanh", Start("", 2.5, 0.05)) == pytest.approx(6 * 11.796, rel=1e-3)
    assert depth_limit("tanh", Start("", 1.3, 0.05)) == pytest.approx(6 * 7.834, rel=1e-3)
    # Below criticality at zero bias lengths vanish, and gradients with them by chi1 = sw2.
    assert depth_limit("tanh", Start("", 0.5)) == pytest.approx(6 / np.log(2))
    assert propagate(nl.tanh, weight_variance=0.5, depth=1).q_star == 0.0


def test_a_shallow_network_learns_and_a_deep_one_at_the_wrong_variance_does_not():
    budget = Budget((3, 24), 1, 60, (0.03, 0.003))
    shallow, deep = (accuracies("tanh", depth, budget) for depth in budget.depths)
    assert len(shallow) == len(starts("tanh"))
    critical = MULTIPLES.index(1.0)
    assert shallow[critical][0] > 0.8
    # 0.3 of the critical variance: 24 layers are five times the predicted limit of 5.
    assert deep[0][0] < 0.25
    assert deep[critical][0] > 0.5


def test_small_networks_leave_numbers_and_threads_as_they_were():
    threads, least = torch.get_num_threads(), torch.tensor(1e-40)
    with training.small_networks():
        assert torch.get_num_threads() == 1
        assert (least * 0.5).item() == 0.0
    assert torch.get_num_threads() == threads
    assert (least * 0.5).item() > 0.0
