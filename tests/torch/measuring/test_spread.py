"""Parameters spread over two processes: the numbers of one process, and nothing changed."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import distributed, multiprocessing, nn
from torch.distributed.device_mesh import init_device_mesh
from worker_processes import leave

from nonlin.torch import examine


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2)
    )  # fmt: skip


def data():
    rng = torch.Generator().manual_seed(5)
    return torch.randn(32, 4, generator=rng), torch.randn(32, 2, generator=rng)


def spread(kind, model):
    mesh = init_device_mesh("cpu", (2,))
    if kind == "tensor parallel":
        from torch.distributed.tensor.parallel import (
            ColwiseParallel,
            RowwiseParallel,
            parallelize_module,
        )

        return parallelize_module(model, mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    from torch.distributed.fsdp import fully_shard

    for module in model:
        if isinstance(module, nn.Linear):
            fully_shard(module, mesh=mesh)
    return fully_shard(model, mesh=mesh)


def own(x):
    return x.to_local() if hasattr(x, "to_local") else x


def state(model, optimizer):
    """Every number of a training: parameters, gradients, moments."""
    parameters = list(model.parameters())
    found = [*parameters, *(p.grad for p in parameters)]
    found += [
        x for p in parameters for x in optimizer.state[p].values() if isinstance(x, torch.Tensor)
    ]
    return [own(x.detach()).clone() for x in found]


def step(model, optimizer, x, y):
    optimizer.zero_grad()
    F.mse_loss(model(x), y).backward()
    optimizer.step()


def numbers(exam):
    return {
        "layers": [
            (x.name, x.weight_gradient_rms, x.update_ratio, x.weight_variance, x.input_length)
            for x in exam.layers
        ],
        "sites": [(x.name, x.gradient_rms, x.length, x.units.active.tolist()) for x in exam.sites],
        "samples": exam.reading.samples,
        "parameters": exam.reading.coverage.parameters,
        "said": str(exam).partition(":")[2],
    }


def work(rank, folder, kind):
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
    )
    model, (x, y) = spread(kind, net()), data()
    if kind != "tensor parallel":
        x, y = x[16 * rank :][:16], y[16 * rank :][:16]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    step(model, optimizer, x, y)
    before = state(model, optimizer)
    exam = examine(model, x, y, F.mse_loss, optimizer=optimizer)
    after = state(model, optimizer)
    same = all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    step(model, optimizer, x, y)
    whole = [p.full_tensor() if hasattr(p, "full_tensor") else p for p in model.parameters()]
    told = numbers(exam) | {"same": same, "then": [x.detach().tolist() for x in whole]}
    Path(folder, f"{rank}.json").write_text(json.dumps(told), encoding="utf-8")
    leave()


@pytest.mark.parametrize("kind", ["fully sharded", "tensor parallel"])
def test_the_numbers_are_those_of_one_process(kind, tmp_path):
    multiprocessing.spawn(work, (str(tmp_path), kind), nprocs=2)
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2))
    model, (x, y) = net(), data()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    step(model, optimizer, x, y)
    expected = numbers(examine(model, x, y, F.mse_loss, optimizer=optimizer))
    step(model, optimizer, x, y)
    for found in (first, second):
        assert found["same"]
        assert (found["samples"], found["parameters"]) == (32, 6)
        assert found["said"].splitlines()[0] == expected["said"].splitlines()[0]
        for key in ("layers", "sites"):
            assert [row[0] for row in found[key]] == [row[0] for row in expected[key]]
            for row, right in zip(found[key], expected[key], strict=True):
                assert row[1:3] == pytest.approx(right[1:3], rel=1e-4)
        assert [row[3] for row in found["sites"]] == [row[3] for row in expected["sites"]]
        for row, right in zip(found["layers"], expected["layers"], strict=True):
            assert row[3:] == pytest.approx(right[3:], rel=1e-5)
        # The training goes on as that of one process.
        for p, then in zip(model.parameters(), found["then"], strict=True):
            assert torch.allclose(p, torch.tensor(then), rtol=1e-4, atol=1e-6)
