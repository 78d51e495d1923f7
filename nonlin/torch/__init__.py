"""Activations in PyTorch: differentiable, and initialised for."""

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    from nonlin.extras import missing_package

    raise ImportError(missing_package("torch")) from error

from nonlin.torch import functional, nn, testing
from nonlin.torch.examination import Exam, examine
from nonlin.torch.finding import Finding
from nonlin.torch.functions import Activate, activate
from nonlin.torch.initialize import initialize_
from nonlin.torch.loggers import CSVLogger, MLflowLogger, TensorBoardLogger, WandbLogger
from nonlin.torch.measuring.measure import measure
from nonlin.torch.mended import Mended
from nonlin.torch.monitor import Monitor
from nonlin.torch.onnx import onnx_translations
from nonlin.torch.record import Initialization, InitializedLayer
from nonlin.torch.remedy import Remedy
from nonlin.torch.replace import Replacement, replace_

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
    "Replacement",
    "TensorBoardLogger",
    "WandbLogger",
    "activate",
    "examine",
    "functional",
    "initialize_",
    "measure",
    "nn",
    "onnx_translations",
    "replace_",
    "testing",
]
