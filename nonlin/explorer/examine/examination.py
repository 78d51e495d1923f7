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
    from nonlin.torch.seen import of_counts, unseen

    assert run.last is not None
    assert run.structure is not None
    sites = [str(site["name"]) for site in run.structure.sites]
    seen = len(sites), len(run.structure.layers)
    steps = [each.step for each in run.snapshots]
    findings = sorted(
        run.last.findings, key=lambda f: (SEVERITIES.index(f.severity), not f.is_root)
    )
    heat = _heat(run)
    return {
        "model": str(run.header["model"]["class"]),
        "unseen": unseen(lang, of_counts(*seen), sites=seen[0], layers=seen[1]),
        "sites": sites,
        "steps": steps,
        "loss": [number(each.loss) for each in run.snapshots],
        "summary": _summary(run, findings, lang),
        "findings": [_finding(each, run, lang) for each in findings],
        "heat": {quantity: [column(row) for row in rows] for quantity, rows in heat.items()},
        "sentences": {
            quantity: _sentence(quantity, sites, [row[-1] for row in rows], steps[-1], lang)
            for quantity, rows in heat.items()
        },
    }


def _urgency(finding: Finding) -> tuple[int, bool]:
    """Put the worst first, and causes before what follows from them."""
    return SEVERITIES.index(finding.severity), not finding.is_root


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


def _summary(run: Run, findings: Sequence[Finding], lang: str) -> list[str]:
    assert run.last is not None
    counted = Counter[str](each.severity for each in findings)
    fields = {
        "model": run.header["model"]["class"],
        "count": run.count,
        "step": run.last.step,
        **{f"{severity}s": counted[severity] for severity in SEVERITIES},
    }
    sentences = [text("explorer_api.examine.summary", lang, **fields)]
    if findings:
        first = findings[0]
        title = text(f"examination_report.kind.{first.kind}", lang)
        sentences.append(text("explorer_api.examine.begins", lang, title=title, site=first.site))
    return sentences


def _finding(finding: Finding, run: Run, lang: str) -> dict[str, Any]:
    from nonlin.torch import wording

    began = {(each.finding.kind, each.finding.site): each.began for each in run.troubles}
    since = began.get((finding.kind, finding.site))
    said = [wording.cause(finding, lang)]
    if finding.caused_by is not None:
        said.append(text("explorer_api.examine.follows", lang, site=finding.caused_by))
    if since is not None:
        said.append(text("explorer_api.examine.since", lang, step=since))
    return {
        "kind": finding.kind,
        "site": finding.site,
        "severity": finding.severity,
        "title": text(f"examination_report.kind.{finding.kind}", lang),
        "sentence": wording.proof(finding, lang),
        "cause": " ".join(each for each in said if each),
        "began": since,
    }


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
    steps=listing({"type": "integer"}),
    loss=listing(NUMBER),
    summary=listing(_TEXT),
    findings=listing(
        record(kind=_TEXT, site=_TEXT, severity=_TEXT, title=_TEXT, sentence=_TEXT, cause=_TEXT)
    ),
    heat=record(dead=_ROWS, saturated=_ROWS, gradient=_ROWS),
    sentences=record(dead=_TEXT, saturated=_TEXT, gradient=_TEXT),
)
