"""Findings in words: every kind and every cause has its sentences, with every number in them."""

import re
from dataclasses import replace
from string import Formatter

import pytest
from hand_made_readings import idle, network, units, with_layer, with_site

from nonlin.messages import _sentences, languages, text
from nonlin.torch.finding import Finding, Kind
from nonlin.torch.verdicts import findings
from nonlin.torch.wording import describe, number, proof, title

KINDS = Kind.__args__


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_title_and_causes(kind, lang):
    assert text(f"doctor.kind.{kind}", lang)
    assert _sentences(lang)["doctor"]["cause"][kind]


def test_dead_units_with_their_numbers():
    reading = with_site(network(), 1, units=idle(units(), list(range(20))))
    (found,) = [x for x in findings(reading) if x.kind == "dead_units"]
    said = describe(found, "en")
    assert "20 of 64 units" in said
    assert "all 256 samples" in said
    # 1 - 0.05^(1/256)
    assert "at most 1.16%" in said
    assert title(found, "ko") == "죽은 유닛"


@pytest.mark.parametrize("lang", languages())
def test_nothing_is_left_open(lang):
    readings = [
        with_site(network(), 1, units=idle(units(), [*range(20)], mean=-4.0, deviation=1.0)),
        with_layer(network(), 1, weight_variance=100.0),
        with_layer(network(), 1, weight_variance=0.0),
        with_layer(network(), 1, weight_gradient_rms=0.0),
        replace(network(), input_deviation=300.0),
        replace(network(), target=replace(network().target, smallest=-3.0)),
        replace(network(), target=replace(network().target, value=float("nan"))),
        replace(network(), sites=(), steps=tuple(
            replace(x, kind="other", name="view") if x.kind == "activation" else x
            for x in network().steps)),
    ]  # fmt: skip
    kinds = set()
    for reading in readings:
        for found in findings(reading):
            kinds.add(found.kind)
            said = describe(found, lang)
            assert not re.search(r"[{}]", said)
            assert len(said) > 40
    assert kinds >= {"bad_initialization", "stuck_layer", "unscaled_inputs", "output_mismatch",
                     "non_finite", "linear_stack"}  # fmt: skip


def test_both_languages_show_the_same_numbers():
    for kind in KINDS:
        fields = [
            {name for _, name, _, _ in Formatter().parse(_sentences(lang)["doctor"]["proof"][kind])}
            for lang in languages()
        ]
        assert fields[0] == fields[1]


def test_gradients_without_a_prediction():
    evidence = {"ratio": 1e-7, "layers": 9, "factor": 0.17, "predicted": float("nan"),
                "weights": 0.5, "derivative": 0.3}  # fmt: skip
    found = Finding("vanishing_gradients", "0", "error", (), evidence, "weights")
    assert "predict" not in proof(found, "en")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("dead", 1234, "1,234"), ("bound", 0.0116, "1.16%"), ("ratio", 1.5e-8, "1.5e-08"),
     ("samples_needed", float("inf"), "∞"), ("first", "layers.0", "layers.0")],
)  # fmt: skip
def test_numbers(name, value, shown):
    assert number(name, value) == shown
