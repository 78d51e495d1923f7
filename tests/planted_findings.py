"""Every finding with every cause, made by its own rule from a reading that has that trouble."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from hand_made_readings import (
    alike,
    blown,
    idle,
    layer,
    network,
    recurrence,
    stream,
    units,
    with_layer,
    with_site,
    with_weights,
)
from sample_run import run, taken

from nonlin.torch.finding import Finding
from nonlin.torch.findings import findings
from nonlin.torch.parts import Attention, Gate, Residual, Router
from nonlin.torch.reading import (
    Easing,
    GradientFault,
    Mixture,
    RateTrial,
    Reading,
    Step,
    Stranger,
    Target,
)
from nonlin.torch.runs.dying import dying_units
from nonlin.torch.runs.rates import rate_troubles
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import Snapshot

FAULT = GradientFault("sqrt", False, "head", False, "undefined", "return x.sqrt()", 7, 90)
DEAD = idle(units(), list(range(40)))


def planted() -> Iterator[tuple[str, str, Reading, tuple[Finding, ...]]]:
    """Give the kind, the cause, a reading that has it and what is found in it.

    Dying units and a schedule that ends early are found over several readings; theirs is the last.
    """
    for kind, causes in _readings().items():
        for cause, reading in causes.items():
            yield kind, cause, reading, findings(reading)
    for cause in ("bias", "weights", "learning_rate", "normalization_shift", "offset", ""):
        before = run(range(0, 21, 3), count=64)
        now = taken(700, (0, 21), count=64)
        known = [replace(each, cause=cause) for each in now.findings if cause]
        yield "dying_units", cause, network(), tuple(dying_units(before, now, known))
    *readings, last = course([3.0, 2.0, 1.0, 0.9, 0.9, 0.9, 0.9], [0.1] * 3 + [1e-6] * 4)
    found = rate_troubles(run_of(readings), last)
    yield "learning_rate", "schedule_ends_early", network(), tuple(found)


def _readings() -> dict[str, dict[str, Reading]]:
    dead = with_site(network(), 1, units=DEAD)
    flat = with_site(network(), 1, activation="nl.tanh", can_die=False, units=_saturated())
    plain = network()
    shut = _ending(with_site(plain, 2, activation="nl.sigmoid"), "activation", "5")
    loss = plain.target
    assert loss is not None
    return {
        "dead_units": {
            "weights": dead,
            "bias": with_layer(dead, 1, bias_variance=100.0),
            "learning_rate": with_layer(dead, 1, update_ratio=0.6),
            "normalization_shift": with_site(dead, 1, normalized=True),
            "offset": with_site(dead, 1, layer=None),
        },
        "saturated_units": {
            "weight_variance": flat,
            "input_length": with_layer(flat, 1, input_length=5.0),
            "bias": with_layer(flat, 1, bias_variance=100.0),
            "offset": with_site(flat, 1, normalized=True),
        },
        "vanishing_gradients": {
            "weights": _gradients(between=1e-3),
            "derivative": _gradients(at=1e-2),
            "dead_units": _gradients(at=0.1, made=idle(units(), list(range(63))), depth=8),
            "normalization": _gradients(between=1e-3, normalized=True),
            "time": recurrence([1e-20 * 10**i for i in range(20)]),
        },
        "exploding_gradients": {
            "weights": _gradients(between=1e4),
            "derivative": _gradients(at=1e3, between=1.0),
            "normalization": _gradients(between=1e4, normalized=True, weight_variance=0.05),
            "time": recurrence([10.0**-i for i in range(8)]),
        },
        "exploding_signal": {"branches": stream([2.0**i for i in range(12)])},
        "bad_initialization": {
            "small": with_weights(plain, 1, 1e-4),
            "large": blown(with_weights(plain, 1, 100.0)),
            "zero": with_weights(plain, 1, 0.0, weight_rms=0.0),
            "equal_weights": with_site(plain, 1, units=alike(plain.sites[1].units)),
        },
        "stuck_layer": {
            "no_gradient": with_layer(plain, 1, weight_gradient_rms=0.0),
            "no_input": with_layer(plain, 1, weight_gradient_rms=0.0, input_length=0.0),
            "frozen": with_layer(
                with_layer(plain, 0, trainable=False, drawn=True), 1, trainable=False, drawn=True
            ),
            "not_used": _aside(with_layer(plain, 1, weight_gradient_rms=0.0)),
            "cut_off": _cut_off(),
            "not_optimized": _updates(1e-3, None),
            "not_registered": replace(plain, strangers=(Stranger("", (64, 64), False),)),
            "small_updates": _updates(1e-3, 1e-9),
            "learning_rate": _updates(1e-9, 1e-9),
            "vanished": _unmoved(1e-20),
            "overflowed": _unmoved(1e25),
            "schedule": _waiting(),
            "rounding": with_layer(_updates(1e-5, 1e-5), 1, unmoved=0.95),
            "detour": _detour(),
            "no_rows": replace(
                with_layer(plain, 1, weight_gradient_rms=0.0, input_length=float("nan")),
                routers=(_router(0),),
            ),
        },
        "learning_rate": {
            "diverging": replace(plain, trial=tried({0.1: 1.0, 1.0: float("nan")})),
            "bouncing": replace(plain, trial=tried({0.1: 1.0, 1.0: 2.3})),
            "too_high": replace(plain, trial=tried({0.1: 1.0, 1.0: 2.1})),
            "creeping": replace(plain, trial=tried({1.0: 2.299, 100.0: 1.0})),
        },
        "weight_decay": {"strong": _held(plain, "weight_decay", 0.3, 0.01)},
        "dropout": {
            "strong": _held(plain, "dropout", 0.9, 0.2),
            "at_outputs": replace(plain, target=replace(loss, dropped=True)),
        },
        "unscaled_inputs": {
            "large": replace(plain, input_deviation=300.0),
            "small": replace(plain, input_deviation=1e-3),
            "offset": replace(plain, input_mean=1.0, input_deviation=0.01),
            "uneven": replace(plain, input_feature_spread=1e3),
        },
        "linear_stack": {
            "whole": replace(_without(plain, "1", "3", "5"), linear=True),
            "between": _without(plain, "3"),
        },
        "doubled_activation": {
            "squeezed": _without(with_site(plain, 1, activation="nl.sigmoid"), "2"),
            "repeated": _without(plain, "2"),
        },
        "hidden_softmax": {
            "shares": _softmax_in_place_of(plain, "3", "softmax"),
            "logarithms": _softmax_in_place_of(plain, "3", "log_softmax"),
        },
        "output_mismatch": {
            "labels": replace(plain, target=replace(loss, smallest=-3.0)),
            "probabilities": replace(plain, target=replace(loss, loss="bce", largest=2.0)),
            "probabilities_as_logits": replace(
                plain, target=replace(loss, output_rows_sum_to_one=True)
            ),
            "log_probabilities": _ending(plain, "softmax", "log_softmax"),
            "bounded_logits": _ending(plain, "activation", "5"),
            "not_log_probabilities": replace(plain, target=replace(loss, loss="nll")),
            "bounded_regression": replace(
                _ending(plain, "activation", "5"),
                target=replace(loss, loss="mse", classes=None, smallest=-1.0, output_smallest=0.0),
            ),
            "constant_output": replace(
                _ending(plain, "softmax", "softmax"),
                target=replace(loss, width=1, output_smallest=1.0, output_largest=1.0),
            ),
            "one_class": replace(plain, target=replace(loss, classes=None, width=1)),
            "wrong_axis": replace(
                _ending(plain, "softmax", "log_softmax"),
                target=replace(
                    loss,
                    loss="nll",
                    width=10,
                    output_largest=0.0,
                    logarithms_along_another_axis=True,
                    rows_of_no_logarithms=1.0,
                ),
            ),
            "several_labels": replace(
                plain, target=replace(loss, classes=None, width=10, rows_of_several=0.9)
            ),
            "exclusive_outputs": replace(
                _ending(plain, "softmax", "softmax"),
                target=replace(
                    loss,
                    loss="bce",
                    classes=None,
                    width=10,
                    smallest=0.0,
                    largest=1.0,
                    output_smallest=0.1,
                    output_rows_sum_to_one=True,
                    rows_of_several=0.9,
                ),
            ),
            "not_probabilities": replace(plain, target=replace(loss, loss="bce", largest=1.0)),
            "one_sided": replace(shut, target=_probable(loss, "one_sided")),
            "not_exclusive": replace(shut, target=_probable(loss, "log_loss")),
            "squared_probabilities": replace(
                shut, target=replace(_probable(loss, "mse"), width=1, whole=True)
            ),
            "crossed": replace(plain, target=replace(loss, crossed=True)),
            "turned": replace(plain, target=replace(loss, turned=True)),
            "order": replace(plain, target=replace(loss, order="samples")),
            "future": replace(plain, target=replace(loss, ahead=0.5)),
            "regrouped": replace(plain, target=replace(loss, regrouped=True, rows_of_several=0.8)),
            "unstable": replace(plain, target=replace(loss, unstable=True)),
            "one_label": replace(plain, target=replace(loss, smallest=3.0, largest=3.0)),
            "targets_large": replace(plain, target=_amounts(loss, 0.0, 1e5)),
            "targets_offset": replace(plain, target=_amounts(loss, 2000.0, 10.0)),
            "targets_small": replace(plain, target=_amounts(loss, 0.0, 1e-4)),
            "labels_as_amounts": replace(
                plain,
                target=replace(
                    _amounts(loss, 1.0, 0.8),
                    smallest=0.0,
                    largest=2.0,
                    width=1,
                    integer=True,
                    whole=True,
                    classes_seen=(80, 90, 86),
                ),
            ),
        },
        "mixed_samples": {
            cause: replace(plain, mixtures=(Mixture(cause, "2", 256, 0.5, (256, 12, 64)),))
            for cause in ("recurrence", "attention", "softmax", "reshape")
        },
        "flat_loss": {
            "nothing_counts": _flat(smallest=None, largest=None, ignored=-100),
            "learnt": _flat(output_smallest=-20.0, output_largest=20.0),
            "constant": _flat(),
        },
        "non_finite": {
            "inputs": _broken(plain, 0),
            "overflow": _broken(plain, 1),
            "operation": _broken(plain, 2),
            "weights": _broken(with_layer(plain, 0, weight_rms=float("nan")), 1),
            "loss": replace(plain, target=replace(loss, value=float("nan"))),
            "gradient": replace(plain, gradient_fault=FAULT),
            "own_backward": replace(plain, gradient_fault=replace(FAULT, own=True)),
            "step": replace(plain, trial=tried({0.1: float("nan"), 1.0: float("nan")})),
        },
        "silent_gate": {
            "closed": replace(dead, gates=(_gate(),)),
            "nothing_comes": replace(plain, gates=(_gate(),)),
        },
        "collapsed_attention": {
            "scores": replace(plain, attentions=(_attention(3),)),
            "uniform": replace(plain, attentions=(_attention(0),), step=100),
        },
        "idle_experts": {
            "router": replace(plain, routers=(_router(2),)),
            "alike": replace(
                with_layer(_routed(plain), 1, input_correlation=0.9), routers=(_router(2, "2"),)
            ),
        },
        "outlying_channels": {
            "stream": replace(plain, residuals=(Residual("h.0:add", 64, 40.0, 1.0, 320.0, (7,)),))
        },
    }


def tried(endings: dict[float, float], start: float = 2.3, **changed: Any) -> RateTrial:
    """A trial of 20 steps on one batch, in which the loss stands at each factor's last value."""
    rows = tuple((start, *[x] * 20) if x == x else (start, x) for x in endings.values())
    still, silent = (start,) * 21, tuple(0.0 for _ in endings)
    made = RateTrial(
        20, 1, 0.01, 1.0, False, False, tuple(endings), rows, still, start, silent,
    )  # fmt: skip
    return replace(made, **changed)


def _held(reading: Reading, key: str, given: float, eased: float) -> Reading:
    """The same with a restraint under which the loss stays, and with less of which it falls."""
    easing = Easing(key, given, eased, 2.0, 80, 0.1, 2.3, 2.29, 0.4)
    return replace(reading, trial=tried({1.0: 1.0}), easings=(easing,))


def course(losses: list[float], rates: list[float] | None = None, **changed: Any) -> list[Snapshot]:
    """Readings of a run, 100 steps apart; `changed` are the layers' numbers."""
    given = rates or [0.1] * len(losses)
    made = [replace(taken(100 * k, loss=x), rate=r)
            for k, (x, r) in enumerate(zip(losses, given, strict=True))]  # fmt: skip
    return [replace(x, layers=tuple(replace(y, **changed) for y in x.layers)) for x in made]


def run_of(snapshots: list[Snapshot]) -> Run:
    """A run that has these readings."""
    made = run([])
    for each in snapshots:
        made.add(each)
    return made


def _probable(loss: Target, name: str) -> Target:
    """The same with outputs and targets between 0 and 1."""
    return replace(loss, loss=name, smallest=0.0, largest=1.0, output_smallest=0.1)


def _amounts(loss: Target, mean: float, deviation: float) -> Target:
    """The same with targets of a mean and a deviation, and outputs of first weights."""
    return replace(
        loss, loss="mse", classes=None, smallest=mean - 2 * deviation,
        largest=mean + 2 * deviation, mean=mean, deviation=deviation, output_rms=0.3,
    )  # fmt: skip


def _gate() -> Gate:
    """40 of 64 products are 0 on all 256 samples."""
    zeros, active = np.zeros(64, int), np.full(64, 256)
    zeros[:40], active[:40] = 256, 0
    return Gate("mlp:gate", ("3", "4"), 256, 256, zeros, active)


def _attention(lost: int) -> Attention:
    """So many of 8 heads look at one key."""
    saturated, largest = np.zeros(8), np.ones(8)
    saturated[:lost], largest[:lost] = 1.0, 300.0
    spread, passed = np.full(8, 0.01), np.where(saturated, 1e-3, 1.0)
    even = 0.999 * (1 - saturated)
    return Attention("h.0.attn", 256, 16.0, even, saturated, largest, spread, passed)


def _router(idle: int, name: str = "mlp.gate") -> Router:
    """So many of 8 experts get none of 512 tokens, of which each goes to two."""
    tokens = np.full(8, 1024 // (8 - idle))
    tokens[:idle] = 0
    return Router(name, 2, tokens)


def _routed(reading: Reading) -> Reading:
    """The same with a router behind the layer "2"."""
    steps = (*reading.steps, Step("router", "topk", (3,)))
    return replace(reading, steps=steps)


def _flat(**changed: Any) -> Reading:
    """A loss of 0 that gives no layer a gradient."""
    plain = network()
    assert plain.target is not None
    layers = tuple(replace(x, weight_gradient_rms=0.0) for x in plain.layers)
    return replace(plain, layers=layers, target=replace(plain.target, value=0.0, **changed))


def _detour() -> Reading:
    """A layer beside the others, to which no way leads back from the loss."""
    plain = network()
    steps = [*plain.steps[:-1], Step("layer", "aim", (0,))]
    steps.append(replace(plain.steps[-1], sources=(len(steps) - 2, len(steps) - 1)))
    aim = layer("aim", weight_gradient_rms=0.0, reached=False)
    return replace(plain, layers=(*plain.layers, aim), steps=tuple(steps))


def _cut_off() -> Reading:
    """A loss that is made of nothing that the layers made."""
    plain = network()
    layers = tuple(replace(x, weight_gradient_rms=0.0) for x in plain.layers)
    steps = (*plain.steps[:-1], replace(plain.steps[-1], sources=()))
    return replace(plain, layers=layers, steps=steps)


def _aside(reading: Reading) -> Reading:
    """The same, but that nothing uses the activation behind the layer "2"."""
    steps = list(reading.steps)
    steps[5] = replace(steps[5], sources=(2,))
    return replace(reading, steps=tuple(steps))


def _saturated() -> object:
    made = units()
    lost = made.saturated.copy()
    lost[:40] = made.observations
    return units(saturated=lost)


def _gradients(
    at: float = 0.5**0.5, between: float = 2.0**0.5, depth: int = 3, normalized: bool = False,
    made: object = None, weight_variance: float = 2.0,
) -> Reading:  # fmt: skip
    """A network whose sites and weights multiply the gradient by so much on its way back."""
    reading, behind = network(depth), 1.0
    for place in reversed(range(depth)):
        before = behind * at
        reading = with_site(
            reading, place, output_gradient_rms=behind, gradient_rms=before, normalized=normalized,
            units=units() if made is None else made,
        )  # fmt: skip
        reading = with_layer(reading, place, weight_variance=weight_variance)
        behind = before * between
    return reading


def _waiting() -> Reading:
    reading = network()
    made = tuple(layer(x.name, update_ratio=0.0, rate_share=0.0) for x in reading.layers)
    return replace(reading, layers=made)


def _updates(others: float, one: float | None) -> Reading:
    reading = network()
    made = [layer(each.name, update_ratio=others) for each in reading.layers]
    made[1] = layer(made[1].name, update_ratio=one)
    return replace(reading, layers=tuple(made))


def _unmoved(gradient: float) -> Reading:
    """No layer moves, with a gradient that makes no step."""
    reading = _updates(0.0, 0.0)
    made = [layer(x.name, update_ratio=0.0, weight_gradient_rms=gradient) for x in reading.layers]
    return replace(reading, layers=tuple(made))


def _without(reading: Reading, *names: str) -> Reading:
    """The same with calls that pass on what comes."""
    steps = (
        replace(step, kind="other", name="view") if step.name in names else step
        for step in reading.steps
    )
    return replace(reading, steps=tuple(steps))


def _softmax_in_place_of(reading: Reading, name: str, function: str) -> Reading:
    """The same with a softmax where an activation was."""
    steps = (
        replace(step, kind="softmax", name=function) if step.name == name else step
        for step in reading.steps
    )
    sites = (site for site in reading.sites if site.name != name)
    return replace(reading, steps=tuple(steps), sites=tuple(sites))


def _ending(reading: Reading, kind: str, name: str) -> Reading:
    """The same with one more call before the loss."""
    *steps, loss = reading.steps
    last = Step(kind, name, loss.sources)
    return replace(reading, steps=(*steps, last, replace(loss, sources=(len(steps),))))


def _broken(reading: Reading, place: int) -> Reading:
    """The same with a call whose result, and the loss, is not finite."""
    steps = list(reading.steps)
    steps[place] = replace(steps[place], finite=False)
    assert reading.target is not None
    broken = replace(reading.target, value=float("nan"))
    return replace(reading, steps=tuple(steps), target=broken)
