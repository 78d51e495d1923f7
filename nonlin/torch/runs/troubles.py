"""When each trouble of a run began, and whether it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nonlin.torch.finding import Finding, rank

__all__ = ["Trouble", "Troubles"]

# A trouble that is missing at one reading only is still the same trouble.
PATIENCE = 2


@dataclass(frozen=True, slots=True, repr=False)
class Trouble:
    """A finding over time; `str` says it in sentences, in the language of the locale.

    Attributes
    ----------
    finding : Finding
        As it was read last.
    began : int
        The step of the reading that found it; of its present bout, if it had gone and came back.
    seen : int
        The last reading's step that found it.
    ended : int or None
        The step of the first of two readings in a row that did not find it; None if it goes on.
    worst : str
        Its highest severity.
    bouts : int
        How often it began.
    """

    finding: Finding
    began: int
    seen: int
    ended: int | None
    worst: str
    bouts: int = 1

    def __str__(self) -> str:
        from nonlin.torch.wording import trouble

        return trouble(self)

    def __repr__(self) -> str:
        return f"<Trouble: {self}>"


class Troubles:
    """One `Trouble` a kind and site: a run of any length needs no more memory than a short one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Trouble] = {}
        self._missing: dict[tuple[str, str], list[int]] = {}

    def __iter__(self) -> Iterator[Trouble]:
        """In the order in which they began."""
        return iter(sorted(self._known.values(), key=lambda each: each.began))

    def update(self, step: int, findings: Iterable[Finding]) -> list[Finding]:
        """Take in what a reading found.

        Parameters
        ----------
        step : int
        findings : iterable of Finding

        Returns
        -------
        list of Finding
            Those that began, or became more severe than they had been in this bout.
        """
        found = {(each.kind, each.site): each for each in findings}
        news = [each for key, each in found.items() if self._take(key, each, step)]
        for key in self._known.keys() - found.keys():
            self._miss(key, step)
        return news

    def _take(self, key: tuple[str, str], finding: Finding, step: int) -> bool:
        self._missing.pop(key, None)
        known = self._known.get(key)
        if known is None or known.ended is not None:
            bouts = 1 if known is None else known.bouts + 1
            self._known[key] = Trouble(finding, step, step, None, finding.severity, bouts)
            return True
        worse = rank(finding.severity) > rank(known.worst)
        worst = finding.severity if worse else known.worst
        self._known[key] = replace(known, finding=finding, seen=step, worst=worst)
        return worse

    def _miss(self, key: tuple[str, str], step: int) -> None:
        known = self._known[key]
        if known.ended is None:
            missed = self._missing.setdefault(key, [])
            missed.append(step)
            if len(missed) == PATIENCE:
                self._known[key] = replace(known, ended=missed[0])
                del self._missing[key]
