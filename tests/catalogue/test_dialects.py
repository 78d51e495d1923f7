"""Each dialect against the framework itself, on ordinary inputs.

The frameworks' own errors bound the tolerance: a few float32 units, and GELU in PyTorch loses the
digits of its left tail, so the comparison is absolute there.
"""

import os
import warnings

import numpy as np
import pytest
import torch

import nonlin as nl
from nonlin.catalogue.dialects import DIALECTS

X = np.concatenate([np.linspace(-8, 8, 321), [-1.0, 0.0, 0.5, 1.0, 3.0, 25.0]]).astype(np.float32)


def entries(framework):
    return [pytest.param(name, id=f"{framework}:{name}") for name in DIALECTS[framework]]


def compare(ours, theirs):
    np.testing.assert_allclose(ours(X), np.asarray(theirs), rtol=4e-6, atol=4e-6)


@pytest.mark.parametrize("name", entries("torch"))
def test_torch(name):
    # Modules in capitals, functions in small letters.
    owner = torch.nn if name[0].isupper() else torch.nn.functional
    function = getattr(owner, name)().eval() if name[0].isupper() else getattr(owner, name)
    with torch.no_grad():
        compare(nl.get(f"torch:{name}"), function(torch.from_numpy(X)).numpy())


@pytest.mark.parametrize("name", entries("jax"))
def test_jax(name):
    import jax

    compare(nl.get(f"jax:{name}"), getattr(jax.nn, name)(X))


@pytest.fixture(scope="module")
def keras():
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    return keras


@pytest.mark.parametrize("name", entries("keras"))
def test_keras(keras, name):
    owner = keras.layers if name[0].isupper() else keras.activations
    function = getattr(owner, name) if name[0].isupper() else owner.get(name)
    theirs = (function() if name[0].isupper() else function)(keras.ops.convert_to_tensor(X))
    compare(nl.get(f"keras:{name}"), theirs.detach().numpy())


@pytest.mark.parametrize("name", entries("onnx"))
def test_onnx(name):
    import onnx
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [X.size]) for n in ("x", "y")]
    node = helper.make_node(name, ["x"], ["y"])
    graph = helper.make_graph([node], "one", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)])
    onnx.checker.check_model(model)
    with np.errstate(all="ignore"):
        (theirs,) = ReferenceEvaluator(model).run(None, {"x": X})
    compare(nl.get(f"onnx:{name}"), theirs)


def test_every_name_that_a_framework_takes_is_known(keras):
    """All that keras.activations.get takes, and all one-argument functions of the others."""
    elsewhere = {"glu", "softmax", "log_softmax", "sparsemax", "threshold", "serialize",
                 "deserialize", "get"}  # fmt: skip
    taken = set(keras.src.activations.ALL_OBJECTS_DICT) - elsewhere
    assert {name for name in taken if name[0].islower()} <= set(DIALECTS["keras"])
    listed = (
        "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish "
        "relu relu6 rrelu selu sigmoid silu softplus softshrink softsign tanh tanhshrink"
    )
    assert set(listed.split()) <= set(DIALECTS["torch"])
    assert nl.get("keras:swish") == nl.silu
