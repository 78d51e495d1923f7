"""Exponentials on the negative side, or everywhere."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _selu(x: Any, alpha: Any, scale: Any) -> Any:
    from sympy import Piecewise, exp

    return Piecewise((scale * x, x > 0), (scale * alpha * (exp(x) - 1), True))


# The paper's fixed point: mean 0 and variance 1 of N(0, 1) map to themselves.
_SELU = {
    "alpha": "1.6732632423543772848170429916716520384612",
    "scale": "1.0507009873554804934193349852946063519590",
}


def _celu(x: Any, alpha: Any) -> Any:
    from sympy import Piecewise, exp

    return Piecewise((x, x > 0), (alpha * (exp(x / alpha) - 1), True))


def _exponential(x: Any) -> Any:
    from sympy import exp

    return exp(x)


RECORDS = (
    Record(
        name="selu",
        title="SELU",
        group="exponential",
        definition=_selu,
        formula="scale x if x > 0, else scale alpha (exp(x) - 1)",
        slope="scale if x > 0, else scale alpha exp(x)",
        at_kink="scale alpha at x = 0, the derivative from the left",
        paper="G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, Self-Normalizing "
        "Neural Networks, NIPS 2017",
        url="https://arxiv.org/abs/1706.02515",
        constants=_SELU,
    ),
    Record(
        name="celu",
        title="CELU",
        group="exponential",
        definition=_celu,
        formula="x if x > 0, else alpha (exp(x / alpha) - 1)",
        slope="1 if x > 0, else exp(x / alpha)",
        at_kink="continuously differentiable",
        paper="J. T. Barron, Continuously Differentiable Exponential Linear Units, 2017",
        url="https://arxiv.org/abs/1704.07483",
        parameters=(
            Parameter(
                "alpha",
                1.0,
                "minus the limit at -inf; positive, else NaN left of 0",
            ),
        ),
    ),
    Record(
        name="exponential",
        title="Exponential",
        group="exponential",
        definition=_exponential,
        formula="exp(x)",
        slope="exp(x)",
        at_kink="smooth everywhere",
        paper="J. A. Nelder, R. W. M. Wedderburn, Generalized Linear Models, 1972",
        url="https://doi.org/10.2307/2344614",
    ),
)
