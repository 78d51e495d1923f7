"""Every question the explorer answers, one file an idea."""

from nonlin.explorer.api import (
    catalogue,
    comparison,
    curve,
    facts,
    formula,
    gates,
    network,
    phase,
    propagation,
    python,
    sentences,
    softmax,
    study,
    time,
)

ENDPOINTS = (
    catalogue.ENDPOINT,
    formula.ENDPOINT,
    curve.ENDPOINT,
    facts.ENDPOINT,
    comparison.ENDPOINT,
    propagation.ENDPOINT,
    network.ENDPOINT,
    phase.ENDPOINT,
    gates.ENDPOINT,
    softmax.ENDPOINT,
    time.ENDPOINT,
    study.ENDPOINT,
    python.ENDPOINT,
    sentences.ENDPOINT,
)

__all__ = ["ENDPOINTS"]
