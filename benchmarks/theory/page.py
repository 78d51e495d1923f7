"""Writes the page in both languages. Every number on it comes from the measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonlin.study.results import Number
from theory.maps import Accuracies
from theory.page_tables import accuracy_table, agreement_table, demand_table, point_table
from theory.summary import Compared, Summary
from theory.words import LANGUAGES, say


@dataclass(frozen=True)
class Found:
    """All that the page tells.

    Attributes
    ----------
    titles : mapping
        Of each function, by its name.
    summaries : mapping
        The points of each function.
    beyond : Summary
        Softplus where gradients along the length take over.
    slope : float
        Of its length map there.
    accuracies : mapping
        Of the trainings, by function.
    setting : mapping
        Sizes, versions and minutes.
    """

    titles: Mapping[str, str]
    summaries: Mapping[str, Sequence[Summary]]
    beyond: Summary
    slope: float
    accuracies: Mapping[str, Accuracies]
    setting: Mapping[str, Any]


def write(found: Found, page: Path, figures: str) -> None:
    """Write `<page>.md` and `<page>.ko.md`; `figures` is their folder as the page links to it."""
    for lang in LANGUAGES:
        path = page.with_suffix(".md" if lang == "en" else f".{lang}.md")
        parts = _parts(found, figures, lang)
        path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")


def _parts(found: Found, figures: str, lang: str) -> Iterable[str]:
    points = [(found.titles[name], x) for name, row in found.summaries.items() for x in row]
    yield f"# {say('title', lang)}"
    yield say("intro", lang, **found.setting)
    yield say("points", lang)
    yield _setting(found, lang)
    yield f"## {say('asked', lang)}\n\n{demand_table([x for _, x in points], lang)}"
    yield misses(points, lang)
    yield f"## {say('table', lang)}\n\n{point_table(points, lang)}"
    yield f"## {say('absent', lang)}\n\n{_absent(found, lang)}"
    yield f"## {say('fails', lang)}\n\n{say('why', lang, softplus=_beyond(found, lang))}"
    yield f"## {say('matters', lang)}\n\n{say('training', lang, **found.setting)}"
    for name in found.accuracies:
        alt = say("alt.map", lang, name=found.titles[name])
        yield f"![{alt}]({figures}/training-{name}.{lang}.png)"
    yield say("agreement", lang)
    yield agreement_table(found.titles, found.accuracies, lang)
    yield say("starts", lang)
    for name, accuracies in found.accuracies.items():
        yield f"### {found.titles[name]}\n\n{accuracy_table(name, accuracies, lang)}"
    yield say("starts.reading", lang, **found.setting)
    yield f"## {say('figures', lang)}\n\n{say('figures.text', lang)}"
    for name in found.summaries:
        alt = say("alt.function", lang, name=found.titles[name])
        yield f"![{alt}]({figures}/{name}.{lang}.png)"


def _setting(found: Found, lang: str) -> str:
    lines = [say("setting", lang, **found.setting)]
    return "\n".join([*lines, say("quick", lang)] if found.setting["quick"] else lines)


def misses(points: Sequence[tuple[str, Summary]], lang: str) -> str:
    """List what is not within the bar, or say that there is nothing."""
    lines = []
    for title, summary in points:
        judged = {"factor": summary.factor, summary.kept: summary.judged}
        for what, compared in judged.items():
            if compared is None or not compared.meets:
                lines.append(_miss(title, summary, what, compared, lang))
    return "\n\n".join([say("missed", lang), "\n".join(lines)] if lines else []) or say(
        "none_missed", lang
    )


def _miss(title: str, summary: Summary, what: str, compared: Compared | None, lang: str) -> str:
    where = {
        "function": title,
        "phase": say(f"phase.{summary.measured.point.phase}", lang),
        "what": say(f"what.{what}", lang),
    }
    if compared is None:
        return say("miss.none", lang, **where)
    return say(
        "miss",
        lang,
        **where,
        measured=interval(compared.measured),
        predicted=f"{compared.predicted:.4g}",
        error=compared.error,
    )


def interval(number: Number) -> str:
    """Write a mean and its interval."""
    return f"{number:.4g} [{number.least:.4g}, {number.most:.4g}]"


def _absent(found: Found, lang: str) -> str:
    lines = []
    for phase in ("critical", "chaotic"):
        without = [
            found.titles[name]
            for name, row in found.summaries.items()
            if phase not in [x.measured.point.phase for x in row]
        ]
        if without:
            lines.append(say(f"absent.{phase}", lang, names=", ".join(without)))
    return "\n\n".join(lines) or say("absent.none", lang)


def _beyond(found: Found, lang: str) -> str:
    point, factor = found.beyond.measured.point, found.beyond.factor
    if factor is None:
        return ""
    return say(
        "softplus",
        lang,
        weight=point.weight_variance,
        bias=point.bias_variance,
        predicted=factor.predicted,
        slope=found.slope**2,
        measured=interval(factor.measured),
    )
