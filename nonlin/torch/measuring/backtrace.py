"""Where on the way back a finite gradient stops being finite."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.overrides import TorchFunctionMode

from nonlin.torch.measuring.batches import tensors
from nonlin.torch.measuring.isolation import Leaves
from nonlin.torch.measuring.watch import Watch
from nonlin.torch.reading import GradientFault

# Code that is not the user's.
OURS = tuple(str(Path(module.__file__).parent) for module in (torch, sys.modules["nonlin"]))  # type: ignore[arg-type]

LONGEST_LINE = 100


class Maker(NamedTuple):
    """The call that made a node of the graph: its function, the module, the line of code."""

    function: str
    module: str
    line: str


class Makers(TorchFunctionMode):
    """Remembers which call made which nodes of the graph.

    A call's nodes are those between its result and its arguments. What no call is seen to make, as
    an autograd function of the user's, is the module's.

    Parameters
    ----------
    watch : Watch
        Of the pass that is made.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.of: dict[Any, Maker] = {}
        self._watch = watch
        watch.ends.append(self._end_module)

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function and remember what it adds to the graph."""
        kwargs = kwargs or {}
        given = {x.grad_fn for x in tensors([*args, *kwargs.values()])}
        result = function(*args, **kwargs)
        if made := self._made(given, result):
            name = getattr(function, "__name__", "").strip("_")
            self.of |= dict.fromkeys(made, Maker(name, self._watch.scope, _line()))
        return result

    def _end_module(self, name: str, args: Any, result: Any) -> None:
        given = {x.grad_fn for x in tensors([args])}
        self.of |= dict.fromkeys(self._made(given, result), Maker("", name, ""))

    def _made(self, given: set[Any], result: Any) -> list[Any]:
        return list(_nodes([x.grad_fn for x in tensors([result])], given | self.of.keys()))


def node_name(node: Any) -> str:
    """Name a node of the graph as the function is called: linalg_eigh for LinalgEighBackward0."""
    if isinstance(node, BackwardCFunction):
        return own_function(node)
    name = re.sub(r"Backward\d*$", "", node.name().rpartition("::")[2])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def own_function(node: Any) -> str:
    """Name an autograd function of the user's after its class; "" for a node of PyTorch's."""
    own = isinstance(node, BackwardCFunction)
    return type(node).__name__.removesuffix("Backward") if own else ""


def find_fault(loss: Tensor, leaves: Leaves, makers: Makers, in_loss: set[Any]) -> GradientFault:
    """Go the way back once more and look at what each node of the graph makes of its gradient.

    The fault is at the first node that makes of finite gradients one that is not.

    Parameters
    ----------
    loss : Tensor
    leaves : mapping of str to Tensor
        Whose `.grad` is None afterwards.
    makers : Makers
    in_loss : set of nodes
        Those that the model did not make.
    """
    faults: list[tuple[Any, str]] = []
    with _watched(list(_nodes([loss.grad_fn], set())), faults):
        loss.backward()  # type: ignore[no-untyped-call]
    broken = 0
    for leaf in leaves.values():
        if leaf.grad is not None:
            broken += int((~_values(leaf.grad).isfinite()).sum())
            leaf.grad = None
    node: Any
    node, value = faults[0] if faults else (loss.grad_fn, "undefined")
    maker = makers.of.get(node, Maker("", "", ""))
    return GradientFault(
        operation=own_function(node) or maker.function or node_name(node),
        own=bool(own_function(node)),
        module=maker.module,
        in_loss=node in in_loss,
        value=value,
        line=maker.line,
        broken=broken,
        parameters=sum(x.numel() for x in leaves.values() if x.requires_grad),
    )


def nodes_beyond(loss: Tensor, outputs: Any) -> set[Any]:
    """Collect the nodes between the model's outputs and the loss."""
    return set(_nodes([loss.grad_fn], {x.grad_fn for x in tensors([outputs])}))


def _nodes(row: list[Any], known: Any) -> Iterator[Any]:
    """Go back through a graph, not beyond what is known."""
    seen = {None}
    while row:
        node = row.pop()
        if node in seen or node in known:
            continue
        seen.add(node)
        yield node
        row.extend(before for before, _ in node.next_functions)


@contextmanager
def _watched(nodes: Sequence[Any], faults: list[tuple[Any, str]]) -> Iterator[None]:
    with ExitStack() as stack:
        for node in nodes:

            def look(made: Any, given: Any, node: Any = node) -> None:
                if not faults and _finite(given) and not _finite(made):
                    nan = any(bool(_values(x).isnan().any()) for x in tensors(made))
                    faults.append((node, "undefined" if nan else "infinite"))

            if node.next_functions:
                stack.callback(node.register_hook(look).remove)
        yield


def _finite(given: Any) -> bool:
    return all(bool(_values(x).isfinite().all()) for x in tensors(given))


def _values(x: Tensor) -> Tensor:
    return x.coalesce().values() if x.is_sparse else x


def _line() -> str:
    """Give the line of the user's code that is being run."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    if frame is None:
        return ""
    found = linecache.getline(frame.f_code.co_filename, frame.f_lineno, frame.f_globals).strip()
    return found if len(found) <= LONGEST_LINE else f"{found[:LONGEST_LINE]}..."
