"""Activations in PyTorch: differentiable, and initialised for."""

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    message = 'nonlin.torch needs PyTorch, which is missing: pip install "nonlin[study]"'
    raise ImportError(message) from error

from nonlin.torch.functions import Activate, activate
from nonlin.torch.initialize import initialize_
from nonlin.torch.record import Initialization, InitializedLayer

__all__ = ["Activate", "Initialization", "InitializedLayer", "activate", "initialize_"]
