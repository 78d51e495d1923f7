"""From one bound to another."""

from __future__ import annotations

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
)
