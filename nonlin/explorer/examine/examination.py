"""What a run's log says: findings in words, each site over the steps, and the gradient by depth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nonlin.explorer.numbers import column, number
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding
    from nonlin.torch.runs import Run, SiteState

__all__ = ["SCHEMA", "examined"]

SEVERITIES = ("error", "warning", "note")


def examined(run: Run, lang: str) -> dict[str, Any]:
    """Say what is known of a run at its last reading, and how it came there.

    Parameters
    ----------
    run : Run
        With at least one reading.
    lang : str

    Returns
    -------
    dict of str to object
        `heat` has a row a site and a column a step for each quantity.
    """
    from nonlin.torch.places import Places
    from nonlin.torch.seen import of_counts, unseen

    assert run.last is not None
    assert run.structure is not None
    sites = [str(site["name"]) for site in run.structure.sites]
    seen = len(sites), len(run.structure.layers)
    steps = [each.step for each in run.snapshots]
    findings = sorted(run.last.findings, key=_urgency)
    places = Places.of_structure(run.structure)
    groups = places.paragraphs(findings)
    labels = places.titles(lang)
    heat = _heat(run)
    return {
        "model": run.model,
        "unseen": unseen(lang, of_counts(*seen), sites=seen[0], layers=seen[1]),
        "sites": sites,
        "labels": labels,
        "steps": steps,
        "loss": [number(each.loss) for each in run.snapshots],
        "summary": _summary(run, groups, lang),
        "findings": [
            {"group": number, **_finding(each, run, lang)}
            for number, group in enumerate(groups)
            for each in group
        ],
        "paragraphs": [_paragraph(group, run, lang) for group in groups],
        "heat": {quantity: [column(row) for row in rows] for quantity, rows in heat.items()},
        "sentences": {
            quantity: _sentence(quantity, labels, [row[-1] for row in rows], steps[-1], lang)
            for quantity, rows in heat.items()
        },
    }


def _urgency(finding: Finding) -> tuple[int, bool]:
    """Put the worst first, and causes before what follows from them."""
    from nonlin.torch.finding import rank

    return -rank(finding.severity), not finding.is_root


def _heat(run: Run) -> dict[str, list[list[float]]]:
    assert run.structure is not None
    counts = [int(str(site["units"])) for site in run.structure.sites]

    def rows(value: Callable[[SiteState, int], float]) -> list[list[float]]:
        return [
            [value(each.sites[place], count) for each in run.snapshots]
            for place, count in enumerate(counts)
        ]

    return {
        "dead": rows(lambda site, count: site.dead / max(count, 1)),
        "saturated": rows(lambda site, _: site.saturated),
        "gradient": rows(lambda site, _: site.gradient_rms),
    }


def _summary(run: Run, groups: Sequence[Sequence[Finding]], lang: str) -> list[str]:
    from nonlin.torch import wording
    from nonlin.torch.places import Places

    assert run.last is not None
    assert run.structure is not None
    counted = Counter[str](each.severity for group in groups for each in group)
    fields = {
        "model": run.model,
        "count": run.count,
        "step": run.last.step,
        **{f"{severity}s": counted[severity] for severity in SEVERITIES},
    }
    key = "summary_one" if run.count == 1 else "summary"
    sentences = [text(f"explorer_api.examine.{key}", lang, **fields)]
    if groups:
        where = Places.of_structure(run.structure).row([each.site for each in groups[0]], lang)
        first = {"title": wording.title(groups[0], lang), "site": where}
        sentences.append(text("explorer_api.examine.begins", lang, **first))
    return sentences


def _finding(finding: Finding, run: Run, lang: str) -> dict[str, Any]:
    """Say one finding; `group` is the paragraph that tells it."""
    return {"site": finding.site, **_told([finding], run, lang)}


def _paragraph(group: Sequence[Finding], run: Run, lang: str) -> dict[str, Any]:
    """Say the findings that differ in their place alone together."""
    from nonlin.torch.places import Places

    assert run.structure is not None
    places, sites = Places.of_structure(run.structure), [each.site for each in group]
    return {"sites": sites, "place": places.row(sites, lang), **_told(group, run, lang)}


def _told(group: Sequence[Finding], run: Run, lang: str) -> dict[str, Any]:
    from nonlin.torch import wording
    from nonlin.torch.finding import worst
    from nonlin.torch.places import Places

    assert run.structure is not None
    first = worst(group)
    began = {(each.finding.kind, each.finding.site): each.began for each in run.troubles}
    since = [began[key] for each in group if (key := (each.kind, each.site)) in began]
    said = [wording.cause(group, lang)]
    if first.caused_by is not None:
        place = Places.of_structure(run.structure).label(first.caused_by, lang)
        said.append(text("explorer_api.examine.follows", lang, site=place))
    if since:
        said.append(text("explorer_api.examine.since", lang, step=_steps(since, lang)))
    return {
        "kind": first.kind,
        "severity": first.severity,
        "title": wording.title(group, lang),
        "sentence": wording.proof(group, lang),
        "cause": " ".join(each for each in said if each),
        "began": min(since, default=None),
    }


def _steps(steps: Sequence[int], lang: str) -> str:
    low, high = min(steps), max(steps)
    return str(low) if low == high else text("doctor.range", lang, low=low, high=high)


def _sentence(
    quantity: str, sites: Sequence[str], last: Sequence[float], step: int, lang: str
) -> str:
    if not sites:
        return ""
    place = max(range(len(sites)), key=lambda i: last[i])
    shown = f"{last[place]:.3g}" if quantity == "gradient" else f"{100 * last[place]:.3g}"
    ends = {"first": f"{last[0]:.3g}", "last": f"{last[-1]:.3g}"}
    fields = {"step": step, "site": sites[place], "most": shown, **ends}
    return text(f"explorer_api.examine.{quantity}", lang, **fields)


_TEXT = {"type": "string"}
_ROWS = listing(listing(NUMBER))
SCHEMA = record(
    model=_TEXT,
    unseen=_TEXT,
    sites=listing(_TEXT),
    labels=listing(_TEXT),
    steps=listing({"type": "integer"}),
    loss=listing(NUMBER),
    summary=listing(_TEXT),
    findings=listing(
        record(
            group={"type": "integer"},
            kind=_TEXT,
            site=_TEXT,
            severity=_TEXT,
            title=_TEXT,
            sentence=_TEXT,
            cause=_TEXT,
        )
    ),
    paragraphs=listing(
        record(
            kind=_TEXT,
            sites=listing(_TEXT),
            place=_TEXT,
            severity=_TEXT,
            title=_TEXT,
            sentence=_TEXT,
            cause=_TEXT,
        )
    ),
    heat=record(dead=_ROWS, saturated=_ROWS, gradient=_ROWS),
    sentences=record(dead=_TEXT, saturated=_TEXT, gradient=_TEXT),
)
