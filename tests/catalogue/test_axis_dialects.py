"""Each dialect of the functions along an axis against the framework itself."""

import os
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nonlin as nl
from nonlin.catalogue.along_axis import AXIS_DIALECTS

X = (np.random.default_rng(0).normal(size=(2, 3, 4, 5)) * 4).astype(np.float32)


def entries(framework):
    return [pytest.param(name, id=f"{framework}:{name}") for name in AXIS_DIALECTS[framework]]


def compare(ours, theirs):
    found = ours(X)
    assert found.shape == np.shape(theirs)
    assert_allclose(found, np.asarray(theirs), rtol=4e-6, atol=2e-6)


@pytest.mark.parametrize("name", entries("torch"))
def test_torch(name):
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(X)
    if name == "Softmax2d":
        theirs = torch.nn.Softmax2d()(x)
    elif name[0].isupper():
        theirs = getattr(torch.nn, name)(dim=-1)(x)
    elif name == "logsumexp":
        theirs = torch.logsumexp(x, dim=-1)
    else:
        theirs = getattr(torch.nn.functional, name)(x, dim=-1)
    compare(nl.get(f"torch:{name}"), theirs.numpy())


@pytest.mark.parametrize("name", entries("jax"))
def test_jax(name):
    jax = pytest.importorskip("jax")
    keywords = {"axis": -1} if name == "logsumexp" else {}
    compare(nl.get(f"jax:{name}"), getattr(jax.nn, name)(X, **keywords))


@pytest.fixture(scope="module")
def keras():
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    return keras


@pytest.mark.parametrize("name", entries("keras"))
def test_keras(keras, name):
    x = keras.ops.convert_to_tensor(X)
    function = keras.layers.Softmax() if name == "Softmax" else keras.activations.get(name)
    theirs = function(x).detach().numpy()
    if name == "sparsemax":
        # Keras 3's rows do not add up to 1 where several elements have a share: it adds up the
        # cumulative sums of all of them. Where one has everything it is the paper's function.
        ours = nl.sparsemax(X)
        one = (ours > 0).sum(axis=-1) == 1
        assert 10 < one.sum() < one.size
        assert_allclose(ours[one], theirs[one], rtol=4e-6, atol=2e-6)
        if not np.allclose(theirs.sum(axis=-1), 1):
            return
    compare(nl.get(f"keras:{name}"), theirs)


@pytest.mark.parametrize("name", entries("onnx"))
def test_onnx(name):
    helper = pytest.importorskip("onnx.helper")
    from onnx import TensorProto
    from onnx.reference import ReferenceEvaluator

    inputs = ["x"]
    attributes = {}
    if name == "ReduceLogSumExp":
        inputs, attributes = ["x", "axes"], {"keepdims": 0}
    node = helper.make_node(name, inputs, ["y"], **attributes)
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)]
    values += [helper.make_tensor_value_info("axes", TensorProto.INT64, [1])][: len(inputs) - 1]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    model = helper.make_model(
        helper.make_graph([node], "g", values, [result]),
        opset_imports=[helper.make_opsetid("", 18)],
    )
    given = {"x": X, "axes": np.array([-1])}
    (theirs,) = ReferenceEvaluator(model).run(None, {key: given[key] for key in inputs})
    compare(nl.get(f"onnx:{name}"), theirs)
