"""``nonlin propagate`` and ``nonlin phase``: the theory at the command line."""

import json

import pytest

from nonlin.cli import main
from nonlin.messages import languages, text


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def plain(capsys, *line):
    assert main([*line, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


TANH = ("propagate", "tanh", "--weight-variance", "1.3", "--bias-variance", "0.05")


def test_the_reference_values_are_printed(capsys):
    # q* 0.315316, chi1 0.880164, xi_q 1.785, xi_c 7.834: the reference values for tanh.
    found = plain(capsys, *TANH, "--depth", "20")
    assert (found["phase"], len(found["lengths"])) == ("ordered", 20)
    assert found["q_star"] == pytest.approx(0.315316, abs=5e-7)
    assert found["chi1"] == pytest.approx(0.880164, abs=5e-7)
    assert found["xi_q"] == pytest.approx(1.785, abs=5e-4)
    assert found["xi_c"] == pytest.approx(7.834, abs=5e-4)
    assert found["gradient_intervals"] is None


@pytest.mark.parametrize("lang", languages())
def test_the_table_says_the_phase(lang, capsys):
    assert main([*TANH, "--width", "100", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert text("cli.propagate.phases.ordered", lang) in shown
    assert "0.880164" in shown
    assert text("cli.propagate.interval", lang) in shown


def test_without_a_weight_variance_it_is_the_critical_one(capsys):
    found = plain(capsys, "propagate", "relu")
    # He et al. 2015.
    assert (found["weight_variance"], found["phase"]) == (2.0, "critical")
    assert found["max_depth"] == "inf"


def test_a_picture_is_written(tmp_path, capsys):
    found = plain(capsys, *TANH, "--width", "64", "--plot", "--depth", "5")
    assert found["file"] == "tanh-propagation.png"
    assert (tmp_path / "tanh-propagation.png").stat().st_size > 10_000
    found = plain(capsys, "phase", "--formula", "x*sigmoid(x)", "--plot")
    assert found["file"] == "x_sigmoid_x-phase.png"


def test_the_critical_line_of_tanh(capsys):
    line = plain(capsys, "phase", "tanh")["critical_line"]
    found = {point["bias_variance"]: point["weight_variance"] for point in line}
    assert found[0.05] == pytest.approx(1.76095464, abs=5e-9)
    assert found[1.0] == pytest.approx(3.44321091, abs=5e-9)


def test_relu_keeps_every_length_without_bias_only(capsys):
    first, *others = plain(capsys, "phase", "relu")["critical_line"]
    assert first == {"bias_variance": 0.0, "weight_variance": 2.0, "q_star": "every"}
    assert all(point["weight_variance"] is None for point in others)


@pytest.mark.parametrize(("name", "found"), [("softplus", False), ("gelu", True)])
def test_the_last_sentence_says_what_to_do_or_that_there_is_nothing(name, found, capsys):
    # GELU has critical points from a bias variance of 0.18 on, softplus has none.
    assert main(["phase", name, "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("with the bias variance.") == found
    assert ("No weight variance keeps gradients" in said) == (not found)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("--depth 0", 2, "--depth expects a whole number of at least 1, but got 0"),
        (
            "--bias-variance -1",
            2,
            "--bias-variance expects a finite number of at least 0, but got -1.0",
        ),
        (
            "--width 9 --residual 1",
            2,
            "--width and --residual cannot be given together: the spread of finite residual "
            "networks is not known",
        ),
        (
            "--bias-variance 0.5",
            1,
            "no weight variance makes relu critical at bias variance 0.5; give --weight-variance",
        ),
        ("--plot --out a.gif", 2, None),
    ],
)
def test_wrong_numbers_get_a_sentence(line, code, sentence, capsys):
    assert main(["propagate", "relu", *line.split(), "--lang", "en"]) == code
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert sentence is None or err == f"nonlin: {sentence}\n"


@pytest.mark.parametrize("lang", languages())
def test_gates_go_through_gated_layers(lang, capsys, tmp_path):
    assert main(["propagate", "bilinear", "--depth", "3", "--lang", lang, "--plot"]) == 0
    shown = capsys.readouterr().out
    assert text("cli.propagate.repels", lang, length="1") in shown
    assert (tmp_path / "bilinear-propagation.png").stat().st_size > 5_000


def test_a_gates_numbers_are_those_of_propagate(capsys):
    found = plain(capsys, "propagate", "bilinear", "--weight-variance", "0.5", "--depth", "3")
    assert found["lengths"] == pytest.approx([1.0, 0.5, 0.125])
    assert found["fixed_lengths"][0]["length"] == pytest.approx(2.0)
    assert not plain(capsys, "propagate", "swiglu", "--residual", "1")["fixed_lengths"]


@pytest.mark.parametrize("option", [("--width", "9"), ("--bias-variance", "0.1")])
def test_what_is_not_for_gates_is_refused(option, capsys):
    assert main(["propagate", "swiglu", *option]) == 2
    assert option[0] in capsys.readouterr().err
