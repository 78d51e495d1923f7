"""What the study says of a claim, quoted from the measurement that ships with the package."""

from dataclasses import dataclass

from nonlin.cards import finding, reference
from nonlin.messages import language, text

__all__ = ["Verdict", "verdict"]


@dataclass(frozen=True)
class Verdict:
    """A claim of the document and what became of it.

    Attributes
    ----------
    id : str
        Such as "S6".
    claim : str
        The document's claim in a sentence.
    verdict, evidence : str
        In words of the language; empty where the claim was not measured.
    finding : str
        What was found, with numbers and their 95 % intervals.
    """

    id: str
    claim: str
    verdict: str
    evidence: str
    finding: str

    def __str__(self) -> str:
        how = f" ({self.evidence})" if self.evidence else ""
        return f"{self.id}. {self.claim}\n  {self.verdict}{how}. {self.finding}".rstrip()

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        how = f" ({self.evidence})" if self.evidence else ""
        return f"> **{self.id}.** *{self.claim}*\n>\n> **{self.verdict}**{how}. {self.finding}"


def verdict(claim: str, lang: str | None = None) -> Verdict:
    """Look a claim of the document up in the study that ships with the package.

    Parameters
    ----------
    claim : str
        Its id, one of `nonlin.study.claims.ids`.
    lang : str, optional
        "en" or "ko"; without it, the locale's.

    Returns
    -------
    Verdict
        Shown by a notebook as a quotation.

    Raises
    ------
    KeyError
        If there is no such claim.

    Examples
    --------
    >>> verdict("S1", "en").verdict
    'holds'
    """
    from nonlin.study import claims

    if claim not in claims.ids():
        raise KeyError(f"no claim is called {claim!r}; they are {', '.join(claims.ids())}")
    lang = language(lang)
    kept = reference()
    outcome = kept.outcomes.get(claim) if kept else None
    return Verdict(
        id=claim,
        claim=text(f"study.claims.{claim}.claim", lang),
        verdict=text(f"report.verdict.{outcome.verdict if outcome else 'open'}", lang),
        evidence=text(f"report.evidence.{outcome.evidence}", lang) if outcome else "",
        finding=finding(outcome, lang) if outcome else "",
    )
