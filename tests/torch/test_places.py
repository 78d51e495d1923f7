"""What places are called, one fault at many of them, and 80 columns."""

import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hand_made_readings import network, with_weights
from planted_findings import planted
from torch import nn

from nonlin.messages import languages, text
from nonlin.messages.columns import width
from nonlin.report.examined import examination_html
from nonlin.report.examined.notebook import html
from nonlin.torch import Exam, examine
from nonlin.torch.exam_text import plain_text
from nonlin.torch.findings import findings
from nonlin.torch.places import Places

GOLDEN = Path(__file__).parent / "golden"


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = nn.Module()
        self.mlp.fc, self.mlp.act = nn.Linear(32, 32), nn.ReLU()

    def forward(self, x):
        return self.mlp.act(self.mlp.fc(x))


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Linear(32, 32) for _ in range(8))
        self.act, self.head = nn.Sigmoid(), nn.Linear(32, 3)

    def forward(self, x):
        for layer in self.convs:
            x = self.act(layer(x))
        return self.head(x)


def examined(net):
    rng = torch.Generator().manual_seed(0)
    x, y = torch.randn(128, 32, generator=rng), torch.randint(3, (128,), generator=rng)
    return examine(net, x, y, F.cross_entropy)


def blocks(count=12):
    """Weights that are too large in each of the blocks."""
    torch.manual_seed(0)
    net = nn.Sequential(*(Block() for _ in range(count)), nn.Linear(32, 3))
    for block in list(net)[:count]:
        nn.init.normal_(block.mlp.fc.weight, std=1.0)
    return net


def paragraphs(shown):
    return [line for line in shown.splitlines() if line[:1] in ("✗", "!", "·")]


@pytest.mark.parametrize(
    ("lang", "where"),
    [("en", "blocks 0 to 11 · mlp.fc (12 layers)"), ("ko", "블록 0~11 · mlp.fc (층 12개)")],
)
def test_one_fault_at_twelve_layers_is_one_paragraph(lang, where):
    exam = examined(blocks())
    faults = [each for each in exam.findings if each.kind == "bad_initialization"]
    assert len(faults) == 12
    name = text("examination_report.kind.bad_initialization", lang)
    (line,) = [each for each in paragraphs(plain_text(exam, lang)) if name in each]
    assert line.endswith(where)
    # The lowest and the highest of the twelve.
    ratios = sorted(each.evidence["ratio"] for each in faults)
    span = text("doctor.range", lang, low=f"{ratios[0]:.3g}", high=f"{ratios[-1]:.3g}")
    assert span in re.sub(r"\s+", " ", plain_text(exam, lang))
    assert html(exam, lang).count(name) == 1
    page = examination_html(exam, lang)
    # The page has an article a group, and the text a line of what follows from a paragraph.
    groups = Places.of_reading(exam.reading).paragraphs(exam.findings)
    assert page.count('<article class="claim') == len(groups)
    assert where in page
    assert all(f"{place}.mlp.fc" in page for place in range(12))


def test_the_same_fault_of_another_function_is_another_paragraph():
    net = blocks(4)
    for place in range(4):
        nn.init.normal_(net[place].mlp.fc.weight, std=2.0)
        net[place].mlp.act = nn.Softsign() if place == 2 else nn.Tanh()
    shown = plain_text(examined(net), "en")
    found = {line.partition(" · ")[2] for line in paragraphs(shown) if "Bad init" in line}
    assert found == {"blocks 0, 1, 3 · mlp.fc (3 layers)", "block 2 · mlp.fc"}


def test_every_finding_stands_in_one_paragraph():
    for _, _, reading, found in planted():
        groups = Places.of_reading(reading).paragraphs(found)
        assert sorted(map(id, (each for group in groups for each in group))) == sorted(
            map(id, found)
        )


def test_what_follows_from_another_site_is_told_apart():
    reading = network()
    for place in (0, 2):
        reading = with_weights(reading, place, 0.0, weight_rms=0.0)
    first, second = (each for each in findings(reading) if each.kind == "bad_initialization")
    groups = Places.of_reading(reading).paragraphs([first, replace(second, caused_by="0")])
    assert len(groups) == 2


def test_a_module_that_is_called_again_is_shown_with_the_layer_before_it():
    exam = examined(Shared())
    shown = plain_text(exam, "en")
    for place in range(8):
        assert f"convs.{place} → act" in shown
    assert "#" not in shown
    assert "convs.6 → act" in html(exam, "ko")
    assert "#7" not in re.sub(r"#(?:finding|[0-9a-f]{3,8}\b)", "", examination_html(exam, "en"))


@pytest.mark.parametrize(
    ("sites", "layers", "name", "english", "korean"),
    [
        ([("1", "nl.relu", "0")], ["0", "2"], "1", "layer 0 → ReLU (1)", "층 0 → ReLU (1)"),
        ([("1", "nl.relu", "0")], ["0", "2"], "2", "layer 2", "층 2"),
        ([("3.mlp.act", "nl.gelu", "3.mlp.fc")], [], "3.mlp.act", "block 3 · mlp.act",
         "블록 3 · mlp.act"),
        ([(":relu", "nl.relu", "fc1"), (":relu#2", "nl.relu", "fc2")], ["fc1"], ":relu#2",
         "fc2 → relu", "fc2 → relu"),
        ([("act", "nl.relu", None), ("act#2", "nl.relu", None)], [], "act#2", "act (call 2)",
         "act (2번째 호출)"),
        ([("0.1", "nl.tanh", "0.0")], ["0.0"], "0.1", "block 0 · layer 0 → Tanh (1)",
         "블록 0 · 층 0 → Tanh (1)"),
        ([], ["enc.0.fc", "dec.0.fc"], "dec.0.fc", "dec, block 0 · fc", "dec, 블록 0 · fc"),
        ([], ["fc"], "inputs", "inputs", "inputs"),
        ([("²", "phi", "³")], ["³"], "²", "²", "²"),
        ([("9" * 5000 + ".act", "phi", None)], [], "9" * 5000 + ".act", "9" * 5000 + ".act", None),
    ],
)  # fmt: skip
def test_names_for_people(sites, layers, name, english, korean):
    places = Places(sites, layers)
    assert places.label(name, "en") == english
    assert places.label(name, "ko") == (korean or english)


def test_the_name_in_code_is_not_lost():
    places = Places([], [f"encoder.layers.{i}.linear1" for i in range(3)])
    name = "encoder.layers.2.linear1"
    assert places.row([name], "en") == "block 2 · linear1 (encoder.layers.2.linear1)"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([0, 1, 2, 3], "blocks 0 to 3 · a (4 layers)"),
        ([0, 1, 3, 7, 8, 9], "blocks 0, 1, 3, 7 to 9 · a (6 layers)"),
        ([4, 2], "blocks 2, 4 · a (2 layers)"),
    ],
)
def test_rows_of_blocks(chosen, said):
    places = Places([], [f"{i}.a" for i in range(10)])
    assert places.row([f"{i}.a" for i in chosen], "en") == said


def test_a_long_row_that_does_not_run_through_is_cut():
    names = [f"part{i}" for i in range(20)]
    places = Places([], names)
    assert places.row(names[::2], "en") == "part0, part2, part4, and 7 more (10 layers)"
    assert places.row(names[:5], "en") == "part0 to part4 (5 layers)"


def test_what_is_no_layer_is_counted_as_a_place():
    places = Places([], ["h.0.fc"])
    assert places.row(["h.0:add", "h.1:add"], "en").endswith("(2 places)")
    assert places.row(["h.0:add", "h.1:add"], "ko").endswith("(2곳)")


def fits(shown):
    lines = shown.splitlines()
    assert max(map(width, lines)) <= 80
    for line, following in pairwise(lines):
        # No number is parted from its per cent sign or its power of ten.
        assert not following.lstrip().startswith(("%", "×", "10⁻"))
        assert not line.endswith("×")


@pytest.mark.parametrize("lang", languages())
def test_every_exam_fits_a_terminal(lang):
    for _, _, reading, found in planted():
        fits(plain_text(Exam(reading, found), lang))
    for net in (blocks(), Shared(), nn.Sequential(nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 3))):
        fits(plain_text(examined(net), lang))
    deep = blocks(2)
    for place in range(6):
        deep = nn.Sequential(nn.Identity(), nn.ModuleDict({f"a_rather_long_name_{place}": deep})[
            f"a_rather_long_name_{place}"])  # fmt: skip
    fits(plain_text(examined(deep), lang))


@pytest.mark.parametrize("lang", languages())
def test_the_table_keeps_its_heading_whole(lang):
    heading = next(
        line for line in plain_text(examined(Shared()), lang).splitlines()
        if line.startswith(text("examination_report.column.name", lang))
    )  # fmt: skip
    for key in ("activation", "units", "dead", "gradient", "factor", "predicted"):
        assert text(f"examination_report.column.{key}", lang) in heading


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("kind", ["dead_units", "vanishing_gradients", "bad_initialization"])
def test_golden(kind, lang):
    """The whole text of an exam; NONLIN_RENEW_GOLDEN=1 writes the files anew."""
    reading, found = next((r, f) for k, _, r, f in planted() if k == kind)
    shown, file = plain_text(Exam(reading, found), lang) + "\n", GOLDEN / f"{kind}.{lang}.txt"
    if os.environ.get("NONLIN_RENEW_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_the_sites_of_a_transformer_are_named_as_people_name_them():
    """ "block 3 · MLP · GELU", whatever the modules are called."""
    gpt = [(f"h.{i}.mlp.act", "nl.gelu", None) for i in range(2)]
    bert = [(f"encoder.layer.{i}.intermediate.act_fn", "nl.gelu", None) for i in range(2)]
    for sites in (gpt, bert):
        assert Places(sites).titles("en") == ["block 0 · MLP · GELU", "block 1 · MLP · GELU"]
    both = [("h.0.attn.act", "nl.tanh", None), ("h.0.mlp.act", "nl.gelu", None)]
    assert Places(both).titles("ko") == ["블록 0 · 어텐션 · Tanh", "블록 0 · MLP · GELU"]
    bare = [("blocks.0.act", "nl.relu", None)]
    assert Places(bare).titles("en") == ["block 0 · ReLU"]


def test_no_two_sites_have_one_title():
    twice = [("h.0.mlp.a", "nl.gelu", None), ("h.0.mlp.b", "nl.gelu", None)]
    assert Places(twice).titles("en") == ["block 0 · mlp.a", "block 0 · mlp.b"]
