from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from nonlin.study import claims, runner, scheduling
from nonlin.study.results import Number, load
from nonlin.study.statistics import mean
from nonlin.study.verdict import above, fact, judge


@pytest.fixture
def measured(monkeypatch):
    """Phenomena that measure in no time: who was asked, and who is to interrupt."""
    asked = []

    def phenomenon(name):
        mine = [claim.id for claim in claims.CLAIMS if claim.phenomenon == name]
        rules = {key: lambda n: [fact("proved", n["one"].value == 1)] for key in mine}

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
    assert list(results.outcomes) == ["N1", "N2", "S1", "T1", "R1", "R8", "E1"]
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
    assert after.outcomes["S6"] == before.outcomes["S6"]


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


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)])
def test_a_finished_phenomenon_tells_its_verdicts(measured, executor):
    told = {}
    results = runner.run(executor=executor, progress=lambda step: told.update(step.outcomes))
    assert told == results.outcomes


def test_a_verdict_that_is_told_stays_and_a_doubtful_one_is_open(monkeypatch):
    # Holm's first level is 0.05 / 30: six runs on one side are not enough for it, sixteen are.
    runs = {"R5": 6, "K6": 16}

    def measure(context):
        made = {key: mean("gain", [1.0] * runs[key]) for key in context.ids}
        return [judge(key, rules, [made[key]]) for key in sorted(context.ids)]

    rules = dict.fromkeys(runs, lambda n: [above("shown", n["gain"], 0.0)])
    fake = SimpleNamespace(RULES=rules, measure=measure)
    monkeypatch.setattr(claims, "phenomenon", lambda name: fake)
    told = {}
    runner.run(runs, blocks=1, progress=lambda step: told.update(step.outcomes))
    verdicts = {key: outcome.verdict for key, outcome in told.items()}
    assert verdicts == {"R5": "undecided", "K6": "holds"}


def test_nonsense_is_refused(measured):
    with pytest.raises(ValueError, match="at least 1 block expected, got 0"):
        runner.run(blocks=0)
    with pytest.raises(ValueError, match="at least 1 worker expected, got -1"):
        runner.run(workers=-1)
    with pytest.raises(ValueError, match="at least 5 seeds expected, got 4"):
        runner.run(seeds=4)
    with pytest.raises(KeyError, match="Z1"):
        runner.run(["Z1"])


def test_the_number_of_threads_is_given_back(measured):
    before = torch.get_num_threads()
    measured.stop_at("linearity")
    runner.run()
    assert torch.get_num_threads() == before


def same(outcomes):
    return {key: replace(outcome, seconds=0.0) for key, outcome in outcomes.items()}


def test_an_executor_measures_what_one_process_does(measured):
    alone = runner.run()
    with ThreadPoolExecutor(3) as executor:
        together = runner.run(executor=executor)
    assert same(alone.outcomes) == same(together.outcomes)
    assert tuple(together.outcomes) == claims.ids()


def test_times_are_taken_before_anything_else_runs(measured):
    with ThreadPoolExecutor(1) as executor:
        runner.run(executor=executor)
    assert measured.asked[0] == "cost"


def test_the_bar_never_runs_backwards(measured):
    steps = []
    with ThreadPoolExecutor(2) as executor:
        runner.run(executor=executor, progress=steps.append)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert {step.phenomenon for step in steps if step.state == "finished"} == set(claims.PHENOMENA)


def test_an_error_in_a_worker_reaches_the_caller(measured, monkeypatch):
    def broken(block, progress=None):
        raise ArithmeticError("nothing adds up")

    monkeypatch.setattr(scheduling.blocks, "measure", broken)
    with ThreadPoolExecutor(1) as executor, pytest.raises(ArithmeticError, match="adds up"):
        runner.run(["S1"], executor=executor)


def test_an_open_claim_goes_on_where_it_stopped(measured, monkeypatch):
    seen = []

    def measure(block, progress=None):
        seen.append((block.number, sorted(block.ids)))
        if block.number == stop:
            raise KeyboardInterrupt
        rules = {key: lambda n: [above("proved", n["doubtful"], 0.0)] for key in block.ids}
        number = mean("doubtful", [-1.0, 1.0, 0.5 * block.number])
        return [judge(key, rules, [number]) for key in sorted(block.ids)]

    fake = SimpleNamespace(RULES={"R5": lambda n: [above("proved", n["doubtful"], 0.0)]})
    monkeypatch.setattr(claims, "phenomenon", lambda name: fake)
    monkeypatch.setattr(scheduling.blocks, "measure", measure)
    stop = 1
    before = runner.run(["R5"])
    assert (before.complete, before.outcomes["R5"].looks) == (False, 1)
    stop = None
    after = runner.run(["R5"], previous=before)
    assert seen == [(0, ["R5"]), (1, ["R5"]), (1, ["R5"]), (2, ["R5"])]
    assert (after.complete, after.outcomes["R5"].looks) == (True, 3)
    assert after.outcomes["R5"].fields["doubtful"].n == 9
    # A smaller cap makes no finished study of it unfinished, nor is what was taken forgotten.
    again = runner.run(["R5"], previous=after, blocks=1)
    assert (again.complete, again.settings["blocks"]) == (True, 3)


def test_processes_measure_the_same_numbers():
    ids = ["S7", "R4"]
    alone = runner.run(ids, quick=True, blocks=1)
    beside = runner.run(ids, quick=True, blocks=1, workers=2)
    assert same(alone.outcomes) == same(beside.outcomes)


def test_the_command_line_tells_the_studys_own_number_of_blocks():
    from nonlin.cli import study

    assert study._MOST_BLOCKS == runner.BLOCKS
