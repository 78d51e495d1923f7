"""Four layers, no activation between them: two rings cannot be told apart.

"Whatever I change, accuracy stays at 50 %." Layers without an activation between them are one
layer.

The question is asked as "Why must a nonlinear activation function be used?" on Stack Overflow.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_side

FAULTS = (Fault("linear_stack"),)


class RingNet(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.inp = nn.Linear(2, 32)
        self.mid = nn.Linear(32, 32)
        self.low = nn.Linear(32, 16)
        self.out = nn.Linear(16, 1)
        self.act = act

    def forward(self, x):
        h = self.act(self.inp(x))
        h = self.act(self.mid(h))
        h = self.act(self.low(h))
        return self.out(h)[:, 0]


def program(seed, act):
    x, y, held_x, held_y = samples.circles()
    torch.manual_seed(seed)
    model = RingNet(act)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.functional.binary_cross_entropy_with_logits
    held = held_x, held_y.float()
    return Program(model, x, y.float(), loss_fn, optimizer, right_side, held, 0.95)


def faulty(seed=0):
    return program(seed, lambda x: x)


def repaired(seed=0):
    return program(seed, torch.tanh)
