"""Activations in PyTorch: differentiable, and initialised for."""

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    from nonlin.extras import missing_package

    raise ImportError(missing_package("torch")) from error

from nonlin.torch import testing
from nonlin.torch.examination import Exam, examine, measure
from nonlin.torch.finding import Finding
from nonlin.torch.functions import Activate, activate
from nonlin.torch.initialize import initialize_
from nonlin.torch.loggers import CSVLogger, MLflowLogger, TensorBoardLogger, WandbLogger
from nonlin.torch.mended import Mended
from nonlin.torch.monitor import Monitor
from nonlin.torch.record import Initialization, InitializedLayer
from nonlin.torch.remedy import Remedy

__all__ = [
    "Activate",
    "CSVLogger",
    "Exam",
    "Finding",
    "Initialization",
    "InitializedLayer",
    "MLflowLogger",
    "Mended",
    "Monitor",
    "Remedy",
    "TensorBoardLogger",
    "WandbLogger",
    "activate",
    "examine",
    "initialize_",
    "measure",
    "testing",
]
