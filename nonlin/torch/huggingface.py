"""A Hugging Face TrainerCallback that monitors the model it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nonlin.torch.measuring.objective import own_loss
from nonlin.torch.monitor import Monitor

try:
    from transformers import TrainerCallback
except ImportError as _error:
    raise ImportError(
        "nonlin.torch.huggingface needs Transformers; "
        'install it with: pip install "transformers[torch]"'
    ) from _error

__all__ = ["MonitorCallback", "own_loss"]


class MonitorCallback(TrainerCallback):
    """Keeps a `nonlin.torch.Monitor` while a Trainer trains.

    Parameters
    ----------
    inputs : dict of Tensor
        Keyword arguments of the model, the labels among them unless `targets` and `loss_fn` are
        given; on the model's device, or on the CPU: then they are moved.
    targets : Tensor, optional
    loss_fn : callable
        Takes the model's outputs and the targets; without it the loss of the model itself counts.
    stop_on : str, optional
        "error" or "warning": a finding of that severity or above ends the training.
    every, log, on_finding, loggers, activations, quiet
        As in `nonlin.torch.Monitor`; steps are the Trainer's `global_step`.

    Attributes
    ----------
    monitor : Monitor or None
        None before the training.

    Examples
    --------
    Trainer(model, args, callbacks=[MonitorCallback(batch, log="run.jsonl")], ...)
    """

    def __init__(
        self,
        inputs: Mapping[str, Any],
        targets: Any = None,
        loss_fn: Callable[[Any, Any], Any] = own_loss,
        *,
        every: int = 100,
        log: Any = None,
        on_finding: Callable[..., object] | None = None,
        loggers: Any = (),
        activations: Mapping[Any, Any] | None = None,
        stop_on: str | None = None,
        quiet: bool = False,
    ) -> None:
        self.inputs, self.targets, self.loss_fn, self.every = dict(inputs), targets, loss_fn, every
        self.settings = {
            "log": log,
            "on_finding": on_finding,
            "loggers": loggers,
            "activations": activations,
            "quiet": quiet,
        }
        self.stop_on = stop_on
        self.monitor: Monitor | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Take the first reading."""
        model = given["model"]
        device = next(model.parameters()).device
        inputs = {name: _moved(value, device) for name, value in self.inputs.items()}
        self.monitor = Monitor(
            model,
            (inputs, _moved(self.targets, device)),
            self.loss_fn,
            given.get("optimizer"),
            every=self.every,
            start=state.global_step,
            **self.settings,
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Read where a reading is due."""
        if self.monitor is not None:
            control.should_training_stop |= self.monitor.follow(state.global_step, self.stop_on)


def _moved(value: Any, device: Any) -> Any:
    return value.to(device) if hasattr(value, "to") else value
