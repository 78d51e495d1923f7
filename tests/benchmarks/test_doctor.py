"""The doctor's benchmark: what is planted is there, and judging it is right."""

import json

import pytest
import torch
from doctor import judge, page
from doctor.cases import cases
from doctor.controls import controls
from doctor.data import load
from doctor.faults import make
from doctor.idle import idle_units
from doctor.networks import Shape
from doctor.overhead import Cost
from doctor.setup import Case, Fault
from doctor.shares import share
from doctor.store import Store
from doctor.summary import KINDS, summarise
from doctor.training import train


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def case(fault, number=1, data="digits", **shape):
    made = {"family": "mlp", "activation": "relu", "width": 16, "depth": 3} | shape
    return Case(number, Shape(**made), data, (fault,))


def test_there_are_enough_models_of_each_kind():
    faulty = cases()
    assert len(faulty) >= 300
    assert len(controls()) >= 150
    assert {fault.kind for x in faulty for fault in x.faults} == set(KINDS)
    assert {x.shape.family for x in faulty} == {"mlp", "cnn", "resnet", "transformer", "recurrent"}
    numbers = [x.number for x in faulty + controls()]
    assert len(set(numbers)) == len(numbers)
    for kind in KINDS:
        halves = {x.number % 2 for x in faulty for fault in x.faults if fault.kind == kind}
        assert halves == {0, 1}


def test_the_halves_share_no_weights():
    even = {x.seed for x in cases() if x.number % 2 == 0}
    odd = {x.seed for x in cases() if x.number % 2}
    assert not even & odd


def test_planted_dead_units_are_dead_and_the_others_work():
    setup = make(case(Fault("dead_units", "bias", 1, 0.5)))
    planted = set(setup.truths[0].units)
    assert len(planted) == 8
    assert planted <= set(idle_units(setup.model, setup.data, 1))
    healthy = make(case(Fault("dead_units", "bias", 1, 0.5)).twin())
    assert not planted & set(idle_units(healthy.model, healthy.data, 1))


def test_a_twin_has_the_same_weights_but_for_the_fault():
    faulty = case(Fault("bad_initialization", "one", 1, 3.0))
    one, other = make(faulty).model, make(faulty.twin()).model
    assert torch.equal(one.layers[0].weight, other.layers[0].weight)
    assert float(one.layers[1].weight.detach().std()) == pytest.approx(3.0, rel=0.2)


def test_made_data_is_not_linear():
    data = load("parity")
    x, y = data.inputs, data.targets.double()[:, None]
    linear = torch.linalg.lstsq(x.double(), y - y.mean()).solution
    # A linear fit of 64 random features explains 64 / 2000 of anything.
    explained = (x.double() @ linear).var() / y.var()
    assert float(explained) < 0.06


def test_training_learns_the_digits():
    setup = make(Case(4, Shape("mlp", "relu", 32, 2), "digits"))
    found = train(setup.model, setup.optimizer, setup.data, setup.loss_fn, 60, 1)
    assert found.score > 0.85


def record(**changed):
    truth = {"kind": "dead_units", "layers": ["acts.1", "layers.1"], "roots": ["dead_units"],
             "units": [1, 2], "idle": [1, 2, 5]}  # fmt: skip
    found = {"kind": "dead_units", "site": "acts.1:relu", "severity": "error", "units": [1, 2],
             "cause": "bias", "caused_by": None}  # fmt: skip
    made = {"number": 1, "truths": [truth], "findings": [found], "score": 0.5, "loss": 1.0,
            "clean": 0.9, "clean_loss": 0.2, "refused": None, "others": {"other": []},
            "remedy": {"key": "x", "outcome": "cured", "score": 0.89, "loss": 0.3}}  # fmt: skip
    return made | changed


def test_judging():
    one = record()
    (truth,) = one["truths"]
    assert judge.hurts(one)
    assert judge.detected(one, "dead_units")
    assert judge.rooted(one, truth)
    assert judge.exact(one, truth)
    assert judge.repaired(one)
    assert not judge.hurts(record(score=0.89, loss=0.21))
    assert judge.hurts(record(score=0.89, loss=0.5))


@pytest.mark.parametrize(
    ("changed", "right"),
    [({"units": [1]}, False), ({"units": [1, 2, 5]}, True), ({"units": [1, 2, 3]}, False),
     ({"site": "acts.10"}, False)],
)  # fmt: skip
def test_exactness(changed, right):
    one = record()
    one["findings"][0] |= changed
    assert judge.exact(one, one["truths"][0]) is right


def test_a_note_is_no_detection_and_a_consequence_no_root():
    note = record()
    note["findings"][0]["severity"] = "note"
    assert not judge.detected(note, "dead_units")
    follows = record()
    follows["findings"][0]["caused_by"] = "layers.0"
    assert not judge.rooted(follows, follows["truths"][0])


def test_shares_have_clopper_and_pearsons_interval():
    # 0 of 10: 1 - 0.025^(1/10) = 0.3085.
    assert share([False] * 10).interval == pytest.approx((0.0, 0.3085), abs=1e-4)


def test_the_page_is_written_in_both_languages(tmp_path):
    healthy = [{"number": n, "score": 0.95, "findings": [], "later": [], "others": {"other": ["x"]}}
               for n in (10_000, 10_001)]  # fmt: skip
    dying = [{"number": 20_000 + n, "places": ["acts.1"], "troubles": {"dying_units": ["acts.1"]}}
             for n in (0, 1)]  # fmt: skip
    costs = [Cost("small", 3.0, 9.0, 0.03, 0.05)]
    found = summarise([record(number=0), record()], healthy, dying, costs)
    page.write(found, tmp_path / "doctor.md")
    english = (tmp_path / "doctor.md").read_text(encoding="utf-8")
    korean = (tmp_path / "doctor.ko.md").read_text(encoding="utf-8")
    for text in (english, korean):
        assert "{" not in text
        assert "100.0% (1 / 1; 2.5%–100.0%)" in text
        assert "3.00% (9.0 ms / 100 × 3.0 ms)" in text
    assert found.holds
    assert english.count("\n") == korean.count("\n")


def test_a_stopped_run_goes_on(tmp_path):
    path = tmp_path / "records.jsonl"
    store = Store(path, "a")
    store.add({"number": 3})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"number": 4, "sc')
    assert set(Store(path, "a").records) == {3}
    assert Store(path, "b").records == {}
    assert json.loads(path.read_text(encoding="utf-8")) == {"state": "b"}
