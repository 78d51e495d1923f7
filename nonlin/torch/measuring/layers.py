"""One layer while a pass runs: what came into it, and what gradient came back."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.torch.measuring.layout import batch_axis
from nonlin.torch.measuring.norms import is_real, magnitude, precise, square_sum, wide
from nonlin.torch.measuring.pile import Pile

SUMS = ("square", "total", "pairs", "paired", "gradient")


class LayerSums:
    """Sums over one layer's calls.

    Parameters
    ----------
    name, kind : str
        As in `nonlin.torch.parts.Layer`.
    parameter : str
        The weight's name.
    fan_in : float
    width : int
        Of what comes out: features or channels.
    device : torch.device
    failed : callable
        Told of what goes wrong.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        parameter: str,
        fan_in: float,
        width: int,
        device: torch.device,
        failed: Callable[[Exception], None],
    ) -> None:
        self.name, self.kind, self.parameter = name, kind, parameter
        self.fan_in, self.width = fan_in, width
        self.shape: tuple[int, ...] = ()
        self.weights = 0
        self.bias: str | None = None
        self.inputs = 0
        self.gradients = 0
        dtype = precise(device)
        self.sums = torch.zeros(len(SUMS), dtype=dtype, device=device)
        self._batch: int | None = None
        self._gradient = torch.zeros((), dtype=dtype, device=device)
        self._counted = 0
        self._inputs = Pile(self._take_inputs, failed)
        self._gradients = Pile(self._take_gradients, failed)

    def look(self, incoming: Tensor | None, batch: int | None) -> None:
        """Take a call.

        Parameters
        ----------
        incoming : Tensor or None
        batch : int or None
            How many samples the inputs have.
        """
        self._batch = batch
        # What a sparse tensor leaves out are not all samples' features.
        if incoming is None or not is_real(incoming) or incoming.layout != torch.strided:
            return
        if incoming.numel():
            self._inputs.add(incoming)

    def ask(self, result: Tensor) -> None:
        """Ask for the gradient at a call's result."""
        if is_real(result):
            result.register_hook(self._gradients.add)  # type: ignore[no-untyped-call]

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._gradients.clear()
        self._gradient.zero_()
        self._counted = 0

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        self._inputs.flush()
        self._gradients.flush()
        self.sums[-1] += self._gradient / scale**2
        self.gradients += self._counted
        self.forget_gradients()

    def _take_inputs(self, h: Tensor) -> None:
        with torch.no_grad():
            self.sums[:-1] += of_inputs(h, self._batch)
        self.inputs += h.numel()

    def _take_gradients(self, grad: Tensor) -> None:
        self._gradient += square_sum(grad)
        self._counted += grad.numel()


def of_inputs(h: Tensor, batch: int | None) -> Tensor:
    r"""Sum over what came in.

    Over the samples a of each call, with s the sum of the h_a: the sums of <h_a, h_a> and of the
    elements, then those from which the correlation c is the quotient. The mean over pairs of
    <h_a, h_b> is (<s, s> - sum <h_a, h_a>) / (n (n - 1)).

    Parameters
    ----------
    h : Tensor, shape (calls, ...)
        Of complex numbers <h_a, h_b> is the real part of sum h_a conj(h_b), and the sum of the
        elements is told by its magnitude.
    batch : int or None
        How many samples the inputs have.

    Returns
    -------
    Tensor, shape (4,)
    """
    h = wide(h)
    axis = 1 + batch_axis(tuple(h.shape[1:]), batch) if h.ndim > 2 else 0
    samples = h.shape[axis] if axis else 1
    square = square_sum(h)
    summed = h.sum(axis) if samples > 1 else h
    nothing = torch.zeros_like(square)
    if samples < 2:
        return torch.stack([square, magnitude(summed.sum()).to(square), nothing, nothing])
    pairs = (square_sum(summed) - square) / (samples - 1)
    return torch.stack([square, magnitude(summed.sum()).to(square), pairs, square])
