"""A line and a wave."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _snake(x: Any, alpha: Any) -> Any:
    from sympy import sin

    return x + sin(alpha * x) ** 2 / alpha


def _snake_beta(x: Any, alpha: Any, beta: Any) -> Any:
    from sympy import sin

    return x + sin(alpha * x) ** 2 / beta


RECORDS = (
    Record(
        name="snake",
        title="Snake",
        group="periodic",
        definition=_snake,
        formula="x + sin(alpha x)^2 / alpha",
        slope="1 + sin(2 alpha x)",
        at_kink="smooth everywhere; at +-inf it has no limit and is NaN",
        paper="L. Ziyin, T. Hartwig, M. Ueda, Neural Networks Fail to Learn Periodic Functions and"
        " How to Fix It, NeurIPS 2020",
        url="https://arxiv.org/abs/2006.08195",
        parameters=(Parameter("alpha", 1.0, "the wave's frequency is alpha / pi, 0 gives NaN"),),
    ),
    Record(
        name="snake_beta",
        title="Snake-beta",
        group="periodic",
        definition=_snake_beta,
        formula="x + sin(alpha x)^2 / beta",
        slope="1 + alpha sin(2 alpha x) / beta",
        at_kink="smooth everywhere; at +-inf it has no limit and is NaN",
        paper="S. Lee, W. Ping, B. Ginsburg, B. Catanzaro, S. Yoon, BigVGAN: A Universal Neural"
        " Vocoder with Large-Scale Training, ICLR 2023",
        url="https://arxiv.org/abs/2206.04658",
        parameters=(
            Parameter("alpha", 1.0, "the wave's frequency is alpha / pi"),
            Parameter("beta", 1.0, "the wave's height is 1 / beta, 0 gives NaN"),
        ),
    ),
)
