"""Which labels count: read from the call of the loss, however it is written."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import Exam, examine

CLASSES = 5
X = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, CLASSES))


def labels(*others):
    """0 to 4 in turn, the first ones replaced."""
    y = torch.arange(20) % CLASSES
    y[: len(others)] = torch.tensor(others, dtype=y.dtype)
    return y


def found(loss, y, model=None, x=X):
    exam = examine(model or net(), x, y, loss)
    return exam, [each.cause for each in exam.findings if each.kind == "output_mismatch"]


def nll(outputs, targets, **more):
    return F.nll_loss(F.log_softmax(outputs, 1), targets, **more)


def ways(ignored):
    return [
        nn.CrossEntropyLoss(ignore_index=ignored),
        partial(F.cross_entropy, ignore_index=ignored),
        lambda o, t: F.cross_entropy(o, t, None, None, ignored),
        lambda o, t: F.cross_entropy(o, t, reduction="none", ignore_index=ignored).mean(),
        lambda o, t: torch._C._nn.cross_entropy_loss(o, t, None, 1, ignored, 0.0),
        partial(nll, ignore_index=ignored),
        lambda o, t: nn.NLLLoss(ignore_index=ignored)(o.log_softmax(1), t),
        lambda o, t: F.cross_entropy(o, t, weight=torch.ones(CLASSES), ignore_index=ignored),
    ]


@pytest.mark.parametrize("ignored", [255, -1, CLASSES, -100, 2])
@pytest.mark.parametrize("way", range(8))
def test_an_ignored_label_is_no_fault(ignored, way):
    exam, causes = found(ways(ignored)[way], labels(ignored, ignored))
    assert causes == []
    target = exam.reading.target
    assert (target.smallest, target.largest, target.ignored) == (0, 4, ignored)
    assert Exam.from_json(exam.to_json()).reading.target == target


@pytest.mark.parametrize(
    ("ignored", "outside"),
    [(255, 5), (255, -1), (255, -100), (-1, -2), (-1, 255), (-100, -1), (-100, 7), (5, 6)],
)
@pytest.mark.parametrize("way", [0, 1, 2, 5, 6, 7])
def test_a_label_outside_is_found_beside_ignored_ones(ignored, outside, way):
    exam, causes = found(ways(ignored)[way], labels(ignored, outside, ignored))
    assert causes == ["labels"]
    target = exam.reading.target
    # The ignored ones are none of the extremes.
    assert (target.smallest, target.largest) == (min(0, outside), max(4, outside))


def test_images_too():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 1))
    x = torch.randn(2, 3, 6, 6)
    y = torch.arange(72).reshape(2, 6, 6) % 4
    y[:, :2] = 255
    loss = nn.CrossEntropyLoss(ignore_index=255)
    assert found(loss, y, model, x)[1] == []
    y[0, 5, 5] = 4
    assert found(loss, y, model, x)[1] == ["labels"]


def test_where_all_are_ignored_there_is_nothing_to_say():
    y = torch.full((20,), 255)
    exam, causes = found(lambda o, t: F.cross_entropy(o, t, ignore_index=255, reduction="sum"), y)
    assert "labels" not in causes
    assert (exam.reading.target.smallest, exam.reading.target.largest) == (None, None)


def test_soft_labels_and_weighted_samples():
    soft = torch.full((20, CLASSES), 1 / CLASSES)
    assert found(F.cross_entropy, soft)[1] == []
    weights = torch.rand(20, generator=torch.Generator().manual_seed(1))

    def weighted(outputs, targets):
        return (
            F.cross_entropy(outputs, targets, reduction="none", ignore_index=-1) * weights
        ).sum()

    assert found(weighted, labels(-1, -1))[1] == []
    assert found(weighted, labels(-1, -3))[1] == ["labels"]


def test_batches_with_and_without_ignored_labels():
    batches = [(X, labels()), (X, labels(255)), (X, torch.full((20,), 255))]
    loss = partial(F.cross_entropy, ignore_index=255, reduction="sum")
    assert found(loss, None, x=batches)[1] == []
    batches[1] = (X, labels(255, 9))
    assert found(loss, None, x=batches)[1] == ["labels"]
