"""`learning_rate`: a rate with which a model is not trained, as short trainings beside it show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nonlin.torch.finding import Finding, Severity
from nonlin.torch.findings.view import View
from nonlin.torch.reading import RateTrial

SITE = "optimizer"

# A fall of the loss counts from this share of the loss, or of what guessing gives, and from so many
# standard errors of the difference to the same batches without a step.
IMPROVED = 0.05
ERRORS = 3.0

# A loss that has left: by so many times what it was, or what guessing gives.
LEFT = 1.0

# The part of a lower rate's fall that the given rate reaches where it bounces, or is too high.
BOUNCING = 0.1
TOO_HIGH = 0.25

# The part of the best rate's fall with which a lower one does as well.
ENOUGH = 0.5

# Units that fall silent at the given rate and not at a lower one.
KILLED = 0.2

# So many times the steps are needed for what the best rate reaches: worth knowing, a trouble, hurt.
# Calibration: rates with which networks train need 0.5 to 3 times as many, and up to 63 with
# momentum in a recurrent one; a thousandth of such rates needs 150 and more.
SLOW, CREEPING, HOPELESS = 40.0, 120.0, 1e4

# Where the median layer's step is so small a part of its weights, so many times are a trouble: the
# best rate may come to the end of what there is to learn, and so seem slower than it is.
# Calibration: networks that train have steps of 4e-3 and more, fine-tuned ones of 2e-4; with
# thousandths of their rates 4e-6 to 2.5e-4, and need 87 times as many steps or more.
SMALL_STEP, CREEPING_WITH_SMALL_STEPS = 1e-4, 10.0

# Where first outputs lie so far above the answer that is best for all, as a share of their loss,
# what falls first is the way there, and what is learnt lies beyond. Calibration, digits, MSE of ten
# sigmoids: SGD at 0.01 falls as far at 100 times its rate, and learns at 1,000 times.
ABOVE = 0.2

# Below this part of what guessing gives, a model has learnt, and a small rate may be meant.
LEARNT = 0.75


@dataclass(frozen=True)
class Course:
    """One training of a trial beside the same batches without a step.

    Attributes
    ----------
    factor : float
    losses : tuple of float
    still : tuple of float
    silent : float
    """

    factor: float
    losses: tuple[float, ...]
    still: tuple[float, ...]
    silent: float

    @property
    def finite(self) -> bool:
        """Whether every loss is."""
        return math.isfinite(self.losses[-1])

    def cut(self, length: int) -> Course:
        """The same as far as a shorter one."""
        return replace(self, losses=self.losses[:length])

    @cached_property
    def falls(self) -> NDArray[np.float64]:
        """What the last quarter of the steps lie below those without a step."""
        size, count = len(self.losses), max(len(self.losses) // 4, 1)
        still, own = (np.array(x[size - count : size]) for x in (self.still, self.losses))
        fallen: NDArray[np.float64] = still - own
        return fallen

    @property
    def fall(self) -> float:
        """What the loss fell by; minus infinity where it is not finite."""
        return float(self.falls.mean()) if self.finite else -math.inf

    @property
    def doubt(self) -> float:
        """The standard error of the fall."""
        spread = float(self.falls.std(ddof=1)) if len(self.falls) > 1 else 0.0
        return spread / math.sqrt(len(self.falls))

    def is_clear(self, scale: float) -> bool:
        """Whether it fell by more than noise does."""
        return self.finite and self.fall > max(IMPROVED * scale, ERRORS * self.doubt)


def find(view: View) -> Iterator[Finding]:
    """Compare the given rate with lower and with higher ones."""
    trial = view.reading.trial
    if trial is not None and trial.still:
        courses = courses_of(trial)
        own = next(x for x in courses if x.factor == 1.0)
        if not any(x.finite for x in courses):
            yield from _never_finite(view, trial, courses)
            return
        found = _too_high(trial, own, courses) or _too_low(view, trial, own, courses)
        if found is not None:
            yield found


def _never_finite(view: View, trial: RateTrial, courses: Sequence[Course]) -> Iterator[Finding]:
    """Blame the optimizer's step where loss and gradient are finite, and no rate keeps them so."""
    lost = min(len(x.losses) for x in courses) - 1
    if view.reading.gradient_fault is None and math.isfinite(trial.still[0]):
        evidence = {"rate": trial.rate * courses[-1].factor, "first": lost,
                    "lowest_rate": trial.rate * courses[0].factor}  # fmt: skip
        yield Finding("non_finite", SITE, "error", (), evidence, "step")


def courses_of(trial: RateTrial) -> list[Course]:
    """List a trial's trainings, from the lowest rate to the highest."""
    rows = zip(trial.factors, trial.losses, trial.silent, strict=True)
    return [Course(factor, row, trial.still, silent) for factor, row, silent in rows]


def beyond(trial: RateTrial, courses: Sequence[Course], share: float = 0.0) -> float | None:
    """Give the lowest factor that gets clearly beyond the same answer for all.

    It is to get at least a share as far as the best one. None where that is no matter of its own:
    first outputs lie near that answer, the given rate comes beyond it, or none does.
    """
    constant = trial.constant
    if not trial.still[0] > (1.0 + ABOVE) * constant:
        return None
    own = next(x for x in courses if x.factor == 1.0)
    ends = {x.factor: constant - _ending(x) for x in courses if x.finite and x.factor >= 1.0}
    most = max(ends.values(), default=0.0)
    if not (most > IMPROVED * constant and constant - _ending(own) < IMPROVED * constant):
        return None
    least = max(IMPROVED * constant, share * most)
    return min(factor for factor, gained in ends.items() if gained >= least)


def fit_factor(trial: RateTrial) -> float | None:
    """Give the lowest factor that reaches half of what the best one reaches; None where none does.

    The best one of a short training is often too high for a long one.
    """
    courses = [x.cut(trial.steps + 1) for x in courses_of(trial)]
    scale = scale_of(trial)
    clear = [x for x in courses if x.is_clear(scale)]
    further = beyond(trial, courses, ENOUGH)
    if further is not None:
        return further
    if not clear:
        # What a momentum has not come up for is told by those that were trained on.
        most_steps = max(len(row) for row in trial.losses)
        clear = [x for x in courses_of(trial) if len(x.losses) == most_steps and x.is_clear(scale)]
    most = max((x.fall for x in clear), default=0.0)
    return min((x.factor for x in clear if x.fall >= ENOUGH * most), default=None)


def scale_of(trial: RateTrial) -> float:
    """Give what a fall of the loss is a share of: what it begins at, or what guessing gives."""
    start = abs(trial.still[0])
    return max(start, trial.guess) if math.isfinite(trial.guess) else start


def _too_high(trial: RateTrial, own: Course, courses: Sequence[Course]) -> Finding | None:
    lower = [x for x in courses if x.factor < 1.0 and x.finite]
    if not lower:
        return None
    scale = scale_of(trial)
    if not own.finite:
        return _high("diverging", "error", trial, own, _best(lower, own))
    best = _best([x for x in lower if len(x.losses) >= len(own.losses)] or lower, own)
    own, best = (x.cut(min(len(own.losses), len(best.losses))) for x in (own, best))
    if -own.fall > LEFT * scale and -best.fall < LEFT * scale:
        return _high("diverging", "error", trial, own, best)
    doubt = math.hypot(best.doubt, own.doubt)
    if not best.is_clear(scale) or best.fall - own.fall < ERRORS * doubt:
        return None
    if own.fall <= BOUNCING * best.fall:
        return _high("bouncing", "error", trial, own, best)
    killed = own.silent - best.silent > KILLED and own.fall < best.fall
    if own.fall <= TOO_HIGH * best.fall or killed:
        return _high("too_high", "warning", trial, own, best)
    return None


def _best(courses: Sequence[Course], own: Course) -> Course:
    """Choose where the loss fell most, beside as many steps as the given rate's where those are."""
    return max(courses, key=lambda x: (x.cut(len(own.losses)).fall, x.factor))


def _high(cause: str, severity: Severity, trial: RateTrial, own: Course, best: Course) -> Finding:
    """Report a rate that is too high; a schedule that has not come to it may not let it."""
    grade = severity if trial.share >= 1.0 else "note"
    return Finding("learning_rate", SITE, grade, (), _evidence(trial, own, best), cause)


def _too_low(
    view: View, trial: RateTrial, own: Course, courses: Sequence[Course]
) -> Finding | None:
    scale = scale_of(trial)
    if trial.guess == trial.guess and trial.still[0] < LEARNT * trial.guess:
        return None
    own = own.cut(trial.steps + 1)
    higher = [x.cut(trial.steps + 1) for x in courses if x.factor >= 10.0]
    clear = [x for x in higher if x.is_clear(scale)]
    if not clear or not own.finite:
        return None
    best = max(clear, key=lambda x: x.fall)
    # What cannot be told from noise is as good as the noise.
    pace = max(own.fall, own.doubt, best.fall * 1e-9)
    times = max(best.fall / pace, beyond(trial, [own, *higher]) or 0.0)
    creeping = CREEPING_WITH_SMALL_STEPS if _steps_are_small(view) else CREEPING
    if times < min(SLOW, creeping):
        return None
    grade: Severity = "note" if times < creeping else "warning" if times < HOPELESS else "error"
    evidence = _evidence(trial, own, best) | {"forecast": _rounded(times * trial.steps)}
    return Finding("learning_rate", SITE, grade, (), evidence, "creeping")


def _steps_are_small(view: View) -> bool:
    """Tell whether steps along the gradient are; a decay alone moves what has none as yet."""
    learning = [x for x in view.reading.layers if x.trainable and x.weight_gradient_rms != 0.0]
    ratios = [x.update_ratio for x in learning if x.update_ratio]
    return bool(ratios) and float(np.median(ratios)) < SMALL_STEP


def _evidence(trial: RateTrial, own: Course, best: Course) -> dict[str, float | int]:
    """Note both trainings by their last losses, and what they began with."""
    return {
        "rate": trial.rate,
        "best_rate": best.factor * trial.rate,
        "factor": best.factor,
        "steps": len(own.losses) - 1,
        "start": trial.still[0],
        "loss": _ending(own),
        "best_loss": _ending(best),
        "fall": own.fall,
        "best_fall": best.fall,
        "silent_share": own.silent,
        "best_silent_share": best.silent,
        "share": trial.share,
        "anew": trial.anew,
        "stepped": trial.stepped,
    }


def _ending(course: Course) -> float:
    return float(np.mean(course.losses[-len(course.falls) :])) if course.finite else math.nan


def _rounded(steps: float) -> int:
    """Two digits: it is a forecast."""
    return int(float(f"{steps:.2g}"))
