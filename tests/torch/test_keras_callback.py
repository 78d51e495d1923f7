"""A monitor while Keras trains on PyTorch; on another backend a sentence."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

keras = pytest.importorskip("keras")

from nonlin.torch.keras import MonitorCallback  # noqa: E402
from nonlin.torch.runs import load  # noqa: E402

DATA = np.random.default_rng(0)
X = DATA.normal(size=(64, 6)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def network(dropout=0.2):
    """With dropout that draws from a state of its own, and a normalisation that remembers."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1),
        ]
    )
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    return model


def fit(model, *callbacks, epochs=2):
    return model.fit(
        X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0, callbacks=list(callbacks)
    )


def test_readings_follow_the_optimizers_steps(tmp_path):
    told = []
    watch = MonitorCallback(
        (X, Y), every=5, log=tmp_path / "run.jsonl", loggers=[lambda *each: told.append(each)]
    )
    model = network()
    fit(model, watch)
    # Sixty-four samples in batches of eight, twice.
    assert int(model.optimizer.iterations) == 16
    run = load(tmp_path / "run.jsonl")
    assert [each.step for each in run.snapshots] == [0, 5, 10, 15]
    assert [step for step, _ in told] == [0, 5, 10, 15]
    assert [(x["activation"], x["units"]) for x in run.structure.sites] == [("nl.relu", 16)]
    assert run.last.loss < run.snapshots[0].loss


def test_the_loss_is_that_of_the_model_in_training():
    watch = MonitorCallback((X, Y), every=100)
    fit(network(dropout=0.0), watch, epochs=1)
    fresh = network(dropout=0.0)
    with torch.no_grad():
        logits = fresh(torch.tensor(X), training=True)
        expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(Y))
    # In training the normalisation divides by the batch's deviations, not by those of the past.
    assert watch.monitor.run.snapshots[0].loss == pytest.approx(float(expected), rel=1e-5)


def test_the_training_is_bit_for_bit_the_same():
    alone, watched = network(), network()
    keras.utils.set_random_seed(1)
    one = fit(alone).history["loss"]
    keras.utils.set_random_seed(1)
    other = fit(watched, MonitorCallback((X, Y), every=3)).history["loss"]
    assert one == other
    for mine, theirs in zip(alone.variables, watched.variables, strict=True):
        assert torch.equal(mine.value.detach(), theirs.value.detach())


def test_accumulated_gradients_are_one_step():
    model = network()
    model.compile(optimizer=keras.optimizers.SGD(0.01, gradient_accumulation_steps=4), loss="mse")
    watch = MonitorCallback((X, Y), every=2)
    fit(model, watch)
    assert [each.step for each in watch.monitor.run.snapshots] == [0, 2, 4]


def test_an_error_ends_the_training():
    watch = MonitorCallback((X, Y), every=4, stop_on="error", quiet=True)
    model = network()
    # No input reaches a bias of -100: twelve of sixteen units are dead.
    model.layers[0].bias.assign([-100.0] * 12 + [0.0] * 4)
    fit(model, watch, epochs=5)
    assert "dead_units" in {each.kind for each in watch.monitor.findings}
    assert int(model.optimizer.iterations) == 4


def test_a_loss_of_ones_own_and_several_that_are_refused():
    watch = MonitorCallback((X, Y), lambda outputs, targets: (outputs - targets).abs().mean())
    model = network()
    fit(model, watch, epochs=1)
    assert watch.monitor.run.last.loss > 0
    model.compile(optimizer="sgd", loss=["mse"])
    with pytest.raises(ValueError, match="compiled with one loss, or loss_fn"):
        fit(model, MonitorCallback((X, Y)))


def test_another_backend_is_refused_in_a_sentence():
    done = subprocess.run(
        [sys.executable, "-c", "import nonlin.torch.keras"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"KERAS_BACKEND": "jax"},
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: nonlin.torch.keras needs Keras on PyTorch")
    assert "runs on jax here" in last
    assert "KERAS_BACKEND to torch" in last
