"""What is looked up in a model before something of it is changed."""

from __future__ import annotations

import copy
import inspect
import linecache
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nonlin.activation import Activation
from nonlin.torch.case import Case
from nonlin.torch.findings.curves import function
from nonlin.torch.measuring.batches import Batch, batches, tensors
from nonlin.torch.measuring.batches import copied as fresh
from nonlin.torch.names import CLASSES, of_module
from nonlin.torch.parts import Site
from nonlin.torch.trace.places import line

NORMALIZATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)


def find(model: nn.Module, name: str) -> nn.Module | None:
    """Give the module of exactly this name."""
    try:
        return model.get_submodule(name)
    except AttributeError:
        return None


def parameter(model: nn.Module, name: str) -> nn.Parameter | None:
    """Give the parameter of a name that is drawn by itself: trained, and used in one place."""
    known = dict(model.named_parameters(remove_duplicate=False))
    found = known.get(name)
    if found is None or not found.requires_grad or sum(x is found for x in known.values()) > 1:
        return None
    return found


def first_batch(case: Case) -> Batch:
    """Give one batch of the inputs and targets of a case.

    Raises
    ------
    ValueError
        If there is none: an iterator that was gone through already.
    """
    found = next(batches(case.inputs, case.targets), None)
    if found is None:
        raise ValueError(
            "inputs: expected batches once more, got none; give a list or a DataLoader, which can "
            "be gone through again, and no iterator"
        )
    return found


def arguments(case: Case) -> str:
    """Write one batch of the model's arguments, as code."""
    if isinstance(case.inputs, Tensor | tuple | dict):
        return "inputs"
    if hasattr(case.inputs, "keys"):
        return "dict(inputs)"
    first = next(iter(case.inputs))
    if hasattr(first, "keys"):
        return "dict(next(iter(inputs)))"
    if len(first) != 2:
        return "tuple(next(iter(inputs))[:-1])"
    one = "next(iter(inputs))[0]"
    if hasattr(first[0], "keys") and not isinstance(first[0], dict):
        return f"dict({one})"
    several = isinstance(first[0], list) and len(first_batch(case).args) > 1
    return f"tuple({one})" if several else one


def activation_module(model: nn.Module, site: Site) -> nn.Module | None:
    """Give the module that is the site's activation and nothing else.

    It has no parameters, buffers and children, and where it is none of torch's own, it computes
    what the site's activation does: a call in a block or a layer is no module.
    """
    whole = find(model, site.name) or find(model, re.sub(r"#\d+$", "", site.name))
    name, _, call = re.sub(r"#\d+$", "", site.name).rpartition(":")
    module = whole or (find(model, name) if name and call else None)
    if module is None or any(_contents(module)):
        return None
    if of_module(module) is not None:
        return module
    act = function(site)
    # One that is the user's, and none of the catalogue's, is known as a module by the user's word.
    computed = act is not None and _computes(module, act)
    return module if computed or (act is None and whole is not None) else None


def _contents(module: nn.Module) -> Iterable[bool]:
    yield from (True for _ in module.parameters())
    yield from (True for _ in module.buffers())
    yield from (True for _ in module.children())


def _computes(module: nn.Module, act: Activation) -> bool:
    z = torch.linspace(-3.0, 3.0, 24).reshape(2, 3, 4)
    try:
        with torch.no_grad(), torch.random.fork_rng():
            found = copy.deepcopy(module)(z.clone())
        return bool(np.allclose(found.numpy(), act(z.numpy()), atol=1e-5))
    except Exception:  # whatever a module that takes something else raises
        return False


def names_of(model: nn.Module, chosen: Iterable[nn.Module]) -> list[str]:
    """List every name under which modules are registered."""
    wanted = set(chosen)
    found = model.named_modules(remove_duplicate=False)
    return [name for name, module in found if module in wanted]


def function_attributes(case: Case, sites: Iterable[Site]) -> dict[str, tuple[str, str]]:
    """Find the attributes of modules that hold the functions that sites call.

    So `nn.TransformerEncoderLayer` keeps its activation.

    Returns
    -------
    dict of str to (str, str)
        A site's name: its module's and the attribute's.
    """
    called: dict[str, tuple[str, str]] = {}
    found = [(site, *each) for site in sites for each in _functions(case.model, site)]
    for site, owner, name, value in found:
        vars(case.model.get_submodule(owner))[name] = _noted(value, called, site, (owner, name))
    try:
        with torch.no_grad():
            run(case.model, first_batch(case))
    finally:
        for _, owner, name, value in found:
            vars(case.model.get_submodule(owner))[name] = value
    return called


def _functions(model: nn.Module, site: Site) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Go through the attributes of a site's module that are its function."""
    owner, _, call = re.sub(r"#\d+$", "", site.name).rpartition(":")
    module = find(model, owner)
    known = [getattr(torch, call, None), getattr(F, call, None), getattr(Tensor, call, None)]
    for name, value in vars(module).items() if module is not None and call in CLASSES else ():
        if callable(value) and any(value is x for x in known):
            yield owner, name, value


def _noted(
    function: Callable[..., Any], called: dict[str, Any], site: Site, attribute: tuple[str, str]
) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        called[site.name] = attribute
        return function(*args, **kwargs)

    return call


def source_line(model: nn.Module, site: Site) -> str:
    """Write where the user's code calls a site's activation: file, line and what stands there."""
    file, _, number = site.where.rpartition(":")
    owner, _, call = re.sub(r"#\d+$", "", site.name).rpartition(":")
    if not file:
        return f"{site.name}"
    module, text = find(model, owner), ""
    for kind in type(module).__mro__ if module is not None else ():
        try:
            path = inspect.getsourcefile(kind)
        except (TypeError, OSError):
            continue
        if path is not None and Path(path).name == file:
            text = linecache.getline(path, int(number)).strip()
            break
    return f"{file}, line {number}: {text or call or site.name}"


@dataclass(frozen=True)
class Written:
    """A call in the user's code.

    Attributes
    ----------
    name : str
        Of the function.
    result
        Of the call.
    where, text : str
        The line, "net.py:12", and what stands there.
    """

    name: str
    result: Any
    where: str
    text: str

    def __str__(self) -> str:
        file, _, number = self.where.rpartition(":")
        return f"{file}, line {number}: {self.text or self.name}"


class _Lines(TorchFunctionMode):
    """Notes where functions are called."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self.names, self.found = names, list[Written]()

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call the function, and note the line if it is one of those."""
        result = function(*args, **(kwargs or {}))
        name = getattr(function, "__name__", "")
        found = line() if name in self.names else None
        if found is not None:
            text = linecache.getline(*found).strip()
            self.found.append(Written(name, result, str(found), text))
        return result


def written(case: Case, names: Collection[str]) -> tuple[list[Written], Any]:
    """List the calls of functions in the model's code and the loss's, and give the outputs."""
    batch, watched = first_batch(case), _Lines(names)
    with torch.no_grad(), watched:
        outputs = run(case.model, batch)
        try:
            given = () if batch.targets is None else (batch.targets,)
            case.loss_fn(outputs, *given)
        except Exception:  # a loss that fails is found as such
            pass
    return watched.found, outputs


def run(model: nn.Module, batch: Batch) -> Any:
    """Call the model with a batch's arguments."""
    return model(*batch.args, **batch.kwargs)


def loss_of(case: Case, batch: Batch) -> Tensor:
    """Compute the loss of a batch."""
    outputs = run(case.model, batch._replace(args=fresh(batch.args), kwargs=fresh(batch.kwargs)))
    return compared(case, outputs, batch.targets)


def compared(case: Case, outputs: Any, targets: Any) -> Tensor:
    """Call the loss with the targets, or without where there are none."""
    loss = case.loss_fn(outputs) if targets is None else case.loss_fn(outputs, targets)
    assert isinstance(loss, Tensor)
    return loss


def in_order(case: Case) -> list[tuple[str, Any]]:
    """List the modules without children in the order in which a pass calls them, and their results.

    The case is a copy: whatever the pass changes in it does not matter.
    """
    called: list[tuple[str, Any]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda module, given, result: called.append((name, result))

    handles = [
        module.register_forward_hook(note(name))
        for name, module in case.model.named_modules()
        if not list(module.children())
    ]
    try:
        with torch.no_grad():
            called.append(("", run(case.model, first_batch(case))))
    finally:
        for handle in handles:
            handle.remove()
    return called


def normalization_behind(case: Case, layer: str) -> str | None:
    """Name the first normalisation that is called after a layer."""
    called = [name for name, _ in in_order(case)]
    behind = called[called.index(layer) + 1 :] if layer in called else []
    modules = dict(case.model.named_modules())
    return next((x for x in behind if isinstance(modules[x], NORMALIZATIONS)), None)


def makes_output(case: Case, kinds: Collection[type[nn.Module]]) -> str | None:
    """Name the module of a kind that is called once and whose result the model gives out."""
    called = in_order(case)
    modules = dict(case.model.named_modules())
    outputs = list(tensors([called.pop()[1]]))
    times = Counter(name for name, _ in called)
    found = (
        name
        for name, result in reversed(called)
        if times[name] == 1 and type(modules[name]) in kinds and _is_in(result, outputs)
    )
    return next(found, None)


def between(case: Case, first: str, second: str, kinds: Collection[type[nn.Module]]) -> str | None:
    """Name the module of a kind that is called once, after one layer and before another."""
    names = [name for name, _ in in_order(case)]
    if names.count(first) != 1 or names.count(second) != 1:
        return None
    inside = names[names.index(first) + 1 : names.index(second)]
    modules = dict(case.model.named_modules())
    found = [x for x in inside if type(modules[x]) in kinds and names.count(x) == 1]
    return found[0] if len(found) == 1 else None


def output_line(case: Case, names: Collection[str]) -> Written | None:
    """Find the call in the model's code whose result the model gives out."""
    found, given = written(case, names)
    outputs = list(tensors([given]))
    return next((x for x in reversed(found) if _is_in(x.result, outputs)), None)


def _is_in(result: Any, outputs: Sequence[Tensor]) -> bool:
    """Tell whether a result is one of the outputs, beside a loss or not."""
    if not isinstance(result, Tensor):
        return False
    flat = result.flatten()
    return any(x.numel() == len(flat) and torch.equal(x.flatten(), flat) for x in outputs)
