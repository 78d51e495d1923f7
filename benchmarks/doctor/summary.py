"""What the records of one population add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from doctor.judge import (
    Record,
    alarms,
    detected,
    exact,
    harms,
    hurts,
    learnt,
    named,
    reaches,
    rooted,
)
from doctor.shares import Share, share

KINDS = (
    "dead_units", "dying_units", "saturated_units", "silent_gate", "idle_experts",
    "vanishing_gradients", "exploding_gradients", "bad_initialization", "collapsed_attention",
    "stuck_layer", "learning_rate", "weight_decay", "dropout", "unscaled_inputs",
    "linear_stack", "doubled_activation", "hidden_softmax", "output_mismatch",
    "flat_loss", "non_finite",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes
    ----------
    planted, hurt : int
        Cases, and those that train worse than their twins.
    recall : Share
        Found, of those that hurt.
    rooted : Share
        Named by the first finding, kind and place, of those that hurt.
    all_found : Share
        Found, of all that were planted, harmless ones too.
    repaired : Share
        The first remedy reaches the twin, of those that hurt.
    """

    name: str
    planted: int
    hurt: int
    recall: Share
    rooted: Share
    all_found: Share
    repaired: Share


@dataclass(frozen=True)
class Summary:
    """One population.

    Attributes
    ----------
    families, trainings : int
        Healthy ones that learn.
    dropped : list of str
        Those that do not.
    quiet, quiet_families : Share
        Without any error or warning in three examinations each; families all of whose are.
    precision : Share
        Of the root errors and warnings in healthy and faulty programs, what was planted.
    skipped : int
        Faults of the rate, where no trial of rates can be asked for.
    failures : dict of str to list of str
        By name: "alarm", "missed", "not_first", "not_repaired", "harmed".
    """

    families: int
    trainings: int
    dropped: list[str]
    quiet: Share
    quiet_families: Share
    kinds: list[Kind]
    recall: Share
    rooted: Share
    exact: Share
    repaired: Share
    unharmed: Share
    precision: Share
    skipped: int
    failures: dict[str, list[str]]

    @property
    def demands(self) -> list[tuple[str, Share, bool]]:
        """What is asked: its name, what was measured, and whether it is met."""
        found = [("quiet", self.quiet, self.quiet.count == self.quiet.of)]
        found += [(f"recall.{x.name}", x.recall, x.recall.value >= 0.95)
                  for x in self.kinds if x.recall.of]  # fmt: skip
        return [
            *found,
            ("rooted", self.rooted, self.rooted.value >= 0.9),
            ("exact", self.exact, self.exact.count == self.exact.of),
            ("repaired", self.repaired, self.repaired.value >= 0.8),
            ("unharmed", self.unharmed, self.unharmed.count == self.unharmed.of),
        ]


def summarise(healthy: list[Record], faulty: list[Record]) -> Summary:
    """Add up a population's records; what does not learn is left out, with its faulty ones."""
    dropped = [x["name"] for x in healthy if not learnt(x)]
    sound = [x for x in healthy if learnt(x)]
    twins = {x["name"] for x in sound}
    planted = [x for x in faulty if x["name"].rpartition("/")[0] in twins]
    asked = [x for x in planted if not x.get("skipped")]
    seen = [x if x["kind"] != "dying_units" else _seen(x) for x in asked]
    hurt = [x for x in seen if hurts(x)]
    tried = [x for x in hurt if "remedy" in x]
    loud = {x["family"] for x in sound if said(x)}
    families = {x["family"] for x in sound}
    return Summary(
        len(families), len(sound), dropped,
        share([not said(x) for x in sound] + [not x["quiet"] for x in seen if "quiet" in x]),
        share(x not in loud for x in families),
        [_kind(name, seen) for name in KINDS if any(x["kind"] == name for x in planted)],
        share(map(detected, hurt)), share(map(rooted, hurt)),
        share(exact(x) for x in seen if x["truth"]["units"]),
        share(map(reaches, tried)), share(not harms(x) for x in tried),
        share(_right(sound, seen)), len(planted) - len(asked), _failures(sound, seen, hurt, tried),
    )  # fmt: skip


def said(record: Record) -> list[str]:
    """List the errors and warnings of a healthy training, each once."""
    found = [f"{x['kind']} ({x['cause']}) at {x['site']}, {when}"
             for when, findings in record["exams"].items() for x in alarms(findings)]  # fmt: skip
    return list(dict.fromkeys(found))


def _seen(record: Record) -> Record:
    """Write a monitor's troubles as findings; a place among several counts as the first."""
    truth = record["truth"]
    rows = sorted(record["troubles"], key=lambda x: not _is(x, truth))
    findings = [{"kind": kind, "site": site, "severity": "warning", "caused_by": None, "units": [],
                 "cause": ""} for kind, site in rows]  # fmt: skip
    return record | {"findings": findings}


def _is(row: list[str], truth: Record) -> bool:
    return row[0] in truth["kinds"] and named(row[1], truth["places"])


def _kind(name: str, seen: list[Record]) -> Kind:
    own = [x for x in seen if x["kind"] == name]
    hurt = [x for x in own if hurts(x)]
    tried = [x for x in hurt if "remedy" in x]
    return Kind(
        name, len(own), len(hurt), share(map(detected, hurt)), share(map(rooted, hurt)),
        share(map(detected, own)), share(map(reaches, tried)),
    )  # fmt: skip


def _right(sound: list[Record], seen: list[Record]) -> Iterable[bool]:
    """Say of each root error and warning whether it is what was planted."""
    for record in seen:
        for x in alarms(record["findings"]):
            if x["caused_by"] is None:
                yield x["kind"] in record["truth"]["kinds"]
    for record in sound:
        for findings in record["exams"].values():
            yield from (False for x in alarms(findings) if x["caused_by"] is None)


def _failures(
    sound: list[Record], seen: list[Record], hurt: list[Record], tried: list[Record]
) -> dict[str, list[str]]:
    loud = [(x["name"], said(x)) for x in sound if said(x)]
    loud += [(x["name"], [f"{kind} at {site}, watched" for kind, site in x["quiet"]])
             for x in seen if x.get("quiet")]  # fmt: skip
    return {
        "alarm": [f"{name}: {'; '.join(what)}" for name, what in loud],
        "missed": [x["name"] for x in hurt if not detected(x)],
        "not_first": [f"{x['name']}: {_first(x)}" for x in hurt if detected(x) and not rooted(x)],
        "not_repaired": [f"{x['name']}: {_remedy(x)}" for x in tried if not reaches(x)],
        "harmed": [f"{x['name']}: {_remedy(x)}" for x in tried if harms(x)],
    }


def _first(record: Record) -> str:
    found = alarms(record["findings"])[0]
    return f"{found['kind']} ({found['cause']}) at {found['site']}"


def _remedy(record: Record) -> str:
    remedy = record["remedy"]
    if remedy is None:
        return "none"
    if "score" not in remedy:
        return f"{remedy['key']} {remedy['outcome']}"
    scores = f"{record['score']:.2f} -> {remedy['score']:.2f}, twin {record['clean']:.2f}"
    return f"{remedy['key']} {remedy['outcome']} ({scores})"
