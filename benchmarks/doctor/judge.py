"""Compares what was found with what was planted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ALARMS = ("error", "warning")

# What a fault must cost to count as harm: right answers, or share of the variance explained; or a
# training loss that is so many times the twin's, and more than rounding above it.
HARM = 0.03
SLOWER, APART = 2.0, 0.05


def hurts(record: dict[str, Any]) -> bool:
    """Tell whether training went worse than that of the healthy twin."""
    loss, clean = record["loss"], record["clean_loss"]
    if loss is None:
        return True
    slower = clean is not None and loss > SLOWER * clean and loss - clean > APART
    return bool(record["clean"] - record["score"] >= HARM or slower)


def alarms(record: dict[str, Any], key: str = "findings") -> list[dict[str, Any]]:
    """Give the errors and warnings."""
    return [x for x in record[key] if x["severity"] in ALARMS]


def detected(record: dict[str, Any], kind: str) -> bool:
    """Tell whether a kind was found, as an error or a warning."""
    return any(x["kind"] == kind for x in alarms(record))


def named(site: str, layers: Iterable[str]) -> bool:
    """Tell whether a site is one of the planted places, or inside one."""
    bare = site.partition(":")[0].partition("#")[0]
    return site in layers or bare in layers


def explained(found: dict[str, Any], record: dict[str, Any]) -> bool:
    """Tell whether a finding is what was planted, or is said to follow from something else."""
    if found["caused_by"] is not None:
        return True
    return any(found["kind"] in {truth["kind"], *truth["roots"]} for truth in record["truths"])


def rooted(record: dict[str, Any], truth: dict[str, Any]) -> bool:
    """Tell whether the planted place is named as a root, by what was planted or what it is."""
    roots = [x for x in alarms(record) if x["caused_by"] is None]
    right = [x for x in roots if x["kind"] in truth["roots"]]
    return any(not truth["layers"] or named(x["site"], truth["layers"]) for x in right)


def exact(record: dict[str, Any], truth: dict[str, Any]) -> bool:
    """Tell whether each planted dead unit is named, and none that works on any of the data."""
    found = [x for x in record["findings"]
             if x["kind"] == "dead_units" and named(x["site"], truth["layers"])]  # fmt: skip
    units = {i for x in found for i in x["units"]}
    return set(truth["units"]) <= units <= set(truth["idle"])


def repaired(record: dict[str, Any]) -> bool:
    """Tell whether the first remedy cured the copy, and training with it gets back what was lost.

    Back means to within `HARM` of the healthy twin, or half of the way; or, where the loss alone
    was worse, to no more than `SLOWER` times the twin's.
    """
    remedy = record["remedy"]
    if remedy is None or remedy["outcome"] != "cured":
        return False
    lost, left = record["clean"] - record["score"], record["clean"] - remedy["score"]
    if lost < HARM and remedy["loss"] is not None and record["clean_loss"] is not None:
        return left < HARM and remedy["loss"] <= SLOWER * record["clean_loss"] + APART
    return bool(left < HARM or left <= 0.5 * lost)
