"""Ten layers of sigmoid units that do not learn, though one layer of them did.

"Adding layers makes my network stop learning." Every layer takes a factor of about seven from the
gradient.

https://ai.stackexchange.com/questions/16557 (four layers of sigmoids) and M. Nielsen's chapter "Why
are deep neural networks hard to train?".
"""

from itertools import pairwise

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("vanishing_gradients"),)


class Deep(nn.Module):
    def __init__(self, sizes, act):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.act = act

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.layers[-1](x)


def program(seed, act, initialise=None):
    x, y, held_x, held_y = samples.digits()
    x, held_x = (x - 8.0) / 6.0, (held_x - 8.0) / 6.0
    torch.manual_seed(seed)
    model = Deep([64, *[48] * 10, 10], act)
    if initialise is not None:
        for layer in model.layers[:-1]:
            initialise(layer.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    held = held_x, held_y
    return Program(model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.85)


def faulty(seed=0):
    return program(seed, torch.sigmoid)


def repaired(seed=0):
    return program(seed, torch.tanh, nn.init.xavier_normal_)
