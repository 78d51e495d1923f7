"""One benchmark a case; its rounds are pytest-benchmark's, its contenders take turns in each."""

from typing import Any

from rich.progress import Progress, TaskID
from speed.cases import Case
from speed.contender import Operands
from speed.peers import OURS, contenders
from speed.race import Race
from speed.results import Results
from speed.session import Session
from speed.summary import compare


def test_speed(
    benchmark: Any, case: Case, session: Session, results: Results, progress: Progress
) -> None:
    progress.update(TaskID(0), description=case.key)
    lines = contenders(Operands.normal(case))
    race = Race(lines, session.effort(case.threads))
    benchmark.pedantic(race.round, rounds=race.count)
    outcome = compare(race.seconds(), OURS, case.size)
    for line in lines:
        outcome[line.label] |= {"statement": line.statement, "about": line.about}
    benchmark.extra_info.update(outcome)
    results.add(case, {"rounds": race.count, "contenders": outcome})
    progress.advance(TaskID(0))
