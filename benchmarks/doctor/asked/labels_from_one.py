"""Classes are numbered from 1, as in the file that they were read from.

"IndexError: Target 3 is out of bounds." Cross entropy counts from 0. Also the features are not
scaled: wine has a proline of 1,680 beside a hue of 0.5.

EricFillion/happy-transformer#248, milesial/Pytorch-UNet#291
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("output_mismatch", "labels"), Fault("unscaled_inputs"))


class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.ModuleList([nn.Linear(13, 32), nn.Linear(32, 16)])
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        for layer in self.fc:
            x = layer(x).clamp(min=0)
        return self.head(x)


def program(seed, x, y, held_x, held_y):
    torch.manual_seed(seed)
    model = WineNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = held_x, held_y
    return Program(
        model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.9, steps=150, batch=32
    )


def faulty(seed=0):
    x, y, held_x, held_y = samples.wine()
    return program(seed, x, y + 1, held_x, held_y + 1)


def repaired(seed=0):
    x, y, held_x, held_y = samples.wine()
    x, held_x = samples.standardised(x, held_x)
    return program(seed, x, y, held_x, held_y)
