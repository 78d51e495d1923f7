"""An examination in a notebook: what stands open, what folds, and pictures that need no script."""

import json
import re
from html.parser import HTMLParser

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.messages import languages, text
from nonlin.report.examined.notebook import html
from nonlin.torch import Exam, examine


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.act, self.two = nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8)

    def forward(self, x):
        return x + self.two(self.act(self.one(x)))


class Net(nn.Module):
    def __init__(self, dead=None):
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Sequential(nn.Linear(5, 8), nn.Tanh())
        self.blocks = nn.ModuleList([Block() for _ in range(12)])
        self.head = nn.Linear(8, 3)
        if dead is not None:
            with torch.no_grad():
                self.blocks[dead].one.bias.fill_(-100.0)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(torch.sigmoid(x))


def exam(net, samples=64):
    rng = torch.Generator().manual_seed(0)
    x, y = torch.randn(samples, 5, generator=rng), torch.randint(3, (samples,), generator=rng)
    return examine(net, x, y, F.cross_entropy)


def deep():
    torch.manual_seed(0)
    layers = [m for _ in range(4) for m in (nn.Linear(5, 5), nn.Tanh())]
    return nn.Sequential(*layers, nn.Linear(5, 3))


class Reader(HTMLParser):
    """Takes a fragment apart: its folds, each with its summary, its rows and whether it is open."""

    def __init__(self, fragment):
        super().__init__()
        self.folds, self.stack, self.tags, self.words = [], [], [], []
        self.feed(fragment)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.stack.append(tag)
        if tag == "details":
            self.folds.append({"open": ("open", None) in attributes, "summary": "", "rows": []})
        if tag == "tr" and self.folds:
            self.folds[-1]["rows"].append([])
        if tag in ("br", "path", "circle"):
            self.stack.pop()

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if "summary" in self.stack:
            self.folds[-1]["summary"] += data
        if self.stack[-1] in ("td", "th"):
            self.folds[-1]["rows"][-1].append(data)


@pytest.mark.parametrize("lang", languages())
def test_each_part_is_a_fold_with_a_row_a_site(lang):
    read = Reader(html(exam(Net()), lang))
    assert "script" not in read.tags
    pictures, stem, blocks, own, *_ = read.folds
    assert pictures["summary"] == text("examination.fold.pictures", lang)
    assert [len(each["rows"]) for each in (stem, blocks, own)] == [2, 13, 2]
    assert stem["summary"].startswith("stem · ")
    numbers = text("doctor.range", lang, low=0, high=11)
    named = text("doctor.place.blocks", lang, indices=numbers)
    assert blocks["summary"].startswith(f"blocks, {named} · ")
    assert own["summary"].startswith(text("examination.fold.outside", lang))
    assert [row[0] for row in blocks["rows"][1:]] == [f"blocks.{i}.act" for i in range(12)]
    # Nothing was found in it, and there are several parts.
    assert not blocks["open"]


def test_a_part_with_a_finding_is_open_and_counts_it():
    found = exam(Net(dead=3))
    # The site and the layer before it.
    kinds = {each.site for each in found.findings if each.severity == "error"}
    assert kinds & {"blocks.3.act", "blocks.3.one"}
    _, stem, blocks, *_ = Reader(html(found, "en")).folds
    errors = sum(each.severity == "error" and "blocks." in each.site for each in found.findings)
    assert blocks["open"]
    assert f"error\u00a0{errors}" in blocks["summary"]
    assert not stem["open"]
    assert "✗" not in stem["summary"]
    dead = blocks["rows"][0].index(text("examination_report.column.dead", "en"))
    assert [row[dead] for row in blocks["rows"][1:]] == [
        "16" if place == 3 else "0" for place in range(12)
    ]


def test_two_pictures_have_a_point_a_site_and_captions_of_their_own():
    found = exam(deep())
    one, other = html(found, "en"), html(exam(Net()), "en")
    ids = [re.findall(r'figcaption id="([^"]+)"', each) for each in (one, other)]
    assert [len(each) for each in ids] == [2, 2]
    assert len({*ids[0], *ids[1]}) == 4
    for named in ids[0]:
        assert one.count(f'aria-labelledby="{named}"') == 1
    drawings = re.findall(r"<svg.*?</svg>", one, re.DOTALL)
    # A point for each of four sites, and in the first one in the key.
    assert [each.count("<circle") for each in drawings] == [5, 4]
    # The lengths themselves: the axis is logarithmic, so ratios are differences.
    x = [float(v) for v in re.findall(r'<circle class="seen" cx="([\d.]+)"', drawings[1])]
    logs = torch.tensor([site.length for site in found.sites]).log10()
    scale = (x[0] - x[1]) / float(logs[0] - logs[1])
    for i in range(1, 4):
        assert x[0] - x[i] == pytest.approx(scale * float(logs[0] - logs[i]), abs=0.15)


def test_one_short_part_is_open_and_empty_columns_are_left_out():
    *_, sites = Reader(html(exam(deep()), "en")).folds
    assert sites["open"]
    assert text("examination_report.column.predicted", "en") in sites["rows"][0]
    rows = Reader(html(exam(Net()), "en")).folds[2]["rows"]
    # No theory across an addition.
    assert text("examination_report.column.predicted", "en") not in rows[0]
    assert len({len(row) for row in rows}) == 1


def test_what_was_read_from_a_file_shows_the_same():
    found = exam(deep())
    assert html(Exam.from_json(found.to_json()), "en") == html(found, "en")
    written = json.loads(found.to_json())
    del written["reading"]["environment"]["model"]  # as version 0.1 wrote it
    earlier = html(Exam.from_json(json.dumps(written)), "en")
    name = text("examination.model", "en")
    assert earlier == html(found, "en").replace("Sequential:", f"{name}:")


def test_its_style_is_for_itself_alone():
    (style,) = re.findall(r"<style>(.*?)</style>", html(exam(deep()), "en"), re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", style)
    for selector in selectors:
        assert all(each.strip().startswith(".nonlin-exam") for each in selector.split(","))
    # A dark notebook's ink is the page's own: no colour of letters or grounds is set.
    assert not re.search(r"(?<![-\w])(?:color|background)\s*:", style)
