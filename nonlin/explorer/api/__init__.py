"""Every question the explorer answers, one file an idea."""

from nonlin.explorer.api import (
    catalogue,
    comparison,
    curve,
    facts,
    network,
    phase,
    propagation,
    sentences,
)

ENDPOINTS = (
    catalogue.ENDPOINT,
    curve.ENDPOINT,
    facts.ENDPOINT,
    comparison.ENDPOINT,
    propagation.ENDPOINT,
    network.ENDPOINT,
    phase.ENDPOINT,
    sentences.ENDPOINT,
)

__all__ = ["ENDPOINTS"]
