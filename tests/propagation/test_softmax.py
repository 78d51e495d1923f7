"""Softmax of random scores: closed forms, samples, and a random attention layer."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nonlin as nl
from nonlin.propagation import expectation
from nonlin.propagation.softmax import attention_statistics, softmax_statistics


def sampled(scores):
    """The same statistics of given rows of scores, one number a row."""
    n = scores.shape[-1]
    p, log_p = nl.softmax(scores), nl.log_softmax(scores)
    square, cube = (p**2).sum(-1), (p**3).sum(-1)
    return {
        "log_sum_exp": nl.log_sum_exp(scores),
        "entropy": -(p * log_p).sum(-1),
        "largest": p.max(-1),
        "concentration": square,
        "jacobian": (square - 2 * cube + square**2) * n**2 / (n - 1),
    }


@pytest.mark.parametrize("variance", [1e-8, 0.01, 1.0, 30.0, 1000.0])
def test_two_scores(variance):
    """Two weights are the sigmoid of a difference of variance 2 v, whose moments are known."""
    found = softmax_statistics(2, variance)
    square = expectation(nl.sigmoid, "square", 2 * variance)
    slope_square = expectation(nl.sigmoid, "slope_square", 2 * variance)
    softplus = expectation(nl.softplus, "value", 2 * variance)
    assert_allclose(found.concentration, 2 * square, rtol=1e-9)
    assert_allclose(found.jacobian, 16 * slope_square, rtol=1e-8)
    assert_allclose(found.log_sum_exp, softplus, rtol=1e-9)
    larger = nl.Activation.from_function(lambda d: nl.sigmoid(np.abs(d)))
    assert_allclose(found.largest, expectation(larger, "value", 2 * variance), rtol=1e-7)


@pytest.mark.parametrize(("n", "variance"), [(3, 0.5), (64, 4.0), (500, 0.01), (1000, 64.0)])
def test_samples(n, variance):
    """Within 4 standard errors of what seeded samples give."""
    rng = np.random.default_rng(20261130)
    rows = max(4000, 200_000 // n)
    found = softmax_statistics(n, variance)
    for field, values in sampled(rng.normal(size=(rows, n)) * math.sqrt(variance)).items():
        error = values.std() / math.sqrt(rows)
        assert abs(getattr(found, field) - values.mean()) < 4 * error, field


def test_limits():
    """Equal scores have ln n and 1 / n; of scores far apart the largest has everything."""
    even = softmax_statistics(100, 0.0)
    assert (even.entropy, even.largest, even.jacobian) == (math.log(100), 0.01, 1.0)
    assert even.relative_entropy == 1.0
    near = softmax_statistics(100, 1e-10)
    assert_allclose([near.entropy, near.largest], [math.log(100), 0.01], rtol=1e-4)
    far = softmax_statistics(5, 1e4)
    assert far.largest > 0.97
    assert far.relative_entropy < 0.03


def test_many_scores_are_as_their_means():
    """As n grows, S is n e^(v/2), and n sum p^2 is E[e^2z] / E[e^z]^2 = e^v."""
    found = softmax_statistics(10**9, 1.0)
    assert_allclose(found.log_sum_exp, math.log(1e9) + 0.5, rtol=1e-8)
    assert_allclose(found.concentration * 1e9, math.e, rtol=1e-6)
    assert_allclose(found.jacobian, math.e, rtol=1e-6)


def test_random_attention_layer():
    """Queries and keys of 64 standard normal entries, with the division by sqrt(64) and without."""
    rng = np.random.default_rng(7)
    length, dimension, heads = 256, 64, 40
    q, k = rng.normal(size=(2, heads, length, dimension))
    for scaled in (True, False):
        scores = q @ k.swapaxes(-1, -2) / (math.sqrt(dimension) if scaled else 1.0)
        found = attention_statistics(length, dimension, scaled)
        assert_allclose(scores.var(), found.variance, rtol=0.02)
        for field, values in sampled(scores).items():
            # The rows of a head share its keys: one mean a head is one sample.
            means = values.mean(axis=-1)
            error = means.std(ddof=1) / math.sqrt(heads)
            assert abs(getattr(found, field) - means.mean()) < 4.5 * error, (scaled, field)


def test_what_the_division_does():
    """Without it attention collapses as dimensions grow; with it nothing depends on them much."""
    plain = [attention_statistics(128, d, scaled=False) for d in (4, 64, 1024)]
    scaled = [attention_statistics(128, d) for d in (4, 64, 1024)]
    assert plain[0].relative_entropy > 0.5 > 0.3 > plain[1].relative_entropy
    assert plain[2].largest > 0.85
    assert all(each.relative_entropy > 0.85 for each in scaled)
    assert_allclose(scaled[2].entropy, softmax_statistics(128, 1.0).entropy, rtol=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: softmax_statistics(1, 1.0), ValueError, "n must be from 2 to 10^9, got 1"),
        (lambda: softmax_statistics(2.0, 1.0), TypeError, "n must be a whole number, got 2.0"),
        (lambda: softmax_statistics(2, -1), ValueError, "variance must be from 0 to 10000, got -1"),
        (lambda: softmax_statistics(2, "a"), TypeError, "variance must be a real number, got 'a'"),
        (lambda: attention_statistics(2, 0), ValueError, "dimension must be at least 1, got 0"),
    ],
)
def test_errors(call, error, sentence):
    with pytest.raises(error, match="^" + sentence.replace("^", r"\^") + "$"):
        call()
