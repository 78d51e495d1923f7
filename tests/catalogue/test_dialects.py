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
    module = getattr(torch.nn, name)()
    with torch.no_grad():
        compare(nl.get(f"torch:{name}"), module.eval()(torch.from_numpy(X)).numpy())


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
    function = getattr(owner, name)
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
