"""Write docs/dialects.md: what other frameworks call the functions, and where they disagree.

python tools/dialects.py
"""

from pathlib import Path

import nonlin as nl
from nonlin.catalogue.dialects import DIALECTS

PAGE = Path(__file__).parents[1] / "docs" / "dialects.md"

HEAD = """# The same name, other functions

`nl.get("framework:name")` gives an activation with that framework's definition and defaults:
PyTorch's modules (`torch:GELU`), JAX's functions (`jax:gelu`), Keras' functions and, in capitals,
layers (`keras:leaky_relu`, `keras:LeakyReLU`), ONNX's operators (`onnx:Gelu`), the keys of
Transformers' `ACT2FN` (`transformers:gelu_new`) and timm's layers (`timm:quick_gelu`). It takes
that framework's parameters too: `nl.get("onnx:HardSigmoid")(x, alpha=0.1)`. The tests compare each
entry with the framework itself, at its defaults and at others. Where a framework's default is
another function than ours, the parameters stand beside the name, in bold.

Keras' relu with a slope, a bound or a threshold, Transformers' gelu_10 (GELU clipped to [-10, 10])
and timm's hard_mish are functions that we do not have.

Two differences have no parameter. PyTorch's Hardtanh, ReLU6 and Hardsigmoid take the slope 0 at
their upper breakpoint, where ours is the derivative from the left. And silu, mish, hard_swish and
gelu are NaN at -inf in PyTorch and JAX, where ours give the limit.

Written by `python tools/dialects.py`.
"""


def cell(framework: str, name: str) -> str:
    """List what `framework` calls the function `name`."""
    found = []
    for theirs, entry in DIALECTS[framework].items():
        if entry.ours == name:
            parameters = nl.get(f"{framework}:{theirs}").parameters
            defaults = nl.get(name).parameters
            other = {key: value for key, value in parameters.items() if value != defaults[key]}
            settings = ", ".join(f"{key} = {value:.6g}" if isinstance(value, float) else
                                 f"{key} = {value}" for key, value in other.items())  # fmt: skip
            found.append(f"{theirs} **{settings}**" if other else theirs)
    return "<br>".join(found) or "–"


def main() -> None:
    """Write one row a function."""
    rows = ["| nonlin | " + " | ".join(DIALECTS) + " |", "|" + " --- |" * (1 + len(DIALECTS))]
    for name in nl.names():
        settings = ", ".join(f"{key} = {value}" for key, value in nl.get(name).parameters.items())
        ours = f"{name}<br>{settings}" if settings else name
        cells = [ours, *(cell(framework, name) for framework in DIALECTS)]
        rows.append("| " + " | ".join(cells) + " |")
    PAGE.write_text(HEAD + "\n" + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
