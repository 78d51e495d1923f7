"""A transformer encoder in which one layer's weights are thirty times too large.

nonlin doctor examples/transformer_bad_init.py
"""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        block = nn.TransformerEncoderLayer(32, 4, 128, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, 4, enable_nested_tensor=False)
        self.head = nn.Linear(32, 5)

    def forward(self, tokens):
        return self.head(self.encoder(self.embedding(tokens)).mean(dim=1))


def build():
    torch.manual_seed(0)
    model = Classifier()
    with torch.no_grad():
        model.encoder.layers[2].linear1.weight.mul_(30.0)
    tokens, targets = torch.randint(100, (64, 12)), torch.randint(5, (64,))
    return model, tokens, targets, nn.functional.cross_entropy
