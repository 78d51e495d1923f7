"""One clear sentence for a call that NumPy turned down."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.bfloat16 import is_bfloat16

if TYPE_CHECKING:
    from nonlin.catalogue.record import Parameter, Value

UFUNC_KEYWORDS = ("out", "where", "dtype", "casting", "order", "subok", "signature")


def is_numpys(error: Exception) -> bool:
    """Whether `error` was raised by NumPy or here, and not by code of an operand's or a user's.

    Such code stands in its traceback, which has to stay as it is.
    """
    traceback = error.__traceback__
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in ("nonlin", "numpy"):
            return False
        traceback = traceback.tb_next
    return True


def explain(
    activation: object, error: Exception, operands: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Exception:
    """Say what was expected and what came; the error itself where the cause is another."""
    if str(error).startswith(repr(activation)):
        return error
    parameters = {n: value for n, value in keywords.items() if n not in UFUNC_KEYWORDS}
    for name, array in [*(("", operand) for operand in operands), *parameters.items()]:
        found = _not_real(array)
        if found is not None:
            return type(found)(f"{activation!r}: {name and name + ': '}{found}")
    arrays = [*operands, *parameters.values()]
    unfit = _unfit(arrays, keywords.get("out"))
    if unfit is not None:
        return type(unfit)(f"{activation!r}: {unfit}")
    return type(error)(f"{activation!r}: {error}") if _takes_a_sentence(error) else error


def refuse_frameworks(
    call: str, activation: object, operands: tuple[Any, ...], on_tensors: str | None = None
) -> None:
    """Raise TypeError for a tensor of PyTorch, and for an array that JAX is tracing.

    `on_tensors` says what computes it on tensors, by default what does of an activation.
    """
    instead = (
        on_tensors or f"on tensors, with gradients, it is nonlin.torch.activate({activation!r}, z)"
    )
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    for x in operands:
        if torch is not None and isinstance(x, torch.Tensor):
            raise TypeError(f"{call} takes arrays of NumPy and got a tensor; {instead}")
        if jax is not None and isinstance(x, jax.core.Tracer):
            raise TypeError(
                f"{call} takes arrays of NumPy and got one that JAX is tracing (jit, grad, vmap); "
                "there use the function of jax.nn, or jax.pure_callback"
            )


def refuse_unknown(
    function: object,
    parameters: Mapping[str, Any],
    keywords: Mapping[str, Any],
    others: tuple[str, ...],
) -> None:
    """Raise TypeError for a keyword that is neither a parameter nor one of `others`."""
    for name in keywords:
        if name in parameters or name in others:
            continue
        close = get_close_matches(name, [*parameters, *others], 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        names = ", ".join(parameters) or "none"
        raise TypeError(f"{function!r} has no parameter {name!r} (its parameters: {names}){hint}")


def scalar(activation: object, parameter: Parameter, value: Any) -> Value:
    """Return `value` as what `parameter` takes, a float or one of its words; raise if it is not."""
    if parameter.kernels:
        try:
            parameter.kernel(value)
        except ValueError as error:
            raise ValueError(f"{activation!r}: {error}") from None
        return str(value)
    if isinstance(value, complex | str) or not np.isscalar(value):
        raise TypeError(f"{activation!r}: {parameter.name} must be a real number, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _takes_a_sentence(error: Exception) -> bool:
    return type(error) in (TypeError, ValueError)


def _not_real(operand: Any) -> Exception | None:
    if hasattr(operand, "__array_ufunc__") and not isinstance(operand, np.ndarray | np.generic):
        return None
    try:
        dtype = np.asarray(operand).dtype
    except ValueError:
        return TypeError("expected an array of real numbers, got rows of different lengths")
    if dtype.kind in "biu" or dtype in (np.float16, np.float32, np.float64) or is_bfloat16(dtype):
        return None
    if dtype.kind == "f":
        return TypeError(f"expected float16, float32 or float64, got dtype {dtype}")
    shown = repr(operand)
    came = shown if len(shown) <= 40 else type(operand).__name__
    return TypeError(f"expected real numbers, got {came} (dtype {dtype})")


def _unfit(arrays: list[Any], out: Any) -> Exception | None:
    shapes = [np.shape(array) for array in arrays]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        return ValueError(f"shapes {' and '.join(map(str, shapes))} do not broadcast")
    target = out[0] if isinstance(out, tuple) and out else out
    if target is None:
        return None
    if not isinstance(target, np.ndarray):
        return TypeError(f"out must be an array, got {type(target).__name__}")
    if target.shape != shape:
        return ValueError(f"out has shape {target.shape}, the result has shape {shape}")
    if not np.can_cast(np.result_type(*arrays, np.float16), target.dtype, "same_kind"):
        return TypeError(f"out has dtype {target.dtype}, which cannot hold the result")
    return None
