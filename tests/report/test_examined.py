"""The report on an examination and on a run, from readings made by hand."""

import base64
import os
import re
import socket
import struct
import zlib

import numpy as np
import pytest
import torch
from read_page import Page
from sample_run import dead_units, reading, run, taken
from torch import nn

from nonlin.messages import languages, text
from nonlin.report import examination
from nonlin.report.examined import examination_html
from nonlin.report.examined.gradients import along
from nonlin.report.examined.graph import lanes, nodes
from nonlin.report.examined.heat import data_uri, palette
from nonlin.report.examined.view import site_views
from nonlin.torch.runs.state import Structure, snapshot, structure


@pytest.fixture
def exam():
    """A network with all units of its second layer dead, examined for real."""
    from nonlin.torch import examine

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        model[2].bias -= 50.0
    return examine(model, torch.randn(64, 6), torch.randn(64, 1), nn.functional.mse_loss)


def test_both_languages_stand_in_one_file(exam, tmp_path):
    path = examination(exam, tmp_path / "exam.html", "ko")
    source = path.read_text(encoding="utf-8")
    page = Page(source)
    assert page.tags[0] == ("html", {"lang": "ko"})
    checked = [each for tag, each in page.tags if tag == "input" and "checked" in each]
    assert [each["id"] for each in checked] == ["show-ko"]
    for lang in languages():
        assert text("examination_report.kind.dead_units", lang) in page.text
        assert text("examination_report.sites_note", lang) in page.text


def test_an_exam_writes_its_report_with_what_was_tried(exam, tmp_path):
    tried = exam.remedies()
    source = exam.report(tmp_path / "exam.html", "en", remedies=tried).read_text(encoding="utf-8")
    assert tried[0].describe("en") in Page(source).text
    assert tried[0].describe("en") not in Page(examination_html(exam, "en")).text


def test_nothing_is_fetched_nothing_runs_and_nothing_tells_the_machine(exam, tmp_path):
    source = examination(exam, tmp_path / "exam.html").read_text(encoding="utf-8")
    page = Page(source)
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    assert page.all("src") == []
    hrefs = page.all("href")
    assert all(href.startswith(("#", "data:image/png;base64,")) for href in hrefs)
    assert str(tmp_path) not in source
    assert os.getcwd() not in source  # noqa: PTH109 - as the source would hold it
    assert socket.gethostname() not in page.text


def test_ids_are_unique_and_links_arrive(exam):
    page = Page(examination_html(exam, "en", run=run([0, 2, 4])))
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    wanted = {href[1:] for href in page.all("href") if href.startswith("#")}
    assert wanted | set(page.all("aria-labelledby")) <= set(ids)


def test_a_consequence_links_to_its_root():
    made = run([0])
    found = (
        dead_units("1", 8),
        dead_units("3", 3, severity="warning", caused_by="1"),
    )
    made.add(taken(100, (8, 3), findings=found))
    source = examination_html(None, "en", run=made)
    second = source[source.index('id="finding-2"') :]
    second = second[: second.index("</article>")]
    assert re.search(r'<a href="#finding-1"><code>.*layer 0 → ReLU \(1\)', second)
    assert text("examination_report.summary.follow_one", "en") in Page(source).text


def test_a_healthy_run_says_so():
    words = Page(examination_html(None, "en", run=run([0, 0, 0]))).text
    assert text("examination_report.summary.healthy", "en") in words
    assert text("examination_report.nothing", "en") in words


def test_neither_an_examination_nor_a_reading_is_refused():
    with pytest.raises(ValueError, match="got neither"):
        examination_html(None, "en")


def test_a_name_cannot_become_markup():
    made = run([0])
    made.add(taken(100, findings=(dead_units("<script>alert(1)</script>", 3),)))
    assert "<script" not in examination_html(None, "en", run=made)


def test_the_image_holds_the_pixels():
    pixels = np.array([[0, 1, 2], [255, 128, 7]], dtype=np.uint8)
    content = base64.b64decode(data_uri(pixels, palette()).partition(",")[2])
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (3, 2)
    start = content.index(b"IDAT")
    (size,) = struct.unpack(">I", content[start - 4 : start])
    rows = zlib.decompress(content[start + 4 : start + 4 + size])
    assert rows == b"\x00\x00\x01\x02" + b"\x00\xff\x80\x07"  # each row begins with its filter


def test_shares_get_darker_and_none_has_the_colour_of_the_dead():
    colours = palette().astype(float)
    light = colours[1:] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) <= 0.5).all()
    assert light[0] - light[-1] > 150
    assert (np.abs(colours[1:] - colours[0]).max(axis=1) > 40).all()


def test_the_picture_joins_a_layer_with_its_activation_and_arcs_past_a_branch():
    steps = (
        ("input", "input", ()),
        ("layer", "a", (0,)),
        ("normalization", "batch_norm", (1,)),
        ("activation", "a:relu", (2,)),
        ("layer", "b", (3,)),
        ("addition", "add", (3, 4)),
        ("layer", "c", (5,)),
        ("loss", "mse_loss", (6,)),
    )
    rows = nodes(Structure((), (), steps))
    assert [(each.kind, each.name, each.layer) for each in rows] == [
        ("input", "input", None),
        ("activation", "a:relu", "a"),
        ("layer", "b", None),
        ("addition", "add", None),
        ("layer", "c", None),
        ("loss", "mse_loss", None),
    ]
    assert rows[3].sources == (1, 2)
    assert lanes(rows) == [(1, 3, 0)]


def test_lines_that_overlap_lie_in_lanes_of_their_own():
    rows = nodes(
        Structure(
            (),
            (),
            (
                ("input", "input", ()),
                ("layer", "a", (0,)),
                ("layer", "b", (1,)),
                ("layer", "c", (2,)),
                ("addition", "inner", (1, 3)),
                ("layer", "d", (4,)),
                ("addition", "outer", (0, 5)),
            ),
        )
    )
    # The inner line from row 1 to 4, the outer one from 0 to 6 past it.
    assert lanes(rows) == [(1, 4, 0), (0, 6, 1)]


def test_the_gradient_is_followed_from_the_last_site_to_the_first():
    made = reading()
    views = site_views(structure(made), snapshot(made, 0, ()), made)
    first, last = along(views)
    # Both sites have 8 units, gradient 0.1 before and 0.1 sqrt(2) behind them: 1/sqrt(2) at either.
    assert (first.measured, last.measured) == pytest.approx((0.5**0.5, 0.5**0.5))
    # ReLU lets sqrt(1/2) through, and the weights, of variance 2, multiply by sqrt(2).
    assert last.predicted == pytest.approx(0.5**0.5)
    assert first.predicted == pytest.approx(0.5**0.5 * 2**0.5 * 0.5**0.5)


def test_severities_wear_the_verdicts_colours(exam):
    """Whose contrast tests/report/test_page.py measures."""
    style = examination_html(exam, "en").partition("</style>")[0]
    rules = dict(re.findall(r"\.badge\.(\w+)(?=[^{}]*\{ color: var\(--([\w-]+)\))", style))
    assert rules == {
        "holds": "holds", "fails": "fails", "depends": "depends", "undecided": "undecided",
        "unjudged": "open", "open": "open",
        "error": "fails", "warning": "depends", "note": "open", "healthy": "holds",
    }  # fmt: skip
