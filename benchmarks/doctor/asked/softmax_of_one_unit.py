"""A binary classifier whose single output goes through softmax, on features as they come.

"My accuracy is exactly the share of one class." Softmax of one number is 1 whatever the number is:
the loss is constant and no layer gets a gradient. Behind it hides a second fault: the features of
the breast cancer data range from 0.05 to 4,254.

https://stats.stackexchange.com/q/481881, and "Why does a binary Keras CNN always predict 1?" (Stack
Overflow).
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_half

FAULTS = (
    Fault("output_mismatch", "constant_output"),
    Fault("unscaled_inputs"),
)


def classifier(features, last):
    return nn.Sequential(
        nn.Linear(features, 32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 1),
        last,
    )


def program(seed, last, x, held_x):
    _, y, _, held_y = samples.breast_cancer()
    y, held_y = (t.float().unsqueeze(1) for t in (y, held_y))
    torch.manual_seed(seed)
    model = classifier(x.shape[1], last)
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    held = (held_x, held_y)
    return Program(model, x, y, nn.BCELoss(), adam, right_half, held, 0.93, batch=32)


def faulty(seed=0):
    x, _, held_x, _ = samples.breast_cancer()
    return program(seed, nn.Softmax(dim=1), x, held_x)


def repaired(seed=0):
    x, _, held_x, _ = samples.breast_cancer()
    return program(seed, nn.Sigmoid(), *samples.standardised(x, held_x))
