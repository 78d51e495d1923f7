"""A monitor in two processes that train one model."""

import json
from pathlib import Path

import torch
from torch import distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel
from worker_processes import leave

from nonlin.torch.monitor import Monitor
from nonlin.torch.runs import load


def _train(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{folder}/meeting"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    torch.manual_seed(0)
    model = DistributedDataParallel(
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    )  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    torch.manual_seed(rank)
    x, y = torch.randn(16, 4), torch.randn(16, 1)
    # Each process looks for the log where only the first one has it, as without a shared disk.
    log = Path(folder, str(rank), "run.jsonl")
    told = []
    for _ in range(2):
        monitor = Monitor(model, (x, y), nn.functional.mse_loss, optimizer, every=2, log=log)
        for _ in range(4):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            monitor.step()
        told.append([(each.step, each.loss) for each in monitor.run.snapshots])
    Path(folder, f"{rank}.json").write_text(json.dumps(told), encoding="utf-8")
    leave()


def test_the_first_process_writes_and_all_know_the_same(tmp_path):
    for rank in range(2):
        (tmp_path / str(rank)).mkdir()
    multiprocessing.spawn(_train, (str(tmp_path),), nprocs=2)
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2))
    assert first == second
    assert [[step for step, _ in each] for each in first] == [[0, 2, 4], [0, 2, 4, 6, 8]]
    found = load(tmp_path / "0" / "run.jsonl")
    assert [each.step for each in found.snapshots] == [0, 2, 4, 6, 8]
    assert not (tmp_path / "1" / "run.jsonl").exists()
