"""The reference's pages: every public name of the public modules, described by its docstring."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import nonlin as nl
from pages.docstrings import readable

__all__ = ["MODULES", "pages", "places"]

# A module whose names nonlin has as well lists those that it alone has.
MODULES = (
    "nonlin", "nonlin.torch", "nonlin.torch.testing", "nonlin.torch.functional",
    "nonlin.accuracy", "nonlin.symbolic", "nonlin.facts", "nonlin.propagation",
    "nonlin.study", "nonlin.study.shards", "nonlin.study.cluster", "nonlin.tutorial",
)  # fmt: skip

FUNCTIONS = (nl.Activation, nl.Gate, nl.AxisFunction)


def pages() -> Iterator[tuple[str, str]]:
    """Write a page a module."""
    for module in MODULES:
        yield f"reference/{module}.rst", _page(import_module(module))


def places() -> dict[str, str]:
    """Say for every public name which name its description has."""
    found = {}
    for name in MODULES:
        module = import_module(name)
        for public in module.__all__:
            thing = getattr(module, public)
            own = name == "nonlin" or getattr(nl, public, None) is not thing
            found[f"{name}.{public}"] = f"{name}.{public}" if own else f"nonlin.{public}"
    return found


def _page(module: ModuleType) -> str:
    name = module.__name__
    described = places()
    blocks = [_underlined(name, "="), f".. py:module:: {name}", inspect.getdoc(module) or ""]
    own = [public for public in module.__all__ if described[f"{name}.{public}"].startswith(name)]
    own = [public for public in own if described[f"{name}.{public}"] == f"{name}.{public}"]
    functions = [public for public in own if isinstance(getattr(module, public), FUNCTIONS)]
    for public in sorted(set(own) - set(functions), key=str.lower):
        blocks.append(_block(f"{name}.{public}", getattr(module, public)))
    if functions:
        blocks.append(_underlined("The functions", "-"))
        blocks += [_block(f"{name}.{public}", getattr(module, public)) for public in functions]
    elsewhere = sorted(set(module.__all__) - set(own))
    if elsewhere:
        links = ", ".join(f":py:obj:`nonlin.{public}`" for public in elsewhere)
        blocks.append(f"Described with ``nonlin``: {links}.")
    return "\n\n".join(blocks) + "\n"


def _block(name: str, thing: Any) -> str:
    if inspect.ismodule(thing):
        if name in MODULES:
            return f"``{name}``: :doc:`{name}`"
        lines = (inspect.getdoc(thing) or "").splitlines()
        return f".. py:module:: {name}\n\n``{name}``: " + "\n".join(readable(lines))
    if inspect.isclass(thing):
        return f".. autoclass:: {name}\n   :members:"
    if callable(thing):
        return f".. autofunction:: {name}"
    return f".. autodata:: {name}\n   :no-value:"


def _underlined(title: str, sign: str) -> str:
    return f"{title}\n{sign * len(title)}"
