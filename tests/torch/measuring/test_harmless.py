"""A training with readings in it is the same training, bit for bit."""

import copy
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import examine, measure


def mlp():
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(2, 6, 3),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Dropout2d(0.3),
        nn.Conv2d(6, 4, 3),
        nn.BatchNorm2d(4, momentum=None),
        nn.RReLU(),
        nn.Flatten(),
        nn.Linear(16, 3),
    )


def transformer():
    layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.2, activation="gelu", batch_first=True)
    return nn.Sequential(
        nn.Embedding(5, 8, max_norm=0.5),
        nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
        nn.Flatten(),
        nn.Linear(32, 3),
    )


def recurrent():
    class Last(nn.Module):
        def forward(self, x):
            return x[0][:, -1]

    return nn.Sequential(nn.LSTM(6, 8, 2, batch_first=True, dropout=0.2), Last(), nn.Linear(8, 3))


SHAPES = {mlp: (8, 6), convolutional: (8, 2, 6, 6), transformer: (8, 4), recurrent: (8, 5, 6)}
OPTIMIZERS = [
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True),
]


def inputs(build, step):
    rng = torch.Generator().manual_seed(step)
    if build is transformer:
        return torch.randint(5, SHAPES[build], generator=rng), torch.randint(3, (8,), generator=rng)
    return torch.randn(SHAPES[build], generator=rng), torch.randint(3, (8,), generator=rng)


def trained(build, optimize, look):
    """Train with two gradients accumulated a step; everything that there is afterwards."""
    torch.manual_seed(0)
    net = build()
    optimizer = optimize(net.parameters())
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    for step in range(6):
        look(net, optimizer, step)
        for half in range(2):
            F.cross_entropy(
                net(inputs(build, 2 * step + half)[0]), inputs(build, step)[1]
            ).backward()
            look(net, optimizer, step)
        optimizer.step()
        schedule.step()
        if step % 2:
            optimizer.zero_grad()
    states = [x for state in optimizer.state.values() for x in state.values()]
    grads = [p.grad for p in net.parameters()]
    drawn = [torch.rand(3), torch.tensor(random.random()), torch.tensor(np.random.rand())]  # noqa: NPY002
    return [*net.state_dict().values(), *states, *grads, *drawn]


def reads(net, optimizer, step):
    build = next(b for b, n in SIZES.items() if n == len(list(net.modules())))
    x, y = inputs(build, 100 + step)
    before = x.clone()
    examine(net, x, y, F.cross_entropy, optimizer=optimizer)
    assert torch.equal(x, before)


SIZES = {build: len(list(build().modules())) for build in SHAPES}


@pytest.mark.parametrize("optimize", OPTIMIZERS)
@pytest.mark.parametrize("build", SHAPES)
def test_the_training_is_the_same_with_readings(build, optimize):
    random.seed(1), np.random.seed(1)  # noqa: NPY002
    without = trained(build, optimize, lambda *_: None)
    random.seed(1), np.random.seed(1)  # noqa: NPY002
    read = trained(build, optimize, reads)
    assert len(without) == len(read) > 10
    for one, other in zip(without, read, strict=True):
        assert (one is None and other is None) or torch.equal(one, other)


def test_gradients_modes_and_flags_stay():
    net = convolutional()
    net[1].eval()
    net[0].weight.requires_grad_(False)
    x, y = inputs(convolutional, 0)
    F.cross_entropy(net(x), y).backward()
    before = [(p.grad, None if p.grad is None else p.grad.clone()) for p in net.parameters()]
    modes = [m.training for m in net.modules()]
    state = copy.deepcopy(net.state_dict())
    measure(net, x, y, F.cross_entropy)
    for p, (grad, value) in zip(net.parameters(), before, strict=True):
        assert p.grad is grad
        assert grad is None or torch.equal(grad, value)
    assert [m.training for m in net.modules()] == modes
    assert [p.requires_grad for p in net.parameters()] == [False] + [True] * 9
    assert all(
        torch.equal(a, b) for a, b in zip(state.values(), net.state_dict().values(), strict=True)
    )


def test_no_hook_is_left_and_no_attribute():
    from torch.nn.modules import module as registry

    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.calls, self.seen = nn.Linear(3, 2), 0, []
            self.mean = torch.zeros(3)

        def forward(self, x):
            self.calls += 1
            self.seen.append(x)
            self.last = x
            self.mean.mul_(0.9).add_(x.detach().mean(0))
            self.register_buffer("cache", x)
            return torch.relu(self.layer(x))

    net = Counting()
    names = set(vars(net))
    examine(net, torch.randn(4, 3), torch.randn(4, 2), F.mse_loss)
    assert (net.calls, net.seen, net.mean.tolist(), set(vars(net))) == (0, [], [0.0] * 3, names)
    assert not net._buffers
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in net.modules())
    assert not registry._global_forward_hooks
    assert not registry._global_forward_pre_hooks
    assert not any(p._backward_hooks for p in net.parameters())


def test_a_tensor_outside_the_parameters_keeps_its_gradient():
    scale = torch.ones(2, requires_grad=True)
    scale.grad = torch.tensor([3.0, 4.0])
    layer = nn.Linear(3, 2)
    measure(layer, torch.randn(4, 3), torch.randn(4, 2), lambda o, t: F.mse_loss(scale * o, t))
    assert scale.grad.tolist() == [3.0, 4.0]


def test_an_error_in_the_model_leaves_it_as_it_was():
    net = mlp()
    weight = net[0].weight
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        measure(nn.Sequential(net, nn.Linear(4, 2)), torch.randn(8, 6), torch.ones(8), F.mse_loss)
    state = torch.get_rng_state()
    with pytest.raises(RuntimeError):
        measure(net, torch.ones(8, 5), torch.ones(8), F.mse_loss)
    assert net[0].weight is weight
    assert torch.equal(torch.get_rng_state(), state)
