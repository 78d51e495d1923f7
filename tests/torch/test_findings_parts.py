"""Gates, attention, routers and the residual stream: planted by hand, and in models."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hand_made_readings import network
from torch import nn

from nonlin.torch import Exam, examine
from nonlin.torch.findings import findings
from nonlin.torch.parts import Attention, Gate, Residual, Router


def only(reading, kind):
    return [x for x in findings(reading) if x.kind == kind]


def gate(silent, samples=256, often=0.0):
    zeros = np.full(64, int(often * samples))
    active = np.full(64, samples)
    zeros[:silent], active[:silent] = samples, 0
    return replace(
        network(), gates=(Gate("mlp:gate", ("3", "4"), samples, samples, zeros, active),)
    )


@pytest.mark.parametrize(
    ("silent", "grade"), [(0, None), (3, "note"), (30, "warning"), (50, "error")]
)
def test_silent_gates_are_counted_and_graded(silent, grade):
    found = only(gate(silent), "silent_gate")
    assert [x.severity for x in found] == ([] if grade is None else [grade])
    assert [len(x.units) for x in found] == ([] if grade is None else [silent])


def test_gates_that_are_often_shut_are_silent_by_chance():
    assert only(gate(3, samples=4, often=0.75), "silent_gate") == []
    assert only(gate(3, samples=256, often=0.75), "silent_gate") != []


@pytest.mark.parametrize(("lost", "grade"), [(0, None), (1, "note"), (4, "warning")])
def test_collapsed_heads(lost, grade):
    saturated = np.zeros(8)
    saturated[:lost] = 0.95
    made = Attention("attn", 256, 16.0, 1 - saturated, saturated, np.ones(8))
    found = only(replace(network(), attentions=(made,)), "collapsed_attention")
    assert [(x.severity, x.units) for x in found] == (
        [] if grade is None else [(grade, tuple(range(lost)))]
    )


@pytest.mark.parametrize(("tokens", "idle"), [(4, False), (4096, True)])
def test_an_expert_without_tokens_is_idle_where_there_are_enough(tokens, idle):
    given = np.full(8, tokens * 2 // 7)
    given[3] = 0
    found = only(replace(network(), routers=(Router("gate", 2, given),)), "idle_experts")
    assert [x.units for x in found] == ([(3,)] if idle else [])


def test_channels_that_stand_out_are_a_note():
    made = Residual("h.0:add", 64, 40.0, 1.0, 320.0, (7,))
    (found,) = only(replace(network(), residuals=(made,)), "outlying_channels")
    assert (found.severity, found.units, found.evidence["ratio"]) == ("note", (7,), 320.0)


class Gated(nn.Module):
    """A transformer block with a gate, and how to spoil a part of it."""

    def __init__(self, width=16, heads=4, hidden=24):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.gate, self.up = nn.Linear(width, hidden), nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = (q @ k.transpose(-1, -2) / (w // self.heads) ** 0.5).softmax(-1) @ v
        x = x + self.out(attended.transpose(1, 2).reshape(b, t, w))
        h = self.norms[1](x)
        return x + self.down(F.relu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self, blocks=3):
        super().__init__()
        self.embed = nn.Embedding(40, 16)
        self.h = nn.ModuleList([Gated() for _ in range(blocks)])
        self.head = nn.Linear(16, 40)

    def forward(self, x):
        x = self.embed(x)
        for block in self.h:
            x = block(x)
        return self.head(x)


def model():
    torch.manual_seed(0)
    return Model(), torch.randint(0, 40, (16, 12), generator=torch.Generator().manual_seed(1))


def loss(out, y):
    return F.cross_entropy(out.flatten(0, 1), y.flatten())


def test_what_is_planted_in_a_block_is_counted_exactly():
    built, x = model()
    assert {f.kind for f in examine(built, x, x, loss).findings} <= {"dead_units"}
    with torch.no_grad():
        built.h[0].up.weight[:15] = 0.0
        built.h[0].up.bias[:15] = 0.0
        built.h[1].qkv.weight[:16].view(4, 4, 16)[2].mul_(1e5)
    exam = examine(built, x, x, loss)
    gates = [f for f in exam.findings if f.cause == "nothing_comes"]
    assert [(f.site, f.units, f.cause) for f in gates] == [
        ("h.0:gate", tuple(range(15)), "nothing_comes")
    ]
    (heads,) = [f for f in exam.findings if f.kind == "collapsed_attention"]
    assert (heads.site, heads.units, heads.severity) == ("h.1:attention", (2,), "note")
    with torch.no_grad():
        built.embed.weight[:, 5] *= 1e4
    exam = examine(built, x, x, loss)
    channels = [f for f in exam.findings if f.kind == "outlying_channels"]
    assert {f.units for f in channels} == {(5,)}
    assert len(channels) == 6
    assert Exam.from_json(exam.to_json()).reading.residuals == exam.reading.residuals


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_text_tells_equal_parts_of_many_blocks_in_one_row(lang, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8" if lang == "ko" else "en_US.UTF-8")
    torch.manual_seed(0)
    x = torch.randint(0, 40, (16, 12), generator=torch.Generator().manual_seed(1))
    said = str(examine(Model(12), x, x, loss))
    assert len(said.splitlines()) <= 40
    for name in ("h.0-11:relu", "h.0-11:gate", "h.0-11:add", "h.0-11:attention"):
        assert sum(line.startswith(name) for line in said.splitlines()) >= 1, name
    assert max(map(len, said.splitlines())) <= 80


def test_the_residual_stream_is_measured_behind_each_addition():
    built, x = model()
    found = examine(built, x, x, loss).reading.residuals
    assert [each.name for each in found] == [
        f"h.{i}:add{again}" for i in range(3) for again in ("", "#2")
    ]
    stream = built.embed(x)
    for i, block in enumerate(built.h):
        stream = block(stream)
        assert found[2 * i + 1].rms == pytest.approx(stream.square().mean().sqrt().item(), rel=1e-5)
