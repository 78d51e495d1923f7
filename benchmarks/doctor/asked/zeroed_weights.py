"""All weights begin at 0, "to start from a neutral point".

"Loss decreases a little and then never again": behind ReLU nothing arrives, only the last bias
learns, the shares of the classes.

https://stats.stackexchange.com/questions/294332 ("Backpropagation with zero weight initialization")
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("bad_initialization", "equal_weights|zero"),)


def zeros(module):
    if isinstance(module, nn.Linear):
        nn.init.constant_(module.weight, 0.0)
        nn.init.constant_(module.bias, 0.0)


def program(seed, start):
    x, y, held_x, held_y = samples.wine()
    x, held_x = samples.standardised(x, held_x)
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(13, 24),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(24, 24),
        nn.ReLU(),
        nn.Linear(24, 3),
    )
    if start is not None:
        model.apply(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    held = held_x, held_y
    return Program(
        model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.9, steps=150, batch=32
    )


def faulty(seed=0):
    return program(seed, zeros)


def repaired(seed=0):
    return program(seed, None)
