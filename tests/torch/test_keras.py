"""A Keras model on PyTorch: its own layers, and the gradients that autograd itself gives."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json
import keras
import torch
import torch.nn.functional as F
from nonlin.torch import examine

keras.utils.set_random_seed(0)
torch.set_num_threads(1)

def told(model, x, y):
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    exam = examine(model, x, y, F.mse_loss, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    kept = all(torch.equal(p, before[n]) and p.grad is None for n, p in model.named_parameters())
    F.mse_loss(model(x), y).backward()
    right = {n.rpartition("_torch_params.")[2].removesuffix("/kernel"):
             p.grad.square().mean().sqrt().item()
             for n, p in model.named_parameters() if n.endswith("kernel")}
    return {
        "kept": kept, "right": right,
        "layers": [(x.name, x.weight_gradient_rms) for x in exam.layers],
        "sites": [(x.activation, x.units.count, x.layer) for x in exam.sites],
        "kinds": [x.kind for x in exam.findings if x.severity == "error"],
        "unseen": list(exam.reading.coverage.unseen),
    }

deep = keras.Sequential([keras.Input((8,)),
    *[keras.layers.Dense(16, activation="sigmoid") for _ in range(10)], keras.layers.Dense(3)])
images = keras.Sequential([keras.Input((7, 7, 2)),
    keras.layers.Conv2D(8, 3, padding="same", activation="relu"), keras.layers.BatchNormalization(),
    keras.layers.Flatten(), keras.layers.Dense(3)])
print(json.dumps([told(deep, torch.randn(32, 8), torch.randn(32, 3)),
                  told(images, torch.randn(16, 7, 7, 2), torch.randn(16, 3))]))
"""


def test_layers_sites_and_gradients():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"KERAS_BACKEND": "torch"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    deep, images = json.loads(done.stdout.splitlines()[-1])
    assert len(deep["sites"]) == 10
    assert {(name, units) for name, units, _ in deep["sites"]} == {("nl.sigmoid", 16)}
    assert deep["kinds"] == ["vanishing_gradients"]
    # The channels come last: 8 of them, not 7 rows.
    assert [site[:2] for site in images["sites"]] == [["nl.relu", 8]]
    for told in (deep, images):
        assert told["kept"]
        assert told["unseen"] == []
        assert dict(told["layers"]) == pytest.approx(told["right"], rel=1e-4)
