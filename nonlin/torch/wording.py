"""Findings in words: the one place that makes sentences of a finding, or of several alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from nonlin.messages import language, sentences_below, text
from nonlin.torch.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from nonlin.torch.runs.troubles import Trouble

__all__ = [
    "Findings",
    "cause",
    "causes",
    "describe",
    "mended",
    "number",
    "proof",
    "remedy",
    "sentence",
    "severity",
    "title",
    "trouble",
]

# Several are told together: the same finding at several places.
Findings = Finding | Sequence[Finding]

SHARES = (
    "bound", "share", "observations", "lost", "unmoved", "most_unmoved", "silent_share",
    "best_silent_share",
)  # fmt: skip
GRADIENTS = ("vanishing_gradients", "exploding_gradients")

# Causes that are told in a sentence of their own, whatever their kind is.
ONE_SENTENCE = {
    "schedule": "waiting_layers",
    "not_registered": "strangers",
    "rounding": "rounded_updates",
    "frozen": "frozen_layers",
    "at_outputs": "dropout_at_outputs",
    "step": "step_not_finite",
    "uniform": "uniform_attention",
}

# Of several findings' intervals the outermost ends are told.
LOWER, UPPER = ("low", "level_low"), ("high", "level_high")

# What a word or a number of a stranger's log may take of a sentence.
LETTERS = 60
WHOLE = 10**15


def describe(found: Findings, lang: str | None = None) -> str:
    """Say what was found, with its numbers, and why.

    Parameters
    ----------
    found : Finding or sequence of Finding
        Several that differ in their place and their numbers alone share a description, in which
        numbers that differ are ranges.
    lang : str, optional
        "en" or "ko"; by default the locale's.

    Returns
    -------
    str
    """
    spoken = language(lang)
    return " ".join(part for part in (proof(found, spoken), cause(found, spoken)) if part)


def sentence(finding: Finding, lang: str | None = None, place: str | None = None) -> str:
    """Say a finding on its own: how bad, what, where, and its description.

    Parameters
    ----------
    finding : Finding
    lang : str, optional
        "en" or "ko"; by default the locale's.
    place : str, optional
        What its place is called; else its name in code.

    Returns
    -------
    str
    """
    spoken = language(lang)
    return text(
        "doctor.said",
        spoken,
        severity=severity(finding.severity, spoken),
        title=title(finding, spoken),
        site=_word(finding.site if place is None else place),
        words=describe(finding, spoken),
    )


def trouble(over_time: Trouble, lang: str | None = None) -> str:
    """Say a finding, when it began and whether it is over."""
    spoken = language(lang)
    state = "goes_on" if over_time.ended is None else "over"
    steps = {"began": f"{over_time.began:,}", "ended": f"{over_time.ended or 0:,}"}
    return (
        f"{sentence(over_time.finding, spoken)} {text(f'doctor.trouble.{state}', spoken, **steps)}"
    )


def title(found: Findings, lang: str | None = None) -> str:
    """Name the trouble; a kind that this version does not know keeps the name it came with."""
    kind = _first(found).kind
    if kind not in get_args(Kind):
        return _word(kind)
    return text(f"examination_report.kind.{kind}", language(lang))


def severity(word: str, lang: str | None = None) -> str:
    """Name a severity; one that this version does not know keeps the name it came with."""
    if word not in get_args(Severity):
        return _word(word)
    return text(f"examination_report.severity.{word}", language(lang))


def proof(found: Findings, lang: str | None = None) -> str:
    """Say the numbers that a finding rests on.

    Where a log does not hold the numbers that its sentence needs, or this version has no sentence,
    they are listed as they are.
    """
    spoken, group = language(lang), _all(found)
    fields = {name: _field(name, group, spoken) for name in _shared(group)}
    try:
        said = [text(f"doctor.proof.{key}", spoken, **fields) for key in _sentences(group)]
    except KeyError:
        said = []
    return " ".join(said) if said else _listed(fields, spoken)


def cause(found: Findings, lang: str | None = None) -> str:
    """Say why; "" where nothing is known of it."""
    finding = _first(found)
    if not finding.cause:
        return ""
    try:
        return text(f"doctor.cause.{finding.kind}.{finding.cause}", language(lang))
    except KeyError:
        return ""


def causes(kind: str, lang: str | None = None) -> list[str]:
    """List the sentences on all causes that findings of a kind may have."""
    return list(dict.fromkeys(sentences_below(f"doctor.cause.{kind}", language(lang))))


def remedy(key: str, lang: str | None = None, **fields: Any) -> str:
    """Say what a remedy does."""
    shown = {name: number(name, value) for name, value in fields.items()}
    return text(f"doctor.remedy.{key}", language(lang), **shown)


def mended(key: str, lang: str | None = None, **fields: Any) -> str:
    """Say what became of a model."""
    shown = {name: number(name, value) for name, value in fields.items()}
    return text(f"doctor.mended.{key}", language(lang), **shown)


def number(name: str, value: Any) -> str:
    """Write one piece of evidence for people."""
    if value is None:
        return "?"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _word(_formula(value) if name.endswith("activation") else value)
    if name == "samples_needed" and 100 < value < WHOLE:
        # It is an estimate.
        return f"{int(float(f'{value:.2g}')):,}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < WHOLE else f"{Decimal(value):.2e}"
    if value.is_integer() and 1e3 <= abs(value) < 1e9:
        return f"{int(value):,}"
    if name == "confidence":
        return f"{value:.0%}"
    if name in SHARES:
        return f"{100 * value:.3g}%" if math.isfinite(value) else "?"
    return "∞" if math.isinf(value) else "?" if math.isnan(value) else f"{value:.3g}"


def _all(found: Findings) -> Sequence[Finding]:
    return (found,) if isinstance(found, Finding) else found


def _first(found: Findings) -> Finding:
    return _all(found)[0]


def _word(value: Any) -> str:
    written = str(value)
    return written if len(written) <= LETTERS else f"{written[: LETTERS - 1]}…"


def _formula(activation: Any) -> Any:
    """Write a function that was measured as its formula."""
    written = str(activation)
    measured = "nl.Activation.from_function("
    return written.removeprefix(measured)[:-1] if written.startswith(measured) else activation


def _sentences(group: Sequence[Finding]) -> list[str]:
    """Name the sentences that a kind is told in; none for a kind that is not known here."""
    kind = group[0].kind
    if kind not in get_args(Kind):
        return []
    if group[0].cause in ("gradient", "own_backward"):
        return _gradient_fault(group[0])
    if kind in GRADIENTS:
        return _gradients(group)
    if kind == "dead_units" and any(_real(each, "undecided") > 0 for each in group):
        endless = any(_real(each, "samples_needed") == math.inf for each in group)
        return [kind, "undecidable" if endless else "undecided"]
    if group[0].cause in ONE_SENTENCE:
        return [ONE_SENTENCE[group[0].cause]]
    if kind == "learning_rate":
        return _rate(group[0])
    if kind == "exploding_signal" and math.isnan(_real(group[0], "guess")):
        return ["exploding_signal_alone"]
    if kind == "collapsed_attention" and not math.isnan(_real(group[0], "passed")):
        return ["collapsed_attention_passed"]
    if kind == "dying_units":
        return [kind, "dying_all" if _real(group[0], "level") == 1 else "dying_half"]
    if kind == "bad_initialization" and group[0].cause == "equal_weights":
        return ["equal_units"]
    if kind == "linear_stack" and len(group) > 1:
        return ["linear_stacks"]
    return [kind]


def _gradients(group: Sequence[Finding]) -> list[str]:
    """Name the sentences of a gradient that vanishes or explodes: how far, and on which way."""
    kind, evidence = group[0].kind, group[0].evidence
    ends = any(_real(each, "ratio") == 0.0 for each in group)
    if group[0].cause == "time":
        unknown = math.isnan(_real(group[0], "predicted"))
        return ["ends_in_time" if ends else f"through_time{'_unpredicted' * unknown}"]
    way = [f"along_way.{'branch' if evidence.get('branch') else 'one'}"] * ("first" in evidence)
    way += ["no_rate"] if all("chance_loss" in each.evidence for each in group) else []
    if ends:
        return ["nothing_arrives", *way]
    unpredicted = any(math.isnan(_real(each, "predicted")) for each in group)
    return ["unpredicted" if unpredicted else kind, *way]


def _rate(finding: Finding) -> list[str]:
    """Name the sentences of a learning rate: what a trial or the readings of a run show."""
    lost = "_lost" if math.isnan(_real(finding, "loss")) else ""
    if "readings" in finding.evidence:
        return [f"rate_{finding.cause}{lost}"]
    told = [f"rate_trial{lost}" if lost else "learning_rate"]
    if _real(finding, "best_silent_share") < _real(finding, "silent_share"):
        told.append("rate_silent")
    told += ["rate_forecast"] if "forecast" in finding.evidence else []
    told += ["rate_share"] if _real(finding, "share") < 1.0 else []
    return told + (["rate_anew"] if finding.evidence.get("anew") else [])


def _gradient_fault(finding: Finding) -> list[str]:
    """Name the sentences of a gradient that is not finite: which function, where, on which line."""
    evidence = finding.evidence
    inside = "module" if evidence.get("module") else "loss" if evidence.get("in_loss") else "model"
    line = ["gradient_line"] if evidence.get("line") else []
    return ["gradient", f"gradient_in.{inside}", *line]


def _real(finding: Finding, name: str) -> float:
    """Give a piece of evidence as a number; NaN where it is none."""
    value = finding.evidence.get(name)
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return math.inf


def _shared(group: Sequence[Finding]) -> list[str]:
    return [name for name in group[0].evidence if all(name in each.evidence for each in group)]


def _field(name: str, group: Sequence[Finding], lang: str) -> str:
    """Write a piece of evidence of all findings: one number, or from the lowest to the highest."""
    values = [each.evidence[name] for each in group]
    written = list(dict.fromkeys(number(name, value) for value in values))
    if len(written) == 1:
        return written[0]
    known = sorted(
        (each for each in values if isinstance(each, int | float) and each == each), key=Decimal
    )
    if not known:
        return ", ".join(written)
    low, high = number(name, known[0]), number(name, known[-1])
    if name in LOWER or low == high:
        return low
    return high if name in UPPER else text("doctor.range", lang, low=low, high=high)


def _listed(fields: dict[str, str], lang: str) -> str:
    """Say that there is no sentence, and what was noted."""
    noted = ", ".join(f"{_word(name)} = {value}" for name, value in list(fields.items())[:12])
    return text("doctor.proof.unknown", lang, noted=noted or "–")
