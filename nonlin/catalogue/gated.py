"""x times a smooth gate."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _gelu(x: Any, approximate: str) -> Any:
    from sympy import Rational, erf, pi, sqrt, tanh

    if approximate == "tanh":
        return x * (1 + tanh(sqrt(2 / pi) * (x + Rational(44715, 1000000) * x**3))) / 2
    return x * (1 + erf(x / sqrt(2))) / 2


def _silu(x: Any, beta: Any) -> Any:
    from sympy import exp

    return x / (1 + exp(-beta * x))


def _mish(x: Any) -> Any:
    from sympy import exp, log, tanh

    return x * tanh(log(1 + exp(x)))


def _lisht(x: Any) -> Any:
    from sympy import exp

    return x * (exp(x) - exp(-x)) / (exp(x) + exp(-x))


def _hard_swish(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > 3), (x * (x + 3) / 6, x > -3), (0, True))


RECORDS = (
    Record(
        name="gelu",
        title="GELU",
        group="gated",
        definition=_gelu,
        formula="x (1 + erf(x / sqrt(2))) / 2",
        slope="(1 + erf(x / sqrt(2))) / 2 + x exp(-x^2 / 2) / sqrt(2 pi)",
        at_kink="smooth everywhere",
        paper="D. Hendrycks, K. Gimpel, Gaussian Error Linear Units (GELUs), 2016",
        url="https://arxiv.org/abs/1606.08415",
        parameters=(
            Parameter(
                "approximate",
                "none",
                '"none", or "tanh" for x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2',
                {"none": "gelu", "tanh": "gelu_tanh"},
            ),
        ),
    ),
    Record(
        name="silu",
        title="SiLU",
        group="gated",
        definition=_silu,
        formula="x / (1 + exp(-beta x))",
        slope="s + beta x s (1 - s), s = 1 / (1 + exp(-beta x))",
        at_kink="smooth everywhere",
        paper="S. Elfwing, E. Uchibe, K. Doya, Sigmoid-Weighted Linear Units for Neural"
        " Network Function Approximation in Reinforcement Learning, 2017; P. "
        "Ramachandran, B. Zoph, Q. V. Le, Searching for Activation Functions, "
        "2017",
        url="https://arxiv.org/abs/1702.03118",
        parameters=(Parameter("beta", 1.0, "how steep the gate is"),),
        aliases=("swish",),
    ),
    Record(
        name="mish",
        title="Mish",
        group="gated",
        definition=_mish,
        formula="x tanh(log(1 + exp(x)))",
        slope="t + x s (1 - t^2), t = tanh(log(1 + exp(x))), s = 1 / (1 + exp(-x))",
        at_kink="smooth everywhere",
        paper="D. Misra, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC 2020",
        url="https://arxiv.org/abs/1908.08681",
    ),
    Record(
        name="hard_swish",
        title="Hard Swish",
        group="gated",
        definition=_hard_swish,
        formula="x min(max(0, x + 3), 6) / 6",
        slope="0 if x <= -3, 1 if x > 3, else (2 x + 3) / 6",
        at_kink="0 at x = -3 and 3/2 at x = 3, the derivatives from the left",
        paper="A. Howard et al., Searching for MobileNetV3, ICCV 2019",
        url="https://arxiv.org/abs/1905.02244",
        aliases=("hard_silu",),
    ),
    Record(
        name="lisht",
        title="LiSHT",
        group="gated",
        definition=_lisht,
        formula="x tanh(x)",
        slope="tanh(x) + x (1 - tanh(x)^2)",
        at_kink="smooth everywhere",
        paper="S. K. Roy, S. Manna, S. R. Dubey, B. B. Chaudhuri, LiSHT: Non-Parametric Linearly"
        " Scaled Hyperbolic Tangent Activation Function for Neural Networks, 2019",
        url="https://arxiv.org/abs/1901.05894",
    ),
)
