"""ELU against ReLU: paired over data sets, depths and splits, each at its own tuned learning rate.

Series, E5: {"pairs": [{"data": data set, "depth": depth, "difference": band}]}, ELU's test accuracy
less ReLU's; a band is {"mean", "low", "high"}, each one number.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nonlin.study.context import Context
from nonlin.study.data import Data, load
from nonlin.study.results import Number, Outcome, Rules, Verdict, judge
from nonlin.study.statistics import difference, mean, share, win_rate
from nonlin.study.tuning import train_at_rates

SETS = ("digits", "breast_cancer")
DEPTHS = (2, 4, 8)
RATES = (0.003, 0.01, 0.03, 0.1)
SPLITS_PER_SEED = 2  # the difference is small: pairs are cheaper than a wide interval
WIDTH = 64

Accuracies = NDArray[np.float64]


def _better(n: Mapping[str, Number]) -> Verdict:
    """ELU wins more than half of all pairs (holds), or of one data set's pairs only (depends)."""
    if n["win_rate"].least > 0.5:
        return "holds"
    somewhere = any(n[f"win_rate_{name}"].least > 0.5 for name in SETS)
    return "depends" if somewhere else "fails"


RULES: Rules = {"E5": _better}


def tuned_accuracy(data: Data, activation: str, depth: int, steps: int) -> Accuracies:
    """Test accuracy at the rate that validation picks for this function and depth, (seeds,)."""
    trained = train_at_rates(data, [WIDTH] * depth, activation, RATES, steps)
    return trained.test_accuracy[trained.best].double().numpy()


def _numbers(elu: Mapping[str, Accuracies], relu: Mapping[str, Accuracies]) -> list[Number]:
    """Win rates and mean difference of the accuracies, each (depths, seeds), by data set."""
    ours, theirs = np.stack(list(elu.values())), np.stack(list(relu.values()))
    return [
        win_rate("win_rate", ours, theirs),
        *(win_rate(f"win_rate_{name}", elu[name], relu[name]) for name in elu),
        share("ties", int((ours == theirs).sum()), ours.size),
        difference("difference", ours, theirs),
        mean("accuracy_elu", ours, "share"),
        mean("accuracy_relu", theirs, "share"),
    ]


def _pair(name: str, depth: int, ours: Accuracies, theirs: Accuracies) -> dict[str, object]:
    number = difference("difference", ours, theirs)
    interval = {"mean": number.value, "low": number.low, "high": number.high}
    return {"data": name, "depth": depth, "difference": interval}


def measure(context: Context) -> list[Outcome]:
    """Measure E5: every data set, depth and split is one pair."""
    steps = 50 if context.quick else 300
    splits = context.seeds if context.quick else SPLITS_PER_SEED * context.seeds
    accuracy: dict[str, dict[str, Accuracies]] = {"elu": {}, "relu": {}}
    done, parts = 0, len(SETS) * len(DEPTHS) * len(accuracy)
    for name in SETS:
        data = load(name, splits)
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
