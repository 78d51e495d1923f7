"""What one examination found: a reading, its findings, and what was examined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nonlin.above import Shown, answerer, ask
from nonlin.torch.case import Case
from nonlin.torch.finding import Finding
from nonlin.torch.parts import Layer, Site
from nonlin.torch.reading import Reading

# Of the training in which a remedy is tried.
STEPS = 30


@dataclass(frozen=True, eq=False, repr=False)
class Exam(Shown):
    """One examination of a model; at a prompt it shows itself, in the language of the locale.

    Attributes
    ----------
    reading : Reading
        Everything that was measured.
    findings : tuple of Finding
        What is wrong: roots before consequences.
    case : Case or None
        What was examined; None for an examination that was read from a file.
    """

    reading: Reading
    findings: tuple[Finding, ...]
    case: Case | None = field(default=None, repr=False)

    @property
    def sites(self) -> tuple[Site, ...]:
        """The places where an activation is applied, in the order of the forward pass."""
        return self.reading.sites

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers with weights, in the order of the forward pass."""
        return self.reading.layers

    def remedies(self, steps: int = STEPS, time_limit: float | None = None) -> Sequence[Any]:
        """Try what mends the findings, each on a copy of the model, and examine it again.

        Parameters
        ----------
        steps : int
            Of the training of each copy; 0 for none.
        time_limit : float, optional
            In seconds; what is known by then is returned.

        Returns
        -------
        sequence of nonlin.torch.Remedy
            The best first: see `nonlin.torch.remedies.remedies`.

        Raises
        ------
        ValueError
            If the examination was read from a file, so that there is no model to try them on.
        """
        if self.case is None:
            raise ValueError("an examination read from a file has no model to try remedies on")
        found: Sequence[Any] = ask("remedies", self, steps, time_limit)
        return found

    def mend(self, steps: int = STEPS, time_limit: float | None = None) -> Any:
        """Do to a copy of the model what helps most, examine it, and go on until nothing helps.

        Parameters
        ----------
        steps, time_limit
            As for `remedies`.

        Returns
        -------
        nonlin.torch.Mended
            The copy, what was done, and the lines that do it: see `nonlin.torch.mended.mend`.

        Raises
        ------
        ValueError
            If the examination was read from a file, so that there is no model to mend.
        """
        return ask("mend", self, steps, time_limit)

    def report(
        self, path: str | Path, lang: str | None = None, *, remedies: Sequence[Any] = ()
    ) -> Path:
        """Write one self-contained HTML file.

        Parameters
        ----------
        path : str or Path
        lang : str, optional
            Of the page when it is opened; by the locale otherwise.
        remedies : sequence of Remedy
            What `remedies` gave, to be shown beneath the findings.

        Returns
        -------
        Path
        """
        written: Path = ask("report", self, path, lang, remedies=remedies)
        return written

    def to_json(self) -> str:
        """Write the reading and the findings; `from_json` reads them."""
        written: str = ask("json", self)
        return written

    @classmethod
    def from_json(cls, text: str) -> Exam:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        Exam
            Without its `case`.

        Raises
        ------
        ValueError
            If it is something else.
        """
        return cls(*answerer("read", "Exam")(text))

    def __str__(self) -> str:
        written: str = ask("text", self)
        return written

    def __repr__(self) -> str:
        return str(self)
