"""The page: what stands where, and what the study ran on."""

from collections.abc import Mapping
from typing import Any

from nonlin import cards, catalogue
from nonlin.messages import text
from nonlin.report.machines import heads, rows
from nonlin.report.sections import OPEN, sections, tally
from nonlin.report.template import asset, joined, template
from nonlin.study import claims, elsewhere
from nonlin.study.design import ALPHA, FIRST_SEED, MARGINS
from nonlin.study.results import Results

__all__ = ["how_decided", "study_html"]


def study_html(
    results: Results,
    figures: Mapping[str, str],
    lang: str,
    other_language_href: str | None = None,
) -> str:
    """Write a study as one HTML page that needs nothing but itself: no network, no script.

    Parameters
    ----------
    results : Results
        What was measured; an incomplete study gives a page that says so.
    figures : mapping of str to str
        Phenomenon to the SVG file of its figure; a phenomenon without one has no figure.
    lang : str
        ``"en"`` or ``"ko"``.
    other_language_href : str, optional
        Where the same page is in the other language, relative to this one.

    Returns
    -------
    str
        A whole HTML document.

    Raises
    ------
    ImportError
        If Jinja2 or SymPy is not installed.
    """
    chapters = sections(results, figures, lang)
    views = [view for chapter in chapters for view in chapter.claims]
    counts = tally(views)
    measured = [view for view in views if view.verdict != OPEN]
    yours = elsewhere.times(results)
    page = template("page.html").render(
        lang=lang,
        t=lambda key, **fields: text(f"report.{key}", lang, **fields),
        word=lambda key: text(f"cards.{key}", lang),
        style=asset("style.css"),
        results=results,
        chapters=chapters,
        counts=counts,
        measured=len(measured),
        total=len(views),
        surprises=[
            view
            for verdict in ("fails", "depends", "undecided")
            for view in measured
            if view.verdict == verdict
        ],
        drawn={drawing.phenomenon for chapter in chapters for drawing in chapter.drawings},
        formulas={
            chapter.function: cards.formulas(catalogue.get(chapter.function))
            for chapter in chapters
            if chapter.function
        },
        conditions=_conditions(results, lang),
        yours=yours,
        machine_heads=heads(lang),
        machine_rows=rows(elsewhere.published_times(), lang, yours),
        other_language_href=other_language_href,
    )
    return joined(page)


def how_decided(lang: str) -> str:
    """Say how conditions become verdicts, with the margins and the error rate.

    Parameters
    ----------
    lang : str

    Returns
    -------
    str
    """
    percent = {name: 100 * MARGINS[name] for name in ("accuracy", "time", "factor")}
    calibration = MARGINS["calibration"]
    family = len(claims.judged())
    fields = {**percent, "calibration": calibration, "family": family, "alpha": 100 * ALPHA}
    return text("report.verdicts", lang, **fields)


def _conditions(results: Results, lang: str) -> list[tuple[str, str]]:
    """What the numbers depend on, as pairs of a label and a sentence."""
    seeds, environment = results.settings["seeds"], results.environment
    blocks = results.settings.get("blocks", 1)
    first = FIRST_SEED + results.settings.get("skip", 0)
    versions: Mapping[str, Any] = environment["versions"]
    kernels = text(
        "report.kernels",
        lang,
        kernels=environment["instruction_set"] or "–",
        torch=environment["torch_instruction_set"],
    )
    known = {
        "seeds": text(
            "report.seeds",
            lang,
            seeds=seeds,
            blocks=blocks,
            first=first,
            last=first + seeds * blocks - 1,
        ),
        "verdicts": how_decided(lang),
        "intervals": text("report.intervals", lang),
        "data": text("report.data", lang),
        "networks": text("report.networks", lang),
        "dtype": str(environment["dtype"]),
        "instruction_set": kernels,
        "threads": str(environment["threads"]),
        "system": f"{environment['system']}, {environment['machine']}",
        **_processor(environment, lang),
        "versions": ", ".join(
            f"{package} {version}"
            for package, version in {"Python": environment["python"], **versions}.items()
            if version
        ),
    }
    return [(text(f"report.condition.{key}", lang), value) for key, value in known.items()]


def _processor(environment: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The processor's model and cores; studies of before they were recorded have neither."""
    model, cores = environment.get("processor"), environment.get("cores")
    if cores is None:
        return {}
    return {"processor": text("report.processor", lang, model=model or "–", cores=cores)}
