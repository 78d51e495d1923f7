"""A convolutional network of eight sigmoid layers: hardly any gradient reaches the first ones.

nonlin doctor examples/vanishing_cnn.py --remedy
"""

import torch
from torch import nn


def build():
    torch.manual_seed(0)
    inputs, targets = torch.randn(64, 3, 16, 16), torch.randint(10, (64,))
    layers = [nn.Conv2d(3, 16, 3, padding=1), nn.Sigmoid()]
    for _ in range(7):
        layers += [nn.Conv2d(16, 16, 3, padding=1), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
    return model, inputs, targets, nn.functional.cross_entropy
