"""What was found of a claim, in a sentence whose numbers bring their 95 % intervals along."""

from re import Match, sub
from typing import TYPE_CHECKING, Any

from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Answered, Number, Outcome

__all__ = ["account", "conditions", "finding", "pieces", "points", "printed"]


def points(difference: str, lang: str) -> str:
    """Write a difference of two percentages with its unit.

    Parameters
    ----------
    difference : str
        The digits, already times 100.
    lang : str

    Returns
    -------
    str

    Examples
    --------
    >>> points("+0.23", "en"), points("+0.23", "ko")
    ('+0.23\\xa0pp', '+0.23%p')
    """
    return text("cards.points", lang, difference=difference)


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printed(number: str) -> str:
    """Write the exponent of a formatted number as a power of ten, which no line breaks.

    Parameters
    ----------
    number : str
        What ``format`` made of a float.

    Returns
    -------
    str

    Examples
    --------
    >>> printed("1.4e-05"), printed("2e+03"), printed("0.25")
    ('1.4\\xa0×\\xa010⁻⁵', '2\\xa0×\\xa010³', '0.25')
    """

    def power(exponent: Match[str]) -> str:
        return f"\u00a0×\u00a010{str(int(exponent[1])).translate(_SUPERSCRIPT)}"

    return sub(r"e([+-]\d+)$", power, number)


# Letters of Unicode's private use area: no sentence has them.
_OPEN, _CLOSE = "\ue000", "\ue001"


def finding(outcome: "Outcome", lang: str) -> str:
    """Say what was found.

    Parameters
    ----------
    outcome : Outcome
    lang : str

    Returns
    -------
    str
        The claim's finding with its numbers, such as "Accuracy 97.5% [96.7%, 98.2%].", and what it
        was that decided it, or did not yet.
    """
    return "".join(piece for piece, _ in pieces(outcome, lang))


def pieces(outcome: "Outcome", lang: str) -> list[tuple[str, bool]]:
    """Say what was found, the intervals apart from the rest.

    Parameters
    ----------
    outcome : Outcome
    lang : str

    Returns
    -------
    list of (str, bool)
        The sentence in pieces, and whether a piece is an interval.
    """
    key = f"study.claims.{outcome.id}.finding"
    # A sentence that spells an interval out itself gets no second one: the first pass finds those.
    spelt: set[str] = set()
    for _ in range(2):
        fields = {name: _Quoted(number, lang, spelt) for name, number in outcome.fields.items()}
        sentence = text(key, lang, **fields)
    before, *rest = sentence.split(_OPEN)
    found = [(before, False)]
    for piece in rest:
        interval, _, after = piece.partition(_CLOSE)
        found += [(interval, True), (after, False)]
    decided = account(outcome, lang)
    found.append((f" {decided}" if decided else "", False))
    return [(piece, is_interval) for piece, is_interval in found if piece]


def account(outcome: "Outcome", lang: str) -> str:
    """Say in which circumstances a claim was shown, shown not to hold, or stayed open.

    Parameters
    ----------
    outcome : Outcome
    lang : str

    Returns
    -------
    str
        Empty where the verdict says it all: a claim that holds, or has no verdict.
    """
    if outcome.verdict in ("holds", "unjudged"):
        return ""
    sentences = []
    for answer in ("shown", "shown_not", "open"):
        items = [_item(each, outcome, lang) for each in outcome.conditions if each.answer == answer]
        if items:
            sentences.append(text(f"report.account.{answer}", lang, items="; ".join(items)))
    return " ".join(sentences)


def _item(condition: "Answered", outcome: "Outcome", lang: str) -> str:
    name = text(f"study.circumstances.{condition.name}", lang)
    if condition.runs is None:
        return name
    number = outcome.fields[condition.number]
    key = "report.account." + ("sets" if number.statistic == "over_sets" else "runs")
    return text(key, lang, name=name, runs=condition.runs, n=number.n)


def conditions(claim_id: str, lang: str) -> str:
    """Say a claim's conditions, with the thresholds of the ledger and the margins.

    Parameters
    ----------
    claim_id : str
    lang : str

    Returns
    -------
    str
    """
    from nonlin.study import claims
    from nonlin.study.design import MARGINS
    from nonlin.study.results import Number

    known = {**claims.get(claim_id).lines, "one_margin_factor": 1 - MARGINS["factor"]}
    known |= {f"margin_{name}": value for name, value in MARGINS.items()}
    fields = {name: _Quoted(Number(name, value), lang, set()) for name, value in known.items()}
    return text(f"study.claims.{claim_id}.rule", lang, **fields)


class _Quoted:
    """A number that writes its interval behind itself."""

    def __init__(self, number: "Number", lang: str, spelt: set[str]) -> None:
        self._number = number
        self._lang = lang
        self._spelt = spelt

    def __format__(self, spec: str) -> str:
        # Beyond Python's own formats, "+.2pp" writes a difference of shares in percentage points.
        digits = spec.removesuffix("pp")
        in_points = digits != spec
        number = self._number
        scale, spec = (100, f"{digits}f") if in_points else (1, spec or ".3g")
        ends = [end for end in (number.low, number.value, number.high) if end is not None]
        written = [printed(format(scale * end, spec)) for end in ends]
        value = written[len(ends) // 2]
        interval = ""
        if len(ends) == 3 and number.name not in self._spelt and len(set(written)) > 1:
            interval = f"{_OPEN} [{written[0]}, {written[2]}]{_CLOSE}"
        return f"{points(value, self._lang) if in_points else value}{interval}"

    def __getattr__(self, name: str) -> Any:
        if name in ("low", "high"):
            self._spelt.add(self._number.name)
        return getattr(self._number, name)
