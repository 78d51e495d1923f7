"""A small residual network with nothing wrong: the doctor finds nothing.

nonlin doctor examples/healthy_resnet.py
"""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return nn.functional.relu(x + self.branch(x))


def build():
    torch.manual_seed(0)
    targets = torch.arange(128) % 4
    inputs = torch.randn(128, 3, 16, 16) + torch.randn(4, 3, 1, 1)[targets]
    stem = (nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    model = nn.Sequential(*stem, Block(16), Block(16), Block(16), *head)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return model, inputs, targets, nn.functional.cross_entropy, optimizer
