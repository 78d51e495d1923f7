"""`log_softmax` along axis 0, in a model that gets batches: samples compete instead of classes.

"Warning: implicit dimension choice for softmax; I chose 0 and the accuracy is random." Each column
sums to one over the batch, so a sample's own classes are never compared. Most samples are of one
class, as in life.

The axis is asked about under nn.Softmax(dim=...); https://forum.onefourthlabs.com/t/6664 is about
what belongs before NLLLoss.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("output_mismatch", "wrong_axis"),)


class Classifier(nn.Module):
    def __init__(self, axis):
        super().__init__()
        self.input = nn.Linear(64, 64)
        self.norm = nn.BatchNorm1d(64)
        self.output = nn.Linear(64, 10)
        self.axis = axis

    def forward(self, x):
        h = F.hardswish(self.norm(self.input(x)))
        return F.log_softmax(self.output(h), dim=self.axis)


def program(seed, axis):
    x, y, held_x, held_y = samples.digits()
    y = skewed(y)
    held_y = skewed(held_y)
    torch.manual_seed(seed)
    model = Classifier(axis)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    held = held_x / 16.0, held_y
    return Program(model, x / 16.0, y, nn.NLLLoss(), optimizer, right_class, held, 0.9)


def skewed(labels):
    """Digits below six are one class: most samples are of it."""
    return (labels - 5).clamp_min(0)


def faulty(seed=0):
    return program(seed, axis=0)


def repaired(seed=0):
    return program(seed, axis=1)
