"""The times by the numbers' standard deviation, and both passes of a step beside PyTorch's."""

from dataclasses import asdict

import pytest

pytest.importorskip("scipy")

from speed.cases import IN_CACHE, Case
from speed.page_tables import scale_table, together_table
from speed.race import Effort
from speed.results import Results
from speed.scales import CASES, SCALES, scales
from speed.summary import Spread

import nonlin


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "speed.json", {})


def test_each_case_has_every_scale_beside_the_first(results):
    threads = nonlin.get_num_threads()
    found = scales(Effort(seconds=0.0, least=1, most=1))
    assert nonlin.get_num_threads() == threads
    assert set(found) == {case.key for case in CASES}
    for outcome in found.values():
        assert set(outcome) == {str(scale) for scale in SCALES}
        assert outcome["1"]["ratio"]["median"] == 1
        assert all(contender["nanoseconds"]["median"] > 0 for contender in outcome.values())
    results.data["scales"] = found
    lines = scale_table(results, "en").splitlines()
    assert len(lines) == 2 + len(CASES)
    assert lines[0] == "|  | 1 | 3 | 10 | 100 |"


def test_both_passes_are_added_before_they_are_compared(results):
    for kind, ours, theirs in (("value", 1.0, 3.0), ("backward", 3.0, 1.0)):
        found = {"nonlin": ours, "PyTorch": theirs}
        contenders = {
            label: {
                "nanoseconds": asdict(Spread(*[time] * 5)),
                "ratio": asdict(Spread(*[time / ours] * 5)),
            }
            for label, time in found.items()
        }
        case = Case("elu", kind, "float32", IN_CACHE, 2)
        results.data["cases"][case.key] = {"rounds": 1, "contenders": contenders}
    assert together_table(results, "en").splitlines()[0] == "|  | 32,768, 2 threads |"
    assert together_table(results, "en").splitlines()[2] == "| elu float32 | 1.00 |"
