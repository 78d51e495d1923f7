"""Each dialect against the framework itself, on ordinary inputs.

The frameworks' own errors bound the tolerance: a few float32 units, and GELU in PyTorch loses the
digits of its left tail, so the comparison is absolute there.
"""

import os
import pickle
import warnings
from functools import partial
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
import pytest
import torch

import nonlin as nl
from nonlin.catalogue.dialects import DIALECTS

X = np.concatenate([np.linspace(-8, 8, 321), [-1.0, 0.0, 0.5, 1.0, 3.0, 25.0]]).astype(np.float32)


def entries(framework):
    """Every name at that framework's defaults, and with other values for its parameters."""
    known = DIALECTS[framework].items()
    usual = [pytest.param(name, {}, id=f"{framework}:{name}") for name in DIALECTS[framework]]
    return usual + [
        pytest.param(name, others(entry.theirs), id=f"{framework}:{name}-otherwise")
        for name, entry in known
        if entry.theirs
    ]


def others(theirs):
    words = {"none": "tanh", True: False, False: True}
    return {
        name: words[value] if isinstance(value, str | bool) else value * 0.75 + 0.03125
        for name, value in theirs.items()
    }


def compare(ours, theirs, given):
    np.testing.assert_allclose(ours(X, **given), np.asarray(theirs), rtol=4e-6, atol=4e-6)
    if given:
        bound = ours.bind(**given)
        np.testing.assert_array_equal(bound(X), ours(X, **given))
        np.testing.assert_array_equal(bound.derivative(X), ours.derivative(X, **given))
        np.testing.assert_array_equal(bound.backward(X, X), ours.backward(X, X, **given))
        again = pickle.loads(pickle.dumps(bound))
        assert again == bound
        np.testing.assert_array_equal(again(X, **given), ours(X, **given))
        assert ours.bind(**ours.parameters) == ours


@pytest.mark.parametrize(("name", "given"), entries("torch"))
def test_torch(name, given):
    # Modules in capitals, functions in small letters.
    arguments = DIALECTS["torch"][name].theirs | given
    z = torch.from_numpy(X)
    with torch.no_grad():
        if name[0].isupper():
            theirs = getattr(torch.nn, name)(**arguments).eval()(z)
        else:
            theirs = getattr(torch.nn.functional, name)(z, **arguments)
        compare(nl.get(f"torch:{name}"), theirs.numpy(), given)


@pytest.mark.parametrize(("name", "given"), entries("jax"))
def test_jax(name, given):
    import jax

    compare(nl.get(f"jax:{name}"), getattr(jax.nn, name)(X, **given), given)


@pytest.fixture(scope="module")
def keras():
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    return keras


@pytest.mark.parametrize(("name", "given"), entries("keras"))
def test_keras(keras, name, given):
    z = keras.ops.convert_to_tensor(X)
    if name[0].isupper():
        theirs = getattr(keras.layers, name)(**given)(z)
    else:
        theirs = keras.activations.get(name)(z, **given)
    compare(nl.get(f"keras:{name}"), theirs.detach().numpy(), given)


@pytest.mark.parametrize(("name", "given"), entries("onnx"))
def test_onnx(name, given):
    import onnx
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [X.size]) for n in ("x", "y")]
    node = helper.make_node(name, ["x"], ["y"], **given)
    graph = helper.make_graph([node], "one", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)])
    onnx.checker.check_model(model)
    with np.errstate(all="ignore"):
        (theirs,) = ReferenceEvaluator(model).run(None, {"x": X})
    compare(nl.get(f"onnx:{name}"), theirs, given)


@pytest.mark.parametrize(("name", "given"), entries("transformers"))
def test_transformers(name, given):
    from transformers.activations import ACT2CLS

    made = ACT2CLS[name]
    kind, arguments = made if isinstance(made, tuple) else (made, {})
    # xIELU's constants have the dtype that it is given.
    arguments = arguments | given | ({"dtype": torch.float32} if name == "xielu" else {})
    with torch.no_grad():
        theirs = kind(**arguments)(torch.from_numpy(X)).numpy()
    compare(nl.get(f"transformers:{name}"), theirs, given)


def test_every_name_of_transformers_is_known():
    from transformers.activations import ACT2CLS

    # GELU clipped to [-10, 10].
    assert set(ACT2CLS) - {"gelu_10"} == set(DIALECTS["transformers"])


@pytest.mark.parametrize(("name", "given"), entries("timm"))
def test_timm(name, given):
    with torch.no_grad():
        theirs = timms(name)(**given)(torch.from_numpy(X)).numpy()
    compare(nl.get(f"timm:{name}"), theirs, given)


class Formula(torch.nn.Module):
    """A layer of timm as its documentation writes it, where timm is not installed."""

    FORMULAS: ClassVar = {
        "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
        "gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        "SquaredReLU": lambda x: torch.relu(x) ** 2,
        "StarReLU": lambda x, scale_value=1.0, bias_value=0.0: (
            scale_value * torch.relu(x) ** 2 + bias_value
        ),
        "swish": torch.nn.functional.silu,
        "prelu": lambda x, init=0.25: torch.where(x > 0, x, init * x),
        **{
            name: getattr(torch.nn.functional, name.replace("hard_", "hard"))
            for name in ("celu", "elu", "gelu", "hard_sigmoid", "hard_swish", "hardsigmoid",
                         "hardswish", "leaky_relu", "mish", "relu", "relu6", "selu", "sigmoid",
                         "silu", "tanh")
        },
        "identity": lambda x: x,
    }  # fmt: skip

    def __init__(self, name, **given):
        super().__init__()
        self.call = partial(self.FORMULAS[name], **given)

    def forward(self, x):
        return self.call(x)


def timms(name):
    if not find_spec("timm"):
        return partial(Formula, name)
    from timm.layers import get_act_layer
    from timm.models import metaformer

    return getattr(metaformer, name) if name[0].isupper() else get_act_layer(name)


def test_a_frameworks_names_stand_beside_ours():
    sigmoid = nl.get("onnx:HardSigmoid")
    assert sigmoid(1.0, alpha=0.1) == sigmoid(1.0, width=10.0) == 0.6
    bound = sigmoid.bind(alpha=0.1)
    assert bound == nl.hard_sigmoid.bind(width=10.0)
    # What is not said stays as it was bound.
    assert bound(1.0, beta=0.25) == 0.35
    shrink = nl.get("torch:Softshrink")
    assert shrink.derivative(1.0, lambd=2.0) == 0.0
    assert shrink(3.0, lambd=2.0) == 1.0
    found = nl.get("onnx:LeakyRelu").backward_parameters(1.0, -2.0, alpha=0.3)
    assert found == {"negative_slope": -2.0}
    with pytest.raises(TypeError, match=r"no parameter 'alpah'.*did you mean alpha"):
        sigmoid(1.0, alpah=0.1)


def test_every_name_that_a_framework_takes_is_known(keras):
    """All that keras.activations.get takes, and all one-argument functions of the others."""
    elsewhere = {"glu", "softmax", "log_softmax", "sparsemax", "threshold", "serialize",
                 "deserialize", "get"}  # fmt: skip
    taken = set(keras.src.activations.ALL_OBJECTS_DICT) - elsewhere
    assert {name for name in taken if name[0].islower()} <= set(DIALECTS["keras"])
    listed = (
        "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish "
        "relu relu6 rrelu selu sigmoid silu softplus softshrink softsign tanh tanhshrink threshold"
    )
    assert set(listed.split()) <= set(DIALECTS["torch"])
    assert nl.get("keras:swish") == nl.silu
