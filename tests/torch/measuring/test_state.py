"""What a model and its loss hold beside parameters and buffers is afterwards as before."""

import array
import copy
import functools
import gc
import itertools
import random
import threading
import warnings
import weakref
from collections import Counter, OrderedDict, UserDict, defaultdict, deque
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

from nonlin.torch import Monitor, examine, measure

RNG = torch.Generator().manual_seed(0)
X, Y = torch.randn(8, 4, generator=RNG), torch.randn(8, 2, generator=RNG)

# What a model's file may hold beside its classes.
GLOBAL_NOISE = np.random.default_rng(5)
GLOBAL_CALLS = 0
GLOBAL_MEMORY = [torch.zeros(4)]


@dataclass
class Memory:
    mean: torch.Tensor
    seen: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slots:
    values: dict
    tensor: torch.Tensor


class Step:
    """An activation of a class of the user's, which is no module."""

    total = 0

    def __init__(self):
        self.calls, self.rng = 0, random.Random(3)

    def __call__(self, x):
        self.calls += 1
        Step.total += 1
        return x * (1 + 0.1 * self.rng.random())


class Circle:
    def __init__(self):
        self.me, self.values = self, [0]


class Holding(nn.Module):
    """All at once: every forward reads from and writes into each of what it holds."""

    shared = [0.0]  # noqa: RUF012

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.head = nn.Linear(4, 4), nn.Linear(4, 2)
        self.generator = torch.Generator().manual_seed(1)
        self.numpy = np.random.default_rng(2)
        self.legacy = np.random.RandomState(2)
        self.python = random.Random(4)
        self.bits = {"generator": [np.random.Generator(np.random.PCG64(9))]}
        self.tensors = [torch.zeros(4), (torch.zeros(4),)]
        self.named = {"a": {"b": torch.zeros(4)}, 3: deque([torch.zeros(4)], maxlen=2)}
        self.memory = Memory(torch.zeros(4))
        self.slots = Slots({}, torch.zeros(4))
        self.array, self.objects = np.zeros(4), np.array([[0], {}], dtype=object)
        self.raw, self.codes = bytearray(b"\0"), array.array("d", [0.0])
        self.counts, self.groups = Counter(), defaultdict(list)
        self.order, self.user = OrderedDict(a=1, b=2), UserDict(n=0)
        self.distinct, self.circle, self.step = {0}, Circle(), Step()
        self.calls = 0
        self.ema = [copy.deepcopy(self.layer)]
        self.window = torch.zeros(1, 4).expand(3, 4)
        self.register_buffer("running", torch.zeros(4))
        self.alias = {"buffer": self.running, "weight": [self.layer.weight]}
        count = 0

        def scaled(x):
            nonlocal count
            count += 1
            return x * (1 + 0.01 * count)

        self.scaled = functools.partial(scaled)
        self.undetached, self.log = torch.zeros(4), []
        self.push = self.log.append

    def forward(self, x):
        global GLOBAL_CALLS
        h = self.layer(x)
        mean = h.detach().mean(0)
        GLOBAL_CALLS += 1
        GLOBAL_MEMORY[0].add_(mean)
        self.shared[0] += float(mean[0])
        noise = torch.randn(4, generator=self.generator)
        for rng in (self.numpy, self.legacy, GLOBAL_NOISE, self.bits["generator"][0]):
            noise = noise + torch.from_numpy(rng.standard_normal(4)).float()
        noise = noise * self.python.random()
        self.calls += 1
        self.tensors[0].mul_(0.9).add_(mean)
        self.tensors[1][0].data.add_(mean)
        self.named["a"]["b"] += mean
        self.named[3].append(mean)
        self.named["new"] = mean
        self.memory.mean.lerp_(mean, 0.1)
        self.memory.seen.append(mean)
        self.slots.values["n"] = self.slots.values.get("n", 0) + 1
        self.slots.tensor.add_(mean)
        self.array += mean.numpy()
        self.objects[0][0] += 1
        self.objects[1]["n"] = self.calls
        self.push(self.calls)
        self.raw[0] += 1
        self.codes[0] += 1.0
        self.counts["forward"] += 1
        self.groups[self.calls].append(mean)
        self.order.move_to_end("a")
        self.user["n"] += 1
        self.distinct.add(self.calls)
        self.circle.values[0] += 1
        self.running.lerp_(mean, 0.1)
        self.alias["buffer"].add_(0.01)
        with torch.no_grad():
            for p, q in zip(self.ema[0].parameters(), self.layer.parameters(), strict=True):
                p.data.mul_(0.9).add_(q.data, alpha=0.1)
            self.alias["weight"][0].add_(0.01 * noise)
        self.undetached.mul_(0.5).add_(h.mean(0))
        self.undetached = self.undetached.detach()
        state = [
            *self.tensors[:1], self.tensors[1][0], self.named["a"]["b"], *self.named[3],
            self.memory.mean, *self.memory.seen, self.slots.tensor, self.running, self.window[0],
            torch.from_numpy(self.array).float(), *GLOBAL_MEMORY, *self.ema[0].weight,
            self.undetached,
        ]  # fmt: skip
        numbers = [
            GLOBAL_CALLS, self.calls, self.shared[0], self.slots.values["n"], self.objects[0][0],
            self.raw[0], self.codes[0], len(self.log), self.counts["forward"], len(self.groups),
            self.user["n"], len(self.distinct), self.circle.values[0], list(self.order).index("a"),
        ]  # fmt: skip
        h = h + noise + 0.1 * sum(state) + 0.01 * sum(numbers)
        return self.head(self.step(torch.tanh(self.scaled(h))))


class Loss(nn.Module):
    """A loss with a memory, in a buffer and beside it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.ones(()))
        self.history, self.rng = [], np.random.default_rng(0)

    def forward(self, outputs, targets):
        value = F.mse_loss(outputs, targets)
        self.scale.mul_(0.9).add_(0.1 * value.detach())
        self.history.append(value.item())
        return value / self.scale * (1 + 0.01 * len(self.history) + self.rng.random())


def closure():
    history, mean = [], torch.zeros(())

    def loss(outputs, targets):
        value = F.mse_loss(outputs, targets)
        history.append(1)
        mean.add_(value.detach())
        return value * len(history) / mean

    return loss


def train(build, loss, look, steps=4):
    """Train; the parameters, the buffers and the losses that came."""
    global GLOBAL_CALLS
    GLOBAL_NOISE.bit_generator.state = np.random.default_rng(5).bit_generator.state
    GLOBAL_CALLS, Step.total, Holding.shared[0] = 0, 0, 0.0
    GLOBAL_MEMORY[0].zero_()
    torch.manual_seed(0)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    seen = []
    look = look(model, loss, optimizer)
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(model(X), Y)
        value.backward()
        seen.append(value.detach())
        optimizer.step()
        look()
    return [*(p.detach().clone() for p in model.state_dict().values()), *seen]


def nothing(model, loss, optimizer):
    return lambda: None


def examining(model, loss, optimizer):
    return lambda: examine(model, X, Y, loss, optimizer=optimizer)


def monitored(model, loss, optimizer):
    return Monitor(model, (X, Y), loss, optimizer, every=1).step


@pytest.mark.parametrize("look", [examining, monitored])
@pytest.mark.parametrize(
    "loss", [lambda: F.mse_loss, Loss, closure], ids=["plain", "module", "closure"]
)
def test_a_training_is_the_same_whatever_its_model_holds(loss, look):
    without = train(Holding, loss(), nothing)
    read = train(Holding, loss(), look)
    assert all(torch.equal(a, b) for a, b in zip(without, read, strict=True))
    assert not torch.equal(without[0], train(Holding, loss(), nothing, 5)[0])


def test_objects_stay_the_same_ones():
    model = Holding()
    held = [model.tensors[0], model.memory, model.memory.mean, model.named[3][0], model.array]
    model(X)
    model.tensors[0].data_ptr()
    names = list(vars(model))
    where = [x.data_ptr() for x in (model.tensors[0], model.memory.mean)]
    measure(model, X, Y, F.mse_loss)
    assert held[0] is model.tensors[0]
    assert held[1] is model.memory
    assert held[2] is model.memory.mean
    assert held[4] is model.array
    assert where == [x.data_ptr() for x in (model.tensors[0], model.memory.mean)]
    assert list(vars(model)) == names
    assert model.undetached.grad_fn is None


def test_it_is_put_back_when_the_model_fails():
    class Failing(Holding):
        def forward(self, x):
            super().forward(x)
            raise RuntimeError("late")

    model = Failing()
    state = model.generator.get_state()
    with pytest.raises(RuntimeError, match="late"):
        measure(model, X, Y, F.mse_loss)
    assert torch.equal(model.generator.get_state(), state)
    assert model.calls == 0
    assert model.tensors[0].tolist() == [0.0] * 4


def test_a_graph_that_waits_for_its_way_back_is_not_disturbed():
    class Remembering(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.memory = nn.Linear(4, 2), [torch.ones(2)]

        def forward(self, x):
            self.memory[0].mul_(0.5)
            return torch.tanh(self.layer(x)) * self.memory[0]

    model = Remembering()
    loss = F.mse_loss(model(X), Y)
    measure(model, X, Y, F.mse_loss)
    loss.backward()
    expected = Remembering()
    expected.layer.load_state_dict(model.layer.state_dict())
    F.mse_loss(expected(X), Y).backward()
    assert torch.equal(model.layer.weight.grad, expected.layer.weight.grad)


def test_a_state_that_still_leads_back_to_the_last_step():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.state = nn.Linear(6, 2), torch.zeros(8, 2)

        def forward(self, x):
            self.state = torch.tanh(self.layer(torch.cat([x, self.state], 1)))
            return self.state

    def gradient(look):
        torch.manual_seed(0)
        model = Recurrent()
        loss = F.mse_loss(model(X), Y)
        look(model)
        (loss + F.mse_loss(model(X), Y)).backward()
        look(model)
        return model.layer.weight.grad

    read = gradient(lambda model: measure(model, X, Y, F.mse_loss))
    assert torch.equal(read, gradient(lambda model: None))


def test_a_cache_of_keys_and_values():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers import DynamicCache

    class Cached(nn.Module):
        def __init__(self):
            super().__init__()
            self.keys, self.values, self.cache = nn.Linear(4, 4), nn.Linear(4, 4), DynamicCache()
            self.head = nn.Linear(4, 2)

        def forward(self, x, cache=None):
            k, v = (f(x)[None, None] for f in (self.keys, self.values))
            k, v = (self.cache if cache is None else cache).update(k, v, 0)
            return self.head(torch.tanh(F.scaled_dot_product_attention(k, k, v)[0, 0, -len(x) :]))

    model = Cached()
    model(X)
    given = DynamicCache()
    given.update(torch.ones(1, 1, 3, 4), torch.ones(1, 1, 3, 4), 0)
    for cache in (model.cache, given):
        before = cache.layers[0].keys
        values = before.clone()
        measure(model, {"x": X, "cache": cache}, Y, F.mse_loss)
        measure(model, X, Y, F.mse_loss)
        assert cache.layers[0].keys is before
        assert torch.equal(before, values)
    assert model.cache.get_seq_length() == 8


def test_masks_and_vectors_that_are_kept():
    class Locked(nn.Module):
        """Draws a mask once, as variational dropout does, and again every third time."""

        def __init__(self):
            super().__init__()
            self.layer = nn.utils.spectral_norm(nn.Linear(4, 2))
            self.norm, self.mask, self.age = nn.BatchNorm1d(4, momentum=None), None, 0

        def forward(self, x):
            if self.mask is None or self.age % 3 == 0:
                self.mask = torch.bernoulli(torch.full((4,), 0.5))
            self.age += 1
            return torch.tanh(self.layer(self.norm(x) * self.mask))

    without = train(Locked, F.mse_loss, nothing, 7)
    assert all(
        torch.equal(a, b)
        for a, b in zip(without, train(Locked, F.mse_loss, monitored, 7), strict=True)
    )


def test_what_a_hook_draws_is_drawn_again_and_what_it_collects_stays():
    model, collected = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)), []
    rng, mean = torch.Generator().manual_seed(3), torch.zeros(4)

    def noisy(module, args, result):
        collected.append(result.detach())
        mean.add_(result.detach().mean(0))
        return result + torch.randn(4, generator=rng)

    model[1].register_forward_hook(noisy)
    measure(model, X, Y, F.mse_loss)
    assert torch.equal(rng.get_state(), torch.Generator().manual_seed(3).get_state())
    assert mean.tolist() == [0.0] * 4
    assert len(collected) == 1


class Noisy(Dataset):
    def __init__(self):
        self.rng, self.taken, self.cache = np.random.default_rng(0), 0, {}

    def __len__(self):
        return 8

    def __getitem__(self, place):
        self.taken += 1
        self.cache[place] = X[place]
        return X[place] + float(self.rng.random()), Y[place]


class Stream(IterableDataset):
    def __init__(self):
        self.rng = random.Random(0)

    def __iter__(self):
        for x, y in zip(X, Y, strict=True):
            yield x + self.rng.random(), y


def sampled():
    sampler = torch.utils.data.RandomSampler(range(8), generator=torch.Generator().manual_seed(2))
    return DataLoader(Noisy(), 4, sampler=sampler)


@pytest.mark.parametrize(
    "loader",
    [
        lambda: DataLoader(Noisy(), 4, shuffle=True, generator=torch.Generator().manual_seed(1)),
        lambda: DataLoader(Noisy(), 4, shuffle=True),
        lambda: DataLoader(Stream(), 4),
        sampled,
    ],
)
def test_what_a_loader_draws(loader):
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
    one, other = loader(), loader()
    torch.manual_seed(1)
    measure(model, one, None, F.mse_loss)
    first = [x for x, _ in one]
    torch.manual_seed(1)
    assert all(torch.equal(a, b) for a, b in zip(first, [x for x, _ in other], strict=True))
    if isinstance(one.dataset, Noisy):
        assert one.dataset.taken == 8


# JAX, where another test has imported it, warns of every fork.
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
def test_workers_that_are_in_the_middle_of_an_epoch():
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
    loader = DataLoader(
        torch.utils.data.TensorDataset(X, Y), 2, num_workers=1, persistent_workers=True
    )
    epoch = iter(loader)
    first = next(epoch)[0]
    assert measure(model, loader, None, F.mse_loss).samples == 8
    assert torch.equal(torch.cat([first, *(x for x, _ in epoch)]), X)


def test_what_cannot_be_kept_is_named_before_anything_runs(tmp_path):
    class Writing(nn.Module):
        def __init__(self, file):
            super().__init__()
            self.layer, self.ran = nn.Linear(4, 2), False
            self.tools = {"log": file, "numbers": itertools.count(), "lock": threading.Lock()}

        def forward(self, x):
            raise AssertionError

    with (tmp_path / "log").open("w") as file:
        model = Writing(file)
        with (
            pytest.warns(UserWarning, match="after a reading") as told,
            pytest.raises(AssertionError),
        ):
            measure(model, X, Y, F.mse_loss)
    said = str(told[0].message)
    assert "model.tools['log'] (_io.TextIOWrapper)" in said
    assert "model.tools['numbers'] (itertools.count)" in said
    assert "lock" not in said


@pytest.mark.parametrize(("lang", "word"), [("en", "Cannot be put back"), ("ko", "되돌릴 수 없는")])
def test_the_exam_names_what_was_not_kept(lang, word):
    from nonlin.report.examined.notebook import html
    from nonlin.torch.exam_text import plain_text

    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.numbers, self.lock = (
                nn.Linear(4, 2),
                itertools.count(),
                threading.Lock(),
            )

        def forward(self, x):
            with self.lock:
                return torch.tanh(self.layer(x)) + next(self.numbers)

    with pytest.warns(UserWarning, match=r"model\.numbers"):
        exam = examine(Counting(), X, Y, F.mse_loss)
    assert exam.reading.notes[0].key == "unkept"
    for said in (plain_text(exam, lang), html(exam, lang)):
        assert word in said
        assert "model.numbers (itertools.count)" in " ".join(said.split())
        assert "model.lock (_thread.lock)" in said
    again = type(exam).from_json(exam.to_json())
    assert again.reading.notes == exam.reading.notes


def test_a_lock_alone_is_no_warning():
    model = nn.Sequential(nn.Linear(4, 2), nn.Tanh())
    model.lock = threading.Lock()
    assert [x.key for x in measure(model, X, Y, F.mse_loss).notes] == ["unkept"]
    del model.lock
    assert measure(model, X, Y, F.mse_loss).notes == ()


def test_nothing_of_the_users_lives_longer():
    def looked_at():
        held = torch.zeros(4)

        class Local(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(4, 2)

            def forward(self, x):
                return torch.tanh(self.layer(x)) + held.sum()

        measure(Local(), X, Y, F.mse_loss)
        return weakref.ref(held), weakref.ref(Local)

    references = looked_at()
    gc.collect()
    assert [x() for x in references] == [None, None]


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(collects):
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        measure(model, torch.ones(4, 3), torch.zeros(4, 2), nn.functional.mse_loss)
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()
