"""Changes of what is called: activations put in, taken out or exchanged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from torch import nn

from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.findings.view import View
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import (
    activation_module,
    between,
    find,
    function_attributes,
    makes_output,
    names_of,
    output_line,
    source_line,
    written,
)
from nonlin.torch.mending.weights import all_anew, in_lines
from nonlin.torch.names import CLASSES
from nonlin.torch.parts import Site

# What takes the place of an activation whose derivative vanishes.
STEADY = {"sigmoid": "ReLU", "tanh": "ReLU", "hard_sigmoid": "ReLU", "softsign": "ReLU"}

# Modules that make shares of what a layer makes.
SHARING = (nn.Softmax, nn.LogSoftmax, nn.Softmax2d)

# Classes that need an argument, or bring parameters that the optimizer does not have.
SPECIAL = ("Threshold", "PReLU")


def inserted(view: View, case: Case, layers: Sequence[str]) -> Change:
    """Put the model's own activation, or ReLU, behind layers."""
    name = _usual(view)
    fields = {"layer": "', '".join(layers), "new": name}
    if not all(_stands_alone(case.model, layer) for layer in layers):
        lines = "\n".join(f"# {layer}: nn.functional.{name.lower()}" for layer in layers)
        return Change("insert_activation", lines, fields, "code")
    code = "\n".join(
        f"model.set_submodule({x!r}, nn.Sequential(model.get_submodule({x!r}), nn.{name}()))"
        for x in layers
    )
    return Change("insert_activation", code, fields)


def _stands_alone(model: nn.Module, layer: str) -> bool:
    """Tell whether a layer is a module that is called, and not looked into by its parent."""
    parent = find(model, layer.rpartition(".")[0])
    return bool(layer and find(model, layer)) and not isinstance(parent, nn.MultiheadAttention)


def _usual(view: View) -> str:
    known = {name: shown for name, shown in CLASSES.items()
             if hasattr(nn, shown) and shown not in SPECIAL}  # fmt: skip
    seen = Counter(site.activation.removeprefix("nl.") for site in view.reading.sites)
    return next((known[name] for name, _ in seen.most_common() if name in known), "ReLU")


def taken_out(case: Case, view: View, names: Sequence[str], key: str) -> Change:
    """Put the identity in the place of activations; code alone where one is no module of its own.

    A module that is called at other places too stays: they would lose it.
    """
    fields = {"layer": "', '".join(names)}
    sites = [site for site in view.reading.sites if site.name in names]
    found = [_module(case.model, view, site, names) for site in sites]
    modules = [module for module in found if module is not None]
    if not sites or len(modules) < len(sites):
        return _by_hand(case, key, sites, fields, names)
    return Change(key, _exchange(case.model, modules, "nn.Identity()"), fields)


def _module(model: nn.Module, view: View, site: Site, names: Collection[str]) -> nn.Module | None:
    module = activation_module(model, site)
    if module is None:
        return None
    others = (x for x in view.reading.sites if x.name not in names)
    return None if any(activation_module(model, x) is module for x in others) else module


def _by_hand(
    case: Case, key: str, sites: Sequence[Site], fields: dict[str, str], names: Sequence[str] = ()
) -> Change:
    lines = [source_line(case.model, site) for site in sites] or list(names)
    where = tuple(dict.fromkeys(site.where for site in sites if site.where))
    return Change(key, "\n".join(f"# {x}" for x in dict.fromkeys(lines)), fields, "code", where)


def output_taken_out(case: Case, view: View, site: str, name: str) -> Change:
    """Take away what stands between the last layer and the loss."""
    if any(x.name == site for x in view.reading.sites):
        return taken_out(case, view, [site], "remove_output")
    module = makes_output(case, (nn.Softmax, nn.LogSoftmax))
    if module is None:
        call = output_line(case, ("softmax", "log_softmax"))
        where = () if call is None else (call.where,)
        return Change("remove_output", f"# {call or name}", {"layer": name}, "code", where)
    code = f"model.set_submodule({module!r}, nn.Identity())"
    return Change("remove_output", code, {"layer": module})


def dropout_taken_out(case: Case) -> Change:
    """Take the dropout of the outputs away; its line where it is no module."""
    module = makes_output(case, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout))
    if module is None:
        call = output_line(case, ("dropout",))
        where = () if call is None else (call.where,)
        code = f"# {call or 'dropout'}"
        return Change("remove_output", code, {"layer": "dropout"}, "code", where)
    code = f"model.set_submodule({module!r}, nn.Identity())"
    return Change("remove_output", code, {"layer": module})


def without_norms_of_one(case: Case) -> Change | None:
    """Take normalisations over a single number away: they give 0, or their shift."""
    found = {k: x for k, x in case.model.named_modules() if k and isinstance(x, nn.LayerNorm)}
    norms = [name for name, x in found.items() if math.prod(x.normalized_shape) == 1]
    if not norms:
        return None
    code = "\n".join(f"model.set_submodule({name!r}, nn.Identity())" for name in norms)
    return Change("remove_norm", code, {"layer": "', '".join(norms)})


def unshared(case: Case, found: Sequence[Finding]) -> Change:
    """Put ReLU in the place of each softmax between layers; nothing beside another activation."""
    fields = {"layer": "', '".join(x.site for x in found), "old": found[0].evidence["function"]}
    modules = [between(case, x.site, x.evidence["second"], SHARING) for x in found]
    if None not in modules:
        news = ("nn.Identity()" if x.evidence["activation"] else "nn.ReLU()" for x in found)
        lines = [f"model.set_submodule({x!r}, {new})" for x, new in zip(modules, news, strict=True)]
        return Change("replace_softmax", "\n".join(lines), fields)
    written_out = written(case, ("softmax", "log_softmax"))[0]
    named = [str(x) for x in written_out] or [f"{x.site}: {x.evidence['function']}" for x in found]
    where = tuple(dict.fromkeys(x.where for x in written_out))
    code = "\n".join(dict.fromkeys(f"# {x}" for x in named))
    return Change("replace_softmax", code, fields, "code", where)


def steadier(view: View, case: Case) -> Iterator[Change]:
    """Exchange activations whose derivative vanishes, and draw weights for the others.

    Gates and what makes the outputs are meant to be bounded: they stay.
    """
    sites = [site for site in view.reading.sites
             if site.activation.removeprefix("nl.") in STEADY
             and not site.gate and _feeds_a_layer(view, site)]  # fmt: skip
    if not sites:
        return
    old = Counter(site.activation.removeprefix("nl.") for site in sites).most_common(1)[0][0]
    new = STEADY[old]
    fields = {"old": old, "new": new}
    names = [site.name for site in sites]
    modules: list[nn.Module] = []
    held: dict[str, list[str]] = {}
    by_hand: list[Site] = []
    attributes = function_attributes(case, sites)
    for site in sites:
        module = _module(case.model, view, site, names)
        if module is not None:
            modules.append(module)
        elif site.name in attributes:
            owner, attribute = attributes[site.name]
            held.setdefault(attribute, []).append(owner)
        else:
            by_hand.append(site)
    lines = [_exchange(case.model, modules, f"nn.{new}()")] if modules else []
    lines += [
        f"for name in {_listed(owners)}:\n"
        f"    model.get_submodule(name).{attribute} = nn.functional.{new.lower()}"
        for attribute, owners in held.items()
    ]
    anew = all_anew(case)
    if lines and anew is not None:
        yield Change("replace_activation", "\n".join([*lines, anew.code]), fields)
    if by_hand:
        yield _by_hand(case, "replace_activation", by_hand, fields)


def _feeds_a_layer(view: View, site: Site) -> bool:
    steps = view.reading.steps
    reached = {i for i, step in enumerate(steps) if step.name == site.name}
    for place, step in enumerate(steps):
        if reached.intersection(step.sources):
            if step.kind == "layer":
                return True
            reached.add(place)
    return False


def _exchange(model: nn.Module, modules: Sequence[nn.Module], new: str) -> str:
    """Write the lines that put something else in the place of modules, wherever they are."""
    chosen = list(dict.fromkeys(modules))
    names = names_of(model, chosen)
    kind = type(chosen[0])
    alike = [x for x in model.modules() if isinstance(x, kind)]
    once = len(names) == len(chosen)
    if len(chosen) > 1 and set(alike) == set(chosen) and kind is getattr(nn, kind.__name__, None):
        all_names = "" if once else "remove_duplicate=False"
        return (
            f"for name, module in list(model.named_modules({all_names})):\n"
            f"    if isinstance(module, nn.{kind.__name__}):\n"
            f"        model.set_submodule(name, {new})"
        )
    if len(names) == 1:
        return f"model.set_submodule({names[0]!r}, {new})"
    return f"for name in {_listed(names)}:\n    model.set_submodule(name, {new})"


def _listed(names: Sequence[str]) -> str:
    return in_lines(map(repr, dict.fromkeys(names)))
