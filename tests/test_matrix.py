"""Every kind of function through every public verb and command, in both languages."""

import copy
import json
import math
import pickle

import matplotlib
import numpy as np
import pytest
from mean_field_functions import EXPLODING

import nonlin as nl
from nonlin.cli import main
from nonlin.formula import from_formula
from nonlin.propagation import NoCriticalPointError, NotConvergedError

matplotlib.use("agg")


def bent(x):
    return np.maximum(x, 0.25 * x)


WORDS = {"approximate": "tanh"}


def bound(act):
    """The same function with every parameter another one."""
    return act.bind(
        **{
            name: WORDS.get(name) or (value + 0.25 if math.isfinite(value) else 20.0)
            for name, value in act.parameters.items()
        }
    )


CATALOGUE = [nl.get(name) for name in nl.names()]
FUNCTIONS = {
    **{repr(act): act for act in CATALOGUE},
    **{repr(bound(act)): bound(act) for act in CATALOGUE if act.parameters},
    "from_function": nl.Activation.from_function(bent),
    "formula": from_formula("x * tanh(log(1 + exp(x)))"),
}
X = np.linspace(-2.0, 2.0, 9)


@pytest.fixture(params=FUNCTIONS)
def act(request):
    return FUNCTIONS[request.param]


def test_plot(act):
    for lang in ("en", "ko"):
        figure = nl.plot(act, nl.relu, derivative=True, lang=lang)
        assert len(figure.axes[0].get_legend().get_texts()) == 2


def test_copies(act):
    for other in (pickle.loads(pickle.dumps(act)), copy.copy(act), copy.deepcopy(act), nl.get(act)):
        assert other == act
        assert hash(other) == hash(act)
        np.testing.assert_array_equal(other(X), act(X))
        np.testing.assert_array_equal(other.derivative(X), act.derivative(X))


def test_theory(act):
    try:
        weight = nl.critical_initialization(act).weight_variance
        if act.name not in EXPLODING:  # lengths above that of their critical point grow for ever
            assert nl.propagate(act, depth=3).weight_variance == weight
    except NoCriticalPointError:
        weight = 1.0
    try:
        assert nl.gain(act) > 0.0
        assert nl.propagate(act, weight_variance=weight, depth=3).lengths.shape == (3,)
        assert nl.phase_diagram(act, [weight], [0.1]).phase.shape == (1, 1)
    except NotConvergedError:
        # Their lengths end nowhere: of a wave with weights of 1 they grow by its mean each layer.
        assert act.name in (*EXPLODING, "snake", "snake_beta")


def line_of(act):
    """Write a function as the command line takes it."""
    if act.record is None:
        return ["--formula", act.name] if act.name != "bent" else ["tests.test_matrix:bent"]
    changed = {n: v for n, v in act.parameters.items() if v != nl.get(act.name).parameters[n]}
    return [act.name, *(f"--{n.replace('_', '-')}={v}" for n, v in changed.items())]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_plot_command(act, lang, tmp_path, capsys):
    out = tmp_path / "curve.svg"
    assert main(["plot", *line_of(act), "--out", str(out), "--lang", lang, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [str(out)]}
    assert "<svg" in out.read_text(encoding="utf-8")


# One of each kind of parameter, bound and not, one of each of the user's: what a language changes
# is the same for all of a kind.
KINDS = (
    nl.tanh,
    nl.elu,
    nl.elu.bind(alpha=0.5),
    nl.gelu,
    nl.gelu.bind(approximate="tanh"),
    FUNCTIONS["from_function"],
    FUNCTIONS["formula"],
)
COMMANDS = (["show"], ["compare", "relu"], ["propagate", "--depth=3"], ["phase"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands(act, command, capsys):
    line = line_of(act)
    if command[0] == "propagate":
        line = [word.replace("--width", "--function-width") for word in line]
        line.append("--weight-variance=1.5")
    if act.name in (*EXPLODING, "snake", "snake_beta") and command[0] in ("propagate", "phase"):
        # Their lengths end nowhere, which is said.
        assert main([*command, *line, "--lang", "en"]) in (0, 1)
        return
    for lang, way in (("en", []), ("en", ["--json"]), *([("ko", [])] if act in KINDS else [])):
        code = main([*command, *line, *way, "--lang", lang])
        said = capsys.readouterr()
        assert (code, said.err) == (0, "")
        assert said.out
        if way:
            json.loads(said.out, parse_constant=lambda word: pytest.fail(word))


def test_properties_and_card(act):
    known = nl.properties(act)
    assert json.dumps(known.to_json(), allow_nan=False)
    assert str(known)
    card = act._repr_html_()
    assert card is not None
    assert act.name in card or (act.record is not None and act.record.title in card)
