"""Every question the explorer answers, one file an idea."""

from nonlin.explorer.api import (
    catalogue,
    comparison,
    curve,
    facts,
    formula,
    network,
    phase,
    propagation,
    python,
    sentences,
    study,
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
    study.ENDPOINT,
    python.ENDPOINT,
    sentences.ENDPOINT,
)

__all__ = ["ENDPOINTS"]
