"""What the records add up to, half by half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from doctor.controls import STATED
from doctor.judge import alarms, detected, exact, explained, hurts, named, repaired, rooted
from doctor.overhead import Cost
from doctor.shares import Share, share

Record = dict[str, Any]
KINDS = (
    "dead_units", "saturated_units", "vanishing_gradients", "exploding_gradients",
    "bad_initialization", "stuck_layer", "unscaled_inputs", "linear_stack", "doubled_activation",
    "output_mismatch", "non_finite",
)  # fmt: skip
DYING = "dying_units"
OURS = "nonlin"


@dataclass(frozen=True)
class Kind:
    """One kind of fault in one half.

    Attributes
    ----------
    planted : int
    recall : Share
        Found, of those that hurt training.
    all_found : Share
        Found, of all that were planted, harmless ones too.
    precision : Share
        Right, of the errors and warnings of this kind in faulty and healthy models.
    """

    name: str
    planted: int
    recall: Share
    all_found: Share
    precision: Share


@dataclass(frozen=True)
class Half:
    """What one half of the models shows."""

    kinds: list[Kind]
    quiet: Share
    exact: Share
    rooted: Share
    repaired: Share
    repaired_by_kind: dict[str, Share]
    faulty: int


@dataclass(frozen=True)
class Tool:
    """One tool on the half that is reported.

    Attributes
    ----------
    alarmed : Share
        Healthy models in which it finds something.
    noticed : Share
        Faulty models that train worse in which it finds something.
    named : Share
        Those in which it names the kind that was planted.
    """

    name: str
    alarmed: Share
    noticed: Share
    named: Share


@dataclass(frozen=True)
class Summary:
    """Everything on the page."""

    calibration: Half
    reported: Half
    tools: list[Tool]
    costs: list[Cost]
    dropped: int

    @property
    def demands(self) -> list[tuple[str, Share | Cost, bool]]:
        """What is asked: its name, what was measured, and whether it is met."""
        half = self.reported
        found: list[tuple[str, Share | Cost, bool]] = [
            ("quiet", half.quiet, half.quiet.count == half.quiet.of),
            *((f"recall.{x.name}", x.recall, x.recall.value >= 0.95) for x in half.kinds),
            ("exact", half.exact, half.exact.count == half.exact.of),
            ("rooted", half.rooted, half.rooted.value >= 0.9),
            ("repaired", half.repaired, half.repaired.value >= 0.8),
        ]
        return found + [(f"cost.{x.name}", x, x.meets) for x in self.costs]

    @property
    def holds(self) -> bool:
        """Whether every demand is met."""
        return all(met for _, _, met in self.demands)


def summarise(
    faulty: list[Record], healthy: list[Record], watched: list[Record], costs: list[Cost]
) -> Summary:
    """Add up all records; healthy models that miss their accuracy are left out."""
    trained = [x for x in healthy if x["score"] >= STATED]
    halves = []
    for odd in (0, 1):
        parts = ([x for x in rows if x["number"] % 2 == odd] for rows in (faulty, trained, watched))
        halves.append(_half(*parts))
    odd_half = [[x for x in rows if x["number"] % 2] for rows in (faulty, trained)]
    tools = _tools(*odd_half)
    return Summary(halves[0], halves[1], tools, costs, len(healthy) - len(trained))


def _half(faulty: list[Record], healthy: list[Record], watched: list[Record]) -> Half:
    pairs = [(x, truth) for x in faulty for truth in x["truths"]]
    hurt = [(x, truth) for x, truth in pairs if hurts(x)]
    mended = [x for x in faulty if len(x["truths"]) == 1 and hurts(x) and "remedy" in x]
    kinds = [_kind(name, pairs, faulty, healthy) for name in KINDS]
    kinds.insert(1, _dying(watched))
    by_kind = {
        name: share(repaired(x) for x in mended if x["truths"][0]["kind"] == name) for name in KINDS
    }
    return Half(
        kinds,
        share(
            [not alarms(x) and not alarms(x, "later") for x in healthy]
            + [not x["troubles"] for x in watched if not x["places"]]
        ),
        share(exact(x, truth) for x, truth in pairs if truth["kind"] == "dead_units"),
        share(rooted(x, truth) for x, truth in hurt),
        share(repaired(x) for x in mended),
        by_kind,
        len(faulty),
    )


def _kind(
    name: str, pairs: list[tuple[Record, Any]], faulty: list[Record], healthy: list[Record]
) -> Kind:
    own = [(x, truth) for x, truth in pairs if truth["kind"] == name]
    said = [(x, found) for x in faulty for found in alarms(x) if found["kind"] == name]
    right = [explained(found, x) for x, found in said]
    wrong = sum(f["kind"] == name for x in healthy for f in alarms(x) + alarms(x, "later"))
    return Kind(
        name,
        len(own),
        share(detected(x, name) for x, _ in own if hurts(x)),
        share(detected(x, name) for x, _ in own),
        share(right + [False] * wrong),
    )


def _dying(watched: list[Record]) -> Kind:
    """Sum up the trainings under a monitor, of which some lose units one after the other."""
    lost = [x for x in watched if x["places"]]
    found = share(_at(x["places"], x["troubles"].get(DYING, [])) for x in lost)
    right = [named(site, x["places"]) for x in watched for site in x["troubles"].get(DYING, [])]
    return Kind(DYING, len(lost), found, found, share(right))


def _at(places: list[str], sites: list[str]) -> bool:
    return any(named(site, places) for site in sites)


def _tools(faulty: list[Record], healthy: list[Record]) -> list[Tool]:
    asked = [x for x in faulty if hurts(x) and x.get("others") is not None]
    quiet = [x for x in healthy if x.get("others") is not None]
    names = list(dict.fromkeys(name for x in asked + quiet for name in x["others"]))
    found = [_tool(OURS, asked, quiet, lambda x: {f["kind"] for f in alarms(x)})]
    for name in names:
        rows = [[x for x in part if name in x["others"]] for part in (asked, quiet)]
        found.append(_tool(name, *rows, lambda x, n=name: _named(x, n)))
    return found


def _named(record: Record, tool: str) -> set[str]:
    return {x for x in record["others"].get(tool, []) if not x.startswith("error")}


def _tool(name: str, faulty: list[Record], healthy: list[Record], answer: Any) -> Tool:
    return Tool(
        name,
        share(bool(answer(x)) for x in healthy),
        share(bool(answer(x)) for x in faulty),
        share(all(t["kind"] in answer(x) for t in x["truths"]) for x in faulty),
    )
