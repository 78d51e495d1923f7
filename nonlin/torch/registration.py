"""Operators of PyTorch that are differentiated in every mode, under every transform.

PyTorch's own `register_autograd` gives forward mode a silent zero and refuses `torch.func.grad`. So
each operator here has a kernel of its own on the key `Autograd`, which applies an
`autograd.Function` where a derivative may be asked for and goes straight on where not.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import _C, Tensor
from torch._functorch.utils import enable_single_level_autograd_function as single_level
from torch.autograd import Function, forward_ad

from nonlin import ufuncs

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

# They stay registered as long as the library is there.
LIBRARY: Any = torch.library.Library("nonlin", "FRAGMENT")  # type: ignore[no-untyped-call]

_SHIM = (
    "aoti_torch_library_init_impl",
    "aoti_torch_library_impl",
    "aoti_torch_get_data_ptr",
    "aoti_torch_get_sizes",
    "aoti_torch_get_strides",
    "aoti_torch_get_dim",
    "aoti_torch_get_dtype",
    "aoti_torch_get_numel",
    "aoti_torch_empty_strided",
    "aoti_torch_delete_tensor_object",
    "aoti_torch_clone",
    "aoti_torch_copy_",
    "torch_parallel_for",
)

Op = Any


def define(
    name: str, arguments: Sequence[str], parameters: Sequence[str], results: str = "Tensor"
) -> Op:
    """Define `nonlin::name` of tensors, then parameters, which are numbers."""
    declared = [f"Tensor {x}" for x in arguments] + [f"float {x}" for x in parameters]
    tags = (torch.Tag.pt2_compliant_tag, torch.Tag.pointwise)
    LIBRARY.define(f"{name}({', '.join(declared)}) -> {results}", tags=tags)
    return getattr(torch.ops.nonlin, name).default


def register_kernels(two_slopes: Mapping[str, Any]) -> None:
    """Register the compiled kernels for the CPU."""
    suffix = {"win32": "torch_cpu.dll", "darwin": "libtorch_cpu.dylib"}
    library = ctypes.CDLL(
        str(Path(torch.__file__).parent / "lib" / suffix.get(sys.platform, "libtorch_cpu.so"))
    )
    try:
        functions = {name: getattr(library, name) for name in _SHIM}
    except AttributeError as error:
        raise ImportError(
            f"nonlin.torch needs PyTorch 2.10 or newer; this is {torch.__version__}"
        ) from error
    addresses = {n: ctypes.cast(f, ctypes.c_void_p).value or 0 for n, f in functions.items()}
    ufuncs._register_torch(addresses, dict(two_slopes))


def register_formula(op: Op, formula: Callable[..., Any]) -> None:
    """Register what computes an operator where there is no kernel for it."""
    LIBRARY.impl(op._schema.name.partition("::")[2], formula, "CompositeExplicitAutograd")


def register_shapes(op: Op, fake: Callable[..., Any]) -> None:
    """Register what an operator makes: tensors without elements, laid out as the kernel does."""
    torch.library.register_fake(op, fake, lib=LIBRARY, allow_override=True)


def register_derivative(op: Op, function: type[Function]) -> Callable[..., Any]:
    """Let an operator be differentiated as `function` says.

    `function` is of the form that takes `ctx` in its forward, and has a jvp.

    Returns
    -------
    callable
        The operator, by a shorter way in eager calls: the dispatcher's way to a kernel in Python
        and back takes longer than to compute a small tensor. Under a transform, a mode, a tracer
        or a compiler it is the operator itself.
    """
    # Without what `Function.apply` does in Python, which takes longer than all of the rest; under a
    # transform it is the transform's level that is differentiated, once.
    apply = super(Function, function).apply  # type: ignore[misc]
    any_requires_grad, after_autograd = _C._any_requires_grad, _C._after_autograd_keyset
    grad_enabled, transforming = torch.is_grad_enabled, _C._are_functorch_transforms_active
    redispatch, level = op.redispatch, forward_ad

    def kernel(keys: Any, *args: Any) -> Any:
        if (grad_enabled() and any_requires_grad(*args)) or level._current_level >= 0:
            with single_level() if transforming() else nullcontext():
                return apply(*args)
        return redispatch(keys & after_autograd, *args)

    LIBRARY.impl(op._schema.name.partition("::")[2], kernel, "Autograd", with_keyset=True)

    def call(*args: Any) -> Any:
        if not _is_eager(args):
            return op(*args)
        if grad_enabled() and any_requires_grad(*args):
            return apply(*args)
        with _C._AutoDispatchBelowAutograd():
            return op(*args)

    return call


def _is_eager(args: tuple[Any, ...]) -> bool:
    """Whether nothing but autograd looks at a call."""
    return not (
        torch.compiler.is_compiling()
        or _C._has_torch_function(args)
        or _C._len_torch_dispatch_stack()
        or _C._are_functorch_transforms_active()
        or forward_ad._current_level >= 0
        or _C._get_tracing_state() is not None
    )


def register_elementwise_map(op: Op, tensors: int) -> None:
    """Let `vmap` map an operator that acts element by element on that many tensors."""

    def rule(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Any, Any]:
        moved = [
            _with_batch_first(x, d, info.batch_size)
            for x, d in zip(args[:tensors], in_dims[:tensors], strict=True)
        ]
        rank = max(x.dim() for x in moved)
        aligned = [x.reshape(x.shape[:1] + (1,) * (rank - x.dim()) + x.shape[1:]) for x in moved]
        made = op(*aligned, *args[tensors:])
        return made, 0 if isinstance(made, Tensor) else (0,) * len(made)

    torch.library.register_vmap(op, rule, lib=LIBRARY)


def _with_batch_first(x: Tensor, dim: int | None, size: int) -> Tensor:
    return x.movedim(dim, 0) if dim is not None else x.expand(size, *x.shape)


def below_autograd() -> AbstractContextManager[Any]:
    """Call operators inside a Function's forward without asking for this derivative again.

    A Function's forward runs without gradients, for all levels of transforms: those below the one
    that is differentiated get theirs back here.
    """
    if not _C._are_functorch_transforms_active():
        return _C._AutoDispatchBelowAutograd()
    return _below_one_level()


@contextmanager
def _below_one_level() -> Iterator[None]:
    with (
        torch.enable_grad(),
        forward_ad._set_fwd_grad_enabled(True),
        _C._AutoDispatchBelowAutograd(),
    ):
        yield


def expect_floating(name: str, x: Tensor) -> None:
    """Raise TypeError for a tensor of a dtype that no kernel takes."""
    if x.dtype not in DTYPES:
        raise TypeError(
            f"{name}: expected a tensor of float16, bfloat16, float32 or float64, "
            f"got {str(x.dtype).removeprefix('torch.')}"
        )
