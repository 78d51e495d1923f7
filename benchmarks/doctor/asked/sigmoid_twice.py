"""A click model stuck near 0.693: sigmoid in `forward`, and again inside BCEWithLogitsLoss.

"BCE loss stuck at 0.693": the second sigmoid sees numbers between 0 and 1, so its probabilities lie
between 0.5 and 0.73 and every sample is called positive.

https://discuss.pytorch.org/t/bce-loss-stuck-at-0-693-in-the-beginnng-of-training-and-then-started-to-decrease-why/183958
(the symptom), yudi-mars/daisyRec#15 (the cause).
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_side

FAULTS = (Fault("output_mismatch", "probabilities_as_logits"),)


class ClickModel(nn.Module):
    def __init__(self, features, hidden, squash):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(features, hidden), nn.LayerNorm(hidden), nn.GELU(),
            nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.GELU(),
        )  # fmt: skip
        self.out = nn.Linear(hidden, 1)
        self.squash = squash

    def forward(self, x):
        score = self.out(self.body(x)).squeeze(-1)
        return torch.sigmoid(score) if self.squash else score


def program(seed, squash):
    x, y, held_x, held_y = samples.parity()
    torch.manual_seed(seed)
    model = ClickModel(x.shape[1], 48, squash)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    loss_fn = nn.BCEWithLogitsLoss()
    held = (held_x, held_y.float())
    return Program(model, x, y.float(), loss_fn, optimizer, right_side, held, 0.85, steps=250)


def faulty(seed=0):
    return program(seed, squash=True)


def repaired(seed=0):
    return program(seed, squash=False)
