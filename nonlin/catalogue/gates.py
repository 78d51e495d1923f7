"""The gates this library has: one record each, in the order of the list.

A record's definition is the textbook one, a function of the gate times a function of the value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nonlin.activation import Activation
from nonlin.catalogue import gate_parts, get
from nonlin.catalogue.gate_dialects import GATE_DIALECTS
from nonlin.catalogue.lookup import UnknownActivationError
from nonlin.catalogue.record import Parameter, Value
from nonlin.gate import Gate

SHAZEER = "N. Shazeer, GLU Variants Improve Transformer, 2020"
SHAZEER_URL = "https://arxiv.org/abs/2002.05202"


@dataclass(frozen=True, slots=True, eq=False)
class GateRecord:
    """One gate: its definition, its parameters, its paper.

    Attributes
    ----------
    name, title, group : str
        The name in Python, the one in prose, the family.
    gate_definition, value_definition : callable
        Take a SymPy symbol and the parameters, return the factor of the gate and of the value.
    formula : str
        The product, as plain text.
    slopes : (str, str)
        The partial derivatives, by the gate and by the value.
    at_kink : str
        The derivatives where there are none, or that there is no such place.
    activation, value : callable
        Make the activations of the gate and of the value from the parameters; a value of None is
        taken as it is.
    parameters : tuple of Parameter
    aliases : tuple of str
    paper, url : str
    """

    name: str
    title: str
    gate_definition: Callable[..., Any]
    formula: str
    slopes: tuple[str, str]
    at_kink: str
    paper: str
    url: str
    activation: Callable[..., Activation]
    value: Callable[..., Activation] | None = None
    value_definition: Callable[..., Any] = lambda value, *_: value
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    group: str = "gates"

    def definition(self, gate: Any, value: Any, *parameters: Any) -> Any:
        """Give the product as a SymPy expression of two symbols."""
        return self.gate_definition(gate, *parameters) * self.value_definition(value, *parameters)

    def kernel(self, values: Sequence[Value]) -> tuple[str, tuple[Any, ...]]:
        """Name the kernel that these parameter values pick, and list the numbers it takes."""
        name, numbers = self.name, []
        for parameter, value in zip(self.parameters, values, strict=True):
            if parameter.kernels:
                name = parameter.kernel(value)
            else:
                numbers.append(value)
        return name, tuple(numbers)


def _sigmoid(g: Any) -> Any:
    from sympy import exp

    return 1 / (1 + exp(-g))


def _silu(g: Any, beta: Any) -> Any:
    from sympy import exp

    return g / (1 + exp(-beta * g))


def _gelu(g: Any, approximate: str) -> Any:
    record = get("gelu").record
    assert record is not None, "GELU is of the catalogue"
    return record.definition(g, approximate)


def _relu(g: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((g, g > 0), (0, True))


def _clamped_silu(g: Any, limit: Any, alpha: Any, offset: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((_silu(limit, alpha), g > limit), (_silu(g, alpha), True))


def _clamped_value(v: Any, limit: Any, alpha: Any, offset: Any) -> Any:
    from sympy import Piecewise

    return Piecewise((limit + offset, v > limit), (v + offset, v > -limit), (offset - limit, True))


def _situ(g: Any, beta1: Any, beta2: Any) -> Any:
    from sympy import tanh

    return beta1 * tanh(g / beta1) * _sigmoid(g)


def _soft_cap(v: Any, beta1: Any, beta2: Any) -> Any:
    from sympy import tanh

    return beta2 * tanh(v / beta2)


RECORDS = (
    GateRecord(
        name="glu",
        title="GLU",
        gate_definition=_sigmoid,
        formula="v s(g), s(g) = 1 / (1 + exp(-g))",
        slopes=("v s(g) (1 - s(g))", "s(g)"),
        at_kink="smooth everywhere",
        paper="Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, Language Modeling with Gated "
        "Convolutional Networks, ICML 2017",
        url="https://arxiv.org/abs/1612.08083",
        activation=lambda: get("sigmoid"),
    ),
    GateRecord(
        name="swiglu",
        title="SwiGLU",
        gate_definition=_silu,
        formula="v g s(beta g), s(x) = 1 / (1 + exp(-x))",
        slopes=("v (s(beta g) + beta g s(beta g) (1 - s(beta g)))", "g s(beta g)"),
        at_kink="smooth everywhere",
        paper=SHAZEER,
        url=SHAZEER_URL,
        activation=lambda beta: get("silu").bind(beta=beta),
        parameters=(Parameter("beta", 1.0, "how steep the gate is"),),
        aliases=("swish_glu",),
    ),
    GateRecord(
        name="geglu",
        title="GeGLU",
        gate_definition=_gelu,
        formula="v g (1 + erf(g / sqrt(2))) / 2",
        slopes=(
            "v ((1 + erf(g / sqrt(2))) / 2 + g exp(-g^2 / 2) / sqrt(2 pi))",
            "g (1 + erf(g / sqrt(2))) / 2",
        ),
        at_kink="smooth everywhere",
        paper=SHAZEER,
        url=SHAZEER_URL,
        activation=lambda approximate: get("gelu").bind(approximate=approximate),
        parameters=(
            Parameter(
                "approximate",
                "none",
                '"none", or "tanh" for g (1 + tanh(sqrt(2 / pi) (g + 0.044715 g^3))) / 2',
                {"none": "geglu", "tanh": "geglu_tanh"},
            ),
        ),
    ),
    GateRecord(
        name="reglu",
        title="ReGLU",
        gate_definition=_relu,
        formula="v max(0, g)",
        slopes=("0 if g <= 0, else v", "max(0, g)"),
        at_kink="0 by the gate at g = 0, the derivative from the left",
        paper=SHAZEER,
        url=SHAZEER_URL,
        activation=lambda: get("relu"),
    ),
    GateRecord(
        name="bilinear",
        title="bilinear gate",
        gate_definition=lambda g: g,
        formula="g v",
        slopes=("v", "g"),
        at_kink="smooth everywhere",
        paper="A. Mnih, G. Hinton, Three New Graphical Models for Statistical Language Modelling, "
        f"ICML 2007; {SHAZEER}",
        url=SHAZEER_URL,
        activation=lambda: get("identity"),
    ),
    GateRecord(
        name="clamped_swiglu",
        title="clamped SwiGLU",
        gate_definition=_clamped_silu,
        value_definition=_clamped_value,
        formula="g' s(alpha g') (v' + offset), g' = min(g, limit), v' = min(max(v, -limit), limit)",
        slopes=(
            "0 if g > limit, else (v' + offset) (s + alpha g s (1 - s)), s = s(alpha g)",
            "g' s(alpha g') if -limit < v <= limit, else 0",
        ),
        at_kink="by the gate as below it at g = limit; by the value 0 at v = -limit and as below "
        "it at v = limit, the derivatives from the left",
        paper="OpenAI, gpt-oss-120b & gpt-oss-20b Model Card, 2025",
        url="https://arxiv.org/abs/2508.10925",
        activation=lambda limit, alpha, offset: gate_parts.clamped_silu(limit, alpha),
        value=lambda limit, alpha, offset: gate_parts.clamped_value(limit, offset),
        parameters=(
            Parameter("limit", 7.0, "what gate and value are clamped to; positive"),
            Parameter("alpha", 1.702, "how steep the gate is"),
            Parameter("offset", 1.0, "what is added to the value"),
        ),
        aliases=("swiglu_oai",),
    ),
    GateRecord(
        name="situ_glu",
        title="SiTU-GLU",
        gate_definition=_situ,
        value_definition=_soft_cap,
        formula="beta1 tanh(g / beta1) s(g) beta2 tanh(v / beta2), s(g) = 1 / (1 + exp(-g))",
        slopes=(
            "(1 - t^2 + beta1 t (1 - s(g))) s(g) beta2 tanh(v / beta2), t = tanh(g / beta1)",
            "beta1 tanh(g / beta1) s(g) (1 - tanh(v / beta2)^2)",
        ),
        at_kink="smooth everywhere",
        paper="Moonshot AI, Kimi K3 Technical Report, 2026, equation 12",
        url="https://github.com/MoonshotAI/Kimi-K3",
        activation=lambda beta1, beta2: gate_parts.situ(beta1),
        value=lambda beta1, beta2: gate_parts.soft_cap(beta2),
        parameters=(
            Parameter("beta1", 4.0, "where tanh caps the gate"),
            Parameter("beta2", 25.0, "where tanh caps the value"),
        ),
    ),
)

GATES = {record.name: Gate.from_record(record) for record in RECORDS}
ALIASES = {
    alias: gate
    for gate in GATES.values()
    if gate.record is not None
    for alias in gate.record.aliases
}


def gates() -> tuple[str, ...]:
    """Name every gate, in the catalogue's order.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> gates()
    ('glu', 'swiglu', 'geglu', 'reglu', 'bilinear', 'clamped_swiglu', 'situ_glu')
    """
    return tuple(GATES)


def known(name: str) -> Gate | None:
    """Give the gate of that name, alias or dialect, or None."""
    framework, colon, theirs = str(name).partition(":")
    if not colon:
        return GATES.get(name) or ALIASES.get(name)
    entry = GATE_DIALECTS.get(framework, {}).get(theirs)
    return None if entry is None else GATES[entry.gate].bind(**entry.parameters)


def find(name: str) -> Gate:
    """Give the gate of that name; UnknownActivationError names the closest."""
    found = known(name)
    if found is not None:
        return found
    close = get_close_matches(str(name).casefold(), [*GATES, *ALIASES], 1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(GATES)}"
    raise UnknownActivationError(f"no gate is called {name!r}; {hint}")


glu = GATES["glu"]
swiglu = GATES["swiglu"]
geglu = GATES["geglu"]
reglu = GATES["reglu"]
bilinear = GATES["bilinear"]
clamped_swiglu = GATES["clamped_swiglu"]
situ_glu = GATES["situ_glu"]
