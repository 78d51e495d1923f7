"""Which call made each tensor."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor
from torch.autograd.function import BackwardCFunction

from nonlin.torch.measuring.graph import Call


class Origins:
    """The calls behind tensors.

    The references are weak, so that nothing lives longer than without us; the object behind an id
    is compared, since an id comes again when its object is gone.

    Parameters
    ----------
    leaves : mapping of str to Tensor
        The parameters by name.
    """

    def __init__(self, leaves: Mapping[str, Tensor]) -> None:
        self._made: dict[int, tuple[weakref.ref[Tensor], Call]] = {}
        for name, leaf in leaves.items():
            self.add([leaf], Call("parameter", name))

    def add(self, made: Iterable[Tensor], call: Call) -> None:
        """Take what a call made."""
        for x in made:
            self._made[id(x)] = weakref.ref(x), call

    def of(self, x: Tensor) -> Call | None:
        """Find the call that made a tensor."""
        reference, call = self._made.get(id(x), (None, None))
        return call if reference is not None and reference() is x else None

    def known(self, given: Iterable[Tensor]) -> tuple[list[tuple[Tensor, str]], list[Call]]:
        """Tell the parameters among tensors, with their names, from the calls that made others."""
        parameters: list[tuple[Tensor, str]] = []
        sources: dict[Call, None] = {}
        for x in given:
            call = self.of(x)
            if call is not None and call.kind == "parameter":
                parameters.append((x, call.name))
            elif call is not None:
                sources[call] = None
        return parameters, list(sources)

    def pre_activation(self, given: Iterable[Tensor]) -> tuple[Tensor, Call] | None:
        """Find the first of an activation's arguments that the model computed."""
        for x in given:
            call = self.of(x)
            if call is not None and call.kind != "parameter" and x.is_floating_point():
                return x, call
        return None


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
