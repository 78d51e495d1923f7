"""Facts of gates against closed forms and large samples, and how they are said."""

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.facts.fact import Interval
from nonlin.facts.gates import GATE_FACTS, GateProperties, product
from nonlin.symbolic.gates import definition, partials, symbols


@pytest.mark.parametrize("name", nl.gates())
def test_outputs_lie_in_the_range_and_come_near_its_ends(name):
    gate, known = nl.get(name), nl.properties(nl.get(name))
    assert isinstance(known, GateProperties)
    found = known.range.value
    axis = np.concatenate([-np.geomspace(1e3, 1e-3, 300), [0.0], np.geomspace(1e-3, 1e3, 300)])
    output = gate(axis[:, None], axis)
    slack = 1e-12 * max(abs(found.lower), abs(found.upper)) if known.bounded.value else 0.0
    assert found.lower - slack <= output.min() < output.max() <= found.upper + slack
    if known.bounded.value:
        assert output.max() > 0.99 * found.upper
        assert output.min() < 0.99 * found.lower
    else:
        assert math.isinf(found.upper)


def test_only_gates_that_are_capped_are_bounded_and_lipschitz():
    bounded = {name for name in nl.gates() if nl.properties(nl.get(name)).bounded.value}
    assert bounded == {"clamped_swiglu", "situ_glu"}
    for name in nl.gates():
        known = nl.properties(nl.get(name))
        assert math.isinf(known.lipschitz.value) == (name not in bounded)
    assert nl.properties(nl.situ_glu).range.value == Interval(-100.0, 100.0, False, False)


@pytest.mark.parametrize("name", nl.gates())
def test_no_gradient_in_a_square_is_longer_than_its_lipschitz_constant(name):
    gate = nl.get(name)
    known = nl.properties(gate)
    for radius in (1.0, 5.0):
        bound = known.lipschitz_within(radius).value
        g, v = np.random.default_rng(2).uniform(-radius, radius, (2, 200_000))
        edge = np.random.default_rng(3).choice([-radius, radius], 200_000)
        longest = max(np.hypot(*gate.derivative(g, each)).max() for each in (v, edge))
        assert longest <= bound * (1 + 1e-9)
        assert longest > 0.95 * bound
    # |grad(g v)| is (g^2 + v^2)^(1/2).
    assert nl.properties(nl.bilinear).lipschitz_within(3.0).value == pytest.approx(3 * math.sqrt(2))
    with pytest.raises(ValueError, match="radius must be a positive number"):
        known.lipschitz_within(0.0)


@pytest.mark.parametrize("name", nl.gates())
def test_slopes_and_zeros_are_those_of_the_definition(name):
    gate = nl.get(name)
    known = nl.properties(gate)
    g, v = symbols()
    at_one = [float(each.subs({g: 1, v: 1})) for each in partials(gate)]
    np.testing.assert_allclose(known.slopes_at_one.value, at_one, rtol=1e-14)
    at_zero = [each.subs({g: 0, v: 0}) for each in (definition(gate), *partials(gate))]
    np.testing.assert_allclose(known.at_zero.value, [float(each) for each in at_zero], atol=1e-15)
    for zero in known.zeros_by_gate.value:
        assert abs(gate(zero.upper, 1.5)) < 1e-9
    for zero in known.zeros_by_value.value:
        assert abs(gate(1.5, zero.upper)) < 1e-9
    assert known.linear_in_value.value == (gate(2.0, 3e3) == 1e3 * gate(2.0, 3.0))


def test_products_of_intervals():
    positive, both = Interval(0.0, 1.0, False, False), Interval(-math.inf, math.inf, False, False)
    assert product(positive, both) == both
    assert product(Interval(0.0, 2.0), Interval(0.0, math.inf, True, False)) == Interval(
        0.0, math.inf, True, False
    )
    assert product(Interval(-1.0, 2.0), Interval(-3.0, 4.0)) == Interval(-6.0, 8.0)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_facts_are_said_in_both_languages(lang):
    from nonlin.facts.gates_said import html, rows

    known = nl.properties(nl.clamped_swiglu)
    assert list(known.facts()) == list(GATE_FACTS)
    said = rows(known, lang)
    assert len(said) == len(GATE_FACTS)
    assert all(label and value and evidence for label, value, evidence in said)
    written = html(known, lang)
    assert f'lang="{lang}"' in written
    assert "alpha" in written


def test_plain_data_has_no_infinite_numbers():
    import json

    found = nl.properties(nl.swiglu).to_json()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["range"]["value"]["upper"] == "inf"


def test_a_gate_of_yours_has_facts_too():
    known = nl.properties(nl.Gate(nl.tanh, value=nl.softsign))
    assert known.range.value == Interval(-1.0, 1.0, False, False)
    assert "range" in str(known)
    with pytest.raises(KeyError, match="there is no fact 'colour'"):
        known["colour"]
