"""How exact each contender is: the faster of two is only better if it computes the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reference import exact, in_dtype

import nonlin
from nonlin.accuracy import stratified, ulp_error
from speed.cases import DOCUMENT, DTYPES, KINDS, Case
from speed.contender import Operands
from speed.peers import ours, peers


def subjects(names: tuple[str, ...], size: int) -> Iterator[Case]:
    """List every function, kind and dtype, with the size of the sample.

    The reference takes its time: beyond the document's functions the sample is an eighth.
    """
    for name in names:
        for dtype in DTYPES:
            for kind in KINDS:
                yield Case(name, kind, dtype, size if name in DOCUMENT else size // 8, 1)


def key(case: Case) -> str:
    return f"{case.function} {case.kind} {case.dtype}"


def of_each(cases: Iterable[Case]) -> dict[str, dict[str, float]]:
    """Measure several cases, by key."""
    return {key(case): largest_errors(case) for case in cases}


def largest_errors(case: Case) -> dict[str, float]:
    """Largest error of each contender in ULP, on numbers of every exponent of the dtype."""
    x = stratified(case.dtype, case.size, 0)
    grad = np.random.default_rng(1).standard_normal(case.size).astype(case.dtype)
    operands = Operands(case, x, grad, np.empty_like(x))
    wanted = _exact(case.function, case.dtype, case.size, case.kind != "value")
    if case.kind == "backward":
        wanted = wanted * grad
    with np.errstate(all="ignore"):
        return {
            line.name: _largest(line.result().astype(case.dtype), wanted)
            for line in ours(operands) + peers(operands)
        }


def _largest(computed: NDArray[Any], wanted: NDArray[Any]) -> float:
    return float(f"{np.max(ulp_error(computed, wanted)):.4g}")


@lru_cache(maxsize=2)
def _exact(function: str, dtype: str, size: int, slope: bool) -> NDArray[Any]:
    activation = in_dtype(nonlin.get(function), np.dtype(dtype).type)
    return exact(activation, stratified(dtype, size, 0), slope)
