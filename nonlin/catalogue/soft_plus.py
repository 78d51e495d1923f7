"""Smooth stairs to ReLU, and the logarithm of the sigmoid."""

from __future__ import annotations

from math import inf
from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _softplus(x: Any, beta: Any, threshold: Any) -> Any:
    from sympy import Piecewise, exp, log, oo

    smooth = log(1 + exp(beta * x)) / beta
    return smooth if threshold == oo else Piecewise((x, beta * x > threshold), (smooth, True))


def _squareplus(x: Any, b: Any) -> Any:
    from sympy import sqrt

    return (x + sqrt(x**2 + b)) / 2


def _sqrt_softplus(x: Any) -> Any:
    from sympy import exp, log, sqrt

    return sqrt(log(1 + exp(x)))


def _sparse_plus(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > 1), ((x + 1) ** 2 / 4, x > -1), (0, True))


def _log_sigmoid(x: Any) -> Any:
    from sympy import exp, log

    return -log(1 + exp(-x))


RECORDS = (
    Record(
        name="softplus",
        title="Softplus",
        group="soft_plus",
        definition=_softplus,
        formula="log(1 + exp(beta x)) / beta",
        slope="1 / (1 + exp(-beta x))",
        at_kink="smooth everywhere",
        paper="C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia, Incorporating "
        "Second-Order Functional Knowledge for Better Option Pricing, NIPS 2000",
        url="https://papers.nips.cc/paper/1920",
        parameters=(
            Parameter("beta", 1.0, "how sharp the bend is; 0 gives NaN"),
            Parameter("threshold", inf, "where beta x exceeds it the result is x"),
        ),
    ),
    Record(
        name="squareplus",
        title="Squareplus",
        group="soft_plus",
        definition=_squareplus,
        formula="(x + sqrt(x^2 + b)) / 2",
        slope="(1 + x / sqrt(x^2 + b)) / 2",
        at_kink="smooth everywhere for b > 0",
        paper="J. T. Barron, Squareplus: A Softplus-Like Algebraic Rectifier, 2021",
        url="https://arxiv.org/abs/2112.11687",
        parameters=(Parameter("b", 4.0, "how wide the bend is; 0 makes it ReLU, less gives NaN"),),
    ),
    Record(
        name="sqrt_softplus",
        title="Root of Softplus",
        group="soft_plus",
        definition=_sqrt_softplus,
        formula="sqrt(log(1 + exp(x)))",
        slope="1 / (2 (1 + exp(-x)) sqrt(log(1 + exp(x))))",
        at_kink="smooth everywhere",
        paper="DeepSeek-AI, DeepSeek-V4, 2026, whose router scores experts by it",
        url="https://huggingface.co/deepseek-ai",
    ),
    Record(
        name="sparse_plus",
        title="Sparse-plus",
        group="soft_plus",
        definition=_sparse_plus,
        formula="0 if x <= -1, x if x > 1, else (x + 1)^2 / 4",
        slope="0 if x <= -1, 1 if x > 1, else (x + 1) / 2",
        at_kink="continuously differentiable",
        paper="M. Blondel, A. F. T. Martins, V. Niculae, Learning with Fenchel-Young Losses, 2020",
        url="https://arxiv.org/abs/1901.02324",
    ),
    Record(
        name="log_sigmoid",
        title="Log-sigmoid",
        group="soft_plus",
        definition=_log_sigmoid,
        formula="-log(1 + exp(-x))",
        slope="1 / (1 + exp(x))",
        at_kink="smooth everywhere",
        paper="D. R. Cox, The Regression Analysis of Binary Sequences, 1958",
        url="https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
    ),
)
