"""The last study: each claim with its verdict and numbers, by phenomenon."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from nonlin import cards
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.numbers import number
from nonlin.explorer.parameters import language
from nonlin.explorer.schema import NUMBER, listing, record
from nonlin.explorer.wrong import WrongRequestError
from nonlin.messages import text
from nonlin.study import claims
from nonlin.study.results import VERDICTS, Number, Outcome, Results, ResultsError, load

__all__ = ["ENDPOINT", "latest", "version"]

# Where `nonlin study` and `make study` write, below the folder that the explorer is started in.
FOLDERS = (Path("nonlin-study"), Path("study"))


def version() -> tuple[int, Path] | None:
    """Tell the newest results from others: when they were written, and where; None for none."""
    files = [folder / "results.json" for folder in FOLDERS]
    return max(((f.stat().st_mtime_ns, f) for f in files if f.is_file()), default=None)


def latest() -> tuple[Results, Path | None]:
    """Read the newest results; what ships with the package where there are none.

    Returns
    -------
    (Results, Path or None)
        With the file they are from, if they do not ship.

    Raises
    ------
    WrongRequestError
        If the newest results are none.
    """
    newest = version()
    if newest is not None:
        changed, file = newest
        return _read(file.resolve(), changed), file
    shipped = cards.reference()
    if shipped is None:
        raise WrongRequestError("no_study", status=404)
    return shipped, None


@lru_cache(maxsize=2)
def _read(file: Path, changed: int) -> Results:
    try:
        return load(file)
    except (OSError, ResultsError) as error:
        reason = str(error) if isinstance(error, ResultsError) else file.name
        raise WrongRequestError(
            "cli.study.broken", status=422, path=file.name, reason=reason
        ) from None


def study(lang: str) -> dict[str, Any]:
    """Give the study, phenomenon by phenomenon, in the document's order."""
    results, file = latest()
    order = dict.fromkeys(claim.phenomenon for claim in claims.CLAIMS)
    return {
        "summary": _summary(results, file, lang),
        "phenomena": [_phenomenon(name, results, lang) for name in order],
    }


def _summary(results: Results, file: Path | None, lang: str) -> list[str]:
    counted = Counter(outcome.verdict for outcome in results.outcomes.values())
    verdicts = {verdict: counted[verdict] for verdict in VERDICTS}
    tally = text("cli.study.tally", lang, count=len(results.outcomes), **verdicts)
    key = "explorer_api.study." + ("shipped" if file is None else "own")
    sentences = [tally, text(key, lang, path="" if file is None else file.as_posix())]
    doubts = {"incomplete": not results.complete, "quick": results.settings["quick"]}
    return sentences + [text(f"cli.show.{doubt}", lang) for doubt, holds in doubts.items() if holds]


def _phenomenon(name: str, results: Results, lang: str) -> dict[str, Any]:
    ids = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
    drawn = any(each in results.outcomes and results.outcomes[each].series for each in ids)
    return {
        "name": name,
        "title": text(f"report.phenomena.{name}.title", lang),
        "caption": text(f"report.phenomena.{name}.caption", lang),
        "figure": f"api/study/figure/{name}?lang={lang}" if drawn else None,
        "claims": [_claim(each, results.outcomes.get(each), lang) for each in ids],
    }


def _claim(name: str, outcome: Outcome | None, lang: str) -> dict[str, Any]:
    said = {"id": name, "claim": text(f"study.claims.{name}.claim", lang)}
    if outcome is None:
        return said | {"verdict": None, "evidence": None, "finding": "", "numbers": []}
    return said | {
        "verdict": outcome.verdict,
        "verdict_label": text(f"report.verdict.{outcome.verdict}", lang),
        "evidence": outcome.evidence,
        "evidence_label": text(f"report.evidence.{outcome.evidence}", lang),
        "finding": cards.finding(outcome, lang),
        "numbers": [_number(each, lang) for each in outcome.numbers],
    }


def _number(each: Number, lang: str) -> dict[str, Any]:
    ends = {
        name: None if end is None else number(end)
        for name, end in (("low", each.low), ("high", each.high))
    }
    label = text(f"study.numbers.{each.name}", lang)
    return {"label": label, "value": each.value, **ends, "n": each.n, "unit": each.unit}


_TEXT = {"type": "string"}
_OPTIONAL = {"type": ["string", "null"]}
_NUMBER = record(label=_TEXT, value=NUMBER, low=NUMBER, high=NUMBER, unit=_TEXT)
_VERDICT = {"enum": [*VERDICTS, None]}
_EVIDENCE = {"enum": ["proved", "measured", None]}

ENDPOINT = Endpoint(
    "/api/study",
    "The claims of the last study below the folder the explorer was started in, else of the one "
    "that ships with nonlin",
    (language,),
    study,
    record(
        summary=listing(_TEXT),
        phenomena=listing(
            record(
                name=_TEXT,
                title=_TEXT,
                caption=_TEXT,
                figure=_OPTIONAL,
                claims=listing(
                    record(
                        id=_TEXT,
                        claim=_TEXT,
                        verdict=_VERDICT,
                        evidence=_EVIDENCE,
                        finding=_TEXT,
                        numbers=listing(_NUMBER),
                    )
                ),
            )
        ),
    ),
    kept=False,
)
