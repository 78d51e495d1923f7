"""A convolutional network of eight sigmoid layers: hardly any gradient reaches the first ones.

nonlin doctor examples/vanishing_cnn.py --remedy
"""

import torch
from torch import nn


def build():
    torch.manual_seed(0)
    targets = torch.arange(64) % 4
    inputs = torch.randn(64, 3, 16, 16) + torch.randn(4, 3, 1, 1)[targets]
    layers = [nn.Conv2d(3, 16, 3, padding=1), nn.Sigmoid()]
    for _ in range(7):
        layers += [nn.Conv2d(16, 16, 3, padding=1), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    return model, inputs, targets, nn.functional.cross_entropy
