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


def _xielu(x: Any, alpha_p: Any, alpha_n: Any, beta: Any, eps: Any) -> Any:
    from sympy import Piecewise, exp

    right = (alpha_p * x**2 + beta * x, x > 0)
    left = (alpha_n * (exp(x) - 1 - x) + beta * x, True)
    if eps == 0:
        return Piecewise(right, left)
    between = (alpha_n * (exp(eps) - 1 - x) + beta * x, x > eps)
    return Piecewise(right, between, left)


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
        name="xielu",
        title="xIELU",
        group="exponential",
        definition=_xielu,
        formula="alpha_p x^2 + beta x if x > 0, else alpha_n (exp(min(x, eps)) - 1 - x) + beta x",
        slope="2 alpha_p x + beta if x > 0, alpha_n (exp(x) - 1) + beta if x <= eps, else "
        "beta - alpha_n",
        at_kink="beta at x = 0, the derivative from the left; continuously differentiable",
        paper="A. H. Huang, I. Schlag, Deriving Activation Functions Using Integration, 2024",
        url="https://arxiv.org/abs/2411.13010",
        parameters=(
            Parameter(
                "alpha_p",
                0.8,
                "half the curvature right of 0, as it is used: of what is learned the softplus",
            ),
            Parameter(
                "alpha_n", 0.8, "the curvature left of 0, as it is used: beta and a softplus"
            ),
            Parameter("beta", 0.5, "the slope at 0"),
            Parameter(
                "eps",
                0.0,
                "between it and 0 the exponential is that of eps; below 0 it"
                " makes a step at 0, as of -1e-6 in Transformers",
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
