"""The catalogue's facts are constants of this package: proved again here, never by the clock."""

import math
import subprocess
import sys
from dataclasses import asdict, is_dataclass, replace

import pytest
import sympy

import nonlin as nl
from nonlin import symbolic
from nonlin.cards.formulas import formulas, written
from nonlin.facts import FACTS, Fact, properties, shipped
from nonlin.facts.record import anew

# Far more processor time than any proof takes: a guard against one that does not end.
PATIENCE = 600.0


def same(ours, theirs):
    """Compare the values of two facts, numbers to twelve digits."""
    if is_dataclass(ours) and type(ours) is type(theirs):
        return same(vars_of(ours), vars_of(theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and not isinstance(theirs, bool):
        return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-13)
    return type(ours) is type(theirs) and ours == theirs


def vars_of(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


@pytest.mark.parametrize("name", nl.names())
def test_every_fact_is_found_again(name):
    act = nl.get(name)
    ours, theirs = properties(act).facts(), anew(act, PATIENCE).facts()
    assert tuple(ours) == tuple(theirs) == FACTS
    for fact in FACTS:
        assert same(ours[fact].value, theirs[fact].value), fact
        known = [(each.evidence, each.how, each.given_up) for each in (ours[fact], theirs[fact])]
        assert known[0] == known[1], fact
    # Where a dtype ends is a matter of bits.
    assert ours["rounding"].value == theirs["rounding"].value


@pytest.mark.parametrize("name", nl.names())
def test_what_is_shipped_is_of_this_definition(name):
    act, kept = nl.get(name), shipped.of(name)
    now = shipped.fingerprint(act)
    names = [*now["parameters"], *now["constants"], "x"]
    symbols = {each: sympy.Symbol(each, real=True) for each in names}
    definition = sympy.sympify(kept["definition"], locals=symbols)
    assert definition == symbolic.definition(act, bound=False), "run `make encyclopaedia`"
    assert (kept["parameters"], kept["constants"]) == (now["parameters"], now["constants"])


@pytest.mark.parametrize("name", nl.names())
def test_every_formula_is_written_again(name):
    act = nl.get(name)
    ours = asdict(formulas(act))
    assert ours.pop("range") == str(properties(act).range.value)
    assert ours == written(act), "run `make encyclopaedia`"


def test_another_definition_has_other_facts():
    def steeper(x, alpha):
        return sympy.Piecewise((x, x > 0), (2 * alpha * (sympy.exp(x) - 1), True))

    other = nl.Activation(replace(nl.elu.record, definition=steeper))
    assert shipped.fingerprint(other) != shipped.of("elu")
    assert str(properties(other).range) == "(-2, ∞) (proved)"
    assert str(properties(nl.elu).range) == "(-1, ∞) (proved)"


def test_other_parameters_have_other_facts():
    assert str(properties(nl.elu).range) == "(-1, ∞) (proved)"
    assert str(properties(nl.elu.bind(alpha=1.5)).range) == "(-1.5, ∞) (proved)"
    assert str(properties(nl.elu.bind(alpha=1.0)).range) == "(-1, ∞) (proved)"


@pytest.mark.parametrize("name", nl.names())
def test_no_time_is_too_short_for_a_constant(name):
    known = properties(nl.get(name), seconds=1e-9)
    assert known.range.evidence == "proved"
    assert all(fact.given_up is None for fact in known.facts().values())


def test_nothing_is_proved_to_print_a_constant():
    program = (
        "import sys\n"
        "import nonlin as nl\n"
        "from nonlin.cli import main\n"
        "print(nl.properties(nl.mish), nl.properties(nl.mish).to_json())\n"
        "nl.mish._repr_html_()\n"
        "assert main(['show', 'mish']) == main(['show', 'mish', '--json']) == 0\n"
        "sys.exit('sympy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=True)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan])
def test_a_time_is_a_positive_number(seconds):
    with pytest.raises(ValueError, match="seconds must be a positive number"):
        properties(nl.relu, seconds)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "elu", "log_sigmoid"])
def test_the_inverse_undoes_the_function(name):
    act = nl.get(name)
    inverse = properties(act).inverse.value
    for x in (-3.0, -0.25, 0.0, 1.5):
        assert inverse(float(act(x))) == pytest.approx(x, rel=1e-13, abs=1e-15)


def test_a_fact_is_a_value_with_its_evidence():
    found = properties(nl.mish)["lipschitz"]
    # The supremum of Mish's derivative, by mpmath's findroot of its second one.
    assert found == Fact(pytest.approx(1.0884984, abs=1e-6), "proved", "rolle")


def test_who_asks_for_a_constant_waits_for_no_theory():
    code = (
        "import sys, nonlin as nl; known = nl.properties(nl.mish); known.range; known.inverse;"
        "print(*(m for m in sys.modules if m.startswith(('sympy', 'nonlin.propagation'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
