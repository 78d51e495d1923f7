"""Findings, remedies and troubles in words, in both languages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from nonlin.messages import languages
from nonlin.report.examined.svg import both

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding
    from nonlin.torch.runs import Trouble

__all__ = ["FindingView", "findings_of", "remedy_view", "trouble_view"]

# What a remedy did, in the colours of the findings.
OUTCOMES = {"cured": "healthy", "better": "warning"}


@dataclass(frozen=True)
class FindingView:
    """A finding, written out as HTML.

    `root` is the number of the finding on the page that it follows from; `began` the step.
    """

    site: str
    severity: str
    title: Any
    proof: Any
    cause: Any
    caused_by: str | None
    root: int | None
    began: str | None


def findings_of(
    findings: Sequence["Finding"], began: Mapping[tuple[str, str], int]
) -> list[FindingView]:
    """Write findings out, in their order."""
    return [_finding(each, findings, began) for each in findings]


def _finding(
    finding: "Finding", findings: Sequence["Finding"], began: Mapping[tuple[str, str], int]
) -> FindingView:
    from markupsafe import Markup

    from nonlin.torch.runs.wording import proof
    from nonlin.torch.wording import cause

    since = began.get((finding.kind, finding.site))
    return FindingView(
        site=finding.site,
        severity=finding.severity,
        title=Markup(both(f"kind.{finding.kind}")),
        proof=Markup(_in_both(partial(proof, finding))),
        cause=Markup(_in_both(partial(cause, finding))),
        caused_by=finding.caused_by,
        root=_root(finding, findings),
        began=None if since is None else f"{since:,}",
    )


def _root(finding: "Finding", findings: Sequence["Finding"]) -> int | None:
    places = (
        number
        for number, each in enumerate(findings, 1)
        if each.site == finding.caused_by and each is not finding
    )
    return None if finding.caused_by is None else next(places, None)


def _in_both(say: Callable[[str], str]) -> str:
    said = {lang: say(lang) for lang in languages()}
    if not any(said.values()):
        return ""
    return "".join(
        f'<span class="{lang}" lang="{lang}">{escape(sentence)}</span>'
        for lang, sentence in said.items()
    )


def remedy_view(remedy: Any) -> dict[str, Any]:
    """Write a remedy out."""
    from markupsafe import Markup

    return {
        "what": Markup(_in_both(remedy.describe)),
        "result": Markup(_in_both(remedy.result)),
        "code": str(remedy.code),
        "outcome": remedy.outcome,
        "look": OUTCOMES.get(remedy.outcome, "note"),
    }


def trouble_view(trouble: "Trouble") -> dict[str, Any]:
    """Write a trouble out."""
    from markupsafe import Markup

    return {
        "title": Markup(both(f"kind.{trouble.finding.kind}")),
        "site": trouble.finding.site,
        "began": f"{trouble.began:,}",
        "until": Markup(both("goes_on")) if trouble.ended is None else f"{trouble.ended:,}",
        "worst": trouble.worst,
    }
