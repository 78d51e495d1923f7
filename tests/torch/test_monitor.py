import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from nonlin.torch.monitor import Monitor
from nonlin.torch.runs import load

DATA = torch.Generator().manual_seed(1)
INPUTS, TARGETS = torch.randn(96, 6, generator=DATA), torch.randint(3, (96,), generator=DATA)


def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(6, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(16, 16),
        nn.ReLU(inplace=True),
        nn.Linear(16, 3),
    )


def train(network, steps, monitor=None, **settings):
    """Train with everything that a monitor could disturb: dropout, BatchNorm, random batches."""
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    watched = None
    if monitor:
        probe = (INPUTS[:32], TARGETS[:32])
        watched = Monitor(network, probe, nn.functional.cross_entropy, optimizer, **settings)
    losses = []
    for _ in range(steps):
        rows = torch.randint(96, (16,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(INPUTS[rows]), TARGETS[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().clone())
        if watched:
            watched.step()
    return losses, network.state_dict(), torch.get_rng_state(), watched


def test_a_training_is_bit_for_bit_the_same_with_a_monitor(tmp_path):
    alone = train(model(), 40)
    watched = train(model(), 40, monitor=True, every=3, log=tmp_path / "run.jsonl")
    assert torch.equal(torch.stack(alone[0]), torch.stack(watched[0]))
    assert all(torch.equal(x, watched[1][name]) for name, x in alone[1].items())
    assert torch.equal(alone[2], watched[2])


def test_readings_are_taken_every_so_many_steps_and_logged(tmp_path):
    *_, monitor = train(model(), 25, monitor=True, every=10, log=tmp_path / "run.jsonl")
    assert [each.step for each in monitor.run.snapshots] == [0, 10, 20]
    found = load(tmp_path / "run.jsonl")
    assert [each.step for each in found.snapshots] == [0, 10, 20]
    assert found.header["settings"] == {"every": 10}
    assert [site["name"] for site in found.structure.sites] == ["2", "5"]
    assert [site["units"] for site in found.structure.sites] == [16, 16]


class Forbidden(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        raise AssertionError(f"{function} was called")


def test_nothing_is_computed_between_readings():
    *_, monitor = train(model(), 1, monitor=True, every=10**9)
    with Forbidden():
        for _ in range(1000):
            monitor.step()


def test_a_log_is_gone_on_with(tmp_path):
    path = tmp_path / "run.jsonl"
    train(model(), 20, monitor=True, every=10, log=path)
    *_, monitor = train(model(), 20, monitor=True, every=10, log=path)
    assert [each.step for each in monitor.run.snapshots] == [0, 10, 20, 30, 40]
    *_, monitor = train(model(), 10, monitor=True, every=10, log=path, start=20)
    assert [each.step for each in load(path).snapshots] == [0, 10, 20, 30]


def dying(network):
    """Push the biases of the first layer of ReLU units so far down that none is ever active."""
    with torch.no_grad():
        network[4].bias -= 100.0


def test_a_finding_is_told_when_it_begins(tmp_path):
    told = []
    network = model()
    monitor = Monitor(
        network,
        (INPUTS, TARGETS),
        nn.functional.cross_entropy,
        every=10,
        on_finding=lambda finding, step: told.append((finding.kind, finding.site, step)),
    )
    assert told == []
    for step in range(1, 41):
        if step == 15:
            dying(network)
        monitor.step()
    assert told[0] == ("dead_units", "5", 20)
    assert len(told) == len(set(told))
    trouble = next(each for each in monitor.troubles if each.finding.kind == "dead_units")
    assert (trouble.began, trouble.seen, trouble.ended, trouble.worst) == (20, 40, None, "error")
    assert len(trouble.finding.units) == 16
    assert monitor.has("error")
    assert not monitor.has(None)


def test_a_run_can_stop_itself():
    class StopError(Exception):
        pass

    def stop(finding, step):
        raise StopError(finding.kind)

    network = model()
    dying(network)
    with pytest.raises(StopError, match="dead_units"):
        Monitor(network, (INPUTS, TARGETS), nn.functional.cross_entropy, on_finding=stop)


def test_a_plain_callable_gets_the_numbers():
    told = []
    *_, monitor = train(
        model(), 10, monitor=True, every=5, loggers=[lambda *each: told.append(each)]
    )
    assert [step for step, _ in told] == [0, 5, 10]
    _, values = told[-1]
    last = monitor.run.last
    assert values["loss"] == last.loss
    assert values["2/zeros"] == last.sites[0].zeros
    assert values["5/gradient_rms"] == last.sites[1].gradient_rms
    assert values["4/update_ratio"] == last.layers[1].update_ratio
    assert values["findings/errors"] == 0.0
    assert all(type(value) is float for value in values.values())


def test_tensorboard_gets_the_numbers(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from nonlin.torch.loggers import TensorBoardLogger

    logger = TensorBoardLogger(tmp_path)
    *_, monitor = train(model(), 10, monitor=True, every=5, loggers=[logger])
    logger.writer.close()
    events = EventAccumulator(str(tmp_path)).Reload()
    found = events.Scalars("nonlin/5/gradient_rms")
    expected = [each.sites[1].gradient_rms for each in monitor.run.snapshots]
    assert [each.step for each in found] == [0, 5, 10]
    assert [each.value for each in found] == pytest.approx(expected, rel=1e-6)  # kept in float32


def test_a_log_that_cannot_be_written_ends_and_the_training_goes_on(tmp_path):
    path = tmp_path / "folder" / "run.jsonl"
    path.parent.mkdir()
    network = model()
    monitor = Monitor(network, (INPUTS, TARGETS), nn.functional.cross_entropy, every=1, log=path)
    path.unlink()
    path.mkdir()
    with pytest.warns(UserWarning, match="the log ends at step 1"):
        monitor.step()
    monitor.step()
    assert monitor.run.last.step == 2


def test_a_reading_that_fails_does_not_end_the_training():
    def loss(outputs, targets):
        if broken:
            raise RuntimeError("out of memory")
        return nn.functional.cross_entropy(outputs, targets)

    broken = False
    monitor = Monitor(model(), (INPUTS, TARGETS), loss, every=2)
    broken = True
    monitor.step()
    with pytest.warns(UserWarning, match=r"no reading at step 2: RuntimeError\('out of memory'\)"):
        monitor.step()
    with pytest.raises(RuntimeError):
        monitor.read()
    broken = False
    monitor.step()
    monitor.step()
    assert [each.step for each in monitor.run.snapshots] == [0, 4]


def test_every_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        Monitor(model(), (INPUTS, TARGETS), nn.functional.cross_entropy, every=0)


PROGRAM = """
import sys, torch
from torch import nn
from nonlin.torch.monitor import Monitor
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
x, y = torch.randn(16, 4), torch.randn(16, 1)
monitor = Monitor(model, (x, y), nn.functional.mse_loss, every=1, log=sys.argv[1])
print("begun", flush=True)
while True:
    monitor.step()
"""


def test_a_killed_run_leaves_a_log_that_can_be_read_and_gone_on_with(tmp_path):
    path = tmp_path / "run.jsonl"
    counts = []
    for _ in range(2):
        command = [sys.executable, "-c", PROGRAM, str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        begun = path.stat().st_size
        while path.stat().st_size < begun + 4000:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        counts.append(load(path).count)
    assert 0 < counts[0] < counts[1]
    lines = path.read_text().splitlines()
    steps = [line["step"] for line in map(json.loads, lines) if "step" in line]
    assert steps[: counts[1]] == list(range(counts[1]))


def test_inputs_by_name_are_a_probe():
    class Losing(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

        def forward(self, x, labels):
            return {"loss": nn.functional.mse_loss(self.layers(x), labels)}

    probe = {"x": torch.randn(32, 4), "labels": torch.randn(32, 1)}
    monitor = Monitor(Losing(), probe, quiet=True)
    assert [x.step for x in monitor.run.snapshots] == [0]
