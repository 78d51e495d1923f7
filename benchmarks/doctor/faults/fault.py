"""What a planted fault is, and what should be found of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from doctor.places import LAYERS, Place, places
from doctor.program import Program


@dataclass(frozen=True)
class Truth:
    """What should be found.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of finding that name it.
    places : tuple of str
        Layers and activations where it is; empty where it is in no one place.
    units : tuple of int
        The planted units, of dead ones.
    act : str
        Their activation.
    """

    kinds: tuple[str, ...]
    places: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    act: str = ""


Plant = Callable[[Program], Truth | None]


@dataclass(frozen=True)
class Fault:
    """One fault, under the kind that it is counted by.

    Attributes
    ----------
    trial : bool
        Whether it needs a trial of the training to be seen: it is a matter of the rate.
    """

    kind: str
    name: str
    plant: Plant
    trial: bool = False


FAULTS: list[Fault] = []


def fault(kind: str, trial: bool = False) -> Callable[[Plant], Plant]:
    """Enter a function among the faults, under its own name."""

    def enter(plant: Plant) -> Plant:
        FAULTS.append(Fault(kind, plant.__name__, plant, trial))
        return plant

    return enter


def middle(of: Program, functions: Sequence[str] = (), **wanted: object) -> Place | None:
    """Choose the middle one of the places with one of some functions."""
    found = [x for x in places(of) if not functions or x.function in functions]
    found = [x for x in found if all(getattr(x, key) == value for key, value in wanted.items())]
    return found[len(found) // 2] if found else None


def plain_layer(of: Program) -> tuple[nn.Module, Place] | None:
    """Give the layer of the middle place without a normalisation; trained, and torch's own."""
    place = middle(of, norm="")
    if place is None:
        return None
    layer = of.model.get_submodule(place.layer)
    fits = isinstance(layer, LAYERS) and not hasattr(layer, "parametrizations")
    return (layer, place) if fits and layer.weight.requires_grad else None
