"""A convolutional network trained by Adam at 0.1, the rate that SGD had in the tutorial.

"After the first steps my network predicts one class for ever." A step of Adam moves each weight by
the rate: the ReLUs of the first layers die in a few of them.

https://datascience.stackexchange.com/questions/28481 (predicts 0.5 for all, answered: the rate)
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("learning_rate", "diverging|bouncing|too_high"),)


def conv_block(before, after):
    return [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]


def program(seed, rate):
    x, y, held_x, held_y = samples.digits()
    images, held = (t.reshape(-1, 1, 8, 8) / 16.0 for t in (x, held_x))
    torch.manual_seed(seed)
    model = nn.Sequential(
        *conv_block(1, 16), *conv_block(16, 16), nn.MaxPool2d(2), *conv_block(16, 24),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    loss_fn = nn.functional.cross_entropy
    return Program(model, images, y, loss_fn, optimizer, right_class, (held, held_y), 0.9)


def faulty(seed=0):
    return program(seed, 0.1)


def repaired(seed=0):
    return program(seed, 2e-3)
