"""Where a monitor's numbers can go beside its own log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

__all__ = ["TensorBoardLogger"]


class TensorBoardLogger:
    """Writes each number of a reading as a TensorBoard scalar under "nonlin/".

    Parameters
    ----------
    writer : SummaryWriter, str or Path
        A writer of the training's own, or a folder for a new one.

    Examples
    --------
    Monitor(model, probe, loss_fn, loggers=[TensorBoardLogger("runs/1")])
    """

    def __init__(self, writer: SummaryWriter | str | Path) -> None:
        if isinstance(writer, str | Path):
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError as error:
                raise ImportError(
                    "TensorBoardLogger needs the package 'tensorboard'; "
                    "install it with: pip install tensorboard"
                ) from error
            writer = SummaryWriter(str(writer))
        self.writer = writer

    def __call__(self, step: int, values: Mapping[str, float]) -> None:
        """Write the numbers of a reading.

        Parameters
        ----------
        step : int
        values : mapping of str to float
            "SITE/dead" and the like; see `nonlin.torch.runs.scalars`.
        """
        for name, value in values.items():
            self.writer.add_scalar(f"nonlin/{name}", value, step)
        self.writer.flush()
