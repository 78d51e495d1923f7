"""What is measured: functions and gates, sizes, dtypes, passes, threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nonlin.torch import functional as ours

theirs = torch.nn.functional

SIZES = (1, 1024, 4096, 1 << 16, 1 << 20, 1 << 24)
DTYPES = ("float32", "bfloat16", "float16")
PASSES = ("forward", "forward and backward")

# From here on threads are of use, and a call's own cost is none.
LARGE = 1 << 16

# torch.compile is asked for one dtype and the sizes at which it is worth its call.
COMPILED_SIZES = (1 << 16, 1 << 20)

Function = Callable[..., Tensor]


@dataclass(frozen=True, slots=True)
class Contest:
    """One function: how many inputs it has, and what computes it in PyTorch and here."""

    inputs: int
    torch: Function
    nonlin: Function


CONTESTS = {
    "ReLU": Contest(1, theirs.relu, ours.relu),
    "Leaky ReLU": Contest(1, theirs.leaky_relu, ours.leaky_relu),
    "ELU": Contest(1, theirs.elu, ours.elu),
    "SiLU": Contest(1, theirs.silu, ours.silu),
    "Mish": Contest(1, theirs.mish, ours.mish),
    "GELU": Contest(1, theirs.gelu, ours.gelu),
    "GELU, tanh": Contest(
        1,
        lambda x: theirs.gelu(x, approximate="tanh"),
        lambda x: ours.gelu(x, approximate="tanh"),
    ),
    "Softplus": Contest(1, theirs.softplus, ours.softplus),
    "SwiGLU": Contest(2, lambda g, v: theirs.silu(g) * v, ours.swiglu),
    "GeGLU": Contest(2, lambda g, v: theirs.gelu(g) * v, ours.geglu),
}
GATES = tuple(name for name, contest in CONTESTS.items() if contest.inputs == 2)
# The error function that is right to a unit in the last place costs more than PyTorch's.
APART = ("GELU", "GeGLU")


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement."""

    function: str
    size: int
    dtype: str
    backward: bool
    threads: int

    @property
    def key(self) -> str:
        """Its name among the results."""
        direction = PASSES[self.backward]
        return f"{self.function} | {self.size} | {self.dtype} | {direction} | {self.threads}"

    @classmethod
    def of(cls, key: str) -> Case:
        """Give the case of that name."""
        function, size, dtype, direction, threads = key.split(" | ")
        return cls(function, int(size), dtype, direction == PASSES[True], int(threads))

    @property
    def compiled(self) -> bool:
        """Whether torch.compile takes part."""
        return self.dtype == "float32" and self.size in COMPILED_SIZES


def cases(threads: int, quick: bool = False) -> Iterator[Case]:
    """List what is measured with one thread and with all of them."""
    for count in sorted({1, threads}):
        for name in CONTESTS:
            for size in SIZES:
                if (count > 1 and size < LARGE) or (quick and size not in (1, 1 << 16)):
                    continue
                for dtype in DTYPES[:1] if quick else DTYPES:
                    for backward in (False, True):
                        yield Case(name, size, dtype, backward, count)
