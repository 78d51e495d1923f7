"""Programs whose outputs, targets and loss do not match, in the styles of those who write them."""

import copy
import warnings
from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from healthy_losses import AMOUNT, BINARY, SEVERAL, Of, X, Y, net
from torch import nn

from nonlin.torch import examine
from nonlin.torch.remedies import remedies

ROWS = torch.arange(len(X))
ONE_HOT = F.one_hot(Y, 4).float()


class Classifier(nn.Module):
    """With a softmax in `forward`, as tutorials of other libraries have it."""

    def __init__(self, axis=-1, out=4, log=False):
        super().__init__()
        torch.manual_seed(1)
        self.fc1, self.fc2 = nn.Linear(8, 32), nn.Linear(32, out)
        self.axis, self.log = axis, log

    def forward(self, x):
        x = self.fc2(torch.relu(self.fc1(x)))
        return F.log_softmax(x, self.axis) if self.log else x.softmax(self.axis)


class Entropy(nn.Module):
    """A loss as a module, of what it takes for probabilities."""

    def __init__(self, eps=1e-8):
        super().__init__()
        self.eps = eps

    def forward(self, outputs, targets):
        return -(targets * torch.log(outputs + self.eps)).sum(dim=1).mean()


class Trainer:
    """A loss as a method."""

    def binary(self, prediction, y):
        return -(y * prediction.log() + (1 - y) * (1 - prediction).log()).mean()

    def turned(self, prediction, y):
        return -self.binary(prediction, y)


def half(prediction, y):
    return torch.mean(-y * torch.log(prediction + 1e-7))


def likelihood(p, y):
    return -torch.log(p[range(len(y)), y]).mean()


def sum_of_squares(prediction, y):
    error = prediction - y
    return torch.sum(error * error) / len(error)


def clipped(outputs, targets):
    """As Keras has it on PyTorch: what is no probability gets no gradient."""
    return F.binary_cross_entropy(outputs.clamp(1e-7, 1 - 1e-7), targets)


def of_shares(outputs, targets):
    """The same of several classes: probabilities or not, they are divided by their sum."""
    shares = outputs / outputs.sum(-1, keepdim=True)
    return -(targets * shares.clamp(1e-7, 1 - 1e-7).log()).sum(-1).mean()


def of_labels(outputs, targets):
    shares = outputs / outputs.sum(-1, keepdim=True)
    return F.nll_loss(shares.clamp(1e-7, 1 - 1e-7).log(), targets)


WORDS = torch.randint(20, (32, 12), generator=torch.Generator().manual_seed(3))


class Read(nn.Module):
    """Which word stands where, with the probabilities along an axis."""

    def __init__(self, dim):
        super().__init__()
        torch.manual_seed(1)
        self.words, self.cell = nn.Embedding(20, 32), nn.GRU(32, 32, batch_first=True)
        self.head, self.logs = nn.Linear(32, 20), nn.LogSoftmax(dim)

    def forward(self, x):
        return self.logs(self.head(self.cell(self.words(x))[0]))


def of_each_word(outputs, targets):
    return F.nll_loss(outputs.flatten(0, 1), targets.flatten())


# By name: model, inputs, targets, loss; the cause; how bad; the key of the remedy that cures it.
FAULTS = {
    "softmax over one unit": (lambda: Classifier(out=1), X, BINARY, nn.BCELoss(),
                              "constant_output", "error", None),
    "softmax module over one unit": (lambda: net(nn.Softmax(dim=1), out=1), X, BINARY,
                                     F.binary_cross_entropy, "constant_output", "error",
                                     "exchange_output"),
    "softmax over one amount": (lambda: net(nn.Softmax(dim=1), out=1), X, AMOUNT, nn.MSELoss(),
                                "constant_output", "error", "remove_output"),
    "cross entropy of one unit": (lambda: net(out=1), X, BINARY, nn.CrossEntropyLoss(),
                                  "one_class", "error", "binary_loss"),
    "log_softmax over the batch": (lambda: Classifier(0, log=True), X, Y, F.nll_loss,
                                   "wrong_axis", "error", None),
    "softmax over the batch": (lambda: net(nn.Softmax(dim=0)), X, Y, likelihood,
                               "wrong_axis", "error", "softmax_axis"),
    "softmax twice": (Classifier, X, Y, nn.CrossEntropyLoss(), "probabilities_as_logits", "error",
                      "logits_again"),
    "softmax twice by hand": (Classifier, X, ONE_HOT,
                              lambda o, t: -(t * o.log_softmax(1)).sum(1).mean(),
                              "probabilities_as_logits", "error", "logits_again"),
    "sigmoid for one of several": (lambda: net(nn.Sigmoid()), X, Y, F.cross_entropy,
                                   "probabilities_as_logits", "error", "remove_output"),
    "sigmoid twice": (lambda: Of(torch.sigmoid, 1), X, BINARY, nn.BCEWithLogitsLoss(),
                      "probabilities_as_logits", "error", "logits_again"),
    "ReLU before cross entropy": (lambda: net(nn.ReLU()), X, Y, F.cross_entropy, "bounded_logits",
                                  "error", "remove_output"),
    "ReLU before the sigmoid's loss": (lambda: net(nn.ReLU(), out=1), X, BINARY,
                                       F.binary_cross_entropy_with_logits, "bounded_logits",
                                       "error", "remove_output"),
    "tanh before cross entropy": (lambda: net(nn.Tanh()), X, Y, F.cross_entropy, "bounded_logits",
                                  "error", "remove_output"),
    "ReLU as a probability": (lambda: net(nn.ReLU(), out=1), X, BINARY, nn.BCELoss(),
                              "not_probabilities", "error", "loss_of_logits"),
    "logits as probabilities": (lambda: net(out=1), X, BINARY, nn.BCELoss(), "not_probabilities",
                                "error", "loss_of_logits"),
    "logarithm of logits": (net, X, ONE_HOT, Entropy(), "not_probabilities", "error",
                            "probabilities_first"),
    "logarithm of what ReLU leaves": (lambda: net(nn.ReLU()), X, Y,
                                      lambda p, y: -(p[ROWS, y] + 1e-6).log().mean(),
                                      "not_probabilities", "error", "loss_of_logits"),
    "binary by hand on logits": (lambda: net(out=1), X, BINARY, Trainer().binary,
                                 "not_probabilities", "error", "loss_of_logits"),
    "tanh, clipped by the loss": (lambda: net(nn.Tanh(), out=1), X, BINARY, clipped,
                                  "not_probabilities", "error", "loss_of_logits"),
    "logits, clipped by the loss": (lambda: net(out=1), X, BINARY, clipped, "not_probabilities",
                                    "error", "loss_of_logits"),
    "ReLU, clipped by the loss": (lambda: net(nn.ReLU(), out=1), X, BINARY, clipped,
                                  "not_probabilities", "error", "loss_of_logits"),
    "shares of logits": (net, X, ONE_HOT, of_shares, "not_probabilities", "error",
                         "probabilities_first"),
    "shares of tanh, of labels": (lambda: net(nn.Tanh()), X, Y, of_labels, "not_probabilities",
                                  "error", "probabilities_first"),
    "half of it": (lambda: net(nn.Sigmoid(), out=1), X, BINARY, half, "one_sided", "error",
                   "two_sided"),
    "half of it, without an axis": (lambda: Of(lambda x: x.sigmoid().squeeze(1), 1), X,
                                    BINARY[:, 0], half, "one_sided", "error", "two_sided"),
    "the sign": (lambda: net(nn.Sigmoid(), out=1), X, BINARY, Trainer().turned, "turned", "error",
                 "turn_loss"),
    "likelihood of sigmoids": (lambda: net(nn.Sigmoid()), X, Y, likelihood, "not_exclusive",
                               "error", "probabilities_first"),
    "probabilities for nll": (Classifier, X, Y, nn.NLLLoss(), "not_log_probabilities", "error",
                              "log_outputs"),
    "logits for nll": (net, X, Y, F.nll_loss, "not_log_probabilities", "error", "log_softmax"),
    "sigmoids' logarithms for nll": (lambda: net(nn.LogSigmoid()), X, Y, nn.NLLLoss(),
                                     "not_log_probabilities", "error", "log_outputs"),
    "divergence of probabilities": (Classifier, X, X[:, :4].softmax(1),
                                    nn.KLDivLoss(reduction="batchmean"),
                                    "not_log_probabilities", "error", "log_outputs"),
    "softmax for several labels": (lambda: net(nn.Softmax(1)), X, SEVERAL, nn.BCELoss(),
                                   "exclusive_outputs", "error", "exchange_output"),
    "cross entropy for several labels": (net, X, SEVERAL, F.cross_entropy, "several_labels",
                                         "warning", "binary_loss"),
    "softmax for amounts": (lambda: net(nn.Softmax(1)), X, X[:, :4], sum_of_squares,
                            "exclusive_outputs", "error", "remove_output"),
    "sigmoid for amounts": (lambda: net(nn.Sigmoid(), out=1), X, AMOUNT, sum_of_squares,
                            "bounded_regression", "error", "remove_output"),
    "ReLU for amounts": (lambda: net(nn.ReLU(), out=1), X, AMOUNT,
                         lambda o, t: (o - t).abs().mean(), "bounded_regression", "error",
                         "remove_output"),
    "prices": (lambda: net(out=1), X, 1e5 * AMOUNT + 3e5, F.mse_loss, "targets_large", "error",
               "standardize_targets"),
    "years": (lambda: net(out=1), X, AMOUNT + 2000.0, sum_of_squares, "targets_offset", "warning",
              "standardize_targets"),
    "meters": (net, X, 1e-5 * X[:, :4], F.l1_loss, "targets_small", "warning",
               "standardize_targets"),
    "labels as one amount": (lambda: net(out=1), X, Y,
                             lambda o, t: F.mse_loss(o.squeeze(1), t.float()),
                             "labels_as_amounts", "warning", None),
    "(N, 1) beside (N,)": (lambda: net(out=1), X, AMOUNT[:, 0], F.mse_loss, "crossed", "error",
                           "reshape_targets"),
    "(N, 1) beside (N,) by hand": (lambda: net(out=1), X, AMOUNT[:, 0], sum_of_squares, "crossed",
                                   "error", "reshape_targets"),
    "(N,) beside (N, 1)": (lambda: Of(lambda x: x.squeeze(1), 1), X, AMOUNT,
                           partial(F.smooth_l1_loss, beta=0.5), "crossed", "error",
                           "reshape_targets"),
    "log_softmax over time": (lambda: Read(dim=1), WORDS, WORDS, of_each_word, "wrong_axis",
                              "error", "softmax_axis"),
    "labels from 1": (net, X, Y + 1, F.cross_entropy, "labels", "error", "shift_labels"),
    "labels -1 and 1": (lambda: net(nn.Sigmoid(), out=1), X, 2 * BINARY - 1, nn.BCELoss(),
                        "probabilities", "error", "scale_targets"),
    "sorted by class": (net, X.repeat(3, 1), torch.zeros(192, dtype=torch.long), F.cross_entropy,
                        "one_label", "warning", None),
}  # fmt: skip


def examined(name):
    make, inputs, targets, loss_fn = FAULTS[name][:4]
    with warnings.catch_warnings():
        # PyTorch warns of targets of another shape itself.
        warnings.filterwarnings("ignore", "Using a target size")
        return examine(make(), inputs, targets, loss_fn)


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_found_and_comes_first(name):
    cause, severity = FAULTS[name][4:6]
    found = examined(name).findings
    assert (found[0].kind, found[0].cause, found[0].severity) == (
        "output_mismatch", cause, severity,
    )  # fmt: skip
    # Nothing else is blamed: what is found besides follows from it.
    assert [x for x in found[1:] if x.is_root and x.severity != "note"] == []


@pytest.mark.parametrize("name", [x for x in FAULTS if FAULTS[x][6] is not None])
def test_its_remedy_cures_it(name):
    exam = examined(name)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using a target size")
        found = {x.key: x for x in remedies(exam)}
    remedy = found[FAULTS[name][6]]
    assert remedy.outcome == "cured"
    changed = remedy.apply_to(copy.deepcopy(exam.case))
    after = examine(changed.model, changed.inputs, changed.targets, changed.loss_fn).findings
    assert [x for x in after if x.severity != "note"] == []


def test_what_has_to_be_changed_by_hand_names_its_line():
    (remedy,) = remedies(examined("log_softmax over the batch"))
    assert (remedy.key, remedy.outcome) == ("softmax_axis", "untried")
    assert "F.log_softmax(x, self.axis)" in remedy.code
    assert remedy.where[0].startswith("test_faulty_losses.py:")


def learnt(model, loss_fn, targets, steps=200):
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_fn(model(X), targets).backward()
        optimizer.step()
    return model(X).detach()


def test_a_cured_program_learns_what_it_did_not():
    """Of eight features 64 samples' sign is learnt; a constant output knows half of them."""
    exam = examined("cross entropy of one unit")
    before = learnt(copy.deepcopy(exam.case.model), exam.case.loss_fn, BINARY)
    (remedy,) = [x for x in remedies(exam) if x.outcome == "cured"]
    changed = remedy.apply_to(copy.deepcopy(exam.case))
    after = learnt(changed.model, changed.loss_fn, changed.targets)
    assert torch.equal(before, exam.case.model(X).detach())
    assert ((after > 0) == (BINARY > 0)).float().mean() > 0.95


def test_a_column_that_chooses_an_output_is_not_standardised():
    def of_action(outputs, targets):
        chosen = outputs.gather(1, targets[:, :1].long()).squeeze(1)
        return F.smooth_l1_loss(chosen, targets[:, 1])

    targets = torch.stack([(X[:, 0] > 0.0).float(), 3000.0 * X[:, 1].abs()], 1)
    exam = examine(net(), X, targets, of_action)
    remedy = next(x for x in exam.remedies() if x.key == "standardize_targets")
    changed = remedy.apply_to(exam.case).targets
    assert torch.equal(changed[:, 0], targets[:, 0])
    assert abs(float(changed[:, 1].mean())) < 1e-3
