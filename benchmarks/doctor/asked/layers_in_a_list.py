"""The hidden layers stand in a Python list, so the model does not know that it has them.

"Loss does not go down, and model.parameters() is shorter than I thought." A list is no ModuleList:
the optimizer gets the last layer alone, and those in the list stay as they were drawn.

tensorflow/tensorflow#59250 has the same in Keras; in PyTorch it is what nn.ModuleList is for.
"""

from itertools import pairwise

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_side

FAULTS = (Fault("stuck_layer", "not_registered"),)


class Stack(nn.Module):
    def __init__(self, sizes, holder):
        super().__init__()
        self.hidden = holder([nn.Linear(a, b) for a, b in pairwise(sizes)])
        self.out = nn.Linear(sizes[-1], 1)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.nn.functional.silu(layer(x))
        return self.out(x).squeeze(1)


def program(seed, holder):
    x, y, held_x, held_y = samples.parity()
    torch.manual_seed(seed)
    model = Stack([x.shape[1], 64, 32, 8], holder)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = held_x, held_y.float()
    loss_fn = nn.BCEWithLogitsLoss()
    return Program(model, x, y.float(), loss_fn, optimizer, right_side, held, 0.88, steps=250)


def faulty(seed=0):
    return program(seed, list)


def repaired(seed=0):
    return program(seed, nn.ModuleList)
