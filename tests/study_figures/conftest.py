"""Made-up outcomes of every phenomenon, with numbers that are easy to find again in a figure."""

import numpy as np
import pytest

from nonlin.study.results import Number, Outcome
from nonlin.study_figures.style import FIVE


def outcome(claim, series, **numbers):
    """An outcome whose numbers are (value, low, high) or a value alone."""
    parts = [
        Number(name, *value) if isinstance(value, tuple) else Number(name, value)
        for name, value in numbers.items()
    ]
    return {claim: Outcome(claim, "holds", "measured", tuple(parts), series)}


def band(mean):
    mean = np.asarray(mean, dtype=float)
    return {"mean": list(mean), "low": list(mean * 0.9), "high": list(mean * 1.1)}


def usage():
    counts = {
        "transformers": {"gelu": 9, "silu": 5, "relu": 3, "gelu_pytorch_tanh": 2},
        "timm": {"relu": 8, "gelu": 7},
    }
    return outcome("R8", {"family": counts})


def linearity():
    functions = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu")
    flat = {"mean": 0.5, "low": 0.4, "high": 0.6}
    region = {
        "limit": 2.0,
        "points": [[-1.0, 0.0, 0], [1.0, 0.0, 1], [1.0, 1.0, 1], [0.0, 0.5, 0]],
        "grid": dict.fromkeys(functions, [[0, 50, 100]] * 3) | {"identity": [[50] * 3] * 3},
    }
    series = {
        "accuracy": {name: dict.fromkeys(functions, flat) for name in ("circles", "xor")},
        "regions": {"circles": region, "xor": region},
    }
    return outcome("N2", series)


def probability():
    rows = [
        {"confidence": 0.1, "frequency": 0.2, "low": 0.1, "high": 0.3, "n": 9},
        {"confidence": 0.8, "frequency": 0.7, "low": 0.6, "high": 0.9, "n": 8},
    ]
    series = {
        "budgets": [25, 50, 100],
        "error": band([0.03, 0.02, 0.04]),
        "expected": band([0.03, 0.02, 0.01]),
        "reliability": {"stopped": rows, "trained_on": rows[:1]},
    }
    return outcome("S4", series)


def centring():
    numbers = {
        "normal_ratio": 0.9,
        "untrained_ratio": (0.8, 0.7, 0.9),
        "trained_ratio": (0.7, 0.6, 0.8),
        "untrained_one_sign": (1.0, 1.0, 1.0),
        "trained_one_sign": (0.6, 0.5, 0.7),
    }
    names = ("tanh", "tanh_shifted", "sigmoid_centred", "sigmoid", "tanh_from_sigmoid")
    curve = {"epoch": [0, 0.25, 0.5], "loss": [2.3, 1.0, 0.09]}
    return (
        outcome("S7", {}, **numbers)
        | outcome("T3", {}, **numbers)
        | outcome("T4", {"target": 0.1, "curves": dict.fromkeys(names, curve)})
    )


def vanishing():
    layers, steps = [1, 2, 3, 4], [5.0, 15.0, 25.0]
    loss = {"steps": steps, "chance": 2.3}
    falling = band([2.3, 1.0, 0.5])
    # The control is a sigmoid that starts where tanh does.
    trained = {"sigmoid": band([2.3, 2.3, 2.3]), "relu": falling, "sigmoid_as_tanh": falling}
    change = {"sigmoid": band([1e-6, 1e-5, 1e-4, 1e-2]), "relu": band([0.1, 0.2, 0.3, 0.4])}
    return (
        outcome(
            "S6",
            {"layers": layers, "init": {"xavier": band([1e-8, 1e-6, 1e-4, 1e-2])}},
            factor_xavier=0.01,
        )
        | outcome(
            "T5",
            {"layers": layers, "init": {"xavier": band([0.1, 0.2, 0.4, 0.8])}},
            factor_xavier=0.5,
        )
        | outcome("R4", {"layers": layers, "init": {"he": band([1, 1, 1, 1])}}, factor_he=1.0)
        | outcome("V1", {"depths": [2, 4, 6], "first_layer": band([1e-2, 1e-4, 1e-6])})
        | outcome("V2", {"layers": layers, "optimiser": {"sgd": change, "adam": change}})
        | outcome("V3", loss | {"optimiser": {"sgd": trained, "adam": trained}})
        | outcome("V5", loss | {"function": dict.fromkeys(FIVE, falling)})
    )


def ranges():
    exact, gone = [0.5, 1e-5, 1e-9], [0.5, 1e-5, None]
    gap = {"exact": exact, "float16": gone, "float32": gone, "float64": exact}
    series = {"input": [0.0, 10.0, 20.0], "gap": {"upper": gap, "lower": gap}}
    reached = {"float16_reaches_upper": 8.3, "float32_reaches_upper": 17.04}
    return (
        outcome("S1", series, range_agreement=1, **reached)
        | outcome("R1", {}, range_agreement=1)
        | outcome("E1", series, range_agreement=1, float64_reaches_lower=-37.1)
    )


def derivatives():
    x = [-1.0, -0.5, 0.0, 0.5, 1.0]
    step = {"x": x, "value": x, "derivative": [0, 0, 0, 1, 1]}
    bell = {"x": x, "value": x, "derivative": [0.1, 0.5, 1, 0.5, 0.1]}
    small = {"x": x, "derivative": [0.04, 0.2, 0.25, 0.2, 0.04], "level": 0.05, "crossing": 0.9}
    second = {"x": x, "second": {"sigmoid": [0.1, 0.1, 0, -0.1, -0.1], "tanh": [1, 1, 0, -1, -1]}}
    return (
        outcome("T2", bell, slope_left_of_zero=1, slope_right_of_zero=1)
        | outcome("R2", step, slope_left_of_zero=0, slope_right_of_zero=1)
        | outcome("S3", small, share_of_range_tiny=0.4, largest_slope=0.25)
        | outcome("S5", second)
    )


def cost():
    def times(factor):
        return {
            f"{implementation}_{where}_to_copy": (factor * i, factor * i - 0.1, factor * i + 0.1)
            for i, implementation in enumerate(("nonlin", "torch", "numpy"), start=1)
            for where in ("cache", "memory")
        }

    return outcome("S8", {}, **times(4)) | outcome("R3", {}, **times(1))


def sparsity():
    shares = {"layers": [1, 2, 3], "before": band([0.5] * 3), "after": band([0.4, 0.6, 0.7])}
    return outcome("R5", {"data": {"digits": shares, "breast_cancer": shares}})


def dying():
    # The largest rate diverged: no share of dead units, and no interval.
    diverged = {"mean": [0.0, None], "low": [0.0, None], "high": [0.1, None]}

    def dead(other):
        return {
            "rates": [0.1, 1.0],
            "steps": [0, 50, 100],
            "dead": {"relu": band([0.1, 0.5])} | other,
            "over_training": [
                band([0, 0.3, 0.5]),
                dict.fromkeys(("mean", "low", "high"), [None] * 3),
            ],
        }

    def cure(name, share):
        back = {"relu": band([0, 0.1, 0.2]), name: band([0, share / 2, share])}
        found = {"steps": [0, 50, 100], "back": back}
        return {"sgd": found, "adam": found}

    return (
        outcome("R6", {"sgd": dead({}), "adam": dead({"elu": diverged})})
        | outcome("K2", cure("leaky_relu", 0.6))
        | outcome("K5", cure("leaky_relu", 0.6))
        | outcome("E4", cure("elu", 0.8))
    )


def slope():
    accuracy = {
        "digits": band([0.9, 0.91, 0.89]),
        "breast_cancer": band([0.95, 0.94, 0.96]),
    }
    return outcome("K4", {"slopes": [0.001, 0.01, 0.5], "accuracy": accuracy})


def comparison():
    pairs = [
        {
            "data": name,
            "depth": depth,
            "difference": {"mean": 0.01 * depth, "low": -0.01, "high": 0.1},
        }
        for name in ("digits", "breast_cancer")
        for depth in (2, 4, 8)
    ]
    return outcome("E5", {"pairs": pairs}, win_rate=(0.6, 0.4, 0.8), ties=0.25)


@pytest.fixture
def examples():
    """By phenomenon: claim id to outcome."""
    makers = (
        usage,
        linearity,
        ranges,
        derivatives,
        cost,
        probability,
        centring,
        sparsity,
        dying,
        slope,
        vanishing,
        comparison,
    )
    return {maker.__name__: maker() for maker in makers}
