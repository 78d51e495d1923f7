from types import SimpleNamespace

import pytest
import torch

from nonlin.study import claims, runner
from nonlin.study.results import Number, judge, load


@pytest.fixture
def measured(monkeypatch):
    """Phenomena that measure in no time: who was asked, and who is to interrupt."""
    asked = []

    def phenomenon(name):
        mine = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
        rules = {key: lambda n: "holds" if n["one"].value == 1 else "fails" for key in mine}

        def measure(context):
            asked.append(name)
            if name == asked_to_stop:
                raise KeyboardInterrupt
            context.progress(0.5)
            return [judge(key, rules, [Number("one", 1.0)]) for key in mine]

        return SimpleNamespace(RULES=rules, measure=measure)

    asked_to_stop = None

    def stop_at(name):
        nonlocal asked_to_stop
        asked_to_stop = name

    monkeypatch.setattr(claims, "phenomenon", phenomenon)
    return SimpleNamespace(asked=asked, stop_at=stop_at)


def test_everything_is_measured_in_the_documents_order(measured, tmp_path):
    results = runner.run(path=tmp_path / "results.json")
    assert results.complete
    assert tuple(results.outcomes) == claims.ids()
    assert measured.asked == list(claims.PHENOMENA)
    assert load(tmp_path / "results.json") == results


def test_only_what_is_asked_for_is_run_and_recorded(measured):
    results = runner.run(["E5", "S6"])
    assert (results.complete, list(results.outcomes)) == (True, ["S6", "E5"])
    assert measured.asked == ["vanishing", "comparison"]


def test_an_interrupt_leaves_what_was_measured(measured, tmp_path):
    measured.stop_at("derivatives")
    results = runner.run(path=tmp_path / "results.json")
    assert not results.complete
    assert list(results.outcomes) == ["N1", "N2", "S1", "T1", "R1", "E1"]
    assert load(tmp_path / "results.json") == results


def test_resuming_measures_only_what_is_missing(measured):
    measured.stop_at("comparison")
    before = runner.run()
    measured.stop_at(None)
    measured.asked.clear()
    after = runner.run(previous=before)
    assert measured.asked == ["comparison"]
    assert after.complete
    assert tuple(after.outcomes) == claims.ids()
    assert after.outcomes["S6"] is before.outcomes["S6"]


def test_resuming_with_other_settings_is_refused(measured):
    before = runner.run(["R5"], seeds=5)
    with pytest.raises(runner.SettingsMismatchError, match="seeds = 5, not 6") as caught:
        runner.run(previous=before, seeds=6)
    assert (caught.value.name, caught.value.before, caught.value.now) == ("seeds", 5, 6)


def test_progress_rises_from_0_to_1(measured):
    steps = []
    runner.run(["R5", "K4"], progress=steps.append)
    assert [(step.phenomenon, step.state) for step in steps] == [
        (name, state)
        for name in ("sparsity", "slope")
        for state in ("started", "running", "finished")
    ]
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_fewer_than_five_seeds_or_an_unknown_claim_are_refused(measured):
    with pytest.raises(ValueError, match="at least 5 seeds expected, got 4"):
        runner.run(seeds=4)
    with pytest.raises(KeyError, match="Z1"):
        runner.run(["Z1"])


def test_the_number_of_threads_is_given_back(measured):
    before = torch.get_num_threads()
    measured.stop_at("linearity")
    runner.run()
    assert torch.get_num_threads() == before
