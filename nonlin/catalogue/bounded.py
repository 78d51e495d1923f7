"""From one bound to another."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _softsign(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x / (1 + x), x > 0), (x / (1 - x), True))


def _hard_sigmoid(x: Any, width: Any, offset: Any) -> Any:
    from sympy import Piecewise

    return Piecewise(
        (1, x > width * (1 - offset)), (x / width + offset, x > -width * offset), (0, True)
    )


def _hard_tanh(x: Any, min_val: Any, max_val: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((max_val, x > max_val), (x, x > min_val), (min_val, True))


def _sparse_sigmoid(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((1, x > 1), ((x + 1) / 2, x > -1), (0, True))


def _step(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((1, x > 0), (0, True))


def _laplace(x: Any, mu: Any, sigma: Any) -> Any:
    import sympy

    return sympy.erfc((mu - x) / (sigma * sympy.sqrt(2))) / 2


def _softcap(x: Any, cap: Any) -> Any:
    from sympy import tanh

    return cap * tanh(x / cap)


def _stanh(x: Any, a: Any, b: Any) -> Any:
    from sympy import tanh

    return b * tanh(a * x)


RECORDS = (
    Record(
        name="softsign",
        title="Softsign",
        group="bounded",
        definition=_softsign,
        formula="x / (1 + |x|)",
        slope="1 / (1 + |x|)^2",
        at_kink="continuously differentiable",
        paper="J. Bergstra, G. Desjardins, P. Lamblin, Y. Bengio, Quadratic Polynomials"
        " Learn Better Image Features, 2009",
        url="https://www.iro.umontreal.ca/~lisa/pointeurs/TR1337.pdf",
    ),
    Record(
        name="hard_sigmoid",
        title="Hard Sigmoid",
        group="bounded",
        definition=_hard_sigmoid,
        formula="min(max(0, x / width + offset), 1)",
        slope="1 / width if 0 < x / width + offset <= 1, else 0",
        at_kink="the derivatives from the left where it meets 0 and 1",
        paper="M. Courbariaux, Y. Bengio, J.-P. David, BinaryConnect, NIPS 2015",
        url="https://arxiv.org/abs/1511.00363",
        parameters=(
            Parameter(
                "width",
                6.0,
                "from 0 to 1 it takes that much of x; positive, else NaN",
            ),
            Parameter("offset", 0.5, "the value at x = 0"),
        ),
    ),
    Record(
        name="hard_tanh",
        title="Hard Tanh",
        group="bounded",
        definition=_hard_tanh,
        formula="min(max(min_val, x), max_val)",
        slope="1 if min_val < x <= max_val, else 0",
        at_kink="0 at x = min_val and 1 at x = max_val, the derivatives from the left",
        paper="R. Collobert, Large Scale Machine Learning, 2004",
        url="https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf",
        parameters=(
            Parameter("min_val", -1.0, "the least value"),
            Parameter("max_val", 1.0, "the greatest value"),
        ),
    ),
    Record(
        name="sparse_sigmoid",
        title="Sparse Sigmoid",
        group="bounded",
        definition=_sparse_sigmoid,
        formula="min(max(0, (x + 1) / 2), 1)",
        slope="1/2 if -1 < x <= 1, else 0",
        at_kink="0 at x = -1 and 1/2 at x = 1, the derivatives from the left",
        paper="A. F. T. Martins, R. F. Astudillo, From Softmax to Sparsemax, ICML 2016",
        url="https://arxiv.org/abs/1602.02068",
    ),
    Record(
        name="softcap",
        title="Softcap",
        group="bounded",
        definition=_softcap,
        formula="cap tanh(x / cap)",
        slope="1 - tanh(x / cap)^2",
        at_kink="smooth everywhere",
        paper="Gemma Team, Gemma 2: Improving Open Language Models at a Practical Size, 2024",
        url="https://arxiv.org/abs/2408.00118",
        parameters=(
            Parameter(
                "cap",
                30.0,
                "the bound; Gemma 2 has 30 for its logits, 50 for attention's; 0 gives NaN",
            ),
        ),
    ),
    Record(
        name="stanh",
        title="Scaled Tanh",
        group="bounded",
        definition=_stanh,
        formula="b tanh(a x)",
        slope="a b (1 - tanh(a x)^2)",
        at_kink="smooth everywhere",
        paper="Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, Efficient BackProp, 1998",
        url="https://doi.org/10.1007/3-540-49430-8_2",
        parameters=(
            Parameter("a", 0.67, "how steep it is; LeCun has 2/3, Paddle two digits of it"),
            Parameter("b", 1.7159, "the bound; with a = 2/3 the value at 1 is 1"),
        ),
    ),
    Record(
        name="laplace",
        title="Laplace",
        group="bounded",
        definition=_laplace,
        formula="(1 + erf((x - mu) / (sigma sqrt(2)))) / 2",
        slope="exp(-(x - mu)^2 / (2 sigma^2)) / (sqrt(2 pi) sigma)",
        at_kink="smooth everywhere",
        paper="X. Ma et al., Mega: Moving Average Equipped Gated Attention, ICLR 2023",
        url="https://arxiv.org/abs/2209.10655",
        parameters=(
            Parameter("mu", sqrt(0.5), "where the value is 1/2"),
            Parameter("sigma", sqrt(0.25 / pi), "how wide the rise is; 0 gives NaN"),
        ),
    ),
    Record(
        name="step",
        title="Step",
        group="bounded",
        definition=_step,
        formula="1 if x > 0, else 0",
        slope="0",
        at_kink="0 at x = 0 too; the value there is 0, that from the left",
        paper="W. S. McCulloch, W. Pitts, A Logical Calculus of the Ideas Immanent in Nervous"
        " Activity, 1943",
        url="https://doi.org/10.1007/BF02478259",
        aliases=("heaviside",),
    ),
)
