"""Changes of what is called: activations put in, taken out or exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from torch import nn

from nonlin.torch.exam import Case
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import exchange, find, last_called
from nonlin.torch.mending.weights import all_anew
from nonlin.torch.names import CLASSES
from nonlin.torch.verdicts.view import View

# What takes the place of an activation whose derivative vanishes.
STEADY = {"sigmoid": "ReLU", "tanh": "ReLU", "hard_sigmoid": "ReLU", "softsign": "ReLU"}


def inserted(view: View, layers: Sequence[str]) -> Change:
    """Put the model's own activation, or ReLU, behind layers."""
    name = _usual(view)

    def act(case: Case) -> Case:
        for layer in layers:
            module = find(case.model, layer)
            if module is not None:
                exchange(case.model, layer, nn.Sequential(module, getattr(nn, name)()))
        return case

    lines = [f'model.set_submodule("{x}", nn.Sequential(model.get_submodule("{x}"), nn.{name}()))'
             for x in layers]  # fmt: skip
    fields = {"layer": "', '".join(layers), "new": name}
    return Change("insert_activation", "\n".join(lines), act, fields)


def _usual(view: View) -> str:
    known = {name: shown for name, shown in CLASSES.items() if hasattr(nn, shown)}
    seen = Counter(site.activation.removeprefix("nl.") for site in view.reading.sites)
    return next((known[name] for name, _ in seen.most_common() if name in known), "ReLU")


def taken_out(case: Case, names: Sequence[str], key: str) -> Change:
    """Put the identity in the place of modules; code alone where one is no module."""
    modules = [find(case.model, name) for name in names]
    fields = {"layer": "', '".join(names)}
    if any(module is None or list(module.children()) for module in modules):
        return Change(key, "# " + ", ".join(names), None, fields)

    def act(changed: Case) -> Case:
        for name in names:
            exchange(changed.model, name.partition(":")[0], nn.Identity())
        return changed

    lines = [f'model.set_submodule("{name.partition(":")[0]}", nn.Identity())' for name in names]
    return Change(key, "\n".join(lines), act, fields)


def output_taken_out(case: Case, site: str, name: str) -> Change:
    """Take away what stands between the last layer and the loss."""
    kinds = {"softmax": (nn.Softmax,), "log_softmax": (nn.LogSoftmax,)}
    known = last_called(case, kinds[name]) if name in kinds else site
    if known is None or find(case.model, known) is None:
        return Change("remove_output", f"# {name}", None, {"layer": name})
    return taken_out(case, [known], "remove_output")


def steadier(view: View) -> Change | None:
    """Exchange activations whose derivative vanishes, and draw weights for the others."""
    names = {site.name: site.activation.removeprefix("nl.") for site in view.reading.sites}
    chosen = {site: act for site, act in names.items() if act in STEADY}
    if not chosen:
        return None
    old = Counter(chosen.values()).most_common(1)[0][0]
    new = STEADY[old]

    def act(case: Case) -> Case:
        for site in chosen:
            bare = site.partition(":")[0]
            if find(case.model, bare) is not None and bare:
                exchange(case.model, bare, getattr(nn, new)())
        change = all_anew().act
        return case if change is None else change(case)

    code = (
        f"for name, module in list(model.named_modules()):\n"
        f"    if isinstance(module, nn.{CLASSES.get(old, old)}):\n"
        f"        model.set_submodule(name, nn.{new}())\n{all_anew().code}"
    )
    return Change("replace_activation", code, act, {"old": old, "new": new})
