"""The five functions of the tutorial."""

from __future__ import annotations

from typing import Any

from nonlin.catalogue.record import Parameter, Record


def _sigmoid(x: Any) -> Any:
    from sympy import exp

    return 1 / (1 + exp(-x))


def _tanh(x: Any) -> Any:
    from sympy import exp

    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


def _relu(x: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > 0), (0, True))


def _leaky_relu(x: Any, negative_slope: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((x, x > 0), (negative_slope * x, True))


def _elu(x: Any, alpha: Any) -> Any:
    from sympy import Piecewise, exp

    return Piecewise((x, x > 0), (alpha * (exp(x) - 1), True))


RECORDS = (
    Record(
        name="sigmoid",
        title="Sigmoid",
        group="document",
        definition=_sigmoid,
        formula="1 / (1 + exp(-x))",
        slope="sigmoid(x) (1 - sigmoid(x))",
        at_kink="smooth everywhere",
        paper="P.-F. Verhulst, Recherches mathématiques sur la loi d'accroissement de la "
        "population, 1845",
        url="https://eudml.org/doc/182533",
    ),
    Record(
        name="tanh",
        title="Tanh",
        group="document",
        definition=_tanh,
        formula="(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
        slope="1 - tanh(x)^2",
        at_kink="smooth everywhere",
        paper="Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, Efficient BackProp, 1998",
        url="https://doi.org/10.1007/3-540-49430-8_2",
    ),
    Record(
        name="relu",
        title="ReLU",
        group="document",
        definition=_relu,
        formula="max(0, x)",
        slope="1 if x > 0, else 0",
        at_kink="0 at x = 0, as in PyTorch and JAX",
        paper="V. Nair, G. E. Hinton, Rectified Linear Units Improve Restricted Boltzmann "
        "Machines, ICML 2010",
        url="https://icml.cc/Conferences/2010/papers/432.pdf",
    ),
    Record(
        name="leaky_relu",
        title="Leaky ReLU",
        group="document",
        definition=_leaky_relu,
        formula="x if x > 0, else negative_slope x",
        slope="1 if x > 0, else negative_slope",
        at_kink="negative_slope at x = 0, the derivative from the left",
        paper="A. L. Maas, A. Y. Hannun, A. Y. Ng, Rectifier Nonlinearities Improve Neural "
        "Network Acoustic Models, ICML 2013",
        url="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        parameters=(Parameter("negative_slope", 0.01, "the slope left of 0"),),
    ),
    Record(
        name="elu",
        title="ELU",
        group="document",
        definition=_elu,
        formula="x if x > 0, else alpha (exp(x) - 1)",
        slope="1 if x > 0, else alpha exp(x)",
        at_kink="alpha at x = 0, the derivative from the left",
        paper="D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and Accurate Deep Network "
        "Learning by Exponential Linear Units (ELUs), ICLR 2016",
        url="https://arxiv.org/abs/1511.07289",
        parameters=(Parameter("alpha", 1.0, "minus the limit at -inf"),),
    ),
)
