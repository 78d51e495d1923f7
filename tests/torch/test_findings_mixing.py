"""Samples that are mixed, steps that look ahead, and axes that lie as they should."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine

G = torch.Generator().manual_seed(0)
ROWS = torch.randn(48, 10, 4, generator=G)
TOLD = (ROWS[:, 0, 0] > 0.0).long()
WORDS = torch.randint(9, (24, 8), generator=G)


class Walking(nn.Module):
    """A recurrence over what `lay` makes of (samples, steps, features), and a head on its end."""

    def __init__(self, lay, end, batch_first=False, kind=nn.LSTM):
        super().__init__()
        self.rows, self.head = kind(4, 16, batch_first=batch_first), nn.Linear(16, 2)
        self.lay, self.end = lay, end

    def forward(self, x):
        return self.head(self.end(self.rows(self.lay(x))[0]))


class Attending(nn.Module):
    def __init__(self, batch_first):
        super().__init__()
        self.into, self.head = nn.Linear(4, 16), nn.Linear(16, 2)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=batch_first)

    def forward(self, x):
        return self.head(self.block(self.into(x)).mean(1))


class Pooling(nn.Module):
    def __init__(self, axis):
        super().__init__()
        self.score, self.value, self.head = nn.Linear(4, 1), nn.Linear(4, 16), nn.Linear(16, 2)
        self.axis = axis

    def forward(self, x):
        shares = self.score(x).softmax(self.axis)
        return self.head((shares * self.value(x)).sum(1))


class Writing(nn.Module):
    """Tells the next of a row of words; with a mask, of the earlier ones alone."""

    def __init__(self, mask, out=9):
        super().__init__()
        self.words, self.head = nn.Embedding(9, 16), nn.Linear(16, out)
        self.places = nn.Parameter(torch.randn(8, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.mask = mask

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if self.mask else None
        return self.head(self.block(self.words(x) + self.places[: x.shape[1]], mask))


def last(x):
    return x[:, -1]


def end(x):
    return x[-1]


def cut_anew(x):
    return x.view(10, 48, 4)


def turned(x):
    return x.transpose(0, 1)


def found(model, x=ROWS, y=TOLD, loss=F.cross_entropy):
    torch.manual_seed(0)
    return examine(model(), x, y, loss)


MIXED = {
    "recurrence": lambda: Walking(lambda x: x, last),
    "recurrence of a GRU": lambda: Walking(turned, end, True, nn.GRU),
    "attention": lambda: Attending(False),
    "softmax": lambda: Pooling(0),
    "reshape": lambda: Walking(cut_anew, end),
}

APART = {
    "batch first": lambda: Walking(lambda x: x, last, True),
    "time first": lambda: Walking(turned, end),
    "attention over steps": lambda: Attending(True),
    "shares of steps": lambda: Pooling(1),
    "flat": lambda: nn.Sequential(nn.Flatten(), nn.Linear(40, 16), nn.ReLU(), nn.Linear(16, 2)),
    # It has a part in all samples on purpose.
    "normalised by the batch": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(40, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2)
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixed_samples_are_the_first_finding(name):
    exam = found(MIXED[name])
    assert exam.findings[0].kind == "mixed_samples"
    assert exam.findings[0].cause == name.partition(" ")[0]
    assert exam.findings[0].severity == "error"
    assert exam.findings[0].evidence["samples"] == 48
    assert exam.findings[0].evidence["change"] > 1e-3


@pytest.mark.parametrize("name", APART)
def test_samples_that_have_no_part_in_each_other(name):
    assert not found(APART[name]).findings


def test_time_may_come_first_with_an_answer_for_each_step():
    model = nn.LSTM(4, 3)
    exam = examine(model, turned(ROWS).contiguous(), torch.randn(10, 48, 3, generator=G),
                   lambda o, t: F.mse_loss(o[0], t))  # fmt: skip
    assert "mixed_samples" not in {x.kind for x in exam.findings}


def test_one_series_without_samples():
    class Series(nn.Module):
        def __init__(self):
            super().__init__()
            self.rows, self.head = nn.RNN(4, 16), nn.Linear(16, 1)

        def forward(self, x):
            return self.head(self.rows(x)[0])

    exam = examine(Series(), ROWS[:, 0], ROWS[:, 1, :1], F.mse_loss)
    assert "mixed_samples" not in {x.kind for x in exam.findings}


def test_turning_batch_first_cures_it():
    exam = found(MIXED["attention"])
    remedy = exam.remedies()[0]
    assert remedy.key == "batch_first"
    assert "mixed_samples" not in {x.kind for x in remedy.after}


def per_word(o, t):
    return F.cross_entropy(o.flatten(0, 1), t.flatten())


@pytest.mark.parametrize("mask", [False, True])
def test_outputs_must_not_know_of_the_words_that_are_their_targets(mask):
    exam = examine(Writing(mask), WORDS[:, :-1], WORDS[:, 1:], per_word)
    causes = [x.cause for x in exam.findings if x.kind == "output_mismatch"]
    assert causes == ([] if mask else ["future"])


def test_words_may_be_known_that_are_no_targets():
    exam = examine(Writing(False), WORDS, WORDS.flip(1), per_word)
    assert "future" not in {x.cause for x in exam.findings}


class TimeFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.rows = nn.Embedding(9, 16), nn.GRU(16, 9)

    def forward(self, x):
        return self.rows(self.words(x).transpose(0, 1))[0]


class Pixels(nn.Module):
    """Three classes for each pixel, along axis 1."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 3, 1)

    def forward(self, x):
        return self.two(self.one(x).relu())


IMAGES = torch.randn(12, 1, 6, 6, generator=G)
MASKS = torch.randint(3, (12, 6, 6), generator=G)
ORDERS = {
    "samples": (TimeFirst, WORDS, WORDS.flip(1), lambda o, t: F.cross_entropy(
        o.reshape(-1, 9), t.reshape(-1))),
    "classes": (Pixels, IMAGES, MASKS, lambda o, t: F.cross_entropy(
        o.reshape(-1, 3), t.reshape(-1))),
}  # fmt: skip
RIGHT = {
    "samples": lambda o, t: F.cross_entropy(o.reshape(-1, 9), t.T.reshape(-1)),
    "classes": F.cross_entropy,
}


@pytest.mark.parametrize("name", ORDERS)
def test_what_is_flattened_in_different_orders_is_not_compared(name):
    make, x, y, loss = ORDERS[name]
    exam = examine(make(), x, y, loss)
    assert [(f.kind, f.cause) for f in exam.findings][:1] == [("output_mismatch", "order")]
    remedy = exam.remedies()[0]
    assert remedy.key == "flatten_alike"
    assert not remedy.after
    assert not examine(make(), x, y, RIGHT[name]).findings


def test_one_hot_targets_that_were_reshaped_are_several_classes_at_once():
    hot = F.one_hot(MASKS, 3)
    wrong, right = hot.reshape(12, 3, 6, 6).float(), hot.movedim(-1, 1).float()
    exam = examine(Pixels(), IMAGES, wrong, F.cross_entropy)
    assert [(f.kind, f.cause) for f in exam.findings] == [("output_mismatch", "regrouped")]
    remedy = exam.remedies()[0]
    assert remedy.key == "regroup_targets"
    assert torch.equal(remedy.apply_to(exam.case).targets, right)
    assert not examine(Pixels(), IMAGES, right, F.cross_entropy).findings
