"""Cross entropy by hand, on weights drawn from N(0, 1): the first loss is inf, the second NaN.

"Loss is nan after one step". The logits of such weights are hundreds, so softmax gives exact zeros,
and the logarithm of one is -inf.

https://discuss.pytorch.org/t/calculate-loss-between-a-target-in-one-hot-encoded-with-class-probabilities/180148
(the answer is about this), "How to solve the loss becoming NaN due to torch.log()" (PyTorch forum).
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (
    Fault("non_finite|output_mismatch", "log|loss|unstable"),
    Fault("bad_initialization", "large|fc.0|fc.2|fc.4"),
)


class SoftmaxNet(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
        )
        for name, p in self.named_parameters():
            if name.endswith("weight"):
                start(p)

    def forward(self, x):
        return torch.softmax(self.fc(x), dim=1)


def by_hand(probabilities, labels):
    one_hot = nn.functional.one_hot(labels, 10)
    return -(one_hot * torch.log(probabilities)).sum(dim=1).mean()


def likelihood(probabilities, labels):
    return nn.functional.nll_loss(torch.log(probabilities.clamp_min(1e-12)), labels)


def program(seed, start, loss_fn):
    x, y, held_x, held_y = samples.digits()
    torch.manual_seed(seed)
    model = SoftmaxNet(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    held = held_x / 16.0, held_y
    return Program(model, x / 16.0, y, loss_fn, optimizer, right_class, held, 0.9)


def faulty(seed=0):
    return program(seed, nn.init.normal_, by_hand)


def repaired(seed=0):
    return program(seed, nn.init.kaiming_normal_, likelihood)
