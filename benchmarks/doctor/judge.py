"""Compares what was found with what was planted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]
ALARMS = ("error", "warning")

# What a fault must cost to count as harm: right answers, or share of the variance explained; or a
# training loss that is so many times the twin's, and more than rounding above it.
HARM = 0.03
SLOWER, APART = 2.0, 0.05


def learnt(record: Record) -> bool:
    """Tell whether a healthy training reached what its family declares."""
    return bool(record["score"] >= record["learns"])


def worse(score: float, loss: float | None, than: float, than_loss: float | None) -> bool:
    """Tell whether one training went clearly worse than another."""
    if than - score >= HARM or (loss is None and than_loss is not None):
        return True
    if loss is None or than_loss is None:
        return False
    return loss > SLOWER * than_loss and loss - than_loss > APART


def hurts(record: Record) -> bool:
    """Tell whether a faulty program went worse than its healthy twin."""
    if record["kind"] == "dying_units":
        return True
    return worse(record["score"], record["loss"], record["clean"], record["clean_loss"])


def alarms(findings: Iterable[Record]) -> list[Record]:
    """Give the errors and warnings, in their order."""
    return [x for x in findings if x["severity"] in ALARMS]


def detected(record: Record) -> bool:
    """Tell whether what was planted was found, as an error or a warning."""
    return any(x["kind"] in record["truth"]["kinds"] for x in alarms(record["findings"]))


def named(site: str, places: Iterable[str]) -> bool:
    """Tell whether a site is one of the planted places, or inside one."""
    bare = site.partition(":")[0].partition("#")[0]
    return any(site == x or bare == x or bare.startswith(f"{x}.") for x in places)


def rooted(record: Record) -> bool:
    """Tell whether the first finding is of the planted kind, at the planted place."""
    found, truth = alarms(record["findings"]), record["truth"]
    if not found or found[0]["kind"] not in truth["kinds"]:
        return False
    return not truth["places"] or named(found[0]["site"], truth["places"])


def exact(record: Record) -> bool:
    """Tell whether each planted dead unit is named, and none that works on any of the data."""
    dead = [x for x in record["findings"] if x["kind"] == "dead_units"]
    found = [x for x in dead if named(x["site"], record["truth"]["places"])]
    units = {i for x in found for i in x["units"]}
    return set(record["truth"]["units"]) <= units <= set(record["idle"])


def reaches(record: Record) -> bool:
    """Tell whether training with the first remedy reaches the twin.

    It does within `HARM` of the twin's score and no clearly larger loss, or half of the way back of
    the loss.
    """
    remedy = record["remedy"]
    if remedy is None or "score" not in remedy:
        return False
    if record["clean"] - remedy["score"] < HARM:
        return not (remedy["comparable"] and _slow(remedy["loss"], record))
    return remedy["comparable"] and _half_way(remedy["loss"], record)


def _slow(loss: float | None, record: Record) -> bool:
    clean = record["clean_loss"]
    slow = loss is None or (loss > SLOWER * clean and loss - clean > APART)
    return slow and not _half_way(loss, record)


def _half_way(loss: float | None, record: Record) -> bool:
    before, clean = record["loss"], record["clean_loss"]
    if loss is None or before is None:
        return False
    return bool(loss - clean <= 0.5 * (before - clean))


def harms(record: Record) -> bool:
    """Tell whether training with the first remedy went clearly worse than without any."""
    remedy = record["remedy"]
    if remedy is None or "score" not in remedy:
        return False
    losses = (remedy["loss"], record["loss"]) if remedy["comparable"] else (0.0, 0.0)
    return worse(remedy["score"], losses[0], record["score"], losses[1])
