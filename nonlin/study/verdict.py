"""From intervals to verdicts: each condition is shown, shown not, or open.

A claim is a list of conditions. A condition is a region in which a number must lie: it is shown
where the number's interval lies inside, shown not where it lies outside, and open where it reaches
across an end. What is not shown is therefore never taken for shown not:

holds : every condition is shown.
fails : a condition that the claim needs is shown not, or all of its circumstances are.
depends : in some circumstance shown, in another shown not.
undecided : too few runs to say which of these.
unjudged : numbers of one machine, which cannot judge a sentence about all machines.

The ends of the regions are not where two numbers are equal but where their difference begins to
matter: `MARGINS`, argued here once for all claims.

Each verdict has a p value, that of the hypothesis that it is wrong, two-sided as the intervals are.
The p values of all measured claims are compared by Holm's method, and a claim that is looked at
after every block of seeds pays for it: look k may spend alpha / (k (k + 1)), which over all looks
is alpha.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from nonlin.study import claims
from nonlin.study.design import ALPHA, MARGINS
from nonlin.study.results import Answer, Answered, Evidence, Number, Outcome, Rules, Verdict

__all__ = [
    "ALPHA",
    "MARGINS",
    "Condition",
    "Decision",
    "above",
    "answers",
    "at_level",
    "below",
    "decide",
    "fact",
    "holm",
    "is_settled",
    "judge",
    "settle",
    "spent",
]


@dataclass(frozen=True)
class Condition:
    """That a number lies between two ends.

    Parameters
    ----------
    name : the circumstance; what a reader calls it is the message `study.circumstances.<name>`.
    number : what was measured or proved.
    low, high : the region's ends.
    needed : whether the claim fails with this condition; otherwise it is one circumstance of some.
    margin : how far from an end the number must be told apart from it, on the number's own scale.
    """

    name: str
    number: Number
    low: float = -math.inf
    high: float = math.inf
    needed: bool = False
    margin: float = 0.0

    @property
    def shown(self) -> float:
        """The p value of the number not lying inside."""
        if _is_exact(self.number):
            return 0.0 if self.low <= self.number.value <= self.high else 1.0
        inside = max(_p_above(self.number, self.low), _p_below(self.number, self.high))
        return min(2 * inside, 1.0)

    @property
    def refuted(self) -> float:
        """The p value of the number not lying outside."""
        if _is_exact(self.number):
            return 1.0 - self.shown
        outside = min(_p_below(self.number, self.low), _p_above(self.number, self.high))
        return min(2 * outside, 1.0)

    def answer(self, level: float = ALPHA) -> Answer:
        """Shown, shown not or open at a level."""
        if self.shown <= level:
            return "shown"
        return "shown_not" if self.refuted <= level else "open"

    @property
    def fine(self) -> bool:
        """Whether the interval is narrower than the margin, so that more runs tell nothing new."""
        return self.margin > 0 and _half_width(self.number) < self.margin

    @property
    def limited(self) -> Condition:
        """The condition as further splits of the same data sets could make it at best.

        Over data sets the interval has two parts, what differs from set to set and the noise of
        each set's own mean; splits take away the second alone.
        """
        number = self.number
        if number.statistic != "over_sets" or number.error is None or not number.observations:
            return self
        spread = [np.var(each, ddof=1) / len(each) for each in number.observations if len(each) > 1]
        noise = float(np.sum(spread)) / len(number.observations) ** 2
        # Not to 0: where there is no spread at all Student's t says nothing.
        error = math.sqrt(max(number.error**2 - noise, (1e-3 * number.error) ** 2))
        return replace(self, number=replace(number, error=error))

    def runs(self, level: float) -> int | None:
        """About how many observations would decide, from the interval's width and the margin."""
        n, half = self.number.n, _half_width(self.number)
        if not n:
            return None
        if half == 0:
            return max(math.ceil(math.log2(2 / level)), n + 1)
        distance = min(
            (abs(_scaled(self.number, end) - _scaled(self.number, self.number.value)))
            for end in (self.low, self.high)
            if math.isfinite(end)
        )
        reach = max(distance, self.margin / 2)
        if reach == 0:
            return None
        stricter = float(stats.norm.isf(level / 2) / stats.norm.isf(ALPHA / 2))
        return max(math.ceil(n * (half * stricter / reach) ** 2), n + 1)


def above(
    name: str, number: Number, line: float, *, margin: float = 0.0, needed: bool = False
) -> Condition:
    """The number is larger than the line, by more than the margin."""
    return Condition(name, number, line + margin, needed=needed, margin=margin)


def below(
    name: str, number: Number, line: float, *, margin: float = 0.0, needed: bool = False
) -> Condition:
    """The number is smaller than the line, by more than the margin."""
    return Condition(name, number, high=line - margin, needed=needed, margin=margin)


def fact(name: str, true: bool, *, needed: bool = True) -> Condition:
    """Something proved or counted, true or false without an interval."""
    return Condition(name, Number(name, float(true)), 1.0, 1.0, needed)


@dataclass(frozen=True)
class Decision:
    """The most likely verdict of some conditions, and its p value."""

    verdict: Verdict
    p: float


def decide(conditions: Sequence[Condition]) -> Decision:
    """Weigh the three verdicts that runs can reach.

    That all k conditions are shown has the p value of the least certain one. That one of k is
    shown, or shown not, has k times the smallest (Bonferroni): it is the best of k attempts.
    """
    if not conditions:
        return Decision("unjudged", 0.0)
    needed = [condition for condition in conditions if condition.needed]
    circumstances = [condition for condition in conditions if not condition.needed]
    shown = [condition.shown for condition in circumstances]
    refuted = [condition.refuted for condition in circumstances]
    holds = max(condition.shown for condition in conditions)
    failing = [len(needed) * condition.refuted for condition in needed]
    fails = min([*failing, *([max(refuted)] if refuted else [])])
    found = [Decision("holds", holds), Decision("fails", min(fails, 1.0))]
    if len(circumstances) > 1:
        depends = len(circumstances) * max(min(shown), min(refuted))
        p = max([depends, *(condition.shown for condition in needed)])
        found.append(Decision("depends", min(p, 1.0)))
    return min(found, key=lambda decision: decision.p)


def at_level(decision: Decision, level: float = ALPHA) -> Verdict:
    """The decision's verdict if it is certain enough, otherwise undecided."""
    return decision.verdict if decision.p <= level else "undecided"


def spent(p: float, looks: int) -> float:
    """A p value found at the k-th look, as one that was looked at once: k (k + 1) times as large.

    The looks' shares of alpha, 1 / (k (k + 1)) = 1/k - 1/(k + 1), add up to 1.
    """
    return min(p * looks * (looks + 1), 1.0)


def answers(conditions: Iterable[Condition], level: float = ALPHA) -> tuple[Answered, ...]:
    """The conditions as a study keeps them."""
    return tuple(
        Answered(
            name=condition.name,
            number=condition.number.name,
            low=_finite(condition.low),
            high=_finite(condition.high),
            needed=condition.needed,
            shown=condition.shown,
            refuted=condition.refuted,
            answer=condition.answer(level),
            runs=condition.runs(level) if condition.answer(level) == "open" else None,
        )
        for condition in conditions
    )


def holm(p_values: Mapping[str, float], family: int) -> dict[str, float]:
    """The level that each claim's p value is compared with; 0 from the first that fails on.

    Holm (1979): the i-th smallest of m may use alpha / (m - i + 1), as long as those before it
    passed. `family` is m, claims that were not measured included: what is measured beside a claim
    must not change its verdict.
    """
    levels = dict.fromkeys(p_values, 0.0)
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        level = ALPHA / (family - place)
        if p > level:
            break
        levels[name] = level
    return levels


def is_settled(outcome: Outcome) -> bool:
    """Whether more runs cannot change the verdict, or would tell nothing that matters.

    A claim is stopped by the first level of Holm's method, the strictest: whatever becomes of the
    others, it keeps its verdict.
    """
    if not outcome.conditions or outcome.evidence == "proved":
        return True
    level = ALPHA / len(claims.judged())
    if spent(outcome.p, outcome.looks) <= level:
        return True
    conditions = claims.get(outcome.id).rule(outcome.fields)
    share = level / (outcome.looks * (outcome.looks + 1))
    return all(each.fine or each.answer(share) != "open" for each in conditions) or all(
        each.number.statistic == "over_sets" and each.limited.answer(share) == "open"
        for each in conditions
        if each.answer(share) == "open"
    )


def judge(
    claim_id: str,
    rules: Rules,
    numbers: Sequence[Number],
    *,
    evidence: Evidence = "measured",
    series: Mapping[str, Any] | None = None,
) -> Outcome:
    """Apply the claim's rule to its numbers, as if it were the only claim and looked at once."""
    conditions = rules[claim_id]({number.name: number for number in numbers})
    decision = decide(conditions)
    return Outcome(
        claim_id,
        at_level(decision),
        evidence,
        tuple(numbers),
        series or {},
        conditions=answers(conditions),
        p=decision.p,
    )


def settle(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Give every measured outcome the verdict that Holm's method leaves it."""
    family = claims.judged()
    measured = {
        key: spent(outcome.p, outcome.looks)
        for key, outcome in outcomes.items()
        if key in family and outcome.conditions
    }
    levels = holm(measured, len(family))
    found = dict(outcomes)
    for key, level in levels.items():
        outcome = outcomes[key]
        conditions = claims.get(key).rule(outcome.fields)
        strict = level or ALPHA / len(family)
        share = strict / (outcome.looks * (outcome.looks + 1))
        found[key] = replace(
            outcome,
            verdict=at_level(decide(conditions), share) if level else "undecided",
            conditions=answers(conditions, share),
        )
    return found


def _is_exact(number: Number) -> bool:
    """Whether the number was proved or counted: it has no interval."""
    return number.low is None or number.high is None


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


def _scaled(number: Number, value: float) -> float:
    """A value on the scale on which the number's interval is symmetric."""
    if number.statistic == "geometric_mean":
        return math.log(value) if value > 0 else -math.inf
    return value


def _half_width(number: Number) -> float:
    """Half of the interval, on the number's own scale."""
    if number.low is None or number.high is None:
        return 0.0
    return (_scaled(number, number.high) - _scaled(number, number.low)) / 2


def _p_above(number: Number, end: float) -> float:
    """The one-sided p value of the number being no larger than the end."""
    if end == -math.inf:
        return 0.0
    if number.statistic == "share" and number.n:
        hits = math.floor(number.value * number.n)
        return float(stats.binom.sf(hits - 1, number.n, min(max(end, 0.0), 1.0)))
    return _p_of_t(number, _scaled(number, number.value) - _scaled(number, end))


def _p_below(number: Number, end: float) -> float:
    """The one-sided p value of the number being no smaller than the end."""
    if end == math.inf:
        return 0.0
    if number.statistic == "share" and number.n:
        hits = math.ceil(number.value * number.n)
        return float(stats.binom.cdf(hits, number.n, min(max(end, 0.0), 1.0)))
    return _p_of_t(number, _scaled(number, end) - _scaled(number, number.value))


def _p_of_t(number: Number, distance: float) -> float:
    """Student's p value of a distance that the number has from an end.

    Without any spread Student's t says nothing; that n runs fell on the same side is then as likely
    as n coins on one side.
    """
    error = number.error
    if error is None:
        # Of a number whose standard error was not kept the interval is all there is.
        error = _half_width(number) / float(stats.norm.isf(ALPHA / 2))
    if error == 0:
        return 1.0 if distance <= 0 else 0.5 ** (number.n or 1)
    t = distance / error
    degrees = (number.n or 0) - 1
    return float(stats.t.sf(t, degrees) if degrees > 0 else stats.norm.sf(t))
