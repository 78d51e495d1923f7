"""What the page calls proved is what `make prove` proved of every part of a kernel."""

import json

import pytest
from certify import compared, page, processors, proofs
from certify.chunk import OURS
from certify.functions import certified
from certify.state import Summary
from twins import numbers

BY = "the same, rounded twice"


def row(kernel, where, bound, proved=True):
    return {"kernel": kernel, "where": where, "bound": bound, "proved": proved, "by": BY}


@pytest.fixture
def written(tmp_path, monkeypatch):
    fused = [
        row("sigmoid", "normal results", 0.977),
        row("sigmoid", "subnormal results", 0.989),
        row("tanh", "x < 1", 0.75),
        row("tanh", "x > 1", 1.25, proved=False),
    ]
    document = [{"instruction_sets": ["v4", "v3"], "rows": fused}]
    path = tmp_path / "proofs.json"
    path.write_text(json.dumps(document))
    monkeypatch.setattr(proofs.proofs, "__defaults__", (path,))
    return path


def test_a_bound_is_the_largest_of_all_parts(written):
    assert proofs.proved("sigmoid", "value", "v3") == 0.989
    assert proofs.proved("log_sigmoid", "derivative", "v4") == 0.989
    assert proofs.proved("tanh", "value", "v4") is None
    assert proofs.proved("sigmoid", "value", "v2") is None
    assert proofs.proved("relu", "value", "v4") is None


@pytest.mark.parametrize(
    ("key", "chunks", "text"),
    [
        (("sigmoid", "value", "float64"), 100, "proved: at most 0.989"),
        (("tanh", "value", "float64"), 100, "measured"),
        (("sigmoid", "value", "float32"), 255, "measured"),
        (("sigmoid", "value", "float32"), 256, "measured: every input"),
    ],
)
def test_a_row_says_how_it_is_known(written, key, chunks, text):
    assert proofs.known(key, Summary({OURS: {"chunks": chunks}}), "v4", "en") == text


def test_the_page_lists_every_part(written):
    text = proofs.section("en")
    assert "Instruction sets v4, v3:" in text
    assert "| `sigmoid` | subnormal results | 0.989 | the same, rounded twice |" in text
    assert "| `tanh` | x > 1 | 1.250 | above 1 ULP: the row is measured |" in text


def test_every_part_is_said_in_every_language():
    for row in (row for found in proofs.proofs() for row in found["rows"]):
        for part in (row["where"], row["by"]):
            assert proofs.said(part, "en") == part
            assert numbers(proofs.said(part, "ko")) == numbers(part)


def test_what_is_proved_is_certified():
    assert set(proofs.KERNELS) <= {each.name for each in certified()}
    written = {row["kernel"] for found in proofs.proofs() for row in found["rows"]}
    assert written == {kernel for pair in proofs.KERNELS.values() for kernel in pair if kernel}


@pytest.mark.parametrize("name", ["accuracy.md", "accuracy.ko.md"])
def test_the_page_is_what_the_files_beside_it_say(name, tmp_path, monkeypatch):
    written = page.DOCS / name
    (tmp_path / "accuracy.json").write_text((page.DOCS / "accuracy.json").read_text())
    monkeypatch.setattr(page, "DOCS", tmp_path)
    page.renew()
    assert (tmp_path / name).read_text() == written.read_text()


def test_no_measured_error_exceeds_its_proof():
    document = json.loads((page.DOCS / "accuracy.json").read_text())
    for name, rows in document["instruction_sets"].items():
        for each in rows:
            bound = proofs.proved(each["function"], each["kind"], name)
            if bound is not None and each["dtype"] == "float64":
                assert each["libraries"][OURS]["largest"] <= bound, each["function"]


def test_the_page_has_a_line_for_each_processor(written, tmp_path, monkeypatch):
    monkeypatch.setattr(compared, "FOUND", tmp_path / "processors.json")
    compared.keep("v3", "v4", [], 272, {"float32": 10, "float64": 5})
    compared.keep("arm64", "v3", ["tanh value float64"], 336, {compared.ALL: 20})
    text = processors.processors("v4", "en")
    assert "| v3 | measured as v4 | proved where v4 is, measured as v4 | 272 of 272 results" in text
    assert "have the same bits on 10 float32 numbers or 5 float64 numbers |" in text
    assert "| arm64 | measured as v3 | measured as v3 | 335 of 336 results" in text
    assert "bits on 20 numbers |" in text
    assert numbers(processors.processors("v4", "ko")) == numbers(text)
