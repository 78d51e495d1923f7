"""Softmax at a temperature: the weights of drawn scores, and what theory expects of all of them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

import nonlin as nl
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.numbers import column
from nonlin.explorer.parameters import Number, Slider, Whole, language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text
from nonlin.propagation.softmax import SoftmaxStatistics, softmax_statistics

__all__ = ["ENDPOINT", "softmax"]

# Variances of scores over squared temperatures, and how far temperatures go.
RATIOS = np.geomspace(1e-3, 1e4, 22)
COLDEST, HOTTEST = 0.1, 10.0
# With less of what even weights pass, and with a larger weight, one score has it all.
SHARP, EVEN = 0.5, 0.9


def softmax(n: int, variance: float, temperature: float, seed: int, lang: str) -> dict[str, Any]:
    """Weigh n scores drawn from N(0, variance), and say what is expected at other temperatures."""
    scores = math.sqrt(variance) * np.random.default_rng(seed).standard_normal(n)
    weights = nl.softmax(scores / temperature)
    order = np.argsort(-scores)
    logarithms = nl.log_softmax(scores / temperature)
    entropy = float(-(weights * logarithms).sum() / math.log(n))
    concentration = float((weights**2).sum())
    return {
        "scores": column(scores[order]),
        "weights": column(weights[order]),
        "entropy": entropy,
        "largest": float(weights.max()),
        "gradient": _norm(weights) * n * math.sqrt(1.0 / (n - 1)),
        "effective": 1.0 / concentration,
        "expected": _expected(n, variance),
        "summary": _summary(n, weights, entropy, 1.0 / concentration, lang),
    }


def _norm(p: Any) -> float:
    """Give |J|_F of J = diag(p) - p p^T."""
    square = np.square(p)
    inner = square.sum() - 2.0 * (p * square).sum() + square.sum() ** 2
    return math.sqrt(max(float(inner), 0.0))


def _expected(n: int, variance: float) -> dict[str, Any]:
    """Lay what depends on the variance over the squared temperature out over temperatures."""
    places = np.sqrt(variance / RATIOS)
    seen = np.flatnonzero((places >= COLDEST / 1.5) & (places <= HOTTEST * 1.5))[::-1]
    found = [_at(n, int(i)) for i in seen]
    return {
        "temperature": column(places[seen]),
        "entropy": [each.relative_entropy for each in found],
        "largest": [each.largest for each in found],
        "gradient": [math.sqrt(each.jacobian) for each in found],
    }


@lru_cache(maxsize=1024)
def _at(n: int, place: int) -> SoftmaxStatistics:
    return softmax_statistics(n, float(RATIOS[place]))


def _summary(n: int, weights: Any, entropy: float, effective: float, lang: str) -> list[str]:
    word = "sharp" if weights.max() > SHARP else "even" if entropy > EVEN else "between"
    shares = {"largest": f"{100 * weights.max():.3g}", "entropy": f"{100 * entropy:.3g}"}
    fields = {"n": n, "effective": f"{effective:.3g}", **shares}
    return [text(f"explorer_api.softmax.{word}", lang, **fields)]


_COLUMN = listing(NUMBER)

ENDPOINT = Endpoint(
    "/api/softmax",
    "Softmax of drawn scores at a temperature: weights, entropy as a share of ln n, the size of "
    "the Jacobian beside that of even weights, and what theory expects of these over temperatures",
    (
        Whole(
            "n", "how many scores", 64, low=2, high=4096, slider=Slider(2, 1024, logarithmic=True)
        ),
        Number(
            "variance",
            "of the scores",
            1.0,
            low=1e-3,
            high=1e3,
            slider=Slider(0.01, 100.0, logarithmic=True),
        ),
        Number(
            "temperature",
            "what scores are divided by",
            1.0,
            low=0.01,
            high=100.0,
            slider=Slider(COLDEST, HOTTEST, logarithmic=True),
        ),
        Whole("seed", "which scores", 0, low=0, high=2**31 - 1, slider=Slider(0, 20, 1)),
        language,
    ),
    softmax,
    record(
        scores=_COLUMN,
        weights=_COLUMN,
        entropy=NUMBER,
        largest=NUMBER,
        gradient=NUMBER,
        effective=NUMBER,
        expected=record(temperature=_COLUMN, entropy=_COLUMN, largest=_COLUMN, gradient=_COLUMN),
        summary=listing({"type": "string"}),
    ),
    slow=True,
)
