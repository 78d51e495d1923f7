"""Healthy models: they train to what is stated, and no error and no warning may be found in them.

Widths, depths to 50, batch norm and none, both ways to write an activation, sparse and nearly dead
units, probes of few samples, inputs in [0, 1], PyTorch's own first weights and critical ones.
"""

from __future__ import annotations

from itertools import product

from doctor.networks import Shape
from doctor.setup import Case, Fault

FIRST = 10_000

# Right answers on the validation part after the training; what misses it is no control.
STATED = 0.9

PLAIN = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh")


def controls() -> list[Case]:
    """List all healthy models."""
    shapes = [*_rows(), *_images(), *_deep(), *_others()]
    probes = (256, 1200, 64, 16, 32)
    made = []
    for place, (shape, rate) in enumerate(shapes):
        optimizer = "sgd" if place % 5 == 4 and shape.family in ("mlp", "cnn") else "adam"
        speed = 0.02 if optimizer == "sgd" else rate
        probe = probes[place % len(probes)]
        number = FIRST + place
        # Without an identity past each layer fifty of them take longer.
        steps = 900 if shape.depth == 50 and shape.family == "mlp" else 300
        made.append(Case(number, shape, "digits", (), speed, optimizer, probe, steps=steps))
    return [*made, *_sparse(FIRST + len(made))]


def _sparse(first: int) -> list[Case]:
    """Networks whose units work on few inputs, some on one in a hundred."""
    shapes = [*product(("mlp", "cnn", "transformer"), ("relu", "gelu", "elu"))]
    sizes = (0.3, 1.0)
    made = []
    for place, (size, (family, act)) in enumerate(product(sizes, shapes)):
        shape = Shape(
            family, act, 32 if family != "cnn" else 12, 3, critical=family != "transformer"
        )
        fault = Fault("sparse", "sparse", 0, size)
        probe = (1200, 256)[place % 2]
        made.append(Case(first + place, shape, "digits", (fault,), 5e-3, "adam", probe))
    return made


def _rows() -> list[tuple[Shape, float]]:
    settings = product(PLAIN, ((16, 2), (40, 3), (128, 5), (64, 8)), (False, True))
    found = [(Shape("mlp", act, width, depth, critical=c, called=c), 3e-3)
             for act, (width, depth), c in settings]  # fmt: skip
    found += [(Shape("mlp", "sigmoid", width, 1, critical=False), 1e-2) for width in (32, 64, 128)]
    found += [(Shape("mlp", "sigmoid", width, 2), 1e-2) for width in (32, 64, 128)]
    return found


def _images() -> list[tuple[Shape, float]]:
    settings = product(PLAIN, ((8, 3), (16, 4)), (False, True))
    return [(Shape("cnn", act, width, depth, normalized=n, called=not n), 3e-3)
            for act, (width, depth), n in settings]  # fmt: skip


def _deep() -> list[tuple[Shape, float]]:
    acts, depths = ("relu", "leaky_relu", "tanh", "elu"), (12, 16, 20)
    found = [(Shape("mlp", act, 64, depth), 1e-3) for act, depth in product(acts, depths)]
    found += [(Shape("mlp", act, 64, 50), 5e-4) for act in ("tanh", "elu", "relu")]
    found += [(Shape("mlp", act, 64, depth, normalized=True), 3e-3)
              for act, depth in product(("relu", "elu", "tanh"), (10, 20))]  # fmt: skip
    found += [(Shape("resnet", act, 8, depth), 5e-3)
              for act, depth in product(("relu", "gelu"), (9, 21, 50))]  # fmt: skip
    found += [(Shape("transformer", act, 24, depth, critical=False), 3e-3)
              for act, depth in product(("relu", "gelu"), (12, 50))]  # fmt: skip
    return found


def _others() -> list[tuple[Shape, float]]:
    found = [(Shape("resnet", act, 16, depth, called=depth == 7), 5e-3)
             for act, depth in product(PLAIN, (5, 7))]  # fmt: skip
    found += [(Shape("transformer", act, 24, 4, critical=False, called=c), 5e-3)
              for act, c in product(PLAIN, (False, True))]  # fmt: skip
    found += [(Shape("recurrent", act, width, 1, called=c), 5e-3)
              for act, width, c in product(PLAIN, (24, 64), (False, True))]  # fmt: skip
    return found
