"""Four layers, Xavier, plain SGD at 0.0001: the loss is where it was after hundreds of batches.

"Loss not converging on a binary classification problem": nothing is wrong with data or model, each
step is a thousandth of what it could be.

https://discuss.pytorch.org/t/loss-not-converging-on-a-binary-classification-problem/177433
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn, optim

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("learning_rate|stuck_layer", "creeping|too_low|learning_rate|small_updates"),)


class TabularModel(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.fc1 = nn.Linear(features, 60)
        self.fc2 = nn.Linear(60, 100)
        self.fc3 = nn.Linear(100, 30)
        self.fc4 = nn.Linear(30, 2)
        self.apply(self.start)

    @staticmethod
    def start(module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = F.relu(self.fc3(x))
        return self.fc4(x)


def program(seed, rate):
    x, y, held_x, held_y = samples.parity()
    torch.manual_seed(seed)
    model = TabularModel(x.shape[1])
    optimizer = optim.SGD(model.parameters(), lr=rate)
    held = held_x, held_y
    return Program(
        model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.85, steps=300
    )


def faulty(seed=0):
    return program(seed, 1e-4)


def repaired(seed=0):
    return program(seed, 0.15)
