"""Plants the faults of a case, by the name of their variant."""

from __future__ import annotations

import copy
from collections.abc import Callable

from doctor import faults_structure as structure
from doctor import faults_units as units
from doctor import faults_weights as weights
from doctor.setup import Case, Fault, Setup, healthy
from doctor.training import train

Planter = Callable[[Setup, Case, Fault], None]

PLANTERS: dict[tuple[str, str], Planter] = {
    ("sparse", "sparse"): units.sparse,
    ("dead_units", "bias"): units.dead_by_bias,
    ("dead_units", "weights"): units.dead_by_weights,
    ("saturated_units", "bias"): units.saturated_by_bias,
    ("saturated_units", "weights"): units.saturated_by_weights,
    ("vanishing_gradients", "weights"): weights.every_layer,
    ("vanishing_gradients", "as_made"): weights.as_made,
    ("exploding_gradients", "weights"): weights.every_layer,
    ("bad_initialization", "one"): weights.one_layer,
    ("stuck_layer", "forgotten"): weights.forgotten,
    ("stuck_layer", "slow"): weights.slow,
    ("stuck_layer", "cut"): weights.cut,
    ("output_mismatch", "labels"): structure.labels,
    ("output_mismatch", "nll"): structure.raw_nll,
    ("non_finite", "input"): structure.numbers,
    ("non_finite", "weight"): structure.numbers,
    ("non_finite", "overflow"): structure.numbers,
}
BY_KIND: dict[str, Planter] = {
    "unscaled_inputs": structure.inputs,
    "linear_stack": structure.no_activation,
    "doubled_activation": structure.doubled,
    "output_mismatch": structure.outputs,
    "non_finite": structure.operation,
}


def make(case: Case) -> Setup:
    """Make a case: the healthy network, trained for a while if it says so, then its faults."""
    setup = healthy(case)
    if case.warm:
        train(setup.model, setup.optimizer, setup.data, setup.loss_fn, case.warm, case.seed)
    for fault in case.faults:
        plant = PLANTERS.get((fault.kind, fault.variant)) or BY_KIND[fault.kind]
        plant(setup, case, fault)
    return setup


def copied(setup: Setup) -> Setup:
    """Copy a set-up with an optimizer of the same state for the copy's parameters."""
    model, optimizer = copy.deepcopy((setup.model, setup.optimizer))
    return Setup(model, setup.data, setup.loss_fn, optimizer, setup.truths)
