"""A regression by hand: outputs of shape (N, 1) minus targets of shape (N,) is an (N, N) matrix.

"My network predicts the mean for everything." Each output is compared with the targets of all other
samples, so the best it can do is the mean.

A question of this kind (linear regression whose (4, 1) output broadcasts against a (4,) target) is
in the PyTorch forum; PyTorch's own mse_loss warns, an expression of one's own does not.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, explained

FAULTS = (Fault("output_mismatch", "crossed"),)


class MeanSquaredError(nn.Module):
    def forward(self, prediction, target):
        return ((prediction - target) ** 2).mean()


def make_model(features):
    layers = []
    for width in (64, 64):
        layers += [nn.Linear(features, width), nn.ELU()]
        features = width
    return nn.Sequential(*layers, nn.Linear(features, 1))


def program(seed, columns):
    x, y, held_x, held_y = samples.houses()
    x, held_x = samples.standardised(x, held_x)
    y, held_y = samples.standardised(y, held_y)
    if columns:
        y = y.unsqueeze(1)
    torch.manual_seed(seed)
    model = make_model(x.shape[1])
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    held = (held_x, held_y)
    return Program(model, x, y, MeanSquaredError(), optimizer, explained, held, 0.8, steps=250)


def faulty(seed=0):
    return program(seed, columns=False)


def repaired(seed=0):
    return program(seed, columns=True)
