"""A Keras callback that monitors the model it trains, on Keras' PyTorch backend."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from nonlin.torch.monitor import Monitor

try:
    import keras
except ImportError as _error:
    raise ImportError(
        "nonlin.torch.keras needs Keras 3 on PyTorch; install it with: pip install keras, and set "
        "the environment variable KERAS_BACKEND to torch"
    ) from _error

if keras.config.backend() != "torch":
    raise ImportError(
        f"nonlin.torch.keras needs Keras on PyTorch, and it runs on {keras.config.backend()} here; "
        "set the environment variable KERAS_BACKEND to torch before Keras is imported"
    )

__all__ = ["MonitorCallback"]


class MonitorCallback(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
    """Keeps a `nonlin.torch.Monitor` while `fit` trains.

    Keras' own optimizers are none of PyTorch's: the size of their updates is not measured.

    Parameters
    ----------
    probe : (inputs, targets)
        Tensors or arrays, or what holds such; the inputs as `fit` takes them.
    loss_fn : callable, optional
        Takes the model's outputs and the targets; without it the one loss that the model was
        compiled with counts.
    stop_on : str, optional
        "error" or "warning": a finding of that severity or above ends the training.
    every, log, on_finding, loggers, activations, quiet
        As in `nonlin.torch.Monitor`; steps are those of the optimizer.

    Attributes
    ----------
    monitor : Monitor or None
        None before the training.

    Raises
    ------
    ValueError
        When the training begins, if there is no `loss_fn` and the model was compiled with several
        losses or none.

    Examples
    --------
    model.fit(x, y, callbacks=[MonitorCallback((x[:256], y[:256]), log="run.jsonl")])
    """

    def __init__(
        self,
        probe: tuple[Any, Any],
        loss_fn: Callable[[Any, Any], Any] | None = None,
        *,
        every: int = 100,
        log: Any = None,
        on_finding: Callable[..., object] | None = None,
        loggers: Any = (),
        activations: Mapping[Any, Any] | None = None,
        stop_on: str | None = None,
        quiet: bool = False,
    ) -> None:
        super().__init__()
        self.probe, self.loss_fn, self.every, self.stop_on = probe, loss_fn, every, stop_on
        self.settings = {
            "log": log,
            "on_finding": on_finding,
            "loggers": loggers,
            "activations": activations,
            "quiet": quiet,
        }
        self.monitor: Monitor | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Take the first reading."""
        inputs, targets = keras.tree.map_structure(keras.ops.convert_to_tensor, self.probe)
        self.monitor = Monitor(
            self.model,
            (_arguments(self.model, inputs), targets),
            self.loss_fn or _compiled(self.model.loss),
            every=self.every,
            start=self._step(),
            **self.settings,
        )

    def on_train_batch_end(self, batch: Any, logs: Any = None) -> None:
        """Read where a reading is due."""
        if self.monitor is not None and self.monitor.follow(self._step(), self.stop_on):
            self.model.stop_training = True

    def _step(self) -> int:
        return int(self.model.optimizer.iterations)


def _arguments(model: Any, inputs: Any) -> dict[str, Any]:
    """Name the arguments with which `fit` calls a model."""
    names = list(inspect.signature(model.call).parameters)
    return {names[0]: inputs} | ({"training": True} if "training" in names else {})


def _compiled(loss: Any) -> Callable[[Any, Any], Any]:
    """Turn what a model was compiled with into a function of outputs and targets."""
    if loss is None or isinstance(loss, list | tuple | dict):
        raise ValueError(
            "expected a model compiled with one loss, or loss_fn, a function of the model's "
            f"outputs and the targets; the model has loss={loss!r}"
        )
    function = keras.losses.get(loss)
    return lambda outputs, targets: keras.ops.mean(function(targets, outputs))
