"""One site while a pass runs: the sums over its calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from nonlin.torch.measuring.graph import Call
from nonlin.torch.measuring.layout import Layout
from nonlin.torch.measuring.norms import square_sum
from nonlin.torch.measuring.pile import Pile
from nonlin.torch.measuring.site_calls import SiteCall, Take, Total
from nonlin.torch.measuring.units import UnitSums
from nonlin.torch.trace.function import Known


@dataclass(eq=False)
class SiteSums:
    """A site, with the sums over all of its calls.

    Attributes
    ----------
    name : str
    known : Known
        The function.
    channels : bool
        Whether its units are channels.
    first : Call
        The first call of it.
    units : UnitSums
    failed : callable
        Told of what goes wrong.
    calls : int
        In the first batch.
    where : str
        The line of the model's code that makes the first call.
    """

    name: str
    known: Known
    channels: bool
    first: Call
    units: UnitSums
    failed: Callable[[Exception], None]
    calls: int = 0
    where: str = ""

    def __post_init__(self) -> None:
        self._layouts: dict[tuple[int, ...], Layout] = {}
        # The last call of those that are treated together: they differ in z alone.
        self._seen: SiteCall | None = None
        self._values = Pile(self._take_values, self.failed)
        self._gradients = Pile(self._take_gradients, self.failed)
        self._pre_gradients = Pile(self.units.add_pre_gradient, self.failed)
        self._totals: list[Total] = []
        # E[(dL/dz)^2] of each call of the last batch.
        self.by_call: list[Tensor | None] = []
        self._is_new_batch = True

    def look(self, seen: SiteCall, layout: Layout) -> None:
        """Take a call, and ask for dL/dz and dL/dphi."""
        if not seen.z.numel():
            return
        self._seen = seen
        own = () if seen.is_alike else (seen.slope(seen.z),)
        self._take(layout, seen.z, seen.y.reshape(seen.z.shape), *own)
        if seen.asks:
            total = seen.ask(self._gradients.add, self._asked())
            if total is not None:
                self._totals.append(total)

    def _take(self, layout: Layout, *values: Tensor) -> None:
        self._layouts[tuple(values[0].shape)] = layout
        if self._is_new_batch:
            self.by_call.clear()
            self._is_new_batch = False
        self._values.add(*values)

    def _asked(self) -> Take:
        """Make what takes dL/dz of one more call."""
        call = len(self.by_call)
        self.by_call.append(None)

        def take(grad: Tensor) -> None:
            self._pre_gradients.add(grad)
            self.by_call[call] = square_sum(grad) / max(grad.numel(), 1)

        return take

    def forget_gradients(self) -> None:
        """Begin the batch's backward pass again."""
        self._gradients.clear()
        self._pre_gradients.clear()
        for total in self._totals:
            total.clear()
        self.units.forget_gradients()

    def end_batch(self, scale: float) -> None:
        """Close a pass whose loss was multiplied by a scale."""
        for pile in (self._values, self._gradients, self._pre_gradients):
            pile.flush()
        self._seen = None
        self._totals.clear()
        self._is_new_batch = True
        self.by_call = [None if x is None else x / scale**2 for x in self.by_call]
        self.units.end_batch(scale)

    def _take_values(self, z: Tensor, y: Tensor, slopes: Tensor | None = None) -> None:
        assert self.known.activation is not None
        # PyTorch's derivative of relu is 1 where the result is above 0: the result's sign.
        slope: Tensor | Callable[[Tensor], Tensor] | None = slopes
        if slopes is None and self.known.activation.name != "relu":
            assert self._seen is not None
            slope = self._seen.slope
        self.units.add(z, y, slope, self._layouts[tuple(z.shape[1:])].stacked(len(z)))

    def _take_gradients(self, grad: Tensor) -> None:
        layout = self._layouts[tuple(grad.shape[1:])]
        self.units.add_gradient(grad, layout.stacked(len(grad)))


def look_apart(parts: Sequence[tuple[SiteSums, slice, Layout]], seen: SiteCall) -> None:
    """Take a call whose rows belong to several sites.

    Parameters
    ----------
    parts : sequence of (SiteSums, slice, Layout)
        Each with its rows.
    seen : SiteCall
    """
    slopes = seen.slope(seen.z)
    for site, rows, layout in parts:
        site._take(layout, seen.z[rows], seen.y[rows], slopes[rows])
    if not (parts and seen.asks):
        return
    takes = [(site._gradients.add, site._asked(), rows) for site, rows, _ in parts]

    def gradient(grad: Tensor) -> None:
        for add, _, rows in takes:
            add(grad[rows])

    def pre_gradient(grad: Tensor) -> None:
        for _, take, rows in takes:
            take(grad[rows])

    total = seen.ask(gradient, pre_gradient)
    if total is not None:
        parts[0][0]._totals.append(total)
