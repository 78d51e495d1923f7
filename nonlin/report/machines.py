"""The table of times, one machine after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from nonlin.messages import text
from nonlin.study.elsewhere import Times

__all__ = ["Row", "heads", "rows"]

_IMPLEMENTATIONS = {"nonlin": "nonlin", "numpy": "NumPy", "torch": "PyTorch"}
_FUNCTIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")


@dataclass(frozen=True)
class Row:
    """One implementation on one machine; a cell is a function's time in cache and in memory."""

    machine: str
    implementation: str
    cells: tuple[str, ...]


def heads(lang: str) -> list[str]:
    """Name the columns.

    Parameters
    ----------
    lang : str

    Returns
    -------
    list of str
        The machine, the implementation, then the functions.
    """
    named = [text(f"figures.names.{name}", lang) for name in _FUNCTIONS]
    return [text(f"report.machines.{key}", lang) for key in ("machine", "implementation")] + named


def rows(machines: Sequence[Times], lang: str, yours: Times | None = None) -> list[Row]:
    """Arrange the times.

    Parameters
    ----------
    machines : sequence of Times
    lang : str
    yours : Times, optional
        The reader's own, which come first and are called so.

    Returns
    -------
    list of Row
    """
    found = [] if yours is None else _of(yours, "yours", lang)
    for machine in machines:
        found += _of(machine, "other", lang)
    return found


def _of(machine: Times, whose: str, lang: str) -> list[Row]:
    name = text(
        f"report.machines.{whose}",
        lang,
        processor=machine.processor,
        kernels=machine.instruction_set or "–",
        torch=machine.torch_instruction_set,
    )
    return [
        Row(name, label, tuple(_cell(machine, key, function) for function in _FUNCTIONS))
        for key, label in _IMPLEMENTATIONS.items()
    ]


def _cell(machine: Times, implementation: str, function: str) -> str:
    taken = (machine.nanoseconds[at][implementation][function] for at in ("cache", "memory"))
    return " / ".join(f"{each:.2f}" for each in taken)
