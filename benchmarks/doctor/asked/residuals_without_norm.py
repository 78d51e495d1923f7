"""Thirty residual blocks, He initialisation, no normalisation: the first loss is millions.

"My ResNet works with 5 blocks and gives NaN with 30." Each block adds a branch as long as the
stream, so the stream doubles its square thirty times.

H. Zhang, Y. Dauphin, T. Ma, Fixup initialization, 2019, is about this case.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (
    Fault(
        "exploding_signal|exploding_gradients|outlying_channels|bad_initialization|non_finite", ""
    ),
)

BLOCKS, WIDTH = 30, 48


class ResidualBlock(nn.Module):
    def __init__(self, zero_last):
        super().__init__()
        self.fc1 = nn.Linear(WIDTH, WIDTH)
        self.fc2 = nn.Linear(WIDTH, WIDTH)
        for fc in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(fc.weight)
            nn.init.zeros_(fc.bias)
        if zero_last:
            nn.init.zeros_(self.fc2.weight)

    def forward(self, x):
        return x + self.fc2(torch.relu(self.fc1(x)))


def program(seed, zero_last):
    x, y, held_x, held_y = samples.digits()
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(64, WIDTH),
        *(ResidualBlock(zero_last) for _ in range(BLOCKS)),
        nn.Linear(WIDTH, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=5e-3, momentum=0.9)
    held = held_x / 8.0 - 1.0, held_y
    loss_fn = nn.CrossEntropyLoss()
    return Program(model, x / 8.0 - 1.0, y, loss_fn, optimizer, right_class, held, 0.85, steps=120)


def faulty(seed=0):
    return program(seed, zero_last=False)


def repaired(seed=0):
    return program(seed, zero_last=True)
