"""ONNX Runtime on a model of one node, bound to existing arrays; it has no derivatives."""

from __future__ import annotations

from typing import Any

from speed.contender import Contender, Operands

NAMES = ("ONNX Runtime",)

# The operator, and the attribute that each of our parameters is called.
OPERATORS: dict[str, tuple[str, dict[str, str]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"negative_slope": "alpha"}),
    "elu": ("Elu", {"alpha": "alpha"}),
    "gelu": ("Gelu", {}),
    "mish": ("Mish", {}),
    "softplus": ("Softplus", {}),
    "selu": ("Selu", {}),
    "celu": ("Celu", {"alpha": "alpha"}),
    "softsign": ("Softsign", {}),
    "hard_swish": ("HardSwish", {}),
}


def contenders(operands: Operands) -> list[Contender]:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    case = operands.case
    if case.kind != "value" or case.function not in OPERATORS:
        return []
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            _model(operands), options, providers=["CPUExecutionProvider"]
        )
    except (errors.Fail, errors.InvalidGraph, errors.NotImplemented):
        return []  # the operator does not know this dtype
    binding = session.io_binding()
    # A value made of an array may share its memory or not: the results are read from the binding.
    given = onnxruntime.OrtValue.ortvalue_from_numpy(operands.x)
    taken = onnxruntime.OrtValue.ortvalue_from_numpy(operands.y)
    binding.bind_ortvalue_input("x", given)
    binding.bind_ortvalue_output("y", taken)
    names = {"session": session, "binding": binding, "y": _Result(taken), "given": given}
    line, about = "session.run_with_iobinding(binding)", OPERATORS[case.function][0]
    return [operands.contender(NAMES[0], line, about=about, **names)]


class _Result:
    """Lets NumPy read what the session wrote."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.value.numpy()


def _model(operands: Operands) -> bytes:
    from onnx import helper

    case = operands.case
    operator, renamed = OPERATORS[case.function]
    given = operands.parameters
    attributes: dict[str, Any] = {attribute: given[name] for name, attribute in renamed.items()}
    kind = helper.np_dtype_to_tensor_dtype(operands.x.dtype)
    node = helper.make_node(operator, ["x"], ["y"], **attributes)
    values = [helper.make_tensor_value_info(name, kind, [case.size]) for name in "xy"]
    graph = helper.make_graph([node], case.function, values[:1], values[1:])
    opset = helper.make_opsetid("", 20)
    return bytes(helper.make_model(graph, opset_imports=[opset], ir_version=10).SerializeToString())
