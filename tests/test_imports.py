"""Which way imports go: no circle among modules, and each room knows only those below it."""

from graphlib import CycleError, TopologicalSorter

import pytest
from imports import graph

# From below: a room imports those that stand before it. What is no folder is one of compute's.
ROOMS = (
    "messages",
    "compute",
    "catalogue",
    "propagation",
    "symbolic",
    "facts",
    "formula",
    "figures",
    "torch",
    "study",
    "study_figures",
    "cards",
    "report",
    "explorer",
    "tutorial",
    "cli",
)
# Above every room.
TOP = ("nonlin.__main__", "nonlin.pytest_plugin", "nonlin")


def room(module: str) -> str:
    first = module.partition(".")[2].partition(".")[0]
    return first if first in ROOMS else "compute"


def test_no_circle_among_modules():
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_each_room_imports_those_below_it():
    upwards = [
        f"{module} imports {imported}"
        for module, everything in graph().items()
        for imported in everything
        if module not in TOP and ROOMS.index(room(imported)) > ROOMS.index(room(module))
    ]
    assert not upwards


def test_every_folder_is_a_room():
    packages = {module.split(".")[1] for module in graph() if module.count(".") > 1}
    assert packages == set(ROOMS) - {"compute"}
