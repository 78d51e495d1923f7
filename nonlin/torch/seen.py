"""What of a model was seen, so that nothing is called healthy which nobody looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from nonlin.messages import text
from nonlin.torch.reading import Coverage, Operation, Reading

Standing = Literal["all", "part", "no_activation", "no_layer", "nothing"]

# Where nothing can be said.
UNJUDGED = ("no_activation", "no_layer", "nothing")

# Why something is not measured, where that is known beforehand.
REASONS = ("nested", "sparse")

# So many names stand in a sentence.
NAMES = 4


def standing(reading: Reading) -> Standing:
    """Tell whether a reading that found nothing may be called healthy.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    str
        "all". "part": what was seen is healthy. "no_activation", "no_layer", "nothing": there was
        no site, no layer that is trained, or neither, so nothing can be said.
    """
    layers = sum(layer.trainable for layer in reading.layers)
    return of_counts(len(reading.sites), layers, reading.coverage)


def of_counts(sites: int, layers: int, coverage: Coverage | None = None) -> Standing:
    """Tell the same from how many sites and layers were seen, as where a log is all there is."""
    if not sites:
        return "no_activation" if layers else "nothing"
    if not layers:
        return "no_layer"
    return "all" if coverage is None or coverage.complete else "part"


def unseen(lang: str, found: Standing, *, sites: int, layers: int) -> str:
    """Say what was not seen at all; "" where something was."""
    if found not in UNJUDGED:
        return ""
    return text(f"examination.unseen.{found}", lang, sites=f"{sites:,}", layers=f"{layers:,}")


def sentences(reading: Reading, lang: str) -> list[str]:
    """Say how much was seen; what was not, not recognised and not measured, each in one line."""
    layers = sum(layer.trainable for layer in reading.layers)
    first = unseen(lang, standing(reading), sites=len(reading.sites), layers=layers)
    said = [*_share(reading.coverage, lang), *_of(reading.coverage, lang)]
    return [first, *said] if first else said


def _share(coverage: Coverage, lang: str) -> Iterator[str]:
    """Say how much was seen; nothing of readings that did not count it."""
    if not coverage.operations:
        return
    unknown = sum(each.calls for each in coverage.unrecognized)
    counts = {
        "all": coverage.parameters,
        "parameters": coverage.parameters - len(coverage.unseen),
        "operations": coverage.operations,
        "known": coverage.operations - unknown,
    }
    shown = {name: f"{count:,}" for name, count in counts.items()}
    yield text("examination.seen", lang, **shown)


def _of(coverage: Coverage, lang: str) -> Iterator[str]:
    if coverage.unrecognized:
        names = _shortened([_named(x) for x in coverage.unrecognized])
        yield text("examination.coverage.operations", lang, names=names)
    if coverage.unseen:
        fields = {
            "count": f"{len(coverage.unseen):,}",
            "all": f"{coverage.parameters:,}",
            "names": _shortened(coverage.unseen),
        }
        yield text("examination.coverage.parameters", lang, **fields)
    for name, why in coverage.unmeasured.items():
        why = text(f"examination.reason.{why}", lang) if why in REASONS else why
        yield text("examination.coverage.unmeasured", lang, name=name, why=why)


def _named(operation: Operation) -> str:
    times = f"{operation.name} × {operation.calls:,}" if operation.calls > 1 else operation.name
    modules = [name for name in operation.modules if name]
    return f"{times} ({_shortened(modules)})" if modules else times


def _shortened(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more
