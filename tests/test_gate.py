"""The object: lookup, parameters, equality, pickling, containers, errors, halves of one array."""

import copy
import inspect
import pickle
import warnings

import dask.array
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

import nonlin as nl
from nonlin.catalogue.gate_dialects import GATE_DIALECTS
from nonlin.catalogue.gates import ALIASES, GATES

G = np.linspace(-3.0, 3.0, 12).reshape(4, 3)
V = np.linspace(2.0, -1.0, 12).reshape(4, 3)
OWN = nl.Gate(nl.mish)
EVERY = [*GATES.values(), nl.swiglu.bind(beta=0.5), OWN, nl.Gate(nl.tanh, "mine", value="softsign")]


def test_every_gate_is_found_by_its_names():
    assert nl.gates() == tuple(GATES)
    for name in nl.gates():
        assert nl.get(name) is getattr(nl, name)
        assert nl.get(name).name == name
    for alias, gate in ALIASES.items():
        assert nl.get(alias) == gate
    assert nl.get(nl.swiglu) is nl.swiglu
    assert not set(nl.gates()) & set(nl.names())


def test_unknown_names_hint_across_kinds():
    with pytest.raises(nl.UnknownActivationError, match="did you mean 'swiglu'"):
        nl.get("swigul")
    with pytest.raises(nl.UnknownActivationError, match="did you mean 'elu'"):
        nl.get("elux")
    with pytest.raises(AttributeError, match="did you mean swiglu"):
        nl.swigluu  # noqa: B018
    with pytest.raises(nl.UnknownActivationError, match="no gate is called 'relu'"):
        nl.split_gate("relu", [1.0, 2.0])


def test_dialects_are_what_the_frameworks_compute():
    x = torch.linspace(-3, 3, 24, dtype=torch.float64).reshape(4, 6)
    expected = torch.nn.functional.glu(x, dim=-1).numpy()
    for name in ("torch:GLU", "torch:glu", "jax:glu", "keras:glu"):
        entry = GATE_DIALECTS[name.partition(":")[0]][name.partition(":")[2]]
        found = nl.split_gate(name, x.numpy(), order=entry.order)
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert nl.get("onnx:SwiGLU") == nl.swiglu


def test_jax_and_keras_glu_are_value_first():
    jax = pytest.importorskip("jax")
    x = np.linspace(-3, 3, 24, dtype=np.float32).reshape(4, 6)
    found = nl.split_gate("jax:glu", x, order="value first")
    np.testing.assert_allclose(found, np.asarray(jax.nn.glu(x)), rtol=1e-6)
    keras = pytest.importorskip("keras")
    expected = np.array(keras.ops.glu(x).tolist())
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_onnx_defines_swiglu_as_we_do():
    onnx = pytest.importorskip("onnx")
    if onnx.defs.onnx_opset_version() < 28:
        pytest.skip("this ONNX has no SwiGLU")
    schema = onnx.defs.get_schema("SwiGLU", 28)
    assert [each.name for each in schema.inputs] == ["A", "B"]
    assert schema.attributes["alpha"].default_value.f == 1.0


def test_torch_computes_the_same():
    g, v = torch.from_numpy(G), torch.from_numpy(V)
    functional = torch.nn.functional
    pairs = {
        nl.swiglu: functional.silu(g) * v,
        nl.geglu: functional.gelu(g) * v,
        nl.geglu.bind(approximate="tanh"): functional.gelu(g, approximate="tanh") * v,
        nl.reglu: functional.relu(g) * v,
        nl.glu: torch.sigmoid(g) * v,
        nl.bilinear: g * v,
        nl.clamped_swiglu.bind(limit=1.5): (
            g.clamp(max=1.5) * torch.sigmoid(1.702 * g.clamp(max=1.5)) * (v.clamp(-1.5, 1.5) + 1)
        ),
        nl.situ_glu: 4 * torch.tanh(g / 4) * torch.sigmoid(g) * 25 * torch.tanh(v / 25),
    }
    for gate, expected in pairs.items():
        np.testing.assert_allclose(gate(G, V), expected.numpy(), rtol=1e-14, err_msg=repr(gate))


def test_bind_and_repr():
    assert repr(nl.swiglu) == "nl.swiglu"
    assert repr(nl.swiglu.bind(beta=2)) == "nl.swiglu.bind(beta=2.0)"
    assert repr(nl.Gate(nl.elu.bind(alpha=0.5))) == "nl.Gate(nl.elu.bind(alpha=0.5))"
    assert repr(nl.Gate("tanh", "mine")) == "nl.Gate(nl.tanh, 'mine')"
    assert repr(nl.Gate("tanh", value="relu")) == "nl.Gate(nl.tanh, value=nl.relu)"
    assert nl.swiglu.bind(beta=2.0).bind(beta=1.0) == nl.swiglu
    assert dict(nl.Gate(nl.elu).bind(alpha=0.25).parameters) == {"alpha": 0.25}
    assert nl.swiglu.bind(beta=2.0).activation == nl.silu.bind(beta=2.0)
    assert nl.geglu.bind(approximate="tanh").activation == nl.gelu.bind(approximate="tanh")
    assert nl.bilinear.value_activation == nl.identity
    with pytest.raises(TypeError):
        nl.swiglu.parameters["beta"] = 2.0


@pytest.mark.parametrize("gate", EVERY, ids=repr)
def test_copies_and_pickles_are_equal(gate):
    for other in (pickle.loads(pickle.dumps(gate)), copy.deepcopy(gate)):
        assert other == gate
        assert hash(other) == hash(gate)
        assert repr(other) == repr(gate)
        np.testing.assert_array_equal(other(G, V), gate(G, V))
    assert gate != nl.swiglu.bind(beta=7.0)
    assert gate != "swiglu"


@pytest.mark.parametrize("gate", EVERY, ids=repr)
def test_a_gate_is_the_product_of_its_activations(gate):
    expected = gate.activation(G) * gate.value_activation(V)
    np.testing.assert_allclose(gate(G, V), expected, rtol=1e-14)
    by_gate, by_value = gate.derivative(G, V)
    np.testing.assert_allclose(
        by_gate, gate.activation.derivative(G) * gate.value_activation(V), rtol=1e-11, atol=1e-15
    )
    np.testing.assert_allclose(
        by_value, gate.activation(G) * gate.value_activation.derivative(V), rtol=1e-13
    )
    for found, partial in zip(gate.backward(2.0, G, V), (by_gate, by_value), strict=True):
        np.testing.assert_allclose(found, 2.0 * partial, rtol=1e-15)


def test_an_activation_with_a_kernel_takes_the_gates():
    np.testing.assert_array_equal(nl.Gate(nl.silu)(G, V), nl.swiglu(G, V))
    np.testing.assert_array_equal(nl.Gate(nl.silu.bind(beta=2.0))(G, V), nl.swiglu(G, V, beta=2.0))
    np.testing.assert_array_equal(
        nl.Gate(nl.gelu)(G, V, approximate="tanh"), nl.geglu(G, V, approximate="tanh")
    )


@pytest.mark.parametrize("gate", [nl.swiglu, OWN], ids=repr)
def test_dtypes_follow_numpy(gate):
    for dtype in (np.float16, np.float32, np.float64, ml_dtypes.bfloat16):
        x = np.ones(3, dtype)
        assert gate(x, x).dtype == dtype
        assert gate(x, 2.0).dtype == dtype
        assert [y.dtype for y in gate.backward(x, x, x)] == [dtype] * 2
        assert [y.dtype for y in gate.derivative(x, 2.0)] == [dtype] * 2
    assert gate(np.ones(3, np.float32), np.ones(3)).dtype == np.float64
    assert gate([1, 2], 3).dtype == np.float64
    assert gate(1.0, 2.0).shape == ()


@pytest.mark.parametrize("gate", [nl.swiglu, OWN], ids=repr)
def test_broadcasting_out_and_where(gate):
    expected = np.array([[gate(g, v) for v in V[0]] for g in G[:, 0]])
    np.testing.assert_array_equal(gate(G[:, :1], V[0]), expected)
    out = np.full((4, 3), 7.0)
    assert gate(G, V, out=out) is out
    np.testing.assert_array_equal(out, gate(G, V))
    masked = np.full((4, 3), 7.0)
    gate(G, V, out=masked, where=G > 0)
    np.testing.assert_array_equal(masked, np.where(G > 0, gate(G, V), 7.0))
    outs = np.empty_like(G), np.empty_like(G)
    found = gate.backward(1.0, G, V, out=outs)
    assert found[0] is outs[0]
    assert found[1] is outs[1]
    for part, other in zip(outs, gate.derivative(G, V), strict=True):
        np.testing.assert_array_equal(part, other)
    assert gate(G, V, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("gate", [nl.swiglu, OWN], ids=repr)
def test_containers_come_back_as_what_they_were(gate):
    index = list("abcd")
    frame, other = (pd.DataFrame(x, index=index, columns=["p", "q", "r"]) for x in (G, V))
    pd.testing.assert_frame_equal(
        gate(frame, other), pd.DataFrame(gate(G, V), index=index, columns=["p", "q", "r"])
    )
    labelled = xr.DataArray(G, dims=("t", "u"), coords={"t": [1, 2, 3, 4]})
    found = gate(labelled, V)
    assert found.dims == ("t", "u")
    np.testing.assert_array_equal(found.values, gate(G, V))
    lazy = dask.array.from_array(G, chunks=(2, 3))
    computed = gate(lazy, V)
    assert isinstance(computed, dask.array.Array)
    np.testing.assert_array_equal(computed.compute(scheduler="synchronous"), gate(G, V))
    for container, kind in ((frame, pd.DataFrame), (labelled, xr.DataArray)):
        for part, expected in zip(
            gate.backward(1.0, container, V), gate.derivative(G, V), strict=True
        ):
            assert isinstance(part, kind)
            np.testing.assert_array_equal(part.values, expected)


def test_halves_of_one_array():
    x = np.arange(-12.0, 12.0).reshape(4, 6)
    expected = nl.swiglu(x[:, :3], x[:, 3:])
    np.testing.assert_array_equal(nl.split_gate(nl.swiglu, x), expected)
    np.testing.assert_array_equal(
        nl.split_gate(nl.swiglu, x, order="value first"), nl.swiglu(x[:, 3:], x[:, :3])
    )
    np.testing.assert_array_equal(
        nl.split_gate(nl.swiglu, x, order="interleaved"), nl.swiglu(x[:, ::2], x[:, 1::2])
    )
    np.testing.assert_array_equal(nl.split_gate(nl.swiglu, x, axis=0), nl.swiglu(x[:2], x[2:]))
    np.testing.assert_array_equal(
        nl.split_gate("swiglu", x, beta=2.0), nl.swiglu(x[:, :3], x[:, 3:], beta=2.0)
    )


SENTENCES = [
    (lambda: nl.swiglu(1.0), "missing 1 required positional"),
    (lambda: nl.swiglu(1.0, 2.0, 3.0), "takes gate and value, got 3 arrays"),
    (lambda: nl.swiglu.backward(1.0, 2.0, 3.0, 4.0), "takes grad, gate and value, got 4"),
    (lambda: nl.swiglu(1.0, 2.0, bta=1.0), "has no parameter 'bta'.*did you mean beta"),
    (lambda: nl.swiglu(1.0, 2.0, beta="x"), "beta must be a real number, got 'x'"),
    (lambda: nl.swiglu(1.0, 2.0, beta=np.ones(3)), "beta must be a real number"),
    (lambda: nl.geglu(1.0, 2.0, approximate="erf"), "approximate must be 'none' or 'tanh'"),
    (lambda: nl.swiglu(np.ones(3), np.ones(4)), r"shapes \(3,\) and \(4,\) do not broadcast"),
    (lambda: nl.swiglu(["a"], 1.0), "expected real numbers"),
    (lambda: nl.swiglu(1j, 1.0), "expected real numbers"),
    (lambda: nl.swiglu(G, V, out=np.ones(2)), r"out has shape \(2,\), the result has shape"),
    (lambda: nl.swiglu.backward(G, G, V, out=np.ones(2)), "out must be a pair of arrays"),
    (lambda: nl.swiglu(torch.ones(3), 1.0), "takes arrays of NumPy and got a tensor"),
    (lambda: nl.Gate(np.tanh), "Gate expects an activation"),
    (lambda: nl.Gate("swigloo"), "no activation is called"),
    (lambda: nl.gain(3.0), "gain expects an activation"),
    (lambda: nl.split_gate(nl.relu, [1.0, 2.0]), "split_gate expects a gate"),
    (lambda: nl.split_gate(nl.glu, np.ones((2, 3))), "even number of elements along axis -1"),
    (lambda: nl.split_gate(nl.glu, np.ones(4), axis=1), "has no axis 1"),
    (lambda: nl.split_gate(nl.glu, np.ones(4), axis=1.5), "axis must be an integer"),
    (lambda: nl.split_gate(nl.glu, np.ones(4), order="last"), "order must be 'gate first', "),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence"), SENTENCES, ids=[s for _, s in SENTENCES])
def test_wrong_calls_get_one_sentence(call, sentence):
    with pytest.raises((TypeError, ValueError, KeyError), match=sentence) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_signature_and_documentation():
    assert list(inspect.signature(nl.clamped_swiglu).parameters) == [
        "gate", "value", "limit", "alpha", "offset", "out", "where", "ufunc_keywords",
    ]  # fmt: skip
    for gate in GATES.values():
        record = gate.record
        assert record.url.startswith("https://")
        assert record.formula
        assert len(record.slopes) == 2


def test_nothing_warns():
    huge = np.array([np.finfo(float).max, -np.finfo(float).max, 5e-324, np.inf, -np.inf, np.nan])
    g, v = np.meshgrid(huge, huge)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for gate in EVERY:
            gate(g, v)
            gate.backward(g, g, v)
