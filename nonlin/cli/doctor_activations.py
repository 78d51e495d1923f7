"""Modules that a command line says are activations: ``--activation CLASS=FUNCTION``."""

from collections.abc import Sequence
from copy import deepcopy
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.activation import Activation
from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.cli.functions import named, usable
from nonlin.messages import text

if TYPE_CHECKING:
    from torch import nn

__all__ = ["declared"]


def declared(model: "nn.Module", options: Sequence[str], lang: str) -> dict[Any, Activation]:
    """Read what ``--activation`` says of a model's modules.

    Parameters
    ----------
    model : nn.Module
    options : sequence of str
        Each "WHICH=FUNCTION" or "WHICH": the class of modules, with or without "module:" before
        it, or the name of one; a function of the catalogue or the user's "module:function".
        Without a function it is what the module itself computes.
    lang : str
        Language of the errors.

    Returns
    -------
    dict of (class or str) to Activation
        As `nonlin.torch.examine` takes it.

    Raises
    ------
    CommandError
        If the model has no such module, or there is no such function.
    """
    found: dict[Any, Activation] = {}
    for option in options:
        which, given, function = option.partition("=")
        keys = _modules(model, which.strip(), lang)
        for key, module in keys.items():
            if given:
                found[key] = named(function.strip().removeprefix("nl."), lang)
            else:
                found[key] = _measured(module, lang)
    return found


def _modules(model: "nn.Module", which: str, lang: str) -> "dict[Any, nn.Module]":
    """Find the classes, or the module, that a name means, each with one that it is true of."""
    by_name = {name: module for name, module in model.named_modules() if name}
    if which in by_name:
        return {which: by_name[which]}
    name = which.rpartition(":")[2]
    found = {
        type(module): module for module in model.modules() if type(module).__qualname__ == name
    }
    if found:
        return dict(found)
    own = {
        type(module).__qualname__
        for module in by_name.values()
        if not type(module).__module__.startswith("torch.nn.")
    }
    near = get_close_matches(name, [*own, *by_name], n=1)
    known = ", ".join(near or sorted(own)) or "–"
    sentence = text("doctor_command.no_module", lang, which=which, known=known)
    raise CommandError(sentence, WRONG_USAGE)


def _measured(module: "nn.Module", lang: str) -> Activation:
    """Take what a module computes of each number as a function."""
    import torch

    own = deepcopy(module).double().cpu().eval()

    def phi(x: Any) -> Any:
        with torch.no_grad():
            return own(torch.as_tensor(np.array(x, dtype=np.float64))).numpy()

    return usable(Activation.from_function(phi, name=type(module).__name__), lang)
