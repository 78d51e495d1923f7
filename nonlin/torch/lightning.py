"""A Lightning callback that monitors the module it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nonlin.torch.monitor import Monitor

try:
    from lightning.pytorch import Callback
except ImportError:
    try:
        from pytorch_lightning import Callback  # type: ignore[assignment]
    except ImportError as _error:
        raise ImportError(
            "nonlin.torch.lightning needs Lightning; install it with: pip install lightning"
        ) from _error

__all__ = ["MonitorCallback"]


class MonitorCallback(Callback):
    """Keeps a `nonlin.torch.Monitor` while a Trainer trains.

    The numbers of each reading go to the Trainer's loggers under "nonlin/".

    Parameters
    ----------
    probe : (inputs, targets)
        On the device that the module trains on, or on the CPU: then they are moved.
    loss_fn : callable, optional
        Takes what the module's `forward` returns and the targets; without it `forward` returns the
        loss.
    stop_on : str, optional
        "error" or "warning": a finding of that severity or above ends the training after the
        running step.
    every, log, on_finding, activations, quiet
        As in `nonlin.torch.Monitor`; steps are the Trainer's `global_step`.

    Attributes
    ----------
    monitor : Monitor or None
        None before the training.

    Examples
    --------
    Trainer(callbacks=[MonitorCallback((x, y), nn.functional.cross_entropy, log="run.jsonl")])
    """

    def __init__(
        self,
        probe: tuple[Any, Any],
        loss_fn: Callable[..., Any] | None = None,
        *,
        every: int = 100,
        log: Any = None,
        on_finding: Callable[..., object] | None = None,
        activations: Mapping[Any, Any] | None = None,
        stop_on: str | None = None,
        quiet: bool = False,
    ) -> None:
        self.quiet = quiet
        self.probe, self.loss_fn, self.every, self.log_file = probe, loss_fn, every, log
        self.on_finding, self.activations, self.stop_on = on_finding, activations, stop_on
        self.monitor: Monitor | None = None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Take the first reading."""
        probe = pl_module.transfer_batch_to_device(self.probe, pl_module.device, 0)
        self.monitor = Monitor(
            pl_module,
            probe,
            self.loss_fn,
            list(trainer.optimizers),
            every=self.every,
            log=self.log_file,
            on_finding=self.on_finding,
            loggers=[lambda step, values: _log(trainer, step, values)],
            activations=self.activations,
            start=trainer.global_step,
            quiet=self.quiet,
        )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        """Read where a reading is due."""
        if self.monitor is not None and self.monitor.follow(trainer.global_step, self.stop_on):
            trainer.should_stop = True


def _log(trainer: Any, step: int, values: Mapping[str, float]) -> None:
    for logger in trainer.loggers:
        logger.log_metrics({f"nonlin/{name}": value for name, value in values.items()}, step=step)
