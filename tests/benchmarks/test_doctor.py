"""The doctor's benchmark: what is planted is there, and judging it is right."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from doctor import judge, page
from doctor.cases import Case, fitting, made
from doctor.overhead import Cost
from doctor.page import Found
from doctor.places import idle_units, places
from doctor.record import measured
from doctor.run import Run
from doctor.shares import share
from doctor.store import Store, state
from doctor.summary import said, summarise
from doctor.training import Training
from rich.progress import Progress


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


MLP = Case("A", "a_mlp", "relu", 0)


def planted(fault, of=MLP):
    return Case(of.population, of.family, of.variant, of.seed, fault)


@pytest.fixture(scope="module")
def twin():
    return measured(MLP, None)


def test_a_healthy_training_learns_and_nothing_is_found(twin):
    # A linear model of the digits gets above 0.9; chance is 0.1.
    assert judge.learnt(twin)
    assert said(twin) == []


@pytest.mark.parametrize("fault", ["dead_by_bias", "softmax_before_cross_entropy", "no_rate"])
def test_a_planted_fault_hurts_is_found_and_is_repaired(fault, twin):
    record = measured(planted(fault), twin)
    assert judge.hurts(record)
    assert judge.detected(record)
    assert judge.rooted(record)
    assert judge.reaches(record)
    assert not judge.harms(record)


def test_planted_dead_units_are_dead_and_the_others_are_as_before():
    whole, truth = made(planted("dead_by_bias"))
    # Nine of ten of forty units.
    assert len(truth.units) == 36
    # The layers before are the same: what was idle without stays so.
    before = set(idle_units(made(MLP)[0], truth.act))
    assert set(idle_units(whole, truth.act)) == before | set(truth.units)
    assert len(before) < 4


def test_a_fault_changes_nothing_else():
    broken, sound = made(planted("tiny_weights"))[0], made(MLP)[0]
    apart = [name for name, x in broken.model.state_dict().items()
             if not torch.equal(x, sound.model.state_dict()[name])]  # fmt: skip
    assert apart == ["2.weight"]
    assert float(broken.model[2].weight.detach().std()) == pytest.approx(1e-4, rel=0.1)


def test_faults_are_planted_only_where_they_fit():
    fits = fitting(Case("A", "a_cell", "tanh", 0))
    assert "forgetting_cell" in fits
    # Its activation sees a sum, no layer's result.
    assert "dead_by_bias" not in fits
    assert "large_queries" not in fits


def test_places_name_a_layer_and_the_activation_behind_it():
    found = places(made(Case("A", "a_normalised_mlp", "relu", 0))[0])
    assert [(x.layer, x.norm, x.act) for x in found] == [
        ("0", "1", "2"), ("3", "4", "5"), ("6", "7", "8"),
    ]  # fmt: skip
    assert [x.positive for x in found] == [False, True, True]


def test_the_same_training_twice_is_the_same():
    def loss():
        training = Training(made(MLP)[0], 3)
        training.run(5)
        return training.losses

    assert loss() == loss()


def record(**changed):
    truth = {"kinds": ["dead_units"], "places": ["1", "0"], "units": [1, 2], "act": "1"}
    found = {"kind": "dead_units", "site": "1:relu", "severity": "error", "units": [1, 2],
             "cause": "bias", "caused_by": None}  # fmt: skip
    remedy = {"key": "x", "outcome": "cured", "score": 0.89, "loss": 0.25, "comparable": True}
    made = {"name": "B/f/relu/0/dead_by_bias", "family": "f", "kind": "dead_units", "truth": truth,
            "idle": [1, 2, 5], "findings": [found], "score": 0.5, "loss": 1.0, "clean": 0.9,
            "clean_loss": 0.2, "remedy": remedy}  # fmt: skip
    return made | changed


def test_judging():
    one = record()
    assert judge.hurts(one)
    assert judge.detected(one)
    assert judge.rooted(one)
    assert judge.exact(one)
    assert judge.reaches(one)
    assert not judge.harms(one)
    assert not judge.hurts(record(score=0.89, loss=0.21))
    assert judge.hurts(record(score=0.89, loss=0.5))
    assert judge.hurts(record(score=0.89, loss=None))


@pytest.mark.parametrize(
    ("changed", "reaches", "harms"),
    [
        ({"score": 0.6, "loss": 0.5}, True, False),  # half of the loss is back
        ({"score": 0.6, "loss": 0.7}, False, False),
        ({"score": 0.6, "loss": 0.5, "comparable": False}, False, False),
        ({"score": 0.4, "loss": 0.9}, False, True),
        ({"score": 0.5, "loss": 2.5}, False, True),
        ({"score": 0.5, "loss": 2.5, "comparable": False}, False, False),
    ],
)
def test_remedies_are_judged_by_the_twin_and_by_the_untouched_one(changed, reaches, harms):
    one = record()
    one["remedy"] |= changed
    assert judge.reaches(one) is reaches
    assert judge.harms(one) is harms


@pytest.mark.parametrize(
    ("changed", "right"),
    [({"units": [1]}, False), ({"units": [1, 2, 5]}, True), ({"units": [1, 2, 3]}, False),
     ({"site": "10"}, False)],
)  # fmt: skip
def test_exactness(changed, right):
    one = record()
    one["findings"][0] |= changed
    assert judge.exact(one) is right


def test_only_the_first_finding_names_a_root_and_a_note_is_none():
    one = record()
    one["findings"].insert(0, one["findings"][0] | {"kind": "linear_stack"})
    assert judge.detected(one)
    assert not judge.rooted(one)
    one["findings"][0]["severity"] = "note"
    assert judge.rooted(one)


def test_precision_counts_what_was_planted_alone():
    exams = {"start": [], "midway": [], "end": [record()["findings"][0]]}
    sound = {"name": "B/f/relu/0", "family": "f", "score": 0.9, "learns": 0.8, "exams": exams}
    follows = record()["findings"][0] | {"kind": "stuck_layer"}
    faulty = record(findings=[record()["findings"][0], follows])
    found = summarise([sound], [faulty])
    # One of three: the planted one, one that follows and claims no cause, one of a healthy end.
    assert (found.precision.count, found.precision.of) == (1, 3)
    assert (found.quiet.count, found.quiet.of) == (0, 1)
    assert found.failures["alarm"] == ["B/f/relu/0: dead_units (bias) at 1:relu, end"]


def test_what_does_not_learn_is_left_out_with_its_faulty_ones():
    sound = {"name": "B/f/relu/0", "family": "f", "score": 0.7, "learns": 0.8,
             "exams": {"start": [], "midway": [], "end": []}}  # fmt: skip
    found = summarise([sound], [record()])
    assert found.dropped == ["B/f/relu/0"]
    assert (found.trainings, found.kinds) == (0, [])


def test_shares_have_clopper_and_pearsons_interval():
    # 0 of 10: 1 - 0.025^(1/10) = 0.3085.
    assert share([False] * 10).interval == pytest.approx((0.0, 0.3085), abs=1e-4)


def test_the_page_is_written_in_both_languages(tmp_path):
    sound = {"name": "B/f/relu/0", "family": "f", "score": 0.9, "learns": 0.8,
             "exams": {"start": [], "midway": [], "end": []}}  # fmt: skip
    one = summarise([sound], [record()])
    costs = [Cost("small", 3.0, 9.0, 0.03, 0.05)]
    asked = [("stuck_at_chance", [True, False, True, True, None], "x: untried")]
    found = Found(one, one, costs, asked)
    page.write(found, tmp_path / "doctor.md")
    page.write(Found(one), tmp_path / "doctor-final.md")
    pages = [
        (tmp_path / name).read_text(encoding="utf-8") for name in ("doctor.md", "doctor.ko.md")
    ]
    for written in pages:
        assert "{" not in written
        assert "100.0% (1 / 1; 2.5%–100.0%)" in written
        assert "3.00% (9.0 ms / 100 × 3.0 ms)" in written
        # Of one program nothing is 1 or 0: [0.025, 1] and [0, 0.975].
        assert "| `stuck_at_chance` |" in written
        assert written.count("0.0% (0 / 1; 0.0%–97.5%)") >= 2
    assert found.holds
    assert pages[0].count("\n") == pages[1].count("\n")
    final = (tmp_path / "doctor-final.md").read_text(encoding="utf-8")
    assert "stuck_at_chance" not in final
    assert "Population D: " in final


def test_what_is_held_back_is_measured_once_and_an_earlier_page_is_not_its(tmp_path):
    path = tmp_path / "doctor-final.md"
    assert not page.measured(path)
    path.write_text("Population C: what was held back before.", encoding="utf-8")
    assert not page.measured(path)
    page.write(Found(summarise([], [])), path)
    assert page.measured(path)


def test_a_run_measures_what_is_missing_and_nothing_twice(tmp_path):
    def records(shard):
        return Run(Store(tmp_path), progress, pool, shard, step=1000).records("A")

    with ThreadPoolExecutor(1) as pool, Progress(disable=True) as progress:
        one = records((1, 1))
        lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8")
        assert records((1, 1)) == one
    assert (tmp_path / "records.jsonl").read_text(encoding="utf-8") == lines
    # One healthy training, which is the twin, one faulty one, and where faults fit.
    assert [len(x) for x in one] == [1, 1]
    assert lines.count("\n") == 3


def test_a_stopped_run_goes_on(tmp_path):
    store = Store(tmp_path)
    store.add(MLP, {"score": 1.0})
    with store.path.open("a", encoding="utf-8") as file:
        file.write('{"name": "A/a_mlp/relu/1", "sc')
    assert Store(tmp_path, "records-1-of-2").get(MLP)["score"] == 1.0
    assert Store(tmp_path).get(planted("no_rate")) is None
    old = {"name": MLP.name, "state": "another", "score": 0.0}
    with store.path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(old) + "\n")
    assert Store(tmp_path).get(MLP) == {"name": MLP.name, "state": state(MLP), "score": 1.0}
