"""Programs in the manner of those that people ask about: the first finding names what is wrong.

What is wrong with each stands in its module; that it hurts, and that the repaired one learns, was
measured with three seeds when it was written, and is measured here for the fastest of them.
"""

import pytest
import torch
from doctor.asked import modules
from doctor.asked.outcomes import alarms, examined, judged
from doctor.asked.program import scored, trained

PROGRAMS = modules()

# Quick ones of each class of fault: outputs, inputs, first weights, depth, structure, updates.
NAMED = (
    "deep_sigmoid", "detached_encoder", "head_replaced_late", "labels_from_one",
    "no_activation", "sigmoid_twice", "softmax_then_cross_entropy", "zeroed_weights",
)  # fmt: skip
SILENT = (
    "crawling_sgd", "deep_sigmoid", "detached_encoder", "head_replaced_late", "labels_from_one",
    "layers_in_a_list", "no_activation", "prices_as_they_are", "relu_at_the_end",
    "shapes_that_broadcast", "sigmoid_twice", "softmax_of_one_unit", "zeroed_weights",
)  # fmt: skip
TRAINED = ("detached_encoder", "labels_from_one", "no_activation", "zeroed_weights")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_there_are_twenty_with_one_to_three_faults():
    assert len(PROGRAMS) >= 20
    assert all(1 <= len(module.FAULTS) <= 3 for module in PROGRAMS.values())


@pytest.mark.parametrize("name", NAMED)
def test_the_first_finding_is_a_fault_and_none_is_missed(name):
    module = PROGRAMS[name]
    found = judged(name, module.FAULTS, examined(module.faulty(seed=1)), ())
    assert found.first
    assert found.missed == ()
    assert found.extra == ()


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of_the_repaired_program(name):
    assert alarms(examined(PROGRAMS[name].repaired(seed=1))) == ()


@pytest.mark.parametrize("name", TRAINED)
def test_the_faults_hurt_and_the_repaired_program_learns(name):
    faulty, repaired = PROGRAMS[name].faulty(seed=1), PROGRAMS[name].repaired(seed=1)
    assert scored(trained(faulty, seed=1)) < repaired.learnt <= scored(trained(repaired, seed=1))
    assert alarms(examined(trained(repaired, seed=1))) == ()
