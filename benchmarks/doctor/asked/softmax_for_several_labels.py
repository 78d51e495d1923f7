"""Each sample may have several of four labels, and the outputs go through softmax.

"My multi-label network never predicts more than one label": the probabilities of one sample share a
sum of 1, so with two labels each gets 0.5 at best. The body learns hardly at all besides: hidden
units are tanh with biases of 8, copied from an example of "sparse" units.

Asked as "multi-label classification, softmax or sigmoid?" on Cross Validated and elsewhere.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_half

FAULTS = (
    Fault("output_mismatch", "several_labels|exclusive_outputs"),
    Fault("saturated_units"),
)


class Tagger(nn.Module):
    def __init__(self, last, bias):
        super().__init__()
        self.hidden = nn.Linear(20, 40)
        self.second = nn.Linear(40, 40)
        self.tags = nn.Linear(40, 4)
        self.last = last
        nn.init.constant_(self.second.bias, bias)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        h = torch.tanh(self.second(h))
        return self.last(self.tags(h))


def program(seed, last, bias):
    x, y, held_x, held_y = samples.tags()
    torch.manual_seed(seed)
    model = Tagger(last, bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = held_x, held_y
    return Program(model, x, y, nn.BCELoss(), optimizer, right_half, held, 0.9)


def faulty(seed=0):
    return program(seed, nn.Softmax(dim=-1), 8.0)


def repaired(seed=0):
    return program(seed, nn.Sigmoid(), 0.0)
