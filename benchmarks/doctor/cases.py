"""The list of models: every kind of fault in every family that can have it, and healthy controls.

Each line of a list is made twice, with an even and an odd number; the weights differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product

from doctor.networks import Family, Shape
from doctor.setup import Case, Fault

SHAPES: dict[Family, Shape] = {
    "mlp": Shape("mlp", "relu", 24, 5),
    "cnn": Shape("cnn", "relu", 10, 4),
    "resnet": Shape("resnet", "relu", 12, 5),
    "transformer": Shape("transformer", "relu", 24, 4, critical=False),
    "recurrent": Shape("recurrent", "relu", 40, 1),
}
PLACES: dict[Family, tuple[int, ...]] = {
    "mlp": (0, 2, 4), "cnn": (0, 1, 3), "resnet": (0, 1, 3), "transformer": (0, 1),
    "recurrent": (0,),
}  # fmt: skip
SHARES = (0.05, 0.3, 0.6, 0.9)
SMOOTH = ("elu", "gelu", "silu", "leaky_relu")


def cases() -> list[Case]:
    """List all faulty models."""
    makers = (_dead, _saturated, _vanishing, _exploding, _initialization, _stuck, _inputs,
              _linear, _doubled, _outputs, _non_finite, _two)  # fmt: skip
    lines = [case for make in makers for case in make()]
    return _numbered(lines, 0)


def _numbered(lines: list[Case], first: int) -> list[Case]:
    """Give numbers; models that begin with the same weights learn at different data order."""
    return [
        replace(case, number=first + 2 * place + half, shape=_called(case.shape, place))
        for place, case in enumerate(lines)
        for half in (0, 1)
    ]


def _called(shape: Shape, place: int) -> Shape:
    return replace(shape, called=place % 2 == 1)


def _shape(family: Family, activation: str, **changed: object) -> Shape:
    return replace(SHAPES[family], activation=activation, **changed)  # type: ignore[arg-type]


def _dead() -> Iterator[Case]:
    places = {family: cycle(PLACES[family]) for family in SHAPES}
    for family, share in product(SHAPES, SHARES):
        fault = Fault("dead_units", "bias", next(places[family]), share)
        yield Case(0, _shape(family, "relu"), "digits", (fault,))
    for activation, share in product(("gelu", "silu"), (0.3, 0.9)):
        fault = Fault("dead_units", "bias", 1, share)
        yield Case(0, _shape("transformer", activation), "digits", (fault,))
    for share in SHARES:
        fault = Fault("dead_units", "weights", 2, share)
        yield Case(0, _shape("mlp", "relu"), "digits", (fault,), warm=60, probe=1200)
        fault = Fault("dead_units", "bias", 2, share)
        yield Case(0, _shape("cnn", "relu", normalized=True), "digits", (fault,), warm=60)


def _saturated() -> Iterator[Case]:
    places = {family: cycle(PLACES[family]) for family in SHAPES}
    for family, activation, share in product(SHAPES, ("tanh", "sigmoid"), (0.3, 0.9)):
        depth = {"depth": 2} if family == "mlp" and activation == "sigmoid" else {}
        place = 0 if depth else next(places[family])
        fault = Fault("saturated_units", "bias", place, share)
        yield Case(0, _shape(family, activation, **depth), "digits", (fault,))
    for share in (0.3, 0.6, 0.9):
        yield Case(0, _shape("mlp", "elu"), "digits", (Fault("saturated_units", "bias", 2, share),))
    for family, activation in product(("mlp", "cnn", "recurrent"), ("tanh", "sigmoid")):
        depth = {"depth": 2} if activation == "sigmoid" else {}
        fault = Fault("saturated_units", "weights", 0, 60.0)
        yield Case(0, _shape(family, activation, **depth), "digits", (fault,))


def _vanishing() -> Iterator[Case]:
    as_made = (Fault("vanishing_gradients", "as_made"),)
    for activation, depth in (("sigmoid", 8), ("sigmoid", 12), ("relu", 20), ("leaky_relu", 20),
                              ("elu", 40), ("gelu", 16), ("silu", 12), ("tanh", 40)):  # fmt: skip
        yield Case(0, _shape("mlp", activation, depth=depth, critical=False), "digits", as_made)
    for activation, depth in (("sigmoid", 6), ("relu", 16), ("gelu", 12)):
        yield Case(
            0, _shape("cnn", activation, width=8, depth=depth, critical=False), "digits", as_made
        )
    for activation, depth in (("tanh", 20), ("relu", 12), ("elu", 16), ("silu", 8)):
        fault = Fault("vanishing_gradients", "weights", 0, 0.1)
        yield Case(0, _shape("mlp", activation, depth=depth), "digits", (fault,))


def _exploding() -> Iterator[Case]:
    for activation, size in product(("relu", "leaky_relu", "elu", "gelu", "silu"), (12.0, 40.0)):
        fault = Fault("exploding_gradients", "weights", 0, size)
        yield Case(0, _shape("mlp", activation, depth=16), "digits", (fault,))
    for activation in ("relu", "gelu"):
        fault = Fault("exploding_gradients", "weights", 0, 40.0)
        yield Case(0, _shape("cnn", activation, width=8, depth=10), "digits", (fault,))
    for activation, depth in product(("tanh",), (20, 28)):
        fault = Fault("exploding_gradients", "weights", 0, 100.0)
        yield Case(0, _shape("mlp", activation, depth=depth), "digits", (fault,))


def _initialization() -> Iterator[Case]:
    families: tuple[Family, ...] = ("mlp", "cnn", "transformer", "recurrent")
    acts = cycle(("relu", "tanh", "gelu", "elu", "silu", "leaky_relu"))
    places = {family: cycle(PLACES[family]) for family in SHAPES}
    for family, size in product(families, (0.0, 1e-4, 3.0, 10.0)):
        fault = Fault("bad_initialization", "one", next(places[family]), size)
        yield Case(0, _shape(family, next(acts)), "digits", (fault,))
    for activation in ("relu", "sigmoid", "gelu", "tanh"):
        fault = Fault("bad_initialization", "one", 0, 3.0)
        yield Case(0, _shape("mlp", activation, depth=2), "digits", (fault,))


def _stuck() -> Iterator[Case]:
    acts = cycle(("relu", "tanh", "gelu", "elu"))
    for family in SHAPES:
        place = PLACES[family][-1]
        yield Case(
            0, _shape(family, next(acts)), "digits", (Fault("stuck_layer", "forgotten", place),)
        )
        yield Case(
            0, _shape(family, next(acts)), "digits", (Fault("stuck_layer", "slow", 0, 1e-10),)
        )
        if family in ("mlp", "cnn"):
            yield Case(0, _shape(family, next(acts)), "digits", (Fault("stuck_layer", "cut", 2),))


def _inputs() -> Iterator[Case]:
    acts = cycle(("relu", "tanh", "gelu", "leaky_relu"))
    sizes = (("scale", 255.0), ("scale", 1e-4), ("offset", 100.0), ("uneven", 3.0))
    for family, (variant, size) in product(("mlp", "cnn", "transformer", "recurrent"), sizes):
        fault = Fault("unscaled_inputs", variant, 0, size)
        yield Case(0, _shape(family, next(acts)), "digits", (fault,))


def _linear() -> Iterator[Case]:
    acts = cycle(("relu", "tanh", "gelu", "silu"))
    # Behind the CNN's place 1 the pooling bends too.
    for family, place in (("mlp", 0), ("mlp", 1), ("mlp", 2), ("cnn", 0), ("cnn", 2), ("cnn", 2)):
        fault = Fault("linear_stack", "none", place, 1.0)
        yield Case(0, _shape(family, next(acts)), "parity", (fault,))
    for family, data in product(("mlp", "cnn"), ("parity", "waves", "signs")):
        fault = Fault("linear_stack", "none", 0, 0.0)
        yield Case(0, _shape(family, next(acts)), data, (fault,))


def _doubled() -> Iterator[Case]:
    for activation, second in (("sigmoid", "sigmoid"), ("relu", "sigmoid"), ("tanh", "sigmoid"),
                               ("tanh", "tanh"), ("relu", "tanh")):  # fmt: skip
        for family, size in (("mlp", 0.0), ("mlp", 1.0), ("cnn", 0.0), ("transformer", 0.0)):
            depth = {"depth": 2} if activation == "sigmoid" else {}
            fault = Fault("doubled_activation", second, 0, size)
            yield Case(0, _shape(family, activation, **depth), "digits", (fault,))


def _outputs() -> Iterator[Case]:
    acts = cycle(("relu", "tanh", "gelu", "elu"))
    for family in SHAPES:
        for data, last in (("digits", "softmax"), ("digits", "relu"), ("signs", "sigmoid")):
            yield Case(0, _shape(family, next(acts)), data, (Fault("output_mismatch", last),))
    for family, last in product(("mlp", "recurrent"), ("relu", "sigmoid", "tanh")):
        yield Case(0, _shape(family, next(acts)), "waves", (Fault("output_mismatch", last),))
    for data, variant in (("digits", "labels"), ("signs", "labels"), ("digits", "nll")):
        yield Case(0, _shape("mlp", next(acts)), data, (Fault("output_mismatch", variant),))


def _non_finite() -> Iterator[Case]:
    acts = cycle(("relu", "tanh", "gelu", "elu"))
    variants = cycle(("log", "sqrt", "div", "exp"))
    for family in SHAPES:
        place = PLACES[family][-1]
        for variant in ("input", "weight", next(variants)):
            yield Case(
                0, _shape(family, next(acts)), "digits", (Fault("non_finite", variant, place),)
            )
    yield Case(0, _shape("mlp", "relu"), "digits", (Fault("non_finite", "overflow", 2),))


def _two() -> Iterator[Case]:
    dead = Fault("dead_units", "bias", 1, 0.6)
    pairs = (
        (dead, Fault("output_mismatch", "softmax")),
        (dead, Fault("stuck_layer", "forgotten", 3)),
        (dead, Fault("dead_units", "bias", 3, 0.9)),
        (Fault("bad_initialization", "one", 0, 1e-4), Fault("output_mismatch", "softmax")),
        (Fault("unscaled_inputs", "scale", 0, 255.0), Fault("output_mismatch", "relu")),
        (Fault("linear_stack", "none", 2, 1.0), Fault("dead_units", "bias", 3, 0.6)),
    )
    for family, faults in product(("mlp", "cnn"), pairs):
        yield Case(0, _shape(family, "relu"), "digits", faults)
