"""What is no activation is refused with a sentence, wherever the theory takes one."""

from functools import partial

import numpy as np
import pytest

import nonlin as nl

FUNCTIONS = {
    "gain": nl.gain,
    "propagate": partial(nl.propagate, weight_variance=1.0, depth=2),
    "critical_initialization": nl.critical_initialization,
    "critical_line": nl.critical_line,
    "phase_diagram": nl.phase_diagram,
}


@pytest.mark.parametrize("given", [np.sin, "relu", None], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_activation(name, given):
    with pytest.raises(TypeError, match=f"^{name} expects an activation, such as"):
        FUNCTIONS[name](given)


def test_a_wrapped_function_will_do():
    wrapped = nl.Activation.from_function(np.tanh, name="tanh")
    assert nl.gain(wrapped) == pytest.approx(nl.gain(nl.tanh), rel=1e-9)
