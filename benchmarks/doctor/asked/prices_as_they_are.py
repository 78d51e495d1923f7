"""House prices from area, rooms, year and distance, all as they are, by plain SGD: NaN in five
steps.

"Loss is nan from the second epoch." The squared error of prices of half a million is 10^11, its
gradient throws the weights away at once. Inputs of up to 25,000 do the rest.

rstudio-conf-2020/dl-keras-tf#9, https://stackoverflow.com/questions/40050397 ("Deep-Learning Nan
loss reasons") and
https://discuss.pytorch.org/t/neural-network-could-not-learn-on-this-type-of-data-why/96648
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, explained

FAULTS = (
    Fault("unscaled_inputs"),
    Fault("output_mismatch", "targets_large|targets_offset"),
)


class PriceModel(nn.Module):
    def __init__(self, features=4, hidden=64):
        super().__init__()
        self.hidden1 = nn.Linear(features, hidden)
        self.hidden2 = nn.Linear(hidden, hidden)
        self.output = nn.Linear(hidden, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.hidden1(x))
        x = self.relu(self.hidden2(x))
        return self.output(x)


def program(seed, x, y, held_x, held_y):
    torch.manual_seed(seed)
    model = PriceModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = x, y.unsqueeze(1)
    held = held_x, held_y.unsqueeze(1)
    return Program(model, *data, nn.MSELoss(), optimizer, explained, held, 0.75, steps=300)


def faulty(seed=0):
    return program(seed, *samples.houses())


def repaired(seed=0):
    x, y, held_x, held_y = samples.houses()
    x, held_x = samples.standardised(x, held_x)
    y, held_y = samples.standardised(y, held_y)
    return program(seed, x, y, held_x, held_y)
