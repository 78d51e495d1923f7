"""A plain RNN is to say after 100 steps what the first one was.

"RNN does not learn long dependencies; loss 0.693." Step by step the gradient loses a factor, and
the first step gets nothing of it.

"Why do vanilla RNNs struggle with long sequences?" is asked in interviews by now; Y. Bengio,
Simard, Frasconi, Learning long-term dependencies with gradient descent is difficult, 1994.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("vanishing_gradients"),)

LENGTH, HIDDEN = 100, 32


class Recall(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.rnn = cell(2, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 2)

    def forward(self, steps):
        out, _ = self.rnn(steps)
        return self.head(out[:, -1, :])


def program(seed, cell, remember):
    x, y, held_x, held_y = samples.remembered(LENGTH)
    torch.manual_seed(seed)
    model = Recall(cell)
    if remember:
        with torch.no_grad():  # the forget gate begins open
            model.rnn.bias_ih_l0[HIDDEN : 2 * HIDDEN].fill_(5.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = held_x, held_y
    return Program(
        model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.9, steps=120, batch=32,
        clip=1.0,
    )  # fmt: skip


def faulty(seed=0):
    return program(seed, nn.RNN, remember=False)


def repaired(seed=0):
    return program(seed, nn.LSTM, remember=True)
