"""Which loss a function is, however it is written: found by its derivative."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine
from nonlin.torch.measuring.losses import recognise

SAMPLES, CLASSES = 24, 5
ROWS = torch.arange(SAMPLES)
GENERATOR = torch.Generator().manual_seed(0)
OUTPUTS = torch.randn(SAMPLES, CLASSES, generator=GENERATOR)
LABELS = ROWS % CLASSES
ONE_HOT = F.one_hot(LABELS, CLASSES).float()
SOFT = torch.randn(SAMPLES, CLASSES, generator=GENERATOR).softmax(1)
AMOUNTS = 300.0 * torch.randn(SAMPLES, CLASSES, generator=GENERATOR) + 50.0
ONE = torch.randn(SAMPLES, 1, generator=GENERATOR)
BINARY = (ONE > 0).float()
WEIGHTS = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])


class Entropy(nn.Module):
    """Cross entropy with a weight for each class, as a module of the user's."""

    def forward(self, outputs, targets):
        picked = outputs.log_softmax(1).gather(1, targets[:, None]).squeeze(1)
        return -(picked * WEIGHTS[targets]).sum() / WEIGHTS[targets].sum()


def masked(outputs, targets):
    """Mean over the samples whose label is not 3."""
    kept = targets != 3
    return -outputs.log_softmax(1)[ROWS, targets][kept].mean()


def binary(o, t, eps=0.0):
    return (-t * torch.log(o + eps) - (1 - t) * torch.log(1 - o + eps)).mean()


WAYS = {
    "softmax and log": (lambda o, t: -(t * torch.log(o.softmax(1))).sum(1).mean(), ONE_HOT,
                        "cross_entropy"),
    "exp, sum, log": (lambda o, t: (o.exp().sum(1).log() - o[ROWS, t]).mean(), LABELS,
                      "cross_entropy"),
    "logsumexp": (lambda o, t: (o.logsumexp(1) - o[ROWS, t]).sum(), LABELS, "cross_entropy"),
    "soft labels": (lambda o, t: -(t * o.log_softmax(1)).sum(1).mean(), SOFT, "cross_entropy"),
    "a weight for each class": (Entropy(), LABELS, "cross_entropy"),
    "some left out": (masked, LABELS, "cross_entropy"),
    "something added": (lambda o, t: 0.1 * F.cross_entropy(o, t) + 7.0, LABELS, "cross_entropy"),
    "probabilities": (lambda o, t: -o[ROWS, t].log().mean(), LABELS, "log_loss"),
    "kept from 0": (lambda o, t: -(t * torch.log(o + 1e-7)).sum(1).mean(), ONE_HOT, "log_loss"),
    "one-hot inside": (lambda o, t: -(F.one_hot(t, CLASSES) * o.log()).sum() / len(t), LABELS,
                       "log_loss"),
    "logarithms": (lambda o, t: -o[ROWS, t].mean(), LABELS, "nll"),
    "divergence": (partial(F.kl_div, reduction="batchmean"), SOFT, "nll"),
    "binary": (binary, BINARY, "bce"),
    "binary, kept from 0": (partial(binary, eps=1e-6), BINARY, "bce"),
    "binary of each class": (binary, ONE_HOT, "bce"),
    "binary of logits": (lambda o, t: binary(o.sigmoid(), t), BINARY, "bce_with_logits"),
    "softplus": (lambda o, t: (F.softplus(o) - o * t).sum(), BINARY, "bce_with_logits"),
    "a weight for ones": (lambda o, t: (F.softplus(o) * (1 - t) + 4 * F.softplus(-o) * t).mean(),
                          BINARY, "bce_with_logits"),
    "squares": (lambda o, t: ((o - t) ** 2).mean(), AMOUNTS, "mse"),
    "half of the squares": (lambda o, t: 0.5 * (o - t).pow(2).sum(1).mean(), AMOUNTS, "mse"),
    "root of the squares": (lambda o, t: (o - t).square().mean().sqrt(), ONE, "mse"),
    "labels as amounts": (lambda o, t: ((o.squeeze(1) - t.float()) ** 2).mean(), LABELS, "mse"),
    "distance": (lambda o, t: (o - t).abs().mean(), AMOUNTS, "l1_loss"),
    "Huber's": (lambda o, t: F.huber_loss(o, t, reduction="none").sum(), ONE, "huber_loss"),
}  # fmt: skip


def outputs_for(targets):
    return OUTPUTS if targets.shape == OUTPUTS.shape else OUTPUTS[:, :1]


@pytest.mark.parametrize("name", WAYS)
def test_what_is_written_out(name):
    loss, targets, expected = WAYS[name]
    wide = name != "labels as amounts" and targets is LABELS
    found = recognise(loss, OUTPUTS if wide else outputs_for(targets), targets)
    assert (found.name, found.turned) == (expected, False)


@pytest.mark.parametrize("name", WAYS)
def test_with_the_sign_turned(name):
    loss, targets, expected = WAYS[name]
    wide = name != "labels as amounts" and targets is LABELS
    outputs = OUTPUTS if wide else outputs_for(targets)
    found = recognise(lambda o, t: -loss(o, t), outputs, targets)
    assert (found.name, found.turned) == (expected, True)


def focal(o, t):
    p = o.softmax(1)[ROWS, t]
    return -((1 - p) ** 2 * p.log()).mean()


def smoothed(o, t):
    return F.cross_entropy(o, t, label_smoothing=0.1)


def triplet(o, t):
    return F.triplet_margin_loss(o[:8], o[8:16], o[16:])


OTHERS = {
    "focal": (focal, LABELS),
    "label smoothing": (smoothed, LABELS),
    "margin": (F.multi_margin_loss, LABELS),
    "Poisson": (F.poisson_nll_loss, AMOUNTS.abs()),
    "Gaussian": (lambda o, t: F.gaussian_nll_loss(o[:, :1], t, o[:, 1:2].exp()), ONE),
    "cosine": (lambda o, t: 1 - F.cosine_similarity(o, t).mean(), AMOUNTS),
    "triplet": (triplet, LABELS),
    "advantages": (lambda o, t: -(o.log_softmax(1)[ROWS, LABELS] * t).mean(), ONE[:, 0]),
    "quantile": (lambda o, t: torch.maximum(0.9 * (t - o), 0.1 * (o - t)).mean(), ONE),
    "hinge": (lambda o, t: F.relu(1 - o * (2 * t - 1)).mean(), BINARY),
    "dice": (lambda o, t: 1 - 2 * (o * t).sum() / (o.sum() + t.sum() + 1), BINARY),
    "tempered": (lambda o, t: F.kl_div((o / 4).log_softmax(1), t, reduction="batchmean"), SOFT),
    "two together": (lambda o, t: F.cross_entropy(o, t) + o.square().mean(), LABELS),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_loss_is_taken_for_none(name):
    loss, targets = OTHERS[name]
    one = name in ("quantile", "hinge", "dice")
    assert recognise(loss, OUTPUTS[:, :1] if one else OUTPUTS, targets) is None


@pytest.mark.parametrize(
    ("loss", "targets", "unstable"),
    [
        (WAYS["softmax and log"][0], ONE_HOT, True),
        (WAYS["exp, sum, log"][0], LABELS, True),
        (WAYS["logsumexp"][0], LABELS, False),
        (Entropy(), LABELS, False),
        (binary, BINARY, True),
        (partial(binary, eps=1e-6), BINARY, False),
        (lambda o, t: -(t * torch.log(o.softmax(1) + 1e-7)).sum(1).mean(), ONE_HOT, False),
    ],
)
def test_whether_it_bears_outputs_far_apart(loss, targets, unstable):
    """A softmax of 200 and -200 is 1 and 0 in float32, where e^-400 is none."""
    assert recognise(loss, outputs_for(targets) if targets is not LABELS else OUTPUTS,
                     targets).unstable == unstable  # fmt: skip


def test_labels_along_the_last_axis_and_in_images():
    words = torch.randn(3, 4, CLASSES, generator=GENERATOR)
    labels = torch.arange(12).reshape(3, 4) % CLASSES
    along_last = recognise(
        lambda o, t: -o.log_softmax(-1).gather(-1, t[..., None]).mean(), words, labels
    )
    assert (along_last.name, along_last.classes) == ("cross_entropy", CLASSES)
    image = words.movedim(-1, 1)
    found = recognise(lambda o, t: -o.log_softmax(1).gather(1, t[:, None]).mean(), image, labels)
    assert (found.name, found.classes) == ("cross_entropy", CLASSES)


def test_outputs_in_a_tuple_and_in_a_dict():
    def loss(outputs, targets):
        return ((outputs["y"] - targets) ** 2).mean()

    assert recognise(loss, {"y": OUTPUTS[:, :1], "n": 3}, ONE).name == "mse"
    pair = (OUTPUTS[:, :1], torch.ones(2))
    assert recognise(lambda o, t: (o[0] - t).abs().sum(), pair, ONE).name == "l1_loss"


def test_what_cannot_be_called_with_other_outputs_is_left_alone():
    def strict(outputs, targets):
        assert torch.equal(outputs, OUTPUTS)
        return F.cross_entropy(outputs, targets)

    assert recognise(strict, OUTPUTS, LABELS) is None


def test_the_random_state_is_kept():
    state = torch.get_rng_state()
    recognise(lambda o, t: ((o + torch.rand(1) - t) ** 2).mean(), OUTPUTS[:, :1], ONE)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("order", [("ten", "two"), ("two", "ten")])
def test_labels_of_two_heads_are_not_compared_with_the_other_ones_classes(order):
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk, self.ten, self.two = nn.Linear(8, 16), nn.Linear(16, 10), nn.Linear(16, 2)

        def forward(self, x):
            h = self.trunk(x).relu()
            return {"ten": self.ten(h), "two": self.two(h)}

    def loss(outputs, y):
        labels = {"ten": y, "two": y % 2}
        return sum(nn.functional.cross_entropy(outputs[x], labels[x]) for x in order)

    y = torch.arange(64) % 10
    exam = examine(Heads(), torch.randn(64, 8), y, loss)
    assert exam.findings == ()
    assert exam.reading.target.classes == {"ten": 10, "two": 2}[order[0]]
    assert exam.reading.target.largest == {"ten": 9.0, "two": 1.0}[order[0]]
