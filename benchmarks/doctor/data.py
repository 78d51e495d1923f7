"""The data: scikit-learn's digits, and two made ones that need what the digits do not.

The digits are almost linearly separable, so a network without activations learns them too. The
parity of two signs is not linear at all; "signs" is the same with one output a sample, for a binary
loss. The waves are a regression with targets of both signs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import torch
from sklearn.datasets import load_digits
from torch import Tensor

Name = Literal["digits", "parity", "signs", "waves"]
FEATURES = 64
VALIDATION = 500


@dataclass(frozen=True)
class Data:
    """Inputs of 64 features of mean 0 and length about 1, and what is to be learnt.

    Attributes
    ----------
    inputs : Tensor, shape (n, 64)
    targets : Tensor, shape (n,) of int64 or (n, 1) of float32
    outputs : int
        Of a network for it.
    binary : bool
        Whether the targets are 0 and 1 in float32.
    """

    inputs: Tensor
    targets: Tensor
    outputs: int
    binary: bool = False

    def split(self) -> tuple[Data, Data]:
        """Give the part to train on and the part to validate on."""
        n = len(self.inputs) - VALIDATION
        parts = (slice(None, n), slice(n, None))
        first, rest = (replace(self, inputs=self.inputs[x], targets=self.targets[x]) for x in parts)
        return first, rest


@cache
def load(name: Name) -> Data:
    """Load or make the data; always the same."""
    generator = torch.Generator().manual_seed(20)
    if name == "digits":
        x, y = load_digits(return_X_y=True)
        order = torch.randperm(len(x), generator=generator)
        inputs = torch.tensor(x, dtype=torch.float32)[order]
        inputs = (inputs - inputs.mean()) / inputs.std()
        return Data(inputs, torch.tensor(y)[order], 10)
    inputs = torch.randn(2000, FEATURES, generator=generator)
    directions = torch.linalg.qr(torch.randn(FEATURES, 3, generator=generator))[0]
    # Along the three directions that count the inputs are three times as long.
    inputs = inputs + 2.0 * (inputs @ directions) @ directions.T
    seen = inputs @ directions / 3.0
    parity = (seen[:, :2] > 0).sum(1) % 2
    if name == "parity":
        return Data(inputs, parity, 2)
    if name == "signs":
        return Data(inputs, parity[:, None].float(), 1, binary=True)
    return Data(inputs, torch.sin(1.5 * seen).sum(1, keepdim=True), 1)
