"""A monitor's numbers in the files of other tools, written by those tools themselves, offline."""

import csv
import json
import math
import os
import subprocess
import sys

import pytest

from nonlin.torch import CSVLogger, MLflowLogger, WandbLogger

TRAINING = """
import json, sys
import torch
from torch import nn
from nonlin.torch import CSVLogger, MLflowLogger, Monitor, WandbLogger

torch.set_num_threads(1)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act, self.layers = nn.Tanh(), nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
    def forward(self, x):
        for layer in self.layers:
            x = self.act(layer(x))
        return x

def watched(logger, every_step=lambda step: None):
    torch.manual_seed(0)
    net, x, y = Net(), torch.randn(32, 4), torch.randn(32, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    told = {}
    monitor = Monitor(net, (x, y), nn.functional.mse_loss, optimizer, every=5, quiet=True,
                      loggers=[logger, lambda step, values: told.update({step: dict(values)})])
    for step in range(1, 11):
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
        monitor.step()
        every_step(step)
    return told
"""

# A file of Weights & Biases: blocks of 32 KiB, in them records of a checksum, a length and a type.
WANDB = """
import struct, warnings
import wandb
from wandb.proto import wandb_internal_pb2 as proto
from pathlib import Path

def records(content):
    at, whole = 7, b""
    while at + 7 <= len(content):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        whole += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield whole
            whole = b""

def rows(folder):
    (file,) = Path(folder).glob("wandb/offline-run-*/*.wandb")
    for each in records(file.read_bytes()):
        record = proto.Record.FromString(each)
        if record.HasField("history"):
            yield {x.key or "/".join(x.nested_key): json.loads(x.value_json)
                   for x in record.history.item}

own, folder = json.loads(sys.argv[1]), sys.argv[2]
run = wandb.init(project="mine") if own else None
logger = WandbLogger(run)
assert logger.run is (run or wandb.run)
# The training logs steps of its own, at others than the monitor.
told = watched(logger, lambda step: logger.run.log({"own": step}, step=3 * step))
logger.run.finish()
wandb.teardown()
print(json.dumps([told, list(rows(folder))]))
"""

MLFLOW = """
import mlflow
from mlflow import MlflowClient

how = json.loads(sys.argv[1])
run = None if how == "none" else MlflowClient().create_run("0").info.run_id
logger = MLflowLogger(run)
assert (mlflow.active_run() is None) == (how == "id")
told = watched(logger)
client = MlflowClient()
names = client.get_run(logger.run_id).data.metrics
print(json.dumps([told, {name: [(x.step, x.value) for x in
                  client.get_metric_history(logger.run_id, name)] for name in names}]))
"""

ENVIRONMENT = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Its store of files takes no data base.
    "MLFLOW_ALLOW_FILE_STORE": "true",
}


def ran(script, folder, argument):
    places = {"WANDB_DIR": str(folder), "MLFLOW_TRACKING_URI": folder.joinpath("runs").as_uri()}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRAINING + script, json.dumps(argument), str(folder)],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | ENVIRONMENT | places,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told, written = json.loads(done.stdout.splitlines()[-1])
    assert {int(step) for step in told} == {0, 5, 10}
    return {int(step): values for step, values in told.items()}, written


@pytest.mark.parametrize("own", [True, False])
def test_wandb(tmp_path, own):
    told, rows = ran(WANDB, tmp_path, own)
    found = {row["nonlin/step"]: row for row in rows if "nonlin/step" in row}
    assert set(found) == {0, 5, 10}
    for step, values in told.items():
        for name, value in values.items():
            assert found[step][f"nonlin/{name}"] == pytest.approx(value, rel=1e-12)
    # Nothing of the training's own is lost.
    assert [row["own"] for row in rows if "own" in row] == list(range(1, 11))


@pytest.mark.parametrize("how", ["none", "id"])
def test_mlflow(tmp_path, how):
    told, written = ran(MLFLOW, tmp_path, how)
    assert {"act", "act#2", "act#3"} <= {name.partition("/")[0] for name in told[0]}
    assert set(written) == {f"nonlin/{name.replace('#', '_')}" for name in told[0]}
    for name, value in told[0].items():
        history = dict(map(tuple, written[f"nonlin/{name.replace('#', '_')}"]))
        assert history == {step: pytest.approx(told[step][name], rel=1e-12) for step in told}
        assert history[0] == pytest.approx(value, rel=1e-12)


def test_csv(tmp_path):
    file = tmp_path / "run.csv"
    CSVLogger(file)(0, {"loss": 0.1, 'a "b", c/dead': 1.0})
    # Another one goes on with it, as after a restart.
    CSVLogger(str(file))(5, {"loss": math.nan})
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert rows == [
        ["step", "name", "value"],
        ["0", "loss", "0.1"],
        ["0", 'a "b", c/dead', "1.0"],
        ["5", "loss", "nan"],
    ]


@pytest.mark.parametrize(("logger", "package"), [(WandbLogger, "wandb"), (MLflowLogger, "mlflow")])
def test_a_missing_package_is_named(monkeypatch, logger, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"needs the package '{package}'; install it with: pip"):
        logger()
