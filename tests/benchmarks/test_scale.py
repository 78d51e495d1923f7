"""What a study costs, and the plan that follows from it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from sample_study import ENVIRONMENT
from scale import __main__ as program
from scale.plan import plan

from nonlin.messages import text
from nonlin.study import claims
from nonlin.study.runner import LEAST_SEEDS

ROOT = Path(__file__).parents[2]
PAGES = {"en": ROOT / "docs" / "scale.md", "ko": ROOT / "docs" / "scale.ko.md"}
# Every first block 10 s, every later one 2 s, but the longest: 50 s.
SECONDS = {unit: 2.0 if unit[1] else 10.0 for unit in program.units()} | {("vanishing", 0): 50.0}


def test_one_core_does_everything_and_many_wait_for_the_longest_unit():
    # Twelve first blocks, eleven of them 10 s; nine phenomena have two later ones.
    alone = plan(SECONDS, 3.0, 3, 1)
    assert (alone.units, alone.total) == (30, 3 + 11 * 10 + 50 + 18 * 2)
    assert alone.longest == alone.total
    assert alone.busy == 1.0
    many = plan(SECONDS, 3.0, 3, 1000)
    assert (many.units, many.longest) == (30, 53.0)
    assert many.total == 30 * 3 + 11 * 10 + 50 + 18 * 2
    assert many.busy == many.total / (1000 * 53)


def test_a_larger_study_keeps_many_cores_at_work():
    few, many = (plan(SECONDS, 3.0, blocks, 200) for blocks in (3, 300))
    assert many.units == 12 + 299 * 9
    assert many.busy > 5 * few.busy


@pytest.fixture
def found():
    units = {
        key: {"start": 3.0, "block": 1.5 * index, "memory": 2**29, "load": 0.01 * index}
        for index, key in enumerate(program.wanted(False), 1)
    }
    return {"environment": ENVIRONMENT, "units": units}


def test_the_page_has_what_was_measured(found):
    page = program.text(found, quick=False, lang="en")
    for name in claims.PHENOMENA:
        assert f"\n| {text(f'report.phenomena.{name}.title', 'en')} | " in page
    assert "in at most 0.5 GiB of memory" in page
    load = 0.01 * len(found["units"])
    assert f"takes 3.0 s to start. Load average of its 2 cores meanwhile: {load:.1f}" in page
    assert "Some CPU (v3, PyTorch 2.13.0+cpu with AVX2, Python 3.11.7)" in page
    first = found["units"][f"linearity 0 {LEAST_SEEDS}"]["block"]
    assert f" | N1 N2 | {first:.1f} s | {first:.1f} s |" in page
    # A block for S5 alone costs its own.
    later = found["units"][f"derivatives 1 {LEAST_SEEDS}"]["block"]
    assert f" | {later:.1f} s |\n| {text('report.phenomena.cost.title', 'en')} |" in page
    assert page.count("| 1,000 |") == 2


@pytest.mark.parametrize("lang", program.LANGUAGES)
def test_a_page_leaves_no_place_empty(found, lang):
    assert "{" not in program.text(found, quick=False, lang=lang).replace("${SLURM", "")


def numbers(page):
    """Those of the tables and of what is measured, in their order."""
    measured = re.search(r"^## (?:What it costs|드는 시간)$.*", page, re.MULTILINE | re.DOTALL)
    rows = [line for line in measured[0].splitlines() if re.match(r"\| .*\d", line)]
    return [re.findall(r"\d[\d.,]*%?|–", row.partition(" | ")[2]) for row in rows]


def test_both_published_pages_have_the_same_numbers():
    english, korean = (PAGES[lang].read_text("utf-8") for lang in ("en", "ko"))
    # The head of the table of growth has its numbers of seeds elsewhere in a sentence.
    assert len(numbers(english)) > 30
    assert numbers(english)[1:] == numbers(korean)[1:]


@pytest.mark.parametrize("lang", program.LANGUAGES)
def test_a_published_page_is_what_the_template_makes_of_its_numbers(lang):
    """The words around the numbers are those of the template."""
    template = (program.HERE / f"{lang}.md").read_text("utf-8")
    page = PAGES[lang].read_text("utf-8")
    lines = [line for line in template.splitlines() if "{" not in line]
    assert [line for line in lines if line not in page.splitlines()] == []


def test_a_unit_is_measured_in_a_process_of_its_own():
    line = [sys.executable, "-m", "scale.unit", "usage", "0", "5", "--quick"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    done = subprocess.run(
        line, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    measured = json.loads(done.stdout)
    assert measured.keys() == {"start", "block", "memory"}
    assert 0 <= measured["block"] < measured["start"]
    assert measured["memory"] > 2**20
