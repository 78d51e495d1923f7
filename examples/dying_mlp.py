"""Features that are not centred and a learning rate that is too high: ReLU units die.

nonlin doctor examples/dying_mlp.py --train 400
"""

import torch
from torch import nn


def build():
    torch.manual_seed(0)
    features, classes = torch.randn(512, 20) + 2.0, torch.randint(10, (512,))
    batches = list(zip(features.split(32), classes.split(32), strict=True))
    model = nn.Sequential(
        nn.Linear(20, 64), nn.ReLU(),
        nn.Linear(64, 64), nn.ReLU(),
        nn.Linear(64, 64), nn.ReLU(),
        nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    return model, batches, None, nn.functional.cross_entropy, optimizer
