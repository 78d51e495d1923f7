"""The table of times: the reader's machine first, then those of the repository."""

from dataclasses import replace

import pytest
from read_page import Page
from sample_study import study

from nonlin.messages import languages, text
from nonlin.report import study_html
from nonlin.report.machines import heads, rows
from nonlin.study.elsewhere import published_times


@pytest.fixture
def machine():
    place = {n: dict.fromkeys(("sigmoid", "tanh", "relu", "leaky_relu", "elu"), 0.5) for n in
             ("nonlin", "numpy", "torch")}  # fmt: skip
    slow = {name: dict.fromkeys(row, 1.25) for name, row in place.items()}
    return replace(
        published_times()[0], processor="Some CPU", nanoseconds={"cache": place, "memory": slow}
    )


@pytest.mark.parametrize("lang", languages())
def test_the_readers_machine_comes_first_and_is_called_so(machine, lang):
    found = rows(published_times(), lang, machine)
    fields = {"processor": "Some CPU", "kernels": machine.instruction_set}
    named = text("report.machines.yours", lang, torch=machine.torch_instruction_set, **fields)
    assert [row.machine for row in found[:3]] == [named] * 3
    assert [row.implementation for row in found[:3]] == ["nonlin", "NumPy", "PyTorch"]
    assert found[0].cells == ("0.50 / 1.25",) * 5
    assert len(found) == 3 * (1 + len(published_times()))
    assert len(heads(lang)) == 2 + 5
    assert [row.machine for row in rows([machine], lang)] != [named] * 3


@pytest.mark.parametrize("lang", languages())
def test_the_report_has_the_table_where_times_were_taken(machine, lang):
    made = study()
    bars = {
        where: {
            name: {function: {"median": taken} for function, taken in row.items()}
            for name, row in implementations.items()
        }
        for where, implementations in machine.nanoseconds.items()
    }
    s8 = replace(made.outcomes["S8"], series={"nanoseconds": bars})
    timed = replace(made, outcomes={**made.outcomes, "S8": s8})
    page = Page(study_html(timed, {}, lang))
    assert text("report.machines.title", lang) in page.text
    assert page.text.count("0.50 / 1.25") == 15
    assert text("report.machines.title", lang) not in Page(study_html(made, {}, lang)).text
