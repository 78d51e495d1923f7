"""What survives on disk, and when it is not continued."""

import pytest

pytest.importorskip("scipy")

from speed.cases import Case
from speed.results import Results

CASE = Case("elu", "value", "float32", 10, 1)
OTHER = Case("elu", "value", "float32", 100, 1)
OUTCOME = {"rounds": 3, "contenders": {}}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "folder" / "speed.json"
    Results(path, {"quick": True}).add(CASE, OUTCOME)
    return path


def test_the_same_setting_continues(path):
    again = Results(path, {"quick": True})
    assert again.missing([CASE, OTHER]) == [OTHER]
    assert list(again.cases()) == [CASE]


@pytest.mark.parametrize(("quick", "fresh"), [(False, False), (True, True)])
def test_another_setting_or_a_fresh_start_measures_anew(path, quick, fresh):
    assert Results(path, {"quick": quick}, fresh).missing([CASE]) == [CASE]


def test_nothing_but_the_results_is_left_behind(path):
    assert [file.name for file in path.parent.iterdir()] == ["speed.json"]
