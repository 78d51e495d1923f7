"""Outputs, targets and losses that are made for each other, as they are in use."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

G = torch.Generator().manual_seed(0)
N = 64
X = torch.randn(N, 8, generator=G)
Y = X[:, :4].argmax(1)
BINARY = (X[:, :1] + X[:, 1:2] > 0).float()
SEVERAL = (X[:, :4] > 0.5).float()
SOFT = (2 * X[:, :4]).softmax(1)
AMOUNT = X[:, :1] * X[:, 1:2] + X[:, 2:3]
UNIT = (0.3 * X).sigmoid()
WHOLE = X.abs().round()


def net(*behind, out=4):
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, out), *behind)


class Of(nn.Module):
    """A network and a function of what it makes."""

    def __init__(self, function, out=4):
        super().__init__()
        self.net, self.function = net(out=out), function

    def forward(self, x):
        return self.function(self.net(x))


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.encoder, self.decoder = nn.Linear(8, 4), nn.Linear(2, 8)

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, 1)
        drawn = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.decoder(drawn).sigmoid(), mean, log_variance


def evidence_bound(outputs, targets):
    made, mean, log_variance = outputs
    apart = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(1).mean()
    return F.binary_cross_entropy(made, targets, reduction="none").sum(1).mean() + apart


def bound_of_squares(outputs, targets):
    made, mean, log_variance = outputs
    return ((made - targets) ** 2).sum() + 0.5 * (mean**2 + log_variance.exp()).sum()


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.words, self.cell = nn.Embedding(20, 16), nn.GRU(16, 32, batch_first=True)
        self.head = nn.Linear(32, 20)

    def forward(self, x):
        return self.head(self.cell(self.words(x))[0])


TOKENS = torch.randint(0, 20, (N, 12), generator=G)
NEXT = TOKENS.roll(-1, 1).index_fill(1, torch.tensor([10, 11]), -100)


def of_words(outputs, targets):
    return F.cross_entropy(outputs.view(-1, 20), targets.view(-1))


IMAGES = torch.rand(16, 3, 8, 8, generator=G)
MASKS = (3 * IMAGES.mean(1)).long().clamp(0, 3).index_fill(1, torch.tensor([0]), 255)


def pixels():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 1))


def focal(outputs, targets):
    chance = outputs.softmax(1)[torch.arange(len(targets)), targets]
    return -((1 - chance) ** 2 * chance.log()).mean()


def focal_of_logits(outputs, targets):
    chance = torch.where(targets > 0, outputs.sigmoid(), 1 - outputs.sigmoid())
    return (
        (1 - chance) ** 2 * F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    ).mean()


def policy(outputs, targets):
    actions, advantages = targets
    chances = torch.distributions.Categorical(logits=outputs)
    return -(chances.log_prob(actions) * advantages).mean() - 0.01 * chances.entropy().mean()


def pairs(outputs):
    """Two views of the same are labels to each other: InfoNCE."""
    z = F.normalize(outputs, dim=1)
    return F.cross_entropy(z[:32] @ z[32:].T / 0.1, torch.arange(32))


def first_is_right(outputs):
    """As momentum contrast has it: the right one stands first, so that all labels are 0."""
    z = F.normalize(outputs, dim=1)
    scores = torch.cat([(z * z.roll(1, 0)).sum(1, keepdim=True), z @ z.detach()[:9].T], 1)
    return F.cross_entropy(scores / 0.2, torch.zeros(len(z), dtype=torch.long))


def connectionist(outputs, targets):
    logs = outputs.log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(logs, targets, torch.full((N,), 12), torch.full((N,), 4))


def distilled(outputs, targets):
    hot = (outputs / 4).log_softmax(1)
    return 16 * F.kl_div(hot, (targets / 4).softmax(1), reduction="batchmean")


def quantiles(outputs, targets):
    levels = torch.tensor([0.1, 0.5, 0.9])
    apart = targets - outputs
    return torch.maximum(levels * apart, (levels - 1) * apart).mean()


def quantiles_of_returns(outputs, targets):
    """Each quantile beside each of the target's, as in distributional reinforcement learning."""
    apart = targets[:, None, :] - outputs[:, :, None]
    levels = (torch.arange(4) + 0.5)[:, None] / 4
    return ((levels - (apart < 0).float()).abs() * apart.clamp(-1, 1) * apart).mean()


def ranked(outputs, targets):
    """Each sample beside each other one."""
    apart = outputs[:, None] - outputs[None, :]
    above = (targets[:, None] > targets[None, :]).float()
    return F.binary_cross_entropy_with_logits(apart.squeeze(-1), above.squeeze(-1))


def dice(outputs, targets):
    p = outputs.sigmoid()
    return 1 - (2 * (p * targets).sum() + 1) / (p.sum() + targets.sum() + 1)


def fooled(outputs, targets):
    """A generator's loss as it was first written: it falls as what is judged passes for real."""
    return (1 - outputs + 1e-6).log().mean() + 0.0 * targets.sum()


RETURNS = 300.0 + 100.0 * AMOUNT
RARE = torch.zeros(N, dtype=torch.long).index_fill(0, torch.tensor([5]), 1)
RANKS = torch.stack([(i < Y).float() for i in range(3)], 1)
STARS = (Y + 1).float()[:, None]

# By name: a function that makes the model, inputs, targets, loss.
PAIRS = {
    "cross entropy": (net, X, Y, F.cross_entropy),
    "soft labels": (net, X, SOFT, F.cross_entropy),
    "mixed labels": (net, X, 0.7 * F.one_hot(Y, 4) + 0.3 * F.one_hot(Y.roll(1), 4),
                     F.cross_entropy),
    "label smoothing": (net, X, Y, nn.CrossEntropyLoss(label_smoothing=0.1)),
    "weights of classes": (net, X, Y, nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 3.0, 4.0]))),
    "logarithms": (lambda: net(nn.LogSoftmax(1)), X, Y, F.nll_loss),
    "probabilities": (lambda: net(nn.Softmax(1)), X, Y,
                      lambda o, t: -(o[torch.arange(len(t)), t] + 1e-8).log().mean()),
    "probabilities, clipped by the loss": (
        lambda: net(nn.Sigmoid(), out=1), X, BINARY,
        lambda o, t: F.binary_cross_entropy(o.clamp(1e-7, 1 - 1e-7), t)),
    "probabilities, clipped by the model": (
        lambda: Of(lambda x: x.sigmoid().clamp(1e-6, 1 - 1e-6), 1), X, BINARY, nn.BCELoss()),
    "probabilities, divided by their sum": (
        lambda: net(nn.Softmax(1)), X, Y,
        lambda o, t: F.nll_loss((o / o.sum(1, keepdim=True)).clamp(1e-7, 1 - 1e-7).log(), t)),
    "sigmoids, divided by their sum": (
        lambda: net(nn.Sigmoid()), X, F.one_hot(Y, 4).float(),
        lambda o, t: -(t * (o / o.sum(1, keepdim=True)).log()).sum(1).mean()),
    "logarithms of clipped probabilities": (
        lambda: net(nn.Softmax(1)), X, Y,
        lambda o, t: F.nll_loss(o.clamp_min(1e-8).log(), t)),
    "several labels": (net, X, SEVERAL, F.binary_cross_entropy_with_logits),
    "several labels of probabilities": (lambda: net(nn.Sigmoid()), X, SEVERAL,
                                        F.binary_cross_entropy),
    "one-hot labels": (lambda: net(nn.Sigmoid()), X, F.one_hot(Y, 4).float(), nn.BCELoss()),
    "one-hot squares": (net, X, F.one_hot(Y, 4).float(), F.mse_loss),
    "two classes, one output": (lambda: net(out=1), X, BINARY, nn.BCEWithLogitsLoss()),
    "two classes, one probability": (lambda: Of(lambda x: x.sigmoid().squeeze(1), 1), X,
                                     BINARY[:, 0], F.binary_cross_entropy),
    "one of two probabilities": (lambda: Of(lambda x: x.softmax(1)[:, 1], 2), X, BINARY[:, 0],
                                 F.binary_cross_entropy),
    "rare": (lambda: net(out=2), X, RARE, F.cross_entropy),
    "a small probe of one class": (net, X, torch.full((N,), 2), F.cross_entropy),
    "focal": (net, X, Y, focal),
    "focal of logits": (net, X, SEVERAL, focal_of_logits),
    "told real from made": (lambda: net(out=1), X, torch.ones(N, 1),
                            F.binary_cross_entropy_with_logits),
    "told by squares": (lambda: net(out=1), X, torch.ones(N, 1), F.mse_loss),
    "told by a hinge": (lambda: net(out=1), X, torch.ones(N, 1),
                        lambda o, t: F.relu(1 - o * t).mean()),
    "fooled": (lambda: net(nn.Sigmoid(), out=1), X, torch.zeros(N, 1), fooled),
    "variational": (Variational, X, UNIT, evidence_bound),
    "variational by squares": (Variational, X, UNIT, bound_of_squares),
    "autoencoder": (lambda: net(nn.Sigmoid(), out=8), UNIT, UNIT, F.binary_cross_entropy),
    "autoencoder by squares": (lambda: net(nn.Sigmoid(), out=8), UNIT, UNIT, F.mse_loss),
    "autoencoder of black and white": (lambda: net(nn.Sigmoid(), out=8), UNIT, UNIT.round(),
                                       F.mse_loss),
    "autoencoder between -1 and 1": (lambda: net(nn.Tanh(), out=8), X.tanh(), X.tanh(),
                                     F.mse_loss),
    "policy": (net, X, (Y, AMOUNT[:, 0]), policy),
    "critic": (lambda: net(out=1), X, RETURNS, F.mse_loss),
    "differences in time": (net, X, 20 * SOFT, F.smooth_l1_loss),
    "pairs": (lambda: net(out=16), X, None, pairs),
    "momentum contrast": (lambda: net(out=16), X, None, first_is_right),
    "connectionist": (Words, TOKENS, TOKENS[:, :4].clamp_min(1), connectionist),
    "Gaussian": (lambda: net(out=2), X, AMOUNT,
                 lambda o, t: F.gaussian_nll_loss(o[:, :1], t, o[:, 1:].exp())),
    "Poisson": (net, X, WHOLE[:, :4], F.poisson_nll_loss),
    "Poisson of rates": (lambda: net(nn.Softplus()), X, WHOLE[:, :4],
                         lambda o, t: F.poisson_nll_loss(o, t, log_input=False)),
    "cosine": (net, X, X[:, :4], lambda o, t: 1 - F.cosine_similarity(o, t).mean()),
    "triplet": (net, X, None, lambda o: F.triplet_margin_loss(o[:20], o[20:40], o[40:60])),
    "ranks": (lambda: net(out=3), X, RANKS, F.binary_cross_entropy_with_logits),
    "ranked": (lambda: net(out=1), X, AMOUNT, ranked),
    "distilled": (net, X, 3 * X[:, :4], distilled),
    "segmentation": (pixels, IMAGES, MASKS, nn.CrossEntropyLoss(ignore_index=255)),
    "overlap": (pixels, IMAGES, (IMAGES[:, :1] > 0.5).float().expand(-1, 4, -1, -1), dice),
    "words": (Words, TOKENS, NEXT, of_words),
    "quantiles": (lambda: net(out=3), X, AMOUNT, quantiles),
    "quantiles of returns": (net, X, X[:, :4], quantiles_of_returns),
    "amounts": (lambda: net(out=1), X, AMOUNT, F.mse_loss),
    "amounts without an axis": (lambda: Of(lambda x: x[:, 0], 1), X, AMOUNT[:, 0], F.l1_loss),
    "stars": (lambda: net(out=1), X, STARS, F.mse_loss),
    "stars in range": (lambda: Of(lambda x: 1 + 4 * x.sigmoid(), 1), X, STARS, F.mse_loss),
    "prices, scaled back": (lambda: Of(lambda x: 1e5 * x + 3e5, 1), X, 1e5 * AMOUNT + 3e5,
                            F.mse_loss),
    "never negative": (lambda: net(nn.Softplus(), out=8), X, X.abs(), F.mse_loss),
    "logits held in": (lambda: Of(lambda x: 30 * torch.tanh(x / 30)), X, Y, F.cross_entropy),
    "logits clipped": (lambda: Of(lambda x: x.clamp(-10, 10)), X, Y, F.cross_entropy),
}  # fmt: skip
