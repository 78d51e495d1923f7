"""Names, aliases, families and what other frameworks call the functions."""

import pytest

import nonlin as nl
from nonlin.catalogue import DOCUMENT
from nonlin.catalogue.dialects import DIALECTS


def test_the_tutorials_five_come_first_and_every_family_is_listed_once():
    assert nl.names()[:5] == DOCUMENT
    assert sum(nl.groups().values(), ()) == nl.names()
    assert len(set(nl.names())) == len(nl.names()) == 38


@pytest.mark.parametrize(
    ("alias", "activation"),
    [
        ("swish", nl.silu),
        ("hard_silu", nl.hard_swish),
        ("linear", nl.identity),
        ("prelu", nl.leaky_relu.bind(negative_slope=0.25)),
        ("rrelu", nl.leaky_relu.bind(negative_slope=11 / 48)),
        ("quick_gelu", nl.silu.bind(beta=1.702)),
        ("heaviside", nl.step),
    ],
)
def test_aliases_are_the_same_functions(alias, activation):
    assert nl.get(alias) == activation
    assert alias not in nl.names()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gleu", "no activation is called 'gleu'; did you mean 'gelu'?"),
        ("pytorch:ReLU", "no framework is called 'pytorch'; did you mean 'torch'?"),
        ("torch:Relu", "no activation of torch is called 'Relu'; did you mean 'relu'?"),
        ("zzz", "no activation is called 'zzz'; there are sigmoid, tanh, relu"),
    ],
)
def test_an_unknown_name_gets_the_closest(name, sentence):
    with pytest.raises(KeyError) as caught:
        nl.get(name)
    assert sentence in str(caught.value)


def test_every_dialect_entry_is_one_of_ours():
    for framework, entries in DIALECTS.items():
        for theirs, entry in entries.items():
            assert nl.get(f"{framework}:{theirs}") == nl.get(entry.ours).bind(**entry.parameters)


# From the frameworks' documentation: the same name, other functions.
def test_known_disagreements():
    slopes = {
        name: nl.get(name).parameters["negative_slope"]
        for name in ("torch:LeakyReLU", "jax:leaky_relu", "onnx:LeakyRelu", "keras:leaky_relu")
    }
    assert list(slopes.values()) == [0.01, 0.01, 0.01, 0.2]
    assert nl.get("keras:LeakyReLU").parameters["negative_slope"] == 0.3
    assert nl.get("jax:gelu").parameters["approximate"] == "tanh"
    assert nl.get("torch:GELU").parameters["approximate"] == "none"
    assert nl.get("onnx:HardSigmoid")(1.0) == pytest.approx(0.2 + 0.5)
    assert nl.get("torch:Softplus").parameters["threshold"] == 20.0
