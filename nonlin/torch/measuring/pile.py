"""Small tensors, put together so that many of them cost what one large one costs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

# Below so many elements a tensor operation takes longer to begin than to do.
SMALL = 2**14
# So many elements are treated at once.
ENOUGH = 2**17


class Pile:
    """Rows of tensors of the same shapes, treated together.

    A recurrence calls a site and its layers once a step, with little each time.

    Parameters
    ----------
    treat : callable
        Takes the tensors of a row, each with an axis in front that counts the rows.
    failed : callable
        Told of what goes wrong in that. Rows come from hooks, in the middle of the user's own pass,
        which goes on.
    """

    def __init__(self, treat: Callable[..., None], failed: Callable[[Exception], None]) -> None:
        self._treat, self._failed = treat, failed
        self._rows: list[tuple[Tensor, ...]] = []

    def add(self, *row: Tensor) -> None:
        """Put a row on the pile, or treat it at once if it is large."""
        try:
            self._add(row)
        except Exception as error:
            self.clear()
            self._failed(error)

    def _add(self, row: tuple[Tensor, ...]) -> None:
        if row[0].numel() >= SMALL:
            self._flush()
            self._treat(*(x.detach()[None] for x in row))
            return
        if self._rows and self._rows[0][0].shape != row[0].shape:
            self._flush()
        # Copies: what comes next may write into them.
        self._rows.append(tuple(x.detach().clone() for x in row))
        if len(self._rows) * row[0].numel() >= ENOUGH:
            self._flush()

    def flush(self) -> None:
        """Treat what is on the pile."""
        try:
            self._flush()
        except Exception as error:
            self._failed(error)

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            with torch.no_grad():
                self._treat(*(torch.stack(column) for column in zip(*rows, strict=True)))

    def clear(self) -> None:
        """Throw away what is on the pile."""
        self._rows.clear()
