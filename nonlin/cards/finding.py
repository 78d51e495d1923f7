"""What was found of a claim, in a sentence whose numbers bring their 95 % intervals along."""

from typing import TYPE_CHECKING, Any

from nonlin.cards.points import points
from nonlin.cards.scientific import printed
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Number, Outcome

__all__ = ["finding", "pieces"]

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
        The claim's finding with its numbers, such as "Accuracy 97.5% [96.7%, 98.2%]."
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
    return [(piece, is_interval) for piece, is_interval in found if piece]


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
