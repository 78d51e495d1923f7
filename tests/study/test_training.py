import pytest
import torch

from nonlin.study.data import load
from nonlin.study.networks import Ensemble
from nonlin.study.training import batches, evaluate, flushed, member_losses, train


def fresh(seeds, activation="tanh"):
    data = load("breast_cancer", 3)
    return Ensemble([data.inputs, 8, 8, data.classes], activation, seeds)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_member_alone_follows_the_trajectory_it_follows_in_company(optimiser):
    data = load("breast_cancer", 3)
    together = fresh([0, 1, 2] * 2)
    rates = [0.01] * 3 + [0.03] * 3
    losses = train(together, data, rates, 30, optimiser=optimiser)
    alone = fresh([0])
    # Seed 0's data alone: a stack of one.
    own = load("breast_cancer", 1)
    own_losses = train(alone, own, [0.03], 30, optimiser=optimiser)
    torch.testing.assert_close(losses[:, 3:4], own_losses, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(together.weights[1][3], alone.weights[1][0], rtol=1e-4, atol=1e-5)


def test_a_member_that_diverges_harms_no_other():
    data = load("breast_cancer", 3)
    ensemble = fresh([0, 1, 2] * 2, "relu")
    losses = train(ensemble, data, [0.01] * 3 + [1e6] * 3, 20)
    assert not losses[:, 3:].isfinite().all()
    alone = fresh([0, 1, 2], "relu")
    torch.testing.assert_close(losses[:, :3], train(alone, data, [0.01] * 3, 20))


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_the_steps_are_those_of_torch_optim(optimiser):
    data = load("breast_cancer", 1)
    ours, theirs = fresh([0]), fresh([0])
    train(ours, data, [0.02], 10, optimiser=optimiser)
    peers = {
        "sgd": torch.optim.SGD(theirs.parameters(), lr=0.02, momentum=0.9),
        "adam": torch.optim.Adam(theirs.parameters(), lr=0.02),
    }
    for x, y in batches(data.train, 64, 10):
        peers[optimiser].zero_grad()
        member_losses(theirs(x), y).sum().backward()
        peers[optimiser].step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_an_epoch_takes_every_sample_at_most_once():
    data = load("breast_cancer", 2)
    epoch = data.train.y.shape[1] // 64
    drawn = torch.cat([x for x, _ in batches(data.train, 64, epoch)], dim=1)
    for seed in range(2):
        assert len(drawn[seed].unique(dim=0)) == epoch * 64


def test_the_loss_at_chance_and_the_accuracy_of_one_answer():
    data = load("digits", 1)
    ensemble = Ensemble([64, 10], "identity", [0])
    with torch.no_grad():
        ensemble.weights[0].zero_()
        ensemble.biases[0].zero_()
    loss, accuracy = evaluate(ensemble, data.test)
    assert loss.item() == pytest.approx(2.302585, abs=1e-5)  # ln 10
    # All logits agree, so argmax answers 0: the share of zeros among the test digits.
    assert accuracy.item() == pytest.approx((data.test.y == 0).double().mean().item())


def test_subnormals_come_back_after_flushing():
    tiny = torch.tensor([1e-40])
    with flushed():
        assert (tiny * 1.0).item() == 0.0
    assert (tiny * 1.0).item() != 0.0
