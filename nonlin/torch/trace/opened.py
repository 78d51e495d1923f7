"""Regions while they are recorded: what of them is kept, and until when.

A region's values may be what a site is measured by, so their tensors are kept, as they were, until
each value that is bent has been used outside of it, or until none of its tensors is left.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from nonlin.torch.trace.values import Op, Value, memory


class OpenRegions:
    """The regions whose end has not come, by their roots."""

    def __init__(self) -> None:
        self._open: dict[Value, _Open] = {}
        # What is kept, by the memory that it lies in.
        self._kept: dict[int, list[Value]] = {}

    def hold(
        self,
        op: Op,
        live: Sequence[Value],
        given: Mapping[Value, Tensor],
        root: Value | None,
        *,
        changing: bool = False,
    ) -> None:
        """Keep what may turn out to be a pre-activation, or where a function ends.

        With where its gradient comes to.

        Parameters
        ----------
        op : Op
        live : sequence of Value
            Its operands that carry the data.
        given : mapping of Value to Tensor
        root : Value or None
            Of the region that it stays in.
        changing : bool
            Whether it is about to write into its first operand.
        """
        if root is None or not root.dtype.is_floating_point:
            return
        opened = self._open.setdefault(root, _Open())
        op.constants = {v: given[v] for v in op.ins if not v.live}
        for v in live:
            if v.held is None and v.dtype.is_floating_point:
                x = given[v]
                written = changing and v is op.ins[0]
                v.held = x.detach().clone() if written else x
                v.edge = (x.grad_fn, x.output_nr) if x.grad_fn is not None else None
                opened.held.append(v)
                if not written:
                    self._kept.setdefault(memory(x), []).append(v)

    def keep_from_change(self, x: Tensor | None) -> None:
        """Copy what is kept and is about to be written into."""
        if x is None:
            return
        for v in self._kept.pop(memory(x), ()):
            if v.held is not None:
                v.held = v.held.detach().clone()

    def add(self, root: Value | None, op: Op, made: Sequence[Tensor]) -> None:
        """Take an operation that stays in a region, and what it made."""
        opened = None if root is None else self._open.get(root)
        if opened is not None:
            opened.ops.append(op)
            opened.tensors += [weakref.ref(x) for x in made]

    def leave(self, value: Value, find: Callable[[Tensor], Value | None]) -> None:
        """Take a value that was used outside; a region of which no other may be is closed."""
        opened = None if value.root is None else self._open.get(value.root)
        if opened is None or value.root is None:
            return
        opened.left.add(value)
        alive = (find(x) for x in opened.alive())
        if not any(v is not None and v.bent and v not in opened.left for v in alive):
            self.close(value.root)

    def close_what_is_gone(self, operations: int) -> None:
        """Let go of regions of which no tensor is left.

        Parameters
        ----------
        operations : int
            How many there have been. The more regions are open, the less often they are looked
            through, so that it costs the same for each operation.
        """
        if operations % max(8, len(self._open)) == 0:
            for root in [r for r, x in self._open.items() if not x.alive()]:
                self.close(root)

    def close_all(self) -> None:
        """Let go of everything."""
        for root in list(self._open):
            self.close(root)

    def close(self, root: Value) -> None:
        """Let go of what was kept for a region."""
        opened = self._open.pop(root, None)
        if opened is not None:
            for v in opened.held:
                key = None if v.held is None else memory(v.held)
                if key is not None and v in self._kept.get(key, ()):
                    self._kept[key].remove(v)
                    if not self._kept[key]:
                        del self._kept[key]
                v.held = v.edge = None
            for op in opened.ops:
                op.constants = {}


@dataclass(eq=False, slots=True)
class _Open:
    """What was kept of a region, what is still there, and what has left."""

    held: list[Value] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    tensors: list[weakref.ref[Tensor]] = field(default_factory=list)
    left: set[Value] = field(default_factory=set)

    def alive(self) -> list[Tensor]:
        """List the tensors that the model can still use."""
        return [x for reference in self.tensors if (x := reference()) is not None]
