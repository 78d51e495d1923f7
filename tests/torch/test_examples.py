"""The examples that someone broke: what is found, and that `mend` gets them to learn."""

import importlib.util
import math
from pathlib import Path

import pytest

from nonlin.torch import examine

EXAMPLES = Path(__file__).parents[2] / "examples"
STEPS = 60


def built(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build()


def trained(case):
    (optimizer,) = case.optimizers
    for _ in range(STEPS):
        optimizer.zero_grad()
        case.loss_fn(case.model(case.inputs), case.targets).backward()
        optimizer.step()
    return float(case.loss_fn(case.model(case.inputs), case.targets).detach())


@pytest.mark.parametrize(
    ("name", "roots", "guessing", "learnt"),
    [
        # Guessing costs the logarithm of ten words, or of two classes; a healthy model gets to
        # 0.02 and to 0.001 in so many steps.
        (
            "broken_transformer",
            {
                ("output_mismatch", "softmax"),
                ("collapsed_attention", "blocks.0.attention"),
                ("collapsed_attention", "blocks.1.attention"),
            },
            math.log(10),
            0.5,
        ),
        (
            "kelvin_lstm",
            {("unscaled_inputs", "inputs"), ("output_mismatch", "head.3")},
            math.log(2),
            0.1,
        ),
    ],
)
def test_what_was_broken_is_named_and_mended(name, roots, guessing, learnt):
    model, inputs, targets, loss_fn, optimizer = built(name)
    exam = examine(model, inputs, targets, loss_fn, optimizer=optimizer)
    found = {(x.kind, x.site) for x in exam.findings if x.is_root and x.severity == "error"}
    assert found == roots
    mended = exam.mend(steps=20)
    assert [x for x in mended.after.findings if x.severity == "error"] == []
    assert trained(exam.case) > 0.5 * guessing
    assert trained(mended.case) < learnt
