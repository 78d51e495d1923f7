"""Trains copies with a restraint as it is given, and with less of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from nonlin.torch.case import Case
from nonlin.torch.findings.rates import LEARNT, fit_factor, scale_of
from nonlin.torch.findings.view import View
from nonlin.torch.measuring.subject import unwrapped
from nonlin.torch.mending import restraints, trial
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.copies import copied
from nonlin.torch.mending.learning import guess
from nonlin.torch.mending.modules import first_batch
from nonlin.torch.mending.rungs import Rung, renewed
from nonlin.torch.mending.split import Parts, parts
from nonlin.torch.reading import Easing, RateTrial, Reading

# So many times a trial's steps: a decay takes its time, and dropout makes learning slow at first.
LONGER = 4

# Weights whose pull is this share of that of first weights have been pulled.
LEFT = 0.5

# It is judged after these shares of them; the lowest loss counts, since few samples are learnt by
# heart.
JUDGED = (0.5, 0.75, 1.0)


def easings(case: Case, tried: RateTrial, found: Reading) -> tuple[Easing, ...]:
    """Try less of each restraint that looks strong; none where nothing does.

    Parameters
    ----------
    case : Case
        The user's; nothing of it is changed.
    tried : RateTrial
    found : Reading
        Without the trial.
    """
    try:
        return tuple(_eased(case, tried, found))
    except Exception:  # whatever a model that cannot be copied or run in evaluation mode raises
        return ()


def _eased(case: Case, tried: RateTrial, found: Reading) -> Iterator[Easing]:
    model, _ = unwrapped(case.model)
    share, decay = restraints.largest_dropout(model), restraints.largest_decay(case)
    scale, free = scale_of(tried), _free(found)
    strong = restraints.has_large_decay(case) or (
        restraints.decay_pull(case, scale, free) >= restraints.STRONG_PULL
    )
    if share < restraints.STRONG_DROPOUT and not strong:
        return
    given, drawn = copied(case), renewed(case)
    own, first = (restraints.decay_pull(x, scale, free) for x in (given, drawn))
    # What a decay has left of weights tells nothing of it, and does not learn any more.
    unlearnt = not _has_learnt(copied(case))
    anew = tried.anew or (unlearnt and (tried.stepped or own < LEFT * first))
    given = drawn if anew else given
    if (pull := max(own, first)) >= restraints.STRONG_PULL:
        change = restraints.less_decay(given, pull)
        yield _tried("weight_decay", decay, pull, change, given, tried, anew)
    if share >= restraints.STRONG_DROPOUT:
        change = restraints.less_dropout(given.model)
        yield _tried("dropout", share, share, change, given, tried, anew)


def _has_learnt(case: Case) -> bool:
    """Tell whether the outputs of a copy that leaves nothing out know of their targets."""
    case.model.eval()
    batch = first_batch(case)
    return trial.measured(case, [batch]) < LEARNT * guess(case, batch)


def _free(found: Reading) -> set[str]:
    """Name the weights whose length a normalisation takes off what they make."""
    fed = View(found).fed
    return {name for name, sites in fed.items() if all(normalized for _, normalized in sites)}


def _tried(
    key: str,
    strength: float,
    pull: float,
    change: Change,
    given: Case,
    tried: RateTrial,
    anew: bool,
) -> Easing:
    """Train with less at the rates that may fit, and as it is given at the one that fits."""
    split, steps = parts(copied(given)), LONGER * tried.steps
    start = _judged(copied(given), split)
    eased = change.of(copied(given))
    rates = dict.fromkeys((1.0, fit_factor(tried) or 10.0))
    losses = {factor: _trained(eased, split, factor, steps) for factor in rates}
    best = min(losses, key=lambda x: (math.isnan(losses[x]), losses[x]))
    return Easing(
        key, strength, next(float(x) for x in change.fields.values()), pull, steps,
        best * tried.rate, start, _trained(given, split, best, steps), losses[best], anew,
    )  # fmt: skip


def _trained(case: Case, split: Parts, factor: float, steps: int) -> float:
    """Give the lowest loss that a training comes to; NaN where it comes to none."""
    rung, found = Rung(case, split.trained, factor), []
    for share in JUDGED:
        rung.climb(int(share * steps))
        found.append(_judged(rung.case, split))
        rung.case.model.train()
    return min((x for x in found if math.isfinite(x)), default=math.nan)


def _judged(case: Case, split: Parts) -> float:
    """Compute the loss of a copy that leaves nothing out."""
    return trial.measured(replace(case, model=case.model.eval()), split.judged)
