"""A pretrained network gets a head for other classes, after the optimizer was made.

"Fine-tuning does not change the accuracy at all." The optimizer holds the old head; the body is
frozen, so nothing moves.

Asked again and again about `model.fc = nn.Linear(...)`; pytorch/pytorch#40983 is one of those whose
optimizer holds other parameters than those that the loss is made of.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (Fault("stuck_layer", "head|not_optimized"),)

OLD, ALL = 5, 10


class Backbone(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(32 * 4 * 4, classes)

    def forward(self, x):
        return self.head(self.features(x))


def pretrained(images, labels, seed):
    """Learn the digits below five, as something bought elsewhere would have."""
    torch.manual_seed(seed)
    model = Backbone(OLD)
    known = labels < OLD
    images, labels = images[known], labels[known]
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(40):
        part = slice(step * 32 % 640, step * 32 % 640 + 32)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images[part]), labels[part]).backward()
        optimizer.step()
    optimizer.zero_grad()
    return model


def program(seed, late):
    x, y, held_x, held_y = samples.digits()
    images, held = (t.view(-1, 1, 8, 8) / 16.0 for t in (x, held_x))
    model = pretrained(images, y, seed)
    for p in model.features.parameters():
        p.requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    model.head = nn.Linear(model.head.in_features, ALL)
    if not late:
        optimizer = torch.optim.SGD(model.head.parameters(), lr=0.05, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
    return Program(
        model, images, y, loss_fn, optimizer, right_class, (held, held_y), 0.85, steps=120
    )


def faulty(seed=0):
    return program(seed, late=True)


def repaired(seed=0):
    return program(seed, late=False)
