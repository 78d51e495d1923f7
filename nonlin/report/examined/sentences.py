"""Findings, remedies and troubles in words, in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin.messages import text
from nonlin.report.examined.svg import both, in_both
from nonlin.report.examined.view import look

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding
    from nonlin.torch.places import Places
    from nonlin.torch.runs import Trouble

__all__ = ["FindingView", "findings_of", "remedy_view", "trouble_view"]

# What a remedy did, in the colours of the findings.
OUTCOMES = {"cured": "healthy", "better": "warning"}


@dataclass(frozen=True)
class FindingView:
    """A finding, or several that differ in their place alone, written out as HTML.

    `sites` are all places where it is; `look` its colour. `root` is the number of the finding on
    the page that it follows from; `began` the step or the steps.
    """

    place: Any
    sites: tuple[str, ...]
    look: str
    severity: Any
    title: Any
    proof: Any
    cause: Any
    caused_by: Any
    root: int | None
    began: Any


def findings_of(
    findings: Sequence["Finding"], began: Mapping[tuple[str, str], int], places: "Places"
) -> list[FindingView]:
    """Write findings out, in their order, those that differ in their place alone as one."""
    groups = places.paragraphs(findings)
    return [_finding(each, groups, began, places) for each in groups]


def _finding(
    group: "Sequence[Finding]",
    groups: "Sequence[Sequence[Finding]]",
    began: Mapping[tuple[str, str], int],
    places: "Places",
) -> FindingView:
    from markupsafe import Markup

    from nonlin.torch import wording
    from nonlin.torch.finding import worst

    first = worst(group)
    sites = tuple(each.site for each in group)
    caused_by = first.caused_by
    return FindingView(
        place=Markup(in_both(partial(places.row, sites))),
        sites=sites,
        look=look(first.severity),
        severity=Markup(in_both(partial(wording.severity, first.severity))),
        title=Markup(in_both(partial(wording.title, group))),
        proof=Markup(in_both(partial(wording.proof, group))),
        cause=Markup(in_both(partial(wording.cause, group))),
        caused_by=None if caused_by is None else Markup(in_both(partial(places.label, caused_by))),
        root=None if caused_by is None else _root(caused_by, group, groups),
        began=_since([began[key] for each in group if (key := (each.kind, each.site)) in began]),
    )


def _root(
    site: str, group: "Sequence[Finding]", groups: "Sequence[Sequence[Finding]]"
) -> int | None:
    numbers = (
        number
        for number, other in enumerate(groups, 1)
        if other is not group and any(each.site == site for each in other)
    )
    return next(numbers, None)


def _since(steps: Sequence[int]) -> Any:
    """Write the step, or the first and the last one, where it began at several places."""
    from markupsafe import Markup

    if not steps:
        return None
    low, high = (f"{step:,}" for step in (min(steps), max(steps)))
    if low == high:
        return low
    return Markup(in_both(lambda lang: text("doctor.range", lang, low=low, high=high)))


def remedy_view(remedy: Any) -> dict[str, Any]:
    """Write a remedy out."""
    from markupsafe import Markup

    return {
        "what": Markup(in_both(remedy.describe)),
        "result": Markup(in_both(remedy.result)),
        "code": str(remedy.code),
        "outcome": remedy.outcome,
        "look": OUTCOMES.get(remedy.outcome, "note"),
    }


def trouble_view(trouble: "Trouble") -> dict[str, Any]:
    """Write a trouble out."""
    from markupsafe import Markup

    from nonlin.torch.wording import severity, title

    return {
        "title": Markup(in_both(partial(title, trouble.finding))),
        "site": trouble.finding.site,
        "began": f"{trouble.began:,}",
        "until": Markup(both("goes_on")) if trouble.ended is None else f"{trouble.ended:,}",
        "look": look(trouble.worst),
        "worst": Markup(in_both(partial(severity, trouble.worst))),
    }
