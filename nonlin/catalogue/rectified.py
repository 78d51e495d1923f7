"""Relatives of ReLU: straight lines in pieces."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _relu6(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((6, x > 6), (x, x > 0), (0, True))


def _threshold(x: Any, threshold: Any, value: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > threshold), (value, True))


def _thresholded_relu(x: Any, alpha: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > alpha), (0, True))


def _relu_squared(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x**2, x > 0), (0, True))


def _star_relu(x: Any, s: Any, b: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((s * x**2 + b, x > 0), (b, True))


def _identity(x: Any) -> Any:
    return x


RECORDS = (
    Record(
        name="relu6",
        title="ReLU6",
        group="rectified",
        definition=_relu6,
        formula="min(max(0, x), 6)",
        slope="1 if 0 < x <= 6, else 0",
        at_kink="0 at x = 0 and 1 at x = 6, the derivatives from the left",
        paper="A. Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010",
        url="https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf",
    ),
    Record(
        name="threshold",
        title="Threshold",
        group="rectified",
        definition=_threshold,
        formula="x if x > threshold, else value",
        slope="1 if x > threshold, else 0",
        at_kink="0 at x = threshold, the derivative from the left",
        paper="K. Konda, R. Memisevic, D. Krueger, Zero-bias Autoencoders and the "
        "Benefits of Co-adapting Features, ICLR 2015",
        url="https://arxiv.org/abs/1402.3337",
        parameters=(
            Parameter("threshold", 0.0, "above it x passes"),
            Parameter("value", 0.0, "the result up to the threshold"),
        ),
    ),
    Record(
        name="thresholded_relu",
        title="Thresholded ReLU",
        group="rectified",
        definition=_thresholded_relu,
        formula="x if x > alpha, else 0",
        slope="1 if x > alpha, else 0",
        at_kink="0 at x = alpha, the derivative from the left",
        paper="K. Konda, R. Memisevic, D. Krueger, Zero-bias Autoencoders and the "
        "Benefits of Co-adapting Features, ICLR 2015",
        url="https://arxiv.org/abs/1402.3337",
        parameters=(Parameter("alpha", 1.0, "above it x passes"),),
    ),
    Record(
        name="relu_squared",
        title="Squared ReLU",
        group="rectified",
        definition=_relu_squared,
        formula="max(0, x)^2",
        slope="2 max(0, x)",
        at_kink="continuously differentiable",
        paper="D. R. So, W. Mańke, H. Liu, Z. Dai, N. Shazeer, Q. V. Le, Primer: Searching for"
        " Efficient Transformers for Language Modeling, NeurIPS 2021",
        url="https://arxiv.org/abs/2109.08668",
    ),
    Record(
        name="star_relu",
        title="StarReLU",
        group="rectified",
        definition=_star_relu,
        formula="s max(0, x)^2 + b",
        slope="2 s max(0, x)",
        at_kink="continuously differentiable",
        paper="W. Yu et al., MetaFormer Baselines for Vision, 2022",
        url="https://arxiv.org/abs/2210.13452",
        parameters=(
            Parameter("s", 0.8944, "what the square is multiplied by; 2 / sqrt(5) in four digits"),
            Parameter("b", -0.4472, "the value left of 0; with s the mean is 0 on N(0, 1)"),
        ),
    ),
    Record(
        name="identity",
        title="Identity",
        group="rectified",
        definition=_identity,
        formula="x",
        slope="1",
        at_kink="smooth everywhere",
        paper="B. Widrow, M. E. Hoff, Adaptive Switching Circuits, 1960",
        url="https://doi.org/10.21236/AD0241531",
        aliases=("linear",),
    ),
)
