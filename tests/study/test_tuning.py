import pytest
import torch

from nonlin.study.data import load
from nonlin.study.training import evaluate
from nonlin.study.tuning import best_variant, copy_of_best, train_at_rates, validation_score


def test_the_better_accuracy_wins_then_the_lower_loss_and_divergence_is_out():
    loss = torch.tensor([0.1, 0.3, 0.2, torch.nan])
    accuracy = torch.tensor([0.90, 0.95, 0.95, 1.0])
    score = validation_score(loss, accuracy)
    assert score.argmax() == 2
    assert score[3] == -torch.inf


def test_a_rate_that_diverges_under_one_seed_is_not_picked():
    assert best_variant(torch.tensor([[0.5, 0.5], [0.9, -torch.inf]])) == 0
    with pytest.raises(ValueError, match="every learning rate diverged"):
        best_variant(torch.full((2, 2), -torch.inf))


def test_the_copy_of_the_best_is_the_best():
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8], "relu", (1e-6, 0.03), 40)
    assert trained.best == 1  # a rate of 1e-6 leaves the network where it started
    assert trained.rate == 0.03
    accuracy = evaluate(copy_of_best(trained), data.test)[1]
    torch.testing.assert_close(accuracy, trained.test_accuracy[1])
    assert torch.equal(trained.of_best(torch.arange(4)), torch.tensor([2, 3]))
