"""Compiled models, and models that several processes train."""

import pickle

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from worker_processes import leave

from nonlin.torch import measure


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2)
    )


def data():
    rng = torch.Generator().manual_seed(0)
    return torch.randn(12, 4, generator=rng), torch.randn(12, 2, generator=rng)


def names(reading):
    return [(site.name, site.layer) for site in reading.sites]


def compiled(model):
    return torch.compile(model, backend="eager")


def compiled_in_place(model):
    model.compile(backend="eager")
    return model


def compiled_in_part(model):
    model[3] = torch.compile(model[3], backend="eager")
    model[4] = torch.compile(model[4], backend="eager")
    return model


# The compiler itself asks a tensor inside the graph for its `.grad`.
@pytest.mark.filterwarnings("ignore:The .grad attribute")
@pytest.mark.parametrize("way", [compiled, compiled_in_place, compiled_in_part])
def test_a_compiled_model_is_measured_as_the_model_it_is_of(way):
    x, y = data()
    plain = measure(net(), x, y, F.mse_loss)
    model = way(net())
    before = model(x).detach()
    found = measure(model, x, y, F.mse_loss)
    assert names(found) == names(plain) == [("2", "0"), ("4", "3")]
    assert pickle.dumps(found.sites) == pickle.dumps(plain.sites)
    assert [layer.name for layer in found.layers] == ["0", "3", "5"]
    counted = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    assert torch.equal(model(x).detach(), before)
    # What was compiled stays compiled.
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == counted


def mean_loss(outputs, targets):
    return F.mse_loss(outputs, targets)


def one_rank(rank, path, results):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=2)
    x, y = data()
    model = net().eval()
    model[2] = nn.ReLU()
    ddp = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    half = slice(6 * rank, 6 * rank + 6)
    found = measure(ddp, x[half], y[half], mean_loss, optimizer=optimizer)
    again = [p.grad for p in model.parameters()]
    loss = mean_loss(ddp(x[half]), y[half])
    loss.backward()
    results.put((rank, pickle.dumps(found), again, [p.grad.tolist() for p in model.parameters()]))
    leave()


def test_two_ranks_give_what_one_process_gives(tmp_path):
    context = mp.get_context("spawn")
    results = context.SimpleQueue()
    mp.spawn(one_rank, (str(tmp_path / "rendezvous"), results), nprocs=2)
    found = {rank: rest for rank, *rest in (results.get() for _ in range(2))}
    assert found[0][0] == found[1][0]
    both = pickle.loads(found[0][0])
    x, y = data()
    model = net().eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    one = measure(model, x, y, mean_loss, optimizer=optimizer)
    assert (both.samples, both.environment["ranks"], both.environment["batches"]) == (12, 2, 1)
    assert both.target.value == pytest.approx(one.target.value, rel=1e-6)
    assert both.input_deviation == pytest.approx(one.input_deviation, rel=1e-6)
    for a, b in zip(both.sites, one.sites, strict=True):
        assert a.units.active_samples.tolist() == b.units.active_samples.tolist()
        assert a.units.saturated.tolist() == b.units.saturated.tolist()
        assert a.gradient_rms == pytest.approx(b.gradient_rms, rel=1e-5)
        for name in ("mean", "variance", "largest", "smallest", "gradient_square"):
            assert getattr(a.units, name).tolist() == pytest.approx(
                getattr(b.units, name).tolist(), rel=1e-5
            )
    for a, b in zip(both.layers, one.layers, strict=True):
        for name in ("weight_gradient_rms", "update_ratio", "input_length", "weight_variance"):
            assert getattr(a, name) == pytest.approx(getattr(b, name), rel=1e-5)
        assert a.output_gradient_rms == pytest.approx(b.output_gradient_rms, rel=1e-5)
    # The training goes on as if nothing had been: no gradient was left, and both ranks agree.
    assert found[0][1] == [None] * 8
    assert found[0][2] == found[1][2]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Cannot be put back")
@pytest.mark.parametrize(
    "wrap",
    [torch.jit.script, lambda m: torch.jit.trace(m, torch.zeros(2, 4)), torch.fx.symbolic_trace],
)
def test_scripted_and_traced_models_are_measured_as_what_they_were_made_of(wrap):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    x, y = torch.randn(16, 4), torch.randn(16, 2)
    own, wrapped = measure(net, x, y, F.mse_loss), measure(wrap(net), x, y, F.mse_loss)
    assert [site.activation for site in wrapped.sites] == ["nl.relu"]
    assert [layer.name for layer in wrapped.layers] == ["0", "2"]
    assert wrapped.coverage == own.coverage
    assert wrapped.sites[0].gradient_rms == pytest.approx(own.sites[0].gradient_rms, rel=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Cannot be put back")
def test_a_scripted_recurrent_layer_is_refused_in_a_sentence():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.memory, self.out = nn.LSTM(4, 3, batch_first=True), nn.Linear(3, 2)

        def forward(self, x):
            return self.out(self.memory(x)[0][:, -1])

    scripted = torch.jit.script(Net())
    with pytest.raises(ValueError, match=r"'memory' is a scripted LSTM.*give the module that"):
        measure(scripted, torch.randn(8, 5, 4), torch.randn(8, 2), F.mse_loss)
