"""Ids of words go into a linear layer as numbers, `.float()`, without an embedding.

"My text classifier stays at 50 %." Word 180 is not ninety times word 2; and numbers up to 200
saturate the tanh behind.

It is what nn.Embedding's documentation is for; floodsung/LearningToCompare_FSL#27 asks about a text
classifier that does not converge.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("unscaled_inputs"),)

LENGTH, WORDS = 24, 200


class BagOfNumbers(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(LENGTH, 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 2)
        )

    def forward(self, ids):
        return self.net(ids.float())


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, 32)
        self.net = nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))

    def forward(self, ids):
        return self.net(self.words(ids).mean(1))


def program(seed, kind):
    x, y, held_x, held_y = samples.reviews(LENGTH, WORDS)
    torch.manual_seed(seed)
    model = kind()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    held = held_x, held_y
    return Program(model, x, y, nn.CrossEntropyLoss(), optimizer, right_class, held, 0.85)


def faulty(seed=0):
    return program(seed, BagOfNumbers)


def repaired(seed=0):
    return program(seed, BagOfWords)
