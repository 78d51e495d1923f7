"""The page on an examination, or on a run: what stands where."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from nonlin import __version__
from nonlin.messages import languages
from nonlin.report.examined import coverage
from nonlin.report.examined.gradients import gradients
from nonlin.report.examined.heat import heat
from nonlin.report.examined.network import network
from nonlin.report.examined.rows import cell, columns, labels, row
from nonlin.report.examined.sentences import findings_of, remedy_view, trouble_view
from nonlin.report.examined.svg import both, in_both
from nonlin.report.examined.view import HEALTHY, RANK, health, look, read, site_views
from nonlin.report.template import asset, joined, template

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam
    from nonlin.torch.places import Places
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

    from nonlin.torch.places import Places

    structure, snapshot = read(exam, run)
    places = Places.of_structure(structure)
    beside = partial(places.called, lang=lang)
    sites = site_views(structure, snapshot, None if exam is None else exam.reading)
    states = health(snapshot.findings)
    counts = _counts(look(each.severity) for each in snapshot.findings)
    healthy = sum(site.health == HEALTHY for site in sites)
    began = {} if run is None else _began(run)
    model, rows = _model(exam, run), [row(site) for site in sites]
    page = empty.render(
        lang=lang,
        languages=[(code, _NAMES[code]) for code in languages()],
        style=asset("style.css") + asset("examined/style.css"),
        t=lambda key, **fields: Markup(both(key, **fields)),
        called=lambda name: Markup(in_both(partial(places.called, name))),
        cell=cell,
        labels=labels,
        title=f"nonlin · {model}",
        model=model,
        run=run,
        first=f"{run.snapshots[0].step:,}" if run else "",
        last=f"{snapshot.step:,}",
        summary=_summary(snapshot, places, coverage.healthy(exam, structure)),
        judged=coverage.is_judged(exam, structure),
        unseen=[Markup(line) for line in coverage.unseen(exam)],
        counts=counts,
        healthy=healthy,
        sites=sites,
        findings=findings_of(snapshot.findings, began, places),
        remedies=[remedy_view(each) for each in remedies],
        troubles=[trouble_view(each) for each in run.troubles] if run else [],
        heat=heat(run, "caption-heat", beside) if run else None,
        network=network(structure, sites, states, "caption-network"),
        gradient=gradients(sites, "caption-gradient", beside),
        columns=columns(rows),
        rows=rows,
        others=_others(exam),
        conditions=_conditions(exam, run, snapshot),
    )
    return joined(page)


def _others(exam: "Exam | None") -> list[Any]:
    from nonlin.torch.exam_tables import others

    return [] if exam is None else list(others(exam.reading))


def _counts(severities: Iterable[str]) -> dict[str, int]:
    found = list(severities)
    return {severity: found.count(severity) for severity in sorted(RANK, key=lambda s: -RANK[s])}


def _began(run: "Run") -> dict[tuple[str, str], int]:
    return {(each.finding.kind, each.finding.site): each.began for each in run.troubles}


def _summary(snapshot: "Snapshot", places: "Places", calm: str) -> Any:
    from markupsafe import Markup

    from nonlin.torch.finding import worst
    from nonlin.torch.wording import title

    told = places.paragraphs(snapshot.findings)
    roots = [each for each in told if each[0].is_root and look(worst(each).severity) != "note"]
    if not roots:
        return Markup(calm)
    first, number = roots[0], told.index(roots[0]) + 1
    where = in_both(partial(places.row, [each.site for each in first]))
    begins = (
        f"{both('summary.begins')} {in_both(partial(title, first))} "
        f'<a href="#finding-{number}">{where}</a>.'
    )
    following = sum(not each[0].is_root for each in told)
    more = (_counted("other", "others", len(roots) - 1), _counted("follow", "follow", following))
    return Markup(" ".join(part for part in (begins, *more) if part))


def _counted(one: str, many: str, count: int) -> str:
    if not count:
        return ""
    return both(f"summary.{one}_one" if count == 1 else f"summary.{many}", count=count)


def _model(exam: "Exam | None", run: "Run | None") -> str:
    if run is not None:
        return str(run.model)
    return "model" if exam is None else str(exam.reading.environment.get("model", "model"))


def _conditions(
    exam: "Exam | None", run: "Run | None", snapshot: "Snapshot"
) -> list[tuple[str, str]]:
    """What the numbers rest on; no path and no host name."""
    from nonlin.torch.wording import number

    found: dict[str, str] = {}
    if run is not None:
        parameters, every = (
            run.header["model"].get("parameters"),
            run.header["settings"].get("every"),
        )
        found["parameters"] = number("parameters", parameters)
        found["step"] = f"{snapshot.step:,}"
        found["every"] = number("every", every)
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
