"""The functions this library has: one record each, in the order of the list.

A record's definition is the textbook one, written once; formulas, derivatives, ranges, limits and
the reference that the kernels are tested against all derive from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nonlin.activation import Activation

__all__ = ["Parameter", "Record", "elu", "get", "leaky_relu", "names", "relu", "sigmoid", "tanh"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an activation: PyTorch's name for it, its default and what it is."""

    name: str
    default: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one activation before anything is computed.

    Attributes
    ----------
    name, title : str
        The name in Python and the one in prose.
    definition : callable
        Takes SymPy symbols for x and the parameters, returns the textbook formula.
    formula, slope : str
        phi(x) and phi'(x) as plain text.
    at_kink : str
        The derivative where it has none, or that there is no such place.
    parameters : tuple of Parameter
    paper, url : str
        Where it comes from.
    """

    name: str
    title: str
    definition: Callable[..., Any]
    formula: str
    slope: str
    at_kink: str
    paper: str
    url: str
    parameters: tuple[Parameter, ...] = ()


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


_RECORDS = (
    Record(
        name="sigmoid",
        title="Sigmoid",
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

_ACTIVATIONS = {record.name: Activation(record) for record in _RECORDS}

sigmoid = _ACTIVATIONS["sigmoid"]
tanh = _ACTIVATIONS["tanh"]
relu = _ACTIVATIONS["relu"]
leaky_relu = _ACTIVATIONS["leaky_relu"]
elu = _ACTIVATIONS["elu"]


def names() -> tuple[str, ...]:
    """Name every activation, in the catalogue's order.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> names()
    ('sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu')
    """
    return tuple(_ACTIVATIONS)


def get(name: str) -> Activation:
    """Look an activation up by its name.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Activation

    Raises
    ------
    KeyError
        If there is no activation of that name; the message names the closest.

    Examples
    --------
    >>> get("elu")
    nl.elu
    """
    try:
        return _ACTIVATIONS[name]
    except KeyError:
        close = get_close_matches(str(name), names(), 1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names())}"
        raise UnknownActivationError(f"no activation is called {name!r}; {hint}") from None


class UnknownActivationError(KeyError):
    """No activation of the catalogue has that name."""

    def __str__(self) -> str:
        return str(self.args[0])
