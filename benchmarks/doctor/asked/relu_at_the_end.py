"""A regression on centred targets whose last layer has a ReLU, too.

"My network outputs zero for half of the samples" and, with some seeds, for all of them: what is
below the mean cannot be said, and where the last unit is off no gradient comes back.

Asked under titles like "Neural network generates zeros as predictions".
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, explained

FAULTS = (Fault("output_mismatch", "bounded_regression"),)


def block(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU())


class Regressor(nn.Module):
    def __init__(self, features, last):
        super().__init__()
        self.block1 = block(features, 48)
        self.block2 = block(48, 48)
        self.block3 = last

    def forward(self, x):
        return self.block3(self.block2(self.block1(x)))


def program(seed, last):
    x, y, held_x, held_y = samples.houses()
    x, held_x = samples.standardised(x, held_x)
    y, held_y = samples.standardised(y, held_y)
    torch.manual_seed(seed)
    model = Regressor(4, last(48, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = held_x, held_y[:, None]
    return Program(model, x, y[:, None], nn.SmoothL1Loss(), optimizer, explained, held, 0.85)


def faulty(seed=0):
    return program(seed, block)


def repaired(seed=0):
    return program(seed, nn.Linear)
