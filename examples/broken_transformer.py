"""A transformer that is to write words backwards, and that someone broke in two places.

Queries and keys are drawn a hundred times too large, and softmax stands before a cross entropy
that has its own.

nonlin doctor examples/broken_transformer.py --remedy
"""

import torch
from torch import nn

WORDS, WIDTH, LENGTH = 10, 48, 12


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 96), nn.GELU(), nn.Linear(96, WIDTH))

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class Reverser(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WORDS), nn.Softmax(dim=-1))

    def forward(self, ids):
        return self.head(self.blocks(self.words(ids) + self.places.weight))


def loss_fn(outputs, ids):
    return nn.functional.cross_entropy(outputs.flatten(0, 1), ids.flatten())


def build():
    torch.manual_seed(0)
    ids = torch.randint(WORDS, (256, LENGTH))
    model = Reverser()
    with torch.no_grad():
        for block in model.blocks:
            block.attention.in_proj_weight[: 2 * WIDTH] *= 100.0
    return model, ids, ids.flip(1), loss_fn, torch.optim.Adam(model.parameters(), lr=3e-3)
