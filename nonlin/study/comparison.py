"""ELU against ReLU on eight data sets at three depths, each at its own tuned learning rate.

Series, E5: {"pairs": [{"data": data set, "depth": depth, "difference": band}]}, ELU's test accuracy
less ReLU's; a band is {"mean", "low", "high"}, each one number.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nonlin.study.context import Context
from nonlin.study.data import GENERAL, Data, load
from nonlin.study.results import Number, Outcome, Rules
from nonlin.study.statistics import difference, mean, over_sets, resampled, share, win_rate
from nonlin.study.tuning import train_bracketed
from nonlin.study.verdict import MARGINS, Condition, above, judge

SETS = GENERAL
DEPTHS = (2, 4, 8)
RATES = (0.01, 0.03, 0.1)
WIDTH = 32

Accuracies = NDArray[np.float64]


def _better(n: Mapping[str, Number]) -> list[Condition]:
    """E5: over data sets ELU is ahead by what matters, at each depth."""
    margin = MARGINS["accuracy"]
    return [above(f"depth_{d}", n[f"difference_depth_{d}"], 0, margin=margin) for d in DEPTHS]


RULES: Rules = {"E5": _better}


def tuned_accuracy(data: Data, activation: str, depth: int, steps: int) -> Accuracies:
    """Test accuracy at the rate that each split's validation part picks, (seeds,)."""
    trained = train_bracketed(data, [WIDTH] * depth, activation, RATES, steps)
    return trained.at_best(trained.test_accuracy).double().numpy()


def _numbers(elu: Mapping[str, Accuracies], relu: Mapping[str, Accuracies]) -> list[Number]:
    """Mean differences over sets and on these sets, from accuracies (depths, seeds) by data set."""
    apart = {name: elu[name] - relu[name] for name in elu}
    ours, theirs = np.stack(list(elu.values())), np.stack(list(relu.values()))
    return [
        over_sets("difference", [each.mean(0) for each in apart.values()]),
        resampled("difference_here", (ours - theirs).mean((0, 1))),
        *(
            over_sets(f"difference_depth_{depth}", [each[row] for each in apart.values()])
            for row, depth in enumerate(DEPTHS)
        ),
        win_rate("win_rate", ours, theirs),
        share("ties", int((ours == theirs).sum()), ours.size),
        mean("accuracy_elu", ours.mean((0, 1)), "share"),
        mean("accuracy_relu", theirs.mean((0, 1)), "share"),
    ]


def _pair(name: str, depth: int, ours: Accuracies, theirs: Accuracies) -> dict[str, object]:
    number = difference("difference", ours, theirs)
    interval = {"mean": number.value, "low": number.low, "high": number.high}
    return {"data": name, "depth": depth, "difference": interval}


def measure(context: Context) -> list[Outcome]:
    """Measure E5: every data set, depth and split is one pair."""
    steps = 40 if context.quick else 120
    accuracy: dict[str, dict[str, Accuracies]] = {"elu": {}, "relu": {}}
    done, parts = 0, len(SETS) * len(DEPTHS) * len(accuracy)
    for name in SETS:
        data = load(name, context.seeds, context.first)
        for activation, found in accuracy.items():
            rows = []
            for depth in DEPTHS:
                rows.append(tuned_accuracy(data, activation, depth, steps))
                done += 1
                context.progress(done / parts)
            found[name] = np.stack(rows)
    elu, relu = accuracy["elu"], accuracy["relu"]
    pairs = [
        _pair(name, depth, elu[name][row], relu[name][row])
        for name in SETS
        for row, depth in enumerate(DEPTHS)
    ]
    return [judge("E5", RULES, _numbers(elu, relu), series={"pairs": pairs})]
