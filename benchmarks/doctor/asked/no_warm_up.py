"""A post-norm transformer that is trained at its highest rate from the first step.

"Transformer loss plateaus at log(vocabulary)": without warm-up, at a rate six times too high,
Adam's first steps ruin attention and normalisation; what is left predicts the frequencies.

LiyuanLucasLiu/Transformer-Clinic#16, tensorflow/tensor2tensor#991
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program

FAULTS = (Fault("learning_rate", "diverging|bouncing|too_high"),)

WORDS, WIDTH, LENGTH = 10, 48, 8


class Reverser(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.tokens = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Parameter(0.1 * torch.randn(LENGTH, WIDTH))
        block = nn.TransformerEncoderLayer(WIDTH, 4, 96, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, WORDS)

    def forward(self, ids):
        return self.head(self.encoder(self.tokens(ids) + self.places))


def sequence_loss(logits, ids):
    return nn.functional.cross_entropy(logits.reshape(-1, WORDS), ids.reshape(-1))


def right_words(logits, ids):
    return float((logits.argmax(-1) == ids).float().mean())


def program(seed, rate, warm_up):
    x, y, held_x, held_y = samples.copied(LENGTH, WORDS)
    torch.manual_seed(seed)
    model = Reverser(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)

    def rising(step):
        return min(1.0, (step + 1) / (warm_up + 1))

    torch.optim.lr_scheduler.LambdaLR(optimizer, rising)
    held = held_x, held_y
    return Program(
        model, x, y, sequence_loss, optimizer, right_words, held, 0.9, steps=200, batch=48,
        schedule=rising,
    )  # fmt: skip


def faulty(seed=0):
    return program(seed, 3e-2, warm_up=0)


def repaired(seed=0):
    return program(seed, 5e-3, warm_up=20)
