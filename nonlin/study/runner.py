"""Runs the phenomena one after another and keeps what they found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from nonlin.study import claims
from nonlin.study.context import Context
from nonlin.study.environment import environment
from nonlin.study.results import Outcome, Results, save

LEAST_SEEDS = 5
# The matrices are small: a second thread saves a third of the time on an idle machine; on a busy
# one the two wait for each other thirty times as long as they compute.
THREADS = 1

# Seconds a phenomenon takes at default size: only for the progress bar's proportions.
_SECONDS = {
    "linearity": 5,
    "ranges": 2,
    "derivatives": 5,
    "cost": 20,
    "probability": 5,
    "centring": 15,
    "sparsity": 6,
    "dying": 22,
    "slope": 13,
    "vanishing": 35,
    "comparison": 30,
}


class SettingsMismatchError(ValueError):
    """The results to go on from were measured with other settings.

    `name` is the setting that differs, `before` its value there, `now` the one asked for.
    """

    def __init__(self, name: str, before: Any, now: Any) -> None:
        super().__init__(
            f"the results to resume were measured with {name} = {before!r}, not {now!r}: "
            f"ask for {name} = {before!r}, or start anew without resuming"
        )
        self.name, self.before, self.now = name, before, now


@dataclass(frozen=True)
class Progress:
    """Where the study stands: a phenomenon starts, runs or is done; the finished part of it all."""

    phenomenon: str
    state: Literal["started", "running", "finished"]
    fraction: float


def run(
    ids: Iterable[str] | None = None,
    *,
    seeds: int = LEAST_SEEDS,
    quick: bool = False,
    progress: Callable[[Progress], None] | None = None,
    previous: Results | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Results:
    """Measure claims of the document.

    Parameters
    ----------
    ids : the claims to measure; None means all. Only the phenomena they need are run, and only they
        are recorded.
    seeds : how many seeds every network is trained with, at least 5.
    quick : smaller networks and budgets, for a first look.
    progress : called when a phenomenon starts, while it runs and when it is finished.
    previous : results to go on from: what they hold is kept, not measured again.
    path : where `results.json` is saved, after every phenomenon.

    Returns
    -------
    Results, with `complete` False if Ctrl-C ended the study early; what was measured by then is
    kept, and saved.

    Raises
    ------
    KeyError : an id that no claim has.
    ValueError : fewer than 5 seeds.
    SettingsMismatchError : `previous` was measured with other settings.
    """
    wanted = _wanted(ids)
    if seeds < LEAST_SEEDS:
        raise ValueError(f"at least {LEAST_SEEDS} seeds expected, got {seeds}")
    settings = {"seeds": seeds, "quick": quick}
    outcomes = _kept(previous, settings)
    wanted = tuple(key for key in claims.ids() if key in wanted or key in outcomes)
    notify = progress or (lambda _: None)

    def results() -> Results:
        ordered = {key: outcomes[key] for key in wanted if key in outcomes}
        return Results(len(ordered) == len(wanted), settings, environment(THREADS), ordered)

    with _threads(THREADS):
        try:
            for outcome in _measure(wanted, outcomes, Context(seeds, quick), notify):
                outcomes.update(outcome)
                if path is not None:
                    save(results(), path)
        except KeyboardInterrupt:
            pass
    if path is not None:
        save(results(), path)
    return results()


def _wanted(ids: Iterable[str] | None) -> tuple[str, ...]:
    """The ids in the document's order, each known."""
    asked = claims.ids() if ids is None else tuple(ids)
    for key in asked:
        claims.get(key)
    return tuple(key for key in claims.ids() if key in asked)


def _kept(previous: Results | None, settings: Mapping[str, Any]) -> dict[str, Outcome]:
    """The outcomes to go on from, once their settings are known to agree."""
    if previous is None:
        return {}
    for name, now in settings.items():
        before = previous.settings.get(name)
        if before != now:
            raise SettingsMismatchError(name, before, now)
    return dict(previous.outcomes)


def _measure(
    wanted: tuple[str, ...],
    outcomes: Mapping[str, Outcome],
    settings: Context,
    notify: Callable[[Progress], None],
) -> Iterator[dict[str, Outcome]]:
    """Yield each phenomenon's outcomes, once they are measured."""
    missing = frozenset(wanted) - outcomes.keys()
    names = claims.phenomena_of(missing)
    total = sum(_SECONDS[name] for name in names)
    before = 0
    for name in names:
        share = _SECONDS[name]

        def running(
            part: float, name: str = name, before: int = before, share: int = share
        ) -> None:
            notify(Progress(name, "running", (before + share * part) / total))

        notify(Progress(name, "started", before / total))
        context = replace(settings, ids=missing, progress=running)
        started = time.perf_counter()
        found = claims.phenomenon(name).measure(context)
        seconds = time.perf_counter() - started
        before += share
        yield {o.id: replace(o, seconds=seconds) for o in found if o.id in missing}
        notify(Progress(name, "finished", before / total))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let torch use this many threads, and give back what it used before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
