"""Small inputs become 0, or nearly so."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _hard_shrink(x: Any, lambd: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > lambd), (0, x >= -lambd), (x, True))


def _soft_shrink(x: Any, lambd: Any, bias: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x - bias, x > lambd), (0, x >= -lambd), (x + bias, True))


def _tanh_shrink(x: Any) -> Any:
    from sympy import exp

    return x - (exp(x) - exp(-x)) / (exp(x) + exp(-x))


RECORDS = (
    Record(
        name="hard_shrink",
        title="Hard Shrink",
        group="shrinkage",
        definition=_hard_shrink,
        formula="x if |x| > lambd, else 0",
        slope="0 if -lambd < x <= lambd, else 1",
        at_kink="1 at x = -lambd and 0 at x = lambd, the derivatives from the left",
        paper="D. L. Donoho, I. M. Johnstone, Ideal Spatial Adaptation by Wavelet Shrinkage, 1994",
        url="https://doi.org/10.1093/biomet/81.3.425",
        parameters=(Parameter("lambd", 0.5, "up to this magnitude the result is 0"),),
    ),
    Record(
        name="soft_shrink",
        title="Soft Shrink",
        group="shrinkage",
        definition=_soft_shrink,
        formula="x - bias if x > lambd, x + bias if x < -lambd, else 0",
        slope="0 if -lambd < x <= lambd, else 1",
        at_kink="1 at x = -lambd and 0 at x = lambd, the derivatives from the left",
        paper="D. L. Donoho, De-noising by Soft-thresholding, 1995",
        url="https://doi.org/10.1109/18.382009",
        parameters=(
            Parameter("lambd", 0.5, "up to this magnitude the result is 0"),
            Parameter("bias", 0.5, "what the others lose in magnitude"),
        ),
    ),
    Record(
        name="tanh_shrink",
        title="Tanh Shrink",
        group="shrinkage",
        definition=_tanh_shrink,
        formula="x - tanh(x)",
        slope="tanh(x)^2",
        at_kink="smooth everywhere",
        paper="R. Collobert, K. Kavukcuoglu, C. Farabet, Torch7: A Matlab-like "
        "Environment for Machine Learning, 2011",
        url="https://ronan.collobert.com/pub/2011_torch7_nipsw.pdf",
    ),
)
