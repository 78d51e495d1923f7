"""Attention written by hand: scores are multiplied by the root of the width, not divided by it.

"My attention weights are one-hot from the beginning and the loss stays." With weights drawn at ten
times the usual size and the factor the wrong way round every softmax is saturated, and the way to
queries and keys is closed. The model's head applies softmax once more before cross entropy.

Questions about "attention weights all the same" and "all one-hot" are many; Vaswani et al.,
Attention is all you need, 2017, says why it is divided.
"""

import torch
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program

FAULTS = (
    Fault("output_mismatch", "probabilities_as_logits"),
    Fault("collapsed_attention"),
)

WORDS, WIDTH, LENGTH = 10, 48, 12


class SelfAttention(nn.Module):
    def __init__(self, heads, wrong):
        super().__init__()
        self.heads, self.wrong = heads, wrong
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        if wrong:
            nn.init.normal_(self.query.weight)
            nn.init.normal_(self.key.weight)

    def split(self, x):
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def forward(self, x):
        q, k, v = (self.split(layer(x)) for layer in (self.query, self.key, self.value))
        scale = q.shape[-1] ** (0.5 if self.wrong else -0.5)
        weights = torch.softmax(q @ k.transpose(-2, -1) * scale, dim=-1)
        return self.mix((weights @ v).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, wrong):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = SelfAttention(4, wrong)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 96), nn.GELU(), nn.Linear(96, WIDTH))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Reverser(nn.Module):
    def __init__(self, wrong):
        super().__init__()
        self.tokens = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(Block(wrong), Block(wrong))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, WORDS)
        self.wrong = wrong

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        logits = self.head(self.norm(self.blocks(x)))
        return logits.softmax(-1) if self.wrong else logits


def sequence_loss(logits, ids):
    return nn.functional.cross_entropy(logits.flatten(0, 1), ids.flatten())


def right_words(logits, ids):
    return float((logits.argmax(-1) == ids).float().mean())


def program(seed, wrong):
    x, y, held_x, held_y = samples.copied(LENGTH, WORDS)
    torch.manual_seed(seed)
    model = Reverser(wrong)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    held = held_x, held_y
    return Program(
        model, x, y, sequence_loss, optimizer, right_words, held, 0.9, steps=200, batch=48
    )


def faulty(seed=0):
    return program(seed, wrong=True)


def repaired(seed=0):
    return program(seed, wrong=False)
