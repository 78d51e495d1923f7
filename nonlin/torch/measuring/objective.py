"""The loss: what it compares, summed up on the device while passes run, and what it may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nonlin.torch.measuring import compared
from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.graph import LOSSES
from nonlin.torch.measuring.losses import Recognised
from nonlin.torch.measuring.norms import precise
from nonlin.torch.reading import Target

# What rounding makes of a row of probabilities in float16.
ROUNDING = 5e-3


class Objective:
    """The loss's function, and what came into it.

    Parameters
    ----------
    function : str
        Its name.
    device : torch.device
    known : bool
        Whether it is one of PyTorch's losses.

    Attributes
    ----------
    recognised : Recognised or None
        What its derivative says that it is, where it is written out.
    crossed : bool
        Whether each output is compared with the target of each sample.
    given : bool
        Whether targets came with the inputs.
    order, dropped
        As in `nonlin.torch.reading.Target`.
    """

    def __init__(self, function: str, device: torch.device, known: bool) -> None:
        self.function, self.known, self.device = function, known, device
        self.classes: int | None = None
        self.ignored: int | None = None
        self.integer = False
        self.width: int | None = None
        self.recognised: Recognised | None = None
        self.crossed = False
        self.given = True
        self.order = ""
        self.dropped = False
        self.extremes = torch.full((compared.EXTREMES,), -torch.inf, device=device)
        self.sums = torch.zeros(compared.SUMS, dtype=precise(device), device=device)
        self._head: tuple[int, int] | None = None

    def add(self, outputs: Tensor, targets: Any, ignored: int | None = None) -> None:
        """Take one batch's; a loss of labels says which of them is `ignored`.

        Outputs of another width are another head's: the first one counts.
        """
        x = compared.numbers(outputs)
        if not self._is_of_one_head(x):
            return
        given = isinstance(targets, Tensor) and targets.numel() > 0
        t = compared.parts(targets.to(x.device)) if given else None
        self.width = x.shape[compared.class_axis(x)]
        counts = None
        if t is not None:
            if t.ndim == x.ndim == 1:
                # One output a sample.
                self.width = self.width if ignored is not None else 1
            self.integer |= compared.is_integer(t)
            if ignored is not None and compared.is_integer(t):
                self.classes, self.ignored = self.width, ignored
                counts = t.ne(ignored)
        logarithms = self.function == "nll_loss" or x.numel() <= compared.LARGE
        found = compared.extremes(x, t, counts, logarithms)
        self.extremes = torch.maximum(self.extremes, found)
        self.sums += compared.sums(x, t, counts, logarithms)

    def _is_of_one_head(self, x: Tensor) -> bool:
        """Tell whether outputs have as many axes, and classes, as the first of their pass."""
        head = x.ndim, x.shape[compared.class_axis(x)] if x.ndim > 1 else 0
        self._head = self._head or head
        return head == self._head

    def take(self, targets: Any) -> None:
        """Take the targets as they were given; the loss may compare others with the outputs."""
        found = list(tensors([targets]))
        self._head = None
        self.given = bool(found)
        self.integer |= any(compared.is_integer(x) for x in found[:1])

    def target(
        self,
        loss: float,
        batches: float,
        extremes: NDArray[np.float64],
        sums: NDArray[np.float64],
    ) -> Target:
        """Turn it into plain numbers."""
        low, high, strays, target_low, target_high, apart, others, logs, anew = extremes.tolist()
        outputs, output_square, count, total, square, far_logs, far_targets = sums[:7].tolist()
        found, mean = self.recognised, total / count if count else math.nan
        if found is not None and loss == 0.0 and self.width == 1 and found.name == "cross_entropy":
            # What is 0 for all outputs passes for the cross entropy of one class.
            named = self.function.lower().replace("_", "").startswith("crossentropy")
            found = found if named else None
        known = found is not None or self.known
        name = self.function if found is None else found.name
        return Target(
            loss=LOSSES.get(name, name),
            value=loss,
            classes=self.classes if found is None else found.classes,
            smallest=None if target_low == -math.inf else -target_low,
            largest=None if target_high == -math.inf else target_high,
            output_smallest=-low,
            output_largest=high,
            output_rows_sum_to_one=strays < ROUNDING and -low >= 0.0,
            ignored=self.ignored,
            width=self.width,
            known=known,
            written_out=found is not None,
            turned=found is not None and found.turned,
            unstable=found is not None and found.unstable,
            normalised=found is not None and found.normalised,
            crossed=self.crossed,
            output_rms=math.sqrt(output_square / outputs) if outputs else math.nan,
            mean=mean,
            deviation=math.sqrt(max(square / count - mean**2, 0.0)) if count else math.nan,
            given=self.given,
            integer=self.integer,
            whole=apart == 0.0,
            classes_seen=tuple(int(x) for x in sums[7:]),
            sums_along_another_axis=-low >= 0.0 and others < ROUNDING,
            logarithms_along_another_axis=logs < ROUNDING,
            rows_of_no_logarithms=far_logs / batches,
            rows_of_several=far_targets / batches,
            order=self.order,
            dropped=self.dropped,
            regrouped=anew < ROUNDING,
        )


def own_loss(outputs: Any, targets: Any = None) -> Any:
    """Find the loss that a model computed itself among what it returned.

    It is the result itself, the entry or the attribute "loss", or the only number in a tuple or a
    list that a gradient leads back from.

    Raises
    ------
    TypeError
        If there is none, or more than one.
    """
    if isinstance(outputs, Mapping):
        found = outputs.get("loss")
    elif isinstance(outputs, tuple | list) and not hasattr(outputs, "loss"):
        single = [x for x in tensors(outputs) if x.numel() == 1 and x.requires_grad]
        numbers = [x for x in single if not x.ndim] or single
        found = numbers[0] if len(numbers) == 1 else None
    else:
        found = getattr(outputs, "loss", outputs)
    if not isinstance(found, Tensor) or found.numel() != 1:
        raise TypeError(
            "loss_fn: expected a function of (outputs, targets), or a model that returns its loss: "
            "a tensor with one element, alone in a tuple or under the name 'loss'; it returned "
            f"{_shown(outputs)}"
        )
    return found


def _shown(outputs: Any) -> str:
    if isinstance(outputs, Tensor):
        return f"a tensor of shape {tuple(outputs.shape)}"
    if isinstance(outputs, Mapping):
        return f"{type(outputs).__name__} with {', '.join(map(repr, outputs))}"
    if isinstance(outputs, tuple | list):
        return f"{type(outputs).__name__} of {', '.join(type(x).__name__ for x in outputs)}"
    return type(outputs).__name__


def checked_loss(loss: Any) -> Tensor:
    """Check what a loss function returned.

    Raises
    ------
    TypeError
        If it is no tensor.
    ValueError
        If it has more than one element, or no parameter that is trained has a part in it.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"loss_fn: expected a tensor with one element, got {type(loss).__name__}")
    if loss.numel() != 1:
        raise ValueError(
            f"loss_fn: expected one number, got a tensor of shape {tuple(loss.shape)}; "
            f"take its mean"
        )
    if not loss.requires_grad:
        raise ValueError("loss_fn: no parameter that requires a gradient has a part in the loss")
    return loss
