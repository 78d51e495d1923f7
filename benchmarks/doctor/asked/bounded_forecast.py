"""A forecast by LSTM whose head ends in sigmoid, of a series between -10 and 10.

"My LSTM predicts a flat line." The outputs lie between 0 and 1 and the series does not: the sigmoid
is driven to its ends, where it has no slope.

https://discuss.pytorch.org/t/one-layer-bilstm-is-not-learning/175731 ("better when the value is
between 0 and 1, worse from -1 to 0").
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, explained

FAULTS = (Fault("output_mismatch", "bounded_regression"),)


class Forecaster(nn.Module):
    def __init__(self, hidden, bounded):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        head = [nn.Linear(hidden, 16), nn.ReLU(), nn.Linear(16, 1)]
        if bounded:
            head.append(nn.Sigmoid())
        self.head = nn.Sequential(*head)

    def forward(self, series):
        states, _ = self.lstm(series)
        return self.head(states[:, -1]).squeeze(-1)


def program(seed, bounded, scale):
    x, y, held_x, held_y = (t / scale for t in samples.waves())
    torch.manual_seed(seed)
    model = Forecaster(32, bounded)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    held = held_x, held_y
    return Program(model, x, y, nn.MSELoss(), optimizer, explained, held, 0.9, steps=250)


def faulty(seed=0):
    return program(seed, bounded=True, scale=1.0)


def repaired(seed=0):
    return program(seed, bounded=False, scale=10.0)
