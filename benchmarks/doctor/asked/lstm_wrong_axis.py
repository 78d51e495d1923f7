"""Batches of shape (samples, steps, features) go into an LSTM without batch_first.

"LSTM loss does not decrease": the LSTM walks from sample to sample, and each step of each sample is
a sequence of its own. `out[:, -1]` is then the last step, which has seen none of the earlier ones.

https://discuss.pytorch.org/t/lstm-change-batch-first-true-loss-does-not-decrease/62364
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("mixed_samples"),)

LENGTH = 12


class Reader(nn.Module):
    def __init__(self, batch_first):
        super().__init__()
        self.lstm = nn.LSTM(2, 32, batch_first=batch_first)
        self.head = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, steps):
        out, _ = self.lstm(steps)
        return self.head(out[:, -1])


def program(seed, batch_first):
    x, y, held_x, held_y = samples.remembered(LENGTH)
    torch.manual_seed(seed)
    model = Reader(batch_first)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    held = held_x, held_y
    return Program(model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.9, steps=150)


def faulty(seed=0):
    return program(seed, batch_first=False)


def repaired(seed=0):
    return program(seed, batch_first=True)
