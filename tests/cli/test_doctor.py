import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nonlin.cli import main
from nonlin.cli.wording import width
from nonlin.messages import languages, text
from nonlin.torch.runs import load

EXAMPLES = Path(__file__).parents[2] / "examples"

PATIENT = """
import torch
from torch import nn

def build():
    torch.manual_seed(0)
    inputs = torch.randn(32, 4)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    return model, inputs, inputs[:, :1], nn.functional.mse_loss

def broken():
    model, *rest = build()
    with torch.no_grad():
        model[0].bias -= 100.0
    return model, *rest

def raises():
    width = 3
    return nn.Linear(width, None)

def misfit():
    model, inputs, *rest = build()
    return model, inputs[:, :3], *rest

def nothing():
    pass

def no_model():
    return (print, *build()[1:])

constant = 3

def large():
    model, *rest = build()
    with torch.no_grad():
        model[0].weight.normal_(std=3.0)
    return model, *rest

def straight():
    model, *rest = build()
    return nn.Sequential(model[0], nn.Linear(model[0].out_features, 8), *model[1:]), *rest

def deep():
    torch.manual_seed(0)
    inputs = torch.randn(64, 16)
    layers = [each for _ in range(6) for each in (nn.Linear(16, 16), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    for layer in layers[::2]:
        nn.init.normal_(layer.weight, std=3.0)
    return model, inputs, inputs[:, :1], nn.functional.mse_loss
"""

OWN = """
import numpy
import torch
from torch import nn

class Elsewhere(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.y = torch.from_numpy(1 / (1 + numpy.exp(-x.numpy())))
        return ctx.y.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.y * (1 - ctx.y)

class Sg(nn.Module):
    def forward(self, x):
        return Elsewhere.apply(x)

def build():
    torch.manual_seed(0)
    inputs = torch.randn(64, 16)
    layers = [each for _ in range(10) for each in (nn.Linear(16, 16), Sg())]
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    return model, inputs, inputs[:, :1], nn.functional.mse_loss
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", ["nonlin"])
    Path("patient.py").write_text(PATIENT, encoding="utf-8")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def doctor(capsys, *arguments, lang="en"):
    code = main(["doctor", *map(str, arguments), "--lang", lang])
    out, err = capsys.readouterr()
    return code, out, err


def found(capsys, *arguments):
    code, out, _ = doctor(capsys, *arguments, "--json")
    plain = json.loads(out)
    return code, plain, {(x["kind"], x["site"], x["severity"]) for x in plain["findings"]}


@pytest.mark.parametrize("lang", languages())
def test_a_healthy_model_is_said_to_be_so(capsys, lang):
    code, out, err = doctor(capsys, "patient.py", lang=lang)
    assert (code, err) == (0, "")
    assert text("doctor_command.healthy", lang) in out
    row = next(line.split() for line in out.splitlines() if line.startswith("1 "))
    assert row[:4] == ["1", "relu", "8", "0"]


UNSEEN = (
    OWN[: OWN.index("def build")]
    + """
def build():
    torch.manual_seed(0)
    inputs = torch.rand(32, 1, 8, 8)
    widths = [1] + 12 * [4]
    layers = [m for w in widths[:12] for m in (nn.Conv2d(w, 4, 3, padding=1), Sg())]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 3))
    return model, inputs, torch.arange(32) % 3, nn.functional.cross_entropy
"""
)


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("arguments", [(), ("--train", "4", "--log", "run.jsonl")])
def test_where_no_activation_is_recognised_it_is_said_and_the_code_is_3(capsys, lang, arguments):
    Path("hand.py").write_text(UNSEEN, encoding="utf-8")
    code, out, _ = doctor(capsys, "hand.py", *arguments, "--html", "page.html", lang=lang)
    assert code == 3
    assert text("doctor_command.healthy", lang) not in out
    assert "activations=" in out
    assert "Sg × 12" in out
    page = Path("page.html").read_text(encoding="utf-8")
    assert text("examination_report.summary.healthy", lang) not in page
    plain = json.loads(doctor(capsys, "hand.py", "--json")[1])
    assert (plain["seen"], plain["findings"]) == ("no_activation", [])
    if arguments:
        code, out, _ = doctor(capsys, "run.jsonl", lang=lang)
        assert code == 3
        assert text("doctor_command.healthy", lang) not in out
        assert "activations=" in out


@pytest.mark.parametrize("lang", languages())
def test_an_error_has_its_sentence_and_exit_code_1(capsys, lang):
    code, out, _ = doctor(capsys, "patient.py:broken", lang=lang)
    assert code == 1
    assert text("examination_report.kind.dead_units", lang) in out
    assert text("examination_report.severity.error", lang) in out
    assert max(map(width, out.splitlines())) <= 100
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("function", "limit", "expected"),
    [
        ("broken", None, 1),
        ("broken", "never", 0),
        ("large", None, 0),
        ("large", "error", 0),
        ("large", "warning", 1),
        ("large", "note", 1),
        ("build", "note", 0),
    ],
)
def test_what_fails_can_be_chosen(capsys, function, limit, expected):
    chosen = [] if limit is None else ["--fail-on", limit]
    code, _, kinds = found(capsys, f"patient.py:{function}", *chosen)
    assert code == expected
    if function == "large":
        assert {severity for *_, severity in kinds} == {"warning"}


def test_a_log_fails_by_the_same_rule(capsys):
    doctor(capsys, "patient.py:straight", "--train", 1, "--log", "run.jsonl")
    assert doctor(capsys, "run.jsonl")[0] == 0
    assert doctor(capsys, "run.jsonl", "--fail-on", "warning")[0] == 1


@pytest.mark.parametrize("lang", languages())
def test_what_fails_is_one_of_four(capsys, lang):
    code, _, err = doctor(capsys, "patient.py", "--fail-on", "everything", lang=lang)
    assert code == 2
    assert "everything" in err
    _, out, _ = doctor(capsys, "--help", lang=lang)
    assert "--fail-on {error,warning,note,never}" in out
    assert "--activation CLASS[=FUNCTION]" in out


@pytest.mark.parametrize(
    "declared",
    ["Sg=sigmoid", "Sg=nl.sigmoid", "own:Sg=sigmoid", "Sg=shapes:phi", "Sg", "own:Sg"],
)
def test_an_activation_of_ones_own_is_one_if_one_says_so(capsys, declared):
    Path("own.py").write_text(OWN, encoding="utf-8")
    Path("shapes.py").write_text(
        "import numpy as np\ndef phi(x):\n    return 1 / (1 + np.exp(-np.asarray(x)))\n",
        encoding="utf-8",
    )
    _, plain, _ = found(capsys, "own.py")
    assert plain["sites"] == []
    code, plain, kinds = found(capsys, "own.py", "--activation", declared)
    # A sigmoid's derivative is at most a quarter: ten of them leave nothing of the gradient.
    assert {kind for kind, *_ in kinds} >= {"vanishing_gradients"}
    assert code == 1
    assert len(plain["sites"]) == 10
    _, plain, _ = found(capsys, "own.py", "--activation", "3=sigmoid", "--activation", "5=tanh")
    assert [site["activation"] for site in plain["sites"]] == ["sigmoid", "tanh"]


def test_a_training_knows_them_too(capsys):
    Path("own.py").write_text(OWN, encoding="utf-8")
    options = ("--train", 2, "--activation", "Sg=sigmoid", "--log", "run.jsonl")
    _, plain, _ = found(capsys, "own.py", *options)
    assert len(plain["sites"]) == 10
    assert len(load("run.jsonl").structure.sites) == 10


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("Gs=sigmoid", "no module of the class or the name 'Gs'; it has: Sg"),
        ("absent:phi", "no module of the class or the name 'absent:phi'"),
        ("Sg=sigmiod", "unknown function 'sigmiod'; did you mean 'sigmoid'?"),
    ],
)
def test_activations_that_are_none_are_refused(capsys, declared, said):
    Path("own.py").write_text(OWN, encoding="utf-8")
    code, _, err = doctor(capsys, "own.py", "--activation", declared)
    assert code == 2
    assert said in err


@pytest.mark.parametrize("steps", [1, 7, 39, 40, 41, 79, 80, 100])
def test_there_are_forty_readings_at_most(capsys, steps):
    _, plain, _ = found(capsys, "patient.py", "--train", steps)
    assert plain["run"]["readings"] == len(plain["run"]["steps"]) <= 40
    assert plain["run"]["steps"][-1] == steps
    assert plain["run"]["readings"] > min(steps, 40) / 2


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    "example",
    [
        "broken_transformer",
        "healthy_resnet",
        "kelvin_lstm",
        "transformer_bad_init",
        "vanishing_cnn",
    ],
)
def test_the_examples_fit_80_columns(capsys, example, lang, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = doctor(capsys, EXAMPLES / f"{example}.py", lang=lang)
    lines = out.splitlines()
    assert max(map(width, lines)) <= 80
    for key in ("site", "activation", "units", "dead", "gradient"):
        assert any(text(f"doctor_command.column.{key}", lang) in line for line in lines)
    cells = [line for line in lines if "×" in line]
    assert all(re.search("×\xa010[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", line) for line in cells)


def test_the_same_fault_has_one_group(capsys):
    _, plain, _ = found(capsys, "patient.py:deep")
    faults = [x for x in plain["findings"] if x["kind"] == "bad_initialization"]
    assert len(faults) == 6
    assert len({x["group"] for x in faults}) == 1
    _, out, _ = doctor(capsys, "patient.py:deep")
    assert out.count("Bad initialisation") == 1
    assert "layers 0 to 10 (6 layers)" in out


def test_json_has_the_evidence_and_the_sites(capsys):
    code, plain, kinds = found(capsys, "patient.py:broken")
    assert code == 1
    assert ("dead_units", "1", "error") in kinds
    finding = next(x for x in plain["findings"] if x["kind"] == "dead_units")
    assert finding["units"] == list(range(8))
    assert finding["evidence"]["samples"] == 32
    assert finding["sentence"]
    (site,) = plain["sites"]
    assert (site["name"], site["activation"], site["units"], site["dead"]) == ("1", "relu", 8, 8)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("absent.py", "cannot read 'absent.py': there is no such file or folder"),
        ("absent.jsonl", "cannot read 'absent.jsonl': there is no such file or folder"),
        ("notes.txt", "a Python file (.py), the log of a run (.jsonl) or an examination (.json"),
        ("absent.json", "cannot read 'absent.json': there is no such file or folder"),
        ("patient.py:biuld", "has no function 'biuld'; did you mean 'build'?"),
        ("patient.py:xyz", "has no function 'xyz'; it must return model, inputs"),
        ("patient.py:constant", "has no function 'constant'"),
        ("patient.py:nothing", "must return model, inputs, targets, loss_fn and perhaps"),
        ("patient.py:nothing", "but returned NoneType"),
        ("patient.py:no_model", "model must be torch.nn.Module, but is builtin_function"),
        ("patient.py:raises", "patient.py, line 19: return nn.Linear(width, None)"),
        ("patient.py:misfit", "the model cannot be run: RuntimeError: "),
        ("syntax.py", "is no valid Python, line 2: invalid syntax"),
        ("imports.py", "imports.py, line 1: import no_such_module"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(capsys, target, said):
    Path("syntax.py").write_text("x = 1\ny = = 2\n", encoding="utf-8")
    Path("imports.py").write_text("import no_such_module\n", encoding="utf-8")
    code, out, err = doctor(capsys, target)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("nonlin: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--train", "0"], "--train expects a number above 0, but got 0"),
        (["--every", "5"], "--every is for --train"),
        (["--train", "5", "--learning-rate", "nan"], "--learning-rate expects a number above 0"),
        (["--log", "run.jsonl"], "--log is for --train"),
        (["--train", "5", "--log", "patient.py"], "'patient.py' is there already"),
        (["--trial", "20"], "--trial needs an optimizer"),
    ],
)
def test_options_that_do_not_fit_are_refused(capsys, arguments, said):
    code, _, err = doctor(capsys, "patient.py", *arguments)
    assert code == 2
    assert said in err


def test_a_file_imports_what_lies_beside_it(capsys):
    Path("folder").mkdir()
    shutil.copy("patient.py", "folder/parts.py")
    Path("folder/whole.py").write_text("from parts import build\n", encoding="utf-8")
    assert doctor(capsys, "folder/whole.py")[0] == 0


def test_training_is_watched_and_its_log_can_be_read(capsys):
    code, plain, _ = found(capsys, "patient.py", "--train", 20, "--every", 8, "--log", "run.jsonl")
    assert code == 0
    assert plain["run"]["steps"] == [0, 8, 16, 20]
    assert plain["run"]["losses"][-1] < plain["run"]["losses"][0]
    assert [each.step for each in load("run.jsonl").snapshots] == [0, 8, 16, 20]
    code, out, _ = doctor(capsys, "run.jsonl")
    assert code == 0
    assert "Sequential, 4 readings from step 0 to 20" in out
    code, _, err = doctor(capsys, "run.jsonl", "--train", 5)
    assert (code, "--train needs a model" in err) == (2, True)


def test_the_learning_rate_can_be_set(capsys):
    # A rate of 1e-30 changes no float32 weight.
    _, plain, _ = found(capsys, "patient.py", "--train", 5, "--learning-rate", 1e-30)
    assert len(set(plain["run"]["losses"])) == 1


FAST = """
import torch
from patient import build as without

def build(rate=1e6):
    model, *rest = without()
    return model, *rest, torch.optim.SGD(model.parameters(), lr=rate)

def usual():
    return build(0.1)
"""


@pytest.mark.parametrize("lang", languages())
def test_rates_are_tried_where_there_is_an_optimizer(capsys, lang):
    Path("fast.py").write_text(FAST, encoding="utf-8")
    code, out, _ = doctor(capsys, "fast.py", lang=lang)
    assert code == 1
    assert text("doctor.cause.learning_rate.diverging", lang).split()[0] in out
    assert text("examination_report.kind.learning_rate", lang) in out
    assert doctor(capsys, "fast.py", "--trial", 0, lang=lang)[0] == 0
    assert doctor(capsys, "fast.py:usual", lang=lang)[0] == 0
    code, _, err = doctor(capsys, "fast.py", "--trial", 5, lang=lang)
    assert code == 2
    assert text("doctor_command.short_trial", lang, least=10, value=5) in err


def test_a_training_that_ends_in_nan_has_the_rate_that_made_it_as_its_root(capsys):
    Path("fast.py").write_text(FAST, encoding="utf-8")
    code, plain, _ = found(capsys, "fast.py", "--train", 12)
    assert code == 1
    first, *rest = plain["findings"]
    assert (first["kind"], first["cause"], first["caused_by"]) == (
        "learning_rate", "diverging", None,
    )  # fmt: skip
    assert [x["caused_by"] for x in rest if x["kind"] == "non_finite"] == ["optimizer"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is no log of a run"), ("{}\n", "is no log of a run"), (None, "has no reading yet")],
)
def test_what_is_no_log_is_said_so(capsys, content, said):
    header = '{"nonlin":"run","format":1,"versions":{},"settings":{},"model":{}}\n'
    Path("run.jsonl").write_text(header if content is None else content, encoding="utf-8")
    code, _, err = doctor(capsys, "run.jsonl")
    assert code == 2
    assert said in err


def test_what_a_file_prints_does_not_spoil_the_json(capsys):
    Path("loud.py").write_text("print('hello')\n" + PATIENT, encoding="utf-8")
    code, out, err = doctor(capsys, "loud.py", "--json")
    assert code == 0
    assert json.loads(out)["findings"] == []
    assert err == "hello\n"


def test_remedies_are_tried_and_told(capsys):
    code, plain, _ = found(capsys, "patient.py:broken", "--remedy")
    assert code == 1
    first = plain["remedies"][0]
    assert (first["outcome"], first["site"]) == ("cured", "1")
    before, after = first["losses"]
    assert after < before
    _, out, _ = doctor(capsys, "patient.py:broken", "--remedy")
    assert first["code"].splitlines()[0] in out
    assert "--remedy" not in out


def test_a_copy_is_mended_and_the_lines_are_printed(capsys):
    code, plain, _ = found(capsys, "patient.py:broken", "--mend", "--time-limit", "600")
    assert code == 1
    mended = plain["mended"]
    assert mended["why"] == "mended"
    assert not [x for x in mended["left"] if x["severity"] != "note"]
    before, after = mended["losses"]
    assert after < before
    _, out, _ = doctor(capsys, "patient.py:broken", "--mend")
    assert all(line.strip() in out for line in mended["code"].splitlines())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--time-limit", "5"), "--time-limit is for --remedy or --mend"),
        (("--mend", "--time-limit", "0"), "--time-limit expects a number above 0"),
    ],
)
def test_a_limit_of_time_needs_what_it_limits(capsys, given, said):
    code, _, err = doctor(capsys, "patient.py:broken", *given)
    assert code == 2
    assert said in err


def test_the_report_is_written(capsys):
    code, out, _ = doctor(capsys, "patient.py:broken", "--html", "report.html", lang="ko")
    assert code == 1
    assert "report.html" in out
    assert '<html lang="ko">' in Path("report.html").read_text(encoding="utf-8")
    code, _, err = doctor(capsys, "patient.py", "--html", "absent/report.html")
    assert code == 1
    assert "cannot write 'absent/report.html': there is no such file or folder" in err


@pytest.mark.parametrize("lang", languages())
def test_help_shows_what_a_file_must_hold(capsys, lang):
    code, out, _ = doctor(capsys, "--help", lang=lang)
    assert code == 0
    assert "return model, inputs, targets, loss_fn" in out
    assert "nonlin doctor model.py --remedy" in out
    assert max(map(width, out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("example", "arguments", "expected"),
    [
        ("healthy_resnet.py", [], set()),
        ("healthy_resnet.py", ["--train", 30], set()),
        ("vanishing_cnn.py", [], {("vanishing_gradients", "1", "error")}),
        (
            "transformer_bad_init.py",
            [],
            {("bad_initialization", "encoder.layers.2.linear1", "warning")},
        ),
    ],
)
def test_the_examples_have_what_they_say(capsys, example, arguments, expected):
    code, _, kinds = found(capsys, EXAMPLES / example, *arguments)
    assert kinds == expected
    assert code == int(any(severity == "error" for *_, severity in expected))


def test_the_dying_example_dies(capsys):
    code, plain, kinds = found(capsys, EXAMPLES / "dying_mlp.py", "--train", 400)
    assert code == 1
    assert ("dead_units", "1", "error") in kinds
    troubles = {(x["kind"], x["site"]): x for x in plain["run"]["troubles"]}
    assert 0 < troubles["dead_units", "1"]["began"] <= 50
    assert any(kind == "dying_units" for kind, _ in troubles)
    assert plain["sites"][0]["dead"] >= 32


def test_before_training_the_dying_example_is_healthy(capsys):
    _, _, kinds = found(capsys, EXAMPLES / "dying_mlp.py")
    assert {kind for kind, *_ in kinds} & {"dead_units", "dying_units"} == set()


def test_it_can_be_stopped(tmp_path):
    Path("slow.py").write_text(
        "import time\ndef build():\n    print('begun', flush=True)\n    time.sleep(600)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "nonlin", "doctor", "slow.py", "--lang", "en"]
    # What runs the tests in the background has its children ignore Ctrl-C: this one must not. (To
    # say so between fork and exec would fork a process in which JAX may have threads.)
    here = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    signal.signal(signal.SIGINT, here)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert err.strip() == "stopped"


SEVERAL = """
import torch
from torch import nn

class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(4, 8), nn.Linear(8, 1)

    def forward(self, x, labels):
        return (nn.functional.mse_loss(self.two(torch.tanh(self.one(x))), labels),)

def build():
    torch.manual_seed(0)
    model, x = Own(), torch.randn(32, 4)
    optimizers = [
        torch.optim.Adam(model.one.parameters()), torch.optim.SGD(model.two.parameters(), lr=0.1)
    ]
    return model, {"x": x, "labels": x[:, :1]}, None, None, optimizers

def wrong():
    model, inputs, *_ = build()
    return model, inputs, inputs["labels"], None

def no_optimizer():
    return *build()[:4], [3]
"""


@pytest.mark.parametrize("more", [[], ["--train", "6", "--learning-rate", "0.02"]])
def test_several_optimizers_and_a_model_that_returns_its_loss(capsys, more):
    Path("several.py").write_text(SEVERAL, encoding="utf-8")
    assert main(["doctor", "several.py", "--lang", "en", *more]) == 0
    assert "stuck" not in capsys.readouterr().out.lower()


@pytest.mark.parametrize(
    ("name", "said"), [("wrong", "loss_fn must be callable"), ("no_optimizer", "optimizer must be")]
)
def test_what_several_may_not_be(capsys, name, said):
    Path("several.py").write_text(SEVERAL, encoding="utf-8")
    assert main(["doctor", f"several.py:{name}", "--lang", "en"]) == 2
    assert said in capsys.readouterr().err
