"""An encoder's features are stored in a new tensor on the way to the head, and lose their graph.

"Only the classifier trains." `torch.tensor(features)`, `.data`, `.detach()`, `.numpy()`: each of
them ends the gradient's way.

pytorch/pytorch#3358 ("Weights won't update during backpropogation") is one of those questions.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("stuck_layer", "encoder.0|encoder.2|encoder.4|no_gradient"),)


class TwoStage(nn.Module):
    def __init__(self, features, classes, cut):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(features, 32), nn.LeakyReLU(), nn.Linear(32, 32), nn.LeakyReLU(),
            nn.Linear(32, 4),
        )  # fmt: skip
        self.decoder = nn.Sequential(nn.LeakyReLU(), nn.Linear(4, classes))
        self.cut = cut

    def encode(self, x):
        code = self.encoder(x)
        if self.cut:
            code = code.detach().clone()
        return code

    def forward(self, x):
        return self.decoder(self.encode(x))


def program(seed, cut):
    x, y, held_x, held_y = samples.digits()
    torch.manual_seed(seed)
    model = TwoStage(64, 10, cut)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.CrossEntropyLoss()
    held = held_x / 8.0 - 1.0, held_y
    return Program(model, x / 8.0 - 1.0, y, loss_fn, optimizer, right_class, held, 0.8, steps=250)


def faulty(seed=0):
    return program(seed, cut=True)


def repaired(seed=0):
    return program(seed, cut=False)
