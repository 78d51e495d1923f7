"""Times of machines: what is taken from a study, and that each machine is there once."""

import json
from dataclasses import replace
from importlib.resources import files

from sample_study import ENVIRONMENT, study

from nonlin.cards import reference
from nonlin.study.elsewhere import among, published_times, times

BARS = {
    name: {"median": 0.123456, "low": 0.1, "high": 0.2}
    for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
}
TABLE = {w: dict.fromkeys(("nonlin", "numpy", "torch"), BARS) for w in ("cache", "memory")}


def timed(processor="Some CPU", instruction_set="v3", quick=False):
    made = study(quick=quick)
    s8 = replace(made.outcomes["S8"], series={"nanoseconds": TABLE})
    environment = {**ENVIRONMENT, "processor": processor, "instruction_set": instruction_set}
    return replace(made, environment=environment, outcomes={**made.outcomes, "S8": s8})


def test_a_studys_times_are_its_medians():
    found = times(timed())
    assert found.nanoseconds["memory"]["torch"]["elu"] == 0.1235
    assert (found.processor, found.cores, found.instruction_set) == ("Some CPU", 2, "v3")
    assert found.versions == {"numpy": "2.4.6", "torch": "2.13.0+cpu"}


def test_smaller_arrays_or_none_give_no_times():
    assert times(timed(quick=True)) is None
    assert times(study()) is None
    assert times(study(["S1"])) is None


def test_a_processors_later_times_take_the_place_of_its_earlier_ones():
    first, other = times(timed()), times(timed("Other CPU"))
    narrow = times(timed(instruction_set="v2"))
    known = among(among(among([], first), other), narrow)
    assert [(each.processor, each.instruction_set) for each in known] == [
        ("Other CPU", "v3"),
        ("Some CPU", "v2"),
        ("Some CPU", "v3"),
    ]
    later = replace(first, cores=8)
    assert [each.cores for each in among(known, later)] == [2, 2, 8]


def test_the_published_study_is_one_of_the_machines():
    machines = published_times()
    assert times(reference()) in machines
    text = files("nonlin.study").joinpath("machines.json").read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"
    assert len({(each.processor, each.instruction_set) for each in machines}) == len(machines)
