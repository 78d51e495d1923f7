"""Where a monitor's numbers can go beside its own log."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

__all__ = ["CSVLogger", "MLflowLogger", "TensorBoardLogger", "WandbLogger"]

# What MLflow takes in a metric's name, and in one call.
NOT_MLFLOW = re.compile(r"[^\w\-. :/]", re.ASCII)
MOST_OF_MLFLOW = 1000


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
            tensorboard = _package("torch.utils.tensorboard", "TensorBoardLogger", "tensorboard")
            writer = tensorboard.SummaryWriter(str(writer))
        self.writer: Any = writer

    def __call__(self, step: int, values: Mapping[str, float]) -> None:
        """Write the numbers of a reading.

        Parameters
        ----------
        step : int
        values : mapping of str to float
            "SITE/dead" and the like; see `nonlin.torch.runs.run`.
        """
        for name, value in values.items():
            self.writer.add_scalar(f"nonlin/{name}", value, step)
        self.writer.flush()


class WandbLogger:
    """Writes the numbers of a reading to a run of Weights & Biases under "nonlin/".

    They are drawn over "nonlin/step", the training's step, so they go well with whatever steps the
    training itself logs.

    Parameters
    ----------
    run : wandb.Run, optional
        Of the training's own. Without it: the one that is open, else a new one from
        ``wandb.init()``, which the environment (WANDB_MODE, WANDB_PROJECT) sets up.

    Attributes
    ----------
    run : wandb.Run

    Examples
    --------
    Monitor(model, probe, loss_fn, loggers=[WandbLogger(wandb.init(project="digits"))])
    """

    def __init__(self, run: Any = None) -> None:
        if run is None:
            wandb = _package("wandb", "WandbLogger")
            run = wandb.init() if wandb.run is None else wandb.run
        self.run = run
        run.define_metric("nonlin/*", step_metric="nonlin/step")

    def __call__(self, step: int, values: Mapping[str, float]) -> None:
        """Write the numbers of a reading; see `TensorBoardLogger`."""
        named = {f"nonlin/{name}": value for name, value in values.items()}
        self.run.log({**named, "nonlin/step": step})


class MLflowLogger:
    """Writes the numbers of a reading as metrics of an MLflow run under "nonlin/".

    A letter that MLflow takes in no name becomes "_": "act#2" is "act_2" there.

    Parameters
    ----------
    run : mlflow.ActiveRun, mlflow.entities.Run or str, optional
        A run of the training's own, or its id. Without it: the one that is active, else a new one
        from ``mlflow.start_run()``.

    Attributes
    ----------
    run_id : str

    Examples
    --------
    Monitor(model, probe, loss_fn, loggers=[MLflowLogger(mlflow.start_run())])
    """

    def __init__(self, run: Any = None) -> None:
        self._mlflow = _package("mlflow", "MLflowLogger")
        if run is None:
            run = self._mlflow.active_run() or self._mlflow.start_run()
        self.run_id: str = run if isinstance(run, str) else run.info.run_id

    def __call__(self, step: int, values: Mapping[str, float]) -> None:
        """Write the numbers of a reading; see `TensorBoardLogger`."""
        named = [(NOT_MLFLOW.sub("_", f"nonlin/{name}"), x) for name, x in values.items()]
        for begun in range(0, len(named), MOST_OF_MLFLOW):
            part = dict(named[begun : begun + MOST_OF_MLFLOW])
            self._mlflow.log_metrics(part, step=step, run_id=self.run_id)


class CSVLogger:
    """Writes each number of a reading as a line "step,name,value" of a CSV file.

    Parameters
    ----------
    path : str or Path
        A file that is there is gone on with.

    Examples
    --------
    Monitor(model, probe, loss_fn, loggers=[CSVLogger("run.csv")])

    pandas.read_csv("run.csv").pivot(index="step", columns="name", values="value")
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __call__(self, step: int, values: Mapping[str, float]) -> None:
        """Write the numbers of a reading; see `TensorBoardLogger`."""
        begun = self.path.exists() and self.path.stat().st_size > 0
        with self.path.open("a", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            if not begun:
                lines.writerow(("step", "name", "value"))
            lines.writerows((step, name, value) for name, value in values.items())


def _package(module: str, logger: str, package: str | None = None) -> Any:
    """Import what a logger writes with, or say what installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        name = package or module
        raise ImportError(
            f"{logger} needs the package '{name}'; install it with: pip install {name}"
        ) from error
