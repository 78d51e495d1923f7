"""The functions along an axis: softmax and its kin, maxout and CReLU, and what others call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Any

from nonlin.axis import AxisFunction
from nonlin.catalogue.record import AxisRecord, Parameter

Entry = tuple[str, Mapping[str, int | float]]


def _dialects(*same: str, **theirs: str | Entry) -> Mapping[str, Entry]:
    plain: dict[str, Entry] = {name: (name, {}) for name in same}
    named: dict[str, Entry] = {
        name: (ours, {}) if isinstance(ours, str) else ours for name, ours in theirs.items()
    }
    return MappingProxyType(plain | named)


AXIS_DIALECTS: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {
        "torch": _dialects(
            "softmax",
            "log_softmax",
            "softmin",
            Softmax="softmax",
            Softmin="softmin",
            LogSoftmax="log_softmax",
            Softmax2d=("softmax", {"axis": -3}),
            logsumexp="log_sum_exp",
        ),
        "jax": _dialects("softmax", "log_softmax", logsumexp="log_sum_exp"),
        "keras": _dialects("softmax", "log_softmax", "sparsemax", Softmax="softmax"),
        "onnx": _dialects(
            Softmax="softmax", LogSoftmax="log_softmax", ReduceLogSumExp="log_sum_exp"
        ),
    }
)


def _softmax(x: Sequence[Any], temperature: Any = 1) -> list[Any]:
    from mpmath import exp, fsum

    terms = [exp(each / temperature) for each in x]
    total = fsum(terms)
    return [term / total for term in terms]


def _softmin(x: Sequence[Any], temperature: Any = 1) -> list[Any]:
    return _softmax([-each for each in x], temperature)


def _log_softmax(x: Sequence[Any], temperature: Any = 1) -> list[Any]:
    from mpmath import exp, fsum, log

    logarithm = log(fsum(exp(each / temperature) for each in x))
    return [each / temperature - logarithm for each in x]


def _log_sum_exp(x: Sequence[Any]) -> list[Any]:
    from mpmath import exp, fsum, log

    return [log(fsum(map(exp, x)))]


def _sparsemax(x: Sequence[Any], temperature: Any = 1) -> list[Any]:
    # As the paper has it: the k largest belong to the support while 1 + k x_(k) exceeds their sum.
    from mpmath import fsum

    scores = [each / temperature for each in x]
    ordered = sorted(scores, reverse=True)
    size = max(k for k in range(1, len(x) + 1) if 1 + k * ordered[k - 1] > fsum(ordered[:k]))
    threshold = (fsum(ordered[:size]) - 1) / size
    return [max(each - threshold, 0) for each in scores]


def _maxout(x: Sequence[Any], pool_size: int = 2) -> list[Any]:
    return [max(x[i : i + pool_size]) for i in range(0, len(x), pool_size)]


def _crelu(x: Sequence[Any]) -> list[Any]:
    return [max(each, 0) for each in x] + [max(-each, 0) for each in x]


_TEMPERATURE = Parameter(
    "temperature", 1.0, "the scores are divided by it: the higher, the more even the result"
)
_BRIDLE = (
    "J. S. Bridle, Training Stochastic Model Recognition Algorithms as Networks can Lead to "
    "Maximum Mutual Information Estimation of Parameters, NIPS 1989 (1990)",
    "https://papers.nips.cc/paper/1989/hash/0336dcbab05b9d5ad24f4333c7658a0e-Abstract.html",
)
_GAO = (
    "B. Gao, L. Pavel, On the Properties of the Softmax Function with Application in Game Theory "
    "and Reinforcement Learning, 2017",
    "https://arxiv.org/abs/1704.00805",
)

RECORDS = (
    AxisRecord(
        name="softmax",
        title="Softmax",
        definition=_softmax,
        formula="exp(x_i / T) / sum_j exp(x_j / T)",
        jacobian="s_i ([i = j] - s_j) / T",
        latex=r"\frac{e^{x_i / T}}{\sum_j e^{x_j / T}}",
        jacobian_latex=r"\frac{s_i (\delta_{ij} - s_j)}{T}",
        paper=_BRIDLE[0],
        url=_BRIDLE[1],
        parameters=(_TEMPERATURE,),
        masked=0.0,
        filling=-inf,
    ),
    AxisRecord(
        name="log_softmax",
        title="Log-softmax",
        definition=_log_softmax,
        formula="x_i / T - log(sum_j exp(x_j / T))",
        jacobian="([i = j] - s_j) / T",
        latex=r"\frac{x_i}{T} - \log \sum_j e^{x_j / T}",
        jacobian_latex=r"\frac{\delta_{ij} - s_j}{T}",
        paper=_BRIDLE[0],
        url=_BRIDLE[1],
        parameters=(_TEMPERATURE,),
        masked=-inf,
        filling=-inf,
    ),
    AxisRecord(
        name="softmin",
        title="Softmin",
        definition=_softmin,
        formula="exp(-x_i / T) / sum_j exp(-x_j / T)",
        jacobian="-s_i ([i = j] - s_j) / T",
        latex=r"\frac{e^{-x_i / T}}{\sum_j e^{-x_j / T}}",
        jacobian_latex=r"-\frac{s_i (\delta_{ij} - s_j)}{T}",
        paper=_BRIDLE[0],
        url=_BRIDLE[1],
        parameters=(_TEMPERATURE,),
        masked=0.0,
        filling=inf,
    ),
    AxisRecord(
        name="sparsemax",
        title="Sparsemax",
        definition=_sparsemax,
        formula="max(x_i / T - tau, 0), with the tau for which they add up to 1",
        jacobian="([i = j] - 1 / |S|) / T for i and j in the support S, else 0",
        latex=r"\max\left(\frac{x_i}{T} - \tau, 0\right), \quad "
        r"\sum_j \max\left(\frac{x_j}{T} - \tau, 0\right) = 1",
        jacobian_latex=r"\frac{1}{T} \left(\delta_{ij} - \frac{1}{|S|}\right), \quad i, j \in S",
        paper="A. F. T. Martins, R. F. Astudillo, From Softmax to Sparsemax: A Sparse Model of "
        "Attention and Multi-Label Classification, ICML 2016",
        url="https://arxiv.org/abs/1602.02068",
        parameters=(_TEMPERATURE,),
        masked=0.0,
        filling=-inf,
    ),
    AxisRecord(
        name="log_sum_exp",
        title="Log-sum-exp",
        definition=_log_sum_exp,
        formula="log(sum_j exp(x_j))",
        jacobian="s_j",
        latex=r"\log \sum_j e^{x_j}",
        jacobian_latex=r"s_j",
        paper=_GAO[0],
        url=_GAO[1],
        length="one",
        masked=-inf,
        filling=-inf,
        aliases=("logsumexp",),
    ),
    AxisRecord(
        name="maxout",
        title="Maxout",
        definition=_maxout,
        formula="max(x_(k i), ..., x_(k i + k - 1))",
        jacobian="1 where x_j is the first to attain the maximum of group i, else 0",
        latex=r"\max_{0 \le j < k} x_{k i + j}",
        jacobian_latex=r"\left[ j = \arg\max_{l \in \{k i, \dots, k i + k - 1\}} x_l \right]",
        paper="I. J. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio, Maxout "
        "Networks, ICML 2013",
        url="https://arxiv.org/abs/1302.4389",
        parameters=(Parameter("pool_size", 2, "how many neighbours are made into one"),),
        length="fewer",
    ),
    AxisRecord(
        name="crelu",
        title="CReLU",
        definition=_crelu,
        formula="(max(x, 0), max(-x, 0)), one after the other",
        jacobian="[x_j > 0] in the first half, -[x_j < 0] in the second",
        latex=r"\left(\max(x, 0),\, \max(-x, 0)\right)",
        jacobian_latex=r"\left(\mathrm{diag}[x > 0],\, -\mathrm{diag}[x < 0]\right)",
        paper="W. Shang, K. Sohn, D. Almeida, H. Lee, Understanding and Improving Convolutional "
        "Neural Networks via Concatenated Rectified Linear Units, ICML 2016",
        url="https://arxiv.org/abs/1603.05201",
        length="twice",
    ),
)

_FUNCTIONS = {record.name: AxisFunction(record) for record in RECORDS}
_ALIASES = {alias: _FUNCTIONS[each.name] for each in RECORDS for alias in each.aliases}

softmax = _FUNCTIONS["softmax"]
log_softmax = _FUNCTIONS["log_softmax"]
softmin = _FUNCTIONS["softmin"]
sparsemax = _FUNCTIONS["sparsemax"]
log_sum_exp = _FUNCTIONS["log_sum_exp"]
maxout = _FUNCTIONS["maxout"]
crelu = _FUNCTIONS["crelu"]


def axis_functions() -> tuple[str, ...]:
    """Name every function along an axis.

    Returns
    -------
    tuple of str
        `nonlin.names` names the activations, which are elementwise.

    Examples
    --------
    >>> axis_functions()
    ('softmax', 'log_softmax', 'softmin', 'sparsemax', 'log_sum_exp', 'maxout', 'crelu')
    """
    return tuple(_FUNCTIONS)


def find_axis_function(name: object) -> AxisFunction | None:
    """Give the function along an axis that `name` is, or names in a framework's words; or None."""
    if isinstance(name, AxisFunction):
        return name
    framework, colon, theirs = str(name).partition(":")
    if colon:
        entry = AXIS_DIALECTS.get(framework, {}).get(theirs)
        return None if entry is None else _FUNCTIONS[entry[0]].bind(**entry[1])
    return _FUNCTIONS.get(framework) or _ALIASES.get(framework)
