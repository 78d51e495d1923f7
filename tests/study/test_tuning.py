import pytest
import torch

from nonlin.study.data import load
from nonlin.study.training import evaluate
from nonlin.study.tuning import (
    copy_of_best,
    copy_of_rate,
    train_at_rates,
    train_bracketed,
    validation_score,
)


def test_the_better_accuracy_wins_then_the_lower_loss():
    loss = torch.tensor([0.1, 0.3, 0.2])
    accuracy = torch.tensor([0.90, 0.95, 0.95])
    assert validation_score(loss, accuracy, 2).argmax() == 2


def test_a_run_that_diverged_scores_as_one_that_guesses():
    loss = torch.tensor([torch.nan, 0.5, 5.0])
    accuracy = torch.tensor([1.0, 0.6, 0.4])
    diverged, better, worse = validation_score(loss, accuracy, 2).tolist()
    assert worse < diverged < better
    assert diverged == pytest.approx(0.5, abs=1e-3)


def test_each_seed_has_its_own_rate():
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8], "relu", (1e-6, 0.03), 40)
    score = torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=torch.float64)
    object.__setattr__(trained, "score", score)
    assert trained.best.tolist() == [0, 1]
    assert trained.rate == [1e-6, 0.03]
    assert trained.at_best(score).tolist() == [0.9, 0.8]
    # Members are rate-major: seed 0 at the first rate, seed 1 at the second.
    assert trained.of_best(torch.arange(4)).tolist() == [0, 3]


def test_the_copy_of_the_best_is_the_best():
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8], "relu", (1e-6, 0.03), 40)
    assert trained.rate == [0.03, 0.03]  # a rate of 1e-6 leaves the network where it started
    accuracy = evaluate(copy_of_best(trained), data.test)[1]
    torch.testing.assert_close(accuracy, trained.test_accuracy[1])
    assert evaluate(copy_of_rate(trained, 0), data.train)[0].tolist() == pytest.approx(
        trained.train_loss[0].tolist()
    )


def test_frozen_layers_stay():
    data = load("breast_cancer", 2)
    trained = train_at_rates(data, [8, 8], "relu", (0.03,), 10, frozen=1)
    same = [
        torch.equal(start, weight)
        for start, weight in zip(trained.start, trained.ensemble.weights, strict=True)
    ]
    assert same == [True, False, False]


def test_a_grid_grows_until_the_best_rate_lies_inside():
    data = load("breast_cancer", 2)
    found = train_bracketed(data, [8], "relu", (1e-5, 1e-4), 40, most=4)
    # Each rate is ten times the one before; forty steps at 1e-3 beat 1e-4.
    assert len(found.rates) > 2
    assert found.rates == pytest.approx([1e-5 * 10**k for k in range(len(found.rates))])
    best = int(found.score.mean(1).argmax())
    assert len(found.rates) == 6 or 0 < best < len(found.rates) - 1
    assert found.test_accuracy.shape == found.score.shape == (len(found.rates), 2)


def test_a_grid_grows_downwards_too():
    data = load("breast_cancer", 2)
    found = train_bracketed(data, [8], "relu", (3.0, 300.0), 40, most=1)
    assert found.rates == pytest.approx([0.03, 3.0, 300.0])
    alone = train_at_rates(data, [8], "relu", (0.03,), 40)
    torch.testing.assert_close(found.test_accuracy[0], alone.test_accuracy[0])
