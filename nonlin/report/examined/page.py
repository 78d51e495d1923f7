"""The page on an examination, or on a run: what stands where."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nonlin import __version__
from nonlin.messages import languages
from nonlin.report.examined import coverage
from nonlin.report.examined.gradients import gradients
from nonlin.report.examined.heat import heat
from nonlin.report.examined.network import network
from nonlin.report.examined.rows import cell, columns, labels, row
from nonlin.report.examined.sentences import findings_of, remedy_view, trouble_view
from nonlin.report.examined.svg import both
from nonlin.report.examined.view import HEALTHY, RANK, health, read, site_views
from nonlin.report.template import asset, joined, template

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam
    from nonlin.torch.runs import Run, Snapshot

__all__ = ["examination_html"]

_NAMES = {"en": "English", "ko": "한국어"}


def examination_html(
    exam: "Exam | None",
    lang: str,
    *,
    run: "Run | None" = None,
    remedies: Sequence[Any] = (),
) -> str:
    """Write an examination, a run or both as one HTML page that needs nothing but itself.

    Parameters
    ----------
    exam : Exam or None
        None for a run that is known from its log alone.
    lang : str
        The language that the page opens in; it holds both.
    run : Run, optional
        With it the page tells what happened over time.
    remedies : sequence of Remedy
        Those that were tried.

    Returns
    -------
    str
        A whole HTML document without script.

    Raises
    ------
    ValueError
        If there is neither an examination nor a reading of a run.
    """
    empty = template("examined/page.html")
    from markupsafe import Markup

    structure, snapshot = read(exam, run)
    sites = site_views(structure, snapshot, None if exam is None else exam.reading)
    states = health(snapshot.findings)
    counts = _counts(each.severity for each in snapshot.findings)
    healthy = sum(site.health == HEALTHY for site in sites)
    began = {} if run is None else _began(run)
    model, rows = _model(exam, run), [row(site) for site in sites]
    page = empty.render(
        lang=lang,
        languages=[(code, _NAMES[code]) for code in languages()],
        style=asset("style.css") + asset("examined/style.css"),
        t=lambda key, **fields: Markup(both(key, **fields)),
        cell=cell,
        labels=labels,
        title=f"nonlin · {model}",
        model=model,
        run=run,
        first=f"{run.snapshots[0].step:,}" if run else "",
        last=f"{snapshot.step:,}",
        summary=_summary(snapshot, coverage.healthy(exam, structure), Markup),
        judged=coverage.is_judged(exam, structure),
        unseen=[Markup(line) for line in coverage.unseen(exam)],
        counts=counts,
        healthy=healthy,
        sites=sites,
        findings=findings_of(snapshot.findings, began),
        remedies=[remedy_view(each) for each in remedies],
        troubles=[trouble_view(each) for each in run.troubles] if run else [],
        heat=heat(run, "caption-heat") if run else None,
        network=network(structure, sites, states, "caption-network"),
        gradient=gradients(sites, "caption-gradient"),
        columns=columns(rows),
        rows=rows,
        conditions=_conditions(exam, run, snapshot),
    )
    return joined(page)


def _counts(severities: Iterable[str]) -> dict[str, int]:
    found = list(severities)
    return {severity: found.count(severity) for severity in sorted(RANK, key=lambda s: -RANK[s])}


def _began(run: "Run") -> dict[tuple[str, str], int]:
    return {(each.finding.kind, each.finding.site): each.began for each in run.troubles}


def _summary(snapshot: "Snapshot", calm: str, markup: Any) -> Any:
    roots = [each for each in snapshot.findings if each.is_root and each.severity != "note"]
    if not roots:
        return markup(calm)
    first = roots[0]
    consequences = sum(not each.is_root for each in snapshot.findings)
    key = "summary.root_with" if consequences else "summary.root"
    return markup(
        both("summary.begins") + " " + both(f"kind.{first.kind}") + " "
        f'<a href="#finding-1"><code>{markup.escape(first.site)}</code></a>. '
        + both(key, roots=len({each.site for each in roots}), consequences=consequences)
    )


def _model(exam: "Exam | None", run: "Run | None") -> str:
    if run is not None:
        return str(run.header["model"]["class"])
    if exam is None or exam.case is None:
        return "model"
    from nonlin.torch.measuring.subject import unwrapped

    return type(unwrapped(exam.case.model)[0]).__name__


def _conditions(
    exam: "Exam | None", run: "Run | None", snapshot: "Snapshot"
) -> list[tuple[str, str]]:
    """What the numbers rest on; no path and no host name."""
    found: dict[str, str] = {}
    if run is not None:
        model = run.header["model"]
        found["parameters"] = f"{model['parameters']:,}"
        found["step"] = f"{snapshot.step:,}"
        found["every"] = f"{run.header['settings']['every']:,}"
        found["versions"] = _versions(run.header["versions"])
    if exam is not None:
        environment = exam.reading.environment
        found["samples"] = f"{exam.reading.samples:,}"
        found |= {key: str(environment[key]) for key in ("dtype", "device") if key in environment}
        if run is None:
            versions = {"nonlin": __version__, "torch": environment.get("torch")}
            found["versions"] = _versions(versions)
    if snapshot.loss == snapshot.loss:
        found["loss"] = f"{snapshot.loss:.4g}"
    return list(found.items())


def _versions(known: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in known.items() if version)
