"""Prints what the doctor makes of the programs: python -m doctor.asked [--quick] [NAME ...]."""

from __future__ import annotations

import argparse
import sys

import torch

from doctor.asked.outcomes import Outcome, outcomes
from nonlin.torch.finding import Finding


def main() -> int:
    """Print a line for each program and the totals; 1 if a repaired one has an alarm."""
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(prog="python -m doctor.asked", description=__doc__)
    parser.add_argument("names", nargs="*", help="programs; all of them without")
    parser.add_argument(
        "--quick", action="store_true", help="examine alone, train and mend nothing"
    )
    arguments = parser.parse_args()
    found = []
    for each in outcomes(tuple(arguments.names), mend=not arguments.quick):
        found.append(each)
        print(_line(each), flush=True)
    tried = [x for x in found if "remedy" in x.scores]
    named = sum(len(x.faults) - len(x.missed) for x in found)
    totals = {
        "programs": len(found),
        "first finding right": sum(x.first for x in found),
        "faults named": f"{named} of {sum(len(x.faults) for x in found)}",
        "roots that are no fault": sum(len(x.extra) for x in found),
        "repaired programs with an alarm": sum(bool(x.alarms) for x in found),
        "first remedy gets there": f"{sum(x.reached for x in tried)} of {len(tried)} tried",
        "first remedy harms": sum(x.harmed for x in tried),
    }
    print("\n" + "\n".join(f"{name}: {value}" for name, value in totals.items()))
    return int(any(x.alarms for x in found))


def _line(found: Outcome) -> str:
    scores = ", ".join(f"{name} {score:.3f}" for name, score in found.scores.items())
    parts = [
        f"{found.name}: {'first' if found.first else 'NOT first'}",
        f"  said: {_listed(found.said)}",
        f"  scores: {scores}; remedy {found.remedy or 'none'}"
        f"{' (reached)' if found.reached else ' (NOT reached)' if 'remedy' in found.scores else ''}"
        f"{' HARMED' if found.harmed else ''}",
    ]
    if found.missed:
        parts.append("  MISSED: " + ", ".join(f"{x.kind} [{x.place}]" for x in found.missed))
    if found.extra:
        parts.append(f"  EXTRA: {_listed(found.extra)}")
    if found.alarms:
        parts.append(f"  ALARMS ON REPAIRED: {_listed(found.alarms)}")
    return "\n".join(parts)


def _listed(findings: tuple[Finding, ...]) -> str:
    shown = [
        f"{x.kind}({x.cause}) at {x.site}{'' if x.is_root else ' <- ' + str(x.caused_by)}"
        for x in findings[:6]
    ]
    more = len(findings) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "") or "nothing"


if __name__ == "__main__":
    sys.exit(main())
