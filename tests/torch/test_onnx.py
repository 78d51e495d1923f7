"""A model with nonlin's activations as a file of ONNX, computed by ONNX Runtime."""

import io

import pytest
import torch
from torch import nn

from nonlin.torch import functional as F  # noqa: N812
from nonlin.torch import nn as ours
from nonlin.torch import onnx_translations

pytest.importorskip("onnxscript")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

MODULES = {
    "Celu": ours.CELU(0.7),
    "Elu": ours.ELU(0.7),
    "Gelu": ours.GELU(),
    "HardSigmoid": ours.Hardsigmoid(),
    "HardSwish": ours.Hardswish(),
    "LeakyRelu": ours.LeakyReLU(0.2),
    "Mish": ours.Mish(),
    "Relu": ours.ReLU(),
    "Selu": ours.SELU(),
    "Sigmoid": ours.SiLU(),
    "Shrink": ours.Softshrink(0.3),
    "Softplus": ours.Softplus(2.0),
    "Tanh": ours.Tanhshrink(),
    "Clip": ours.Hardtanh(-0.5, 2.0),
    "Mul": ours.SwiGLU(),
}


def exported(model, x, table):
    program = torch.onnx.export(
        model, (x,), dynamo=True, custom_translation_table=table, opset_version=20, verbose=False
    )
    room = io.BytesIO()
    program.save(room)
    return onnx.load_from_string(room.getvalue())


def computed(proto, x):
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    return torch.from_numpy(found)


@pytest.mark.parametrize("operator", MODULES)
def test_the_operator_is_that_of_onnx(operator):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), MODULES[operator]).eval()
    x = torch.randn(5, 4)
    proto = exported(model, x, onnx_translations())
    assert operator in [node.op_type for node in proto.graph.node]
    torch.testing.assert_close(computed(proto, x), model(x).detach(), rtol=1e-5, atol=1e-5)


def test_what_is_not_in_the_table_is_exported_decomposed():
    class Net(nn.Module):
        def forward(self, x):
            return F.squareplus(x)

    x = torch.randn(5, 4)
    with F.decomposed():
        proto = exported(Net().eval(), x, None)
    torch.testing.assert_close(computed(proto, x), F.squareplus(x), rtol=1e-5, atol=1e-5)
