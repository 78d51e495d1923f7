"""Train a small transformer with SwiGLU to copy a sequence backwards.

The feed-forward part of each block is a gate of nonlin's, which keeps its two inputs for the
backward pass and nothing else; the same model can be compiled, exported and saved. It takes some
seconds on a CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nonlin.torch import nn as activations

WORDS, LENGTH, WIDTH, HEADS, STEPS = 12, 6, 48, 4, 400


class FeedForward(nn.Module):
    """A linear layer to the gate and the value, the gate, a linear layer back."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.gate = activations.SwiGLU()

    def forward(self, x: Tensor) -> Tensor:
        """Compute the part, shape (..., WIDTH)."""
        return self.down(self.gate(self.up(x)))


class Block(nn.Module):
    """Attention, then the feed-forward part, each beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.feed_forward = FeedForward()
        self.before_attention, self.before_feed_forward = nn.RMSNorm(WIDTH), nn.RMSNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the block, shape (batch, length, WIDTH)."""
        z = self.before_attention(x)
        x = x + self.attention(z, z, z, need_weights=False)[0]
        return x + self.feed_forward(self.before_feed_forward(x))


class Transformer(nn.Module):
    """Two blocks between an embedding and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Parameter(0.1 * torch.randn(LENGTH, WIDTH))
        self.blocks = nn.Sequential(Block(), Block())
        self.out = nn.Sequential(nn.RMSNorm(WIDTH), nn.Linear(WIDTH, WORDS))

    def forward(self, words: Tensor) -> Tensor:
        """Compute the scores of each word at each place, shape (batch, LENGTH, WORDS)."""
        return self.out(self.blocks(self.words(words) + self.places))


def main() -> float:
    """Train it, and give the share of words that are right on new sequences."""
    torch.manual_seed(0)
    model = Transformer()
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for step in range(STEPS):
        words = torch.randint(0, WORDS, (64, LENGTH))
        loss = nn.functional.cross_entropy(model(words).flatten(0, 1), words.flip(1).flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step:3d}: loss {loss.item():.3f}")
    words = torch.randint(0, WORDS, (500, LENGTH))
    right = (model(words).argmax(-1) == words.flip(1)).float().mean().item()
    print(f"right on new sequences: {right:.1%}")
    return right


if __name__ == "__main__":
    main()
