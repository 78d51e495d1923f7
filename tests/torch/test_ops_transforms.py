"""The operators under PyTorch's transforms, compilers and exporters."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, vjp, vmap
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import nonlin.torch.functional as F  # noqa: N812
from nonlin.torch import nn as ours

pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning"),
]

# One that keeps its input, one with a parameter, one with two slopes, one of them with a parameter.
FUNCTIONS = {
    "gelu": F.gelu,
    "elu": lambda x: F.elu(x, 0.7),
    "relu6": F.relu6,
    "hard_shrink": lambda x: F.hardshrink(x, 0.3),
}
REFERENCES = {
    "gelu": nn.functional.gelu,
    "elu": lambda x: nn.functional.elu(x, 0.7),
    "relu6": nn.functional.relu6,
    "hard_shrink": lambda x: nn.functional.hardshrink(x, 0.3),
}
EACH = pytest.mark.parametrize("name", FUNCTIONS)


def numbers(*shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5), dtype=dtype)


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


@EACH
def test_the_transforms_of_torch_func(name):
    f, reference = FUNCTIONS[name], REFERENCES[name]
    x, v = numbers(6), torch.linspace(-1, 1, 6, dtype=torch.float64)

    def loss(phi):
        return lambda x: (phi(x) * x).sum()

    close(grad(loss(f))(x), grad(loss(reference))(x))
    close(jvp(f, (x,), (v,)), jvp(reference, (x,), (v,)))
    close(vjp(f, x)[1](v), vjp(reference, x)[1](v))
    close(jacfwd(f)(x), jacfwd(reference)(x))
    close(jacrev(f)(x), jacrev(reference)(x))
    close(hessian(loss(f))(x), hessian(loss(reference))(x))
    close(jacrev(jacrev(f))(x), jacrev(jacrev(reference))(x))
    close(jacfwd(jacfwd(f))(x), jacfwd(jacfwd(reference))(x))
    close(vmap(grad(loss(f)))(x[:, None]), vmap(grad(loss(reference)))(x[:, None]))


@EACH
def test_a_third_derivative(name):
    def third(phi):
        return vmap(grad(grad(grad(phi))))

    x = torch.tensor([-1.3, -0.4, 0.6, 2.1], dtype=torch.float64)
    close(third(FUNCTIONS[name])(x), third(REFERENCES[name])(x))


@EACH
@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_vmap_along_each_dimension(name, dim):
    x = numbers(2, 3, 4)
    f = FUNCTIONS[name]
    assert torch.equal(vmap(f, in_dims=dim, out_dims=dim)(x), f(x))


def test_vmap_of_a_gate_with_one_side_that_is_not_mapped():
    gate, value = numbers(5, 3), numbers(3)
    expected = torch.stack([F.swiglu(row, value) for row in gate])
    assert torch.equal(vmap(F.swiglu, (0, None))(gate, value), expected)
    expected = torch.stack([F.swiglu(value, row) for row in gate])
    assert torch.equal(vmap(F.swiglu, (None, 0))(value, gate), expected)
    close(
        vmap(jacrev(F.swiglu, argnums=(0, 1)), (0, None))(gate, value),
        vmap(jacrev(lambda g, v: nn.functional.silu(g) * v, argnums=(0, 1)), (0, None))(
            gate, value
        ),
    )


def test_gradients_a_sample_of_a_whole_model():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(4, 6), ours.GELU(), nn.Linear(6, 6), ours.PReLU(), nn.Linear(6, 1)
    )
    x, weights = torch.randn(5, 4), dict(model.named_parameters())

    def loss(weights, x):
        return functional_call(model, weights, (x[None],)).square().sum()

    found = vmap(grad(loss), (None, 0))(weights, x)
    for k in range(5):
        model.zero_grad()
        model(x[k : k + 1]).square().sum().backward()
        for name, weight in weights.items():
            torch.testing.assert_close(found[name][k], weight.grad, rtol=1e-5, atol=1e-6)


def model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), ours.SiLU(), nn.Linear(8, 8), ours.ReLU(), nn.Linear(8, 2)
    )


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.up, self.down, self.gate = nn.Linear(4, 12), nn.Linear(6, 2), ours.SwiGLU()

    def forward(self, x):
        return self.down(self.gate(self.up(x)))


MODELS = pytest.mark.parametrize("make", [model, Gated])


@MODELS
@pytest.mark.parametrize("dynamic", [False, True])
def test_compilation_of_the_whole_graph_gives_the_same(make, dynamic):
    torch._dynamo.reset()
    net = make()
    compiled = torch.compile(net, fullgraph=True, dynamic=dynamic)
    for size in (5, 9) if dynamic else (5,):
        x = torch.randn(size, 4, generator=torch.Generator().manual_seed(size))
        results = []
        for run in (net, compiled):
            net.zero_grad()
            y = run(x)
            y.square().sum().backward()
            results.append((y.detach(), [p.grad.clone() for p in net.parameters()]))
        torch.testing.assert_close(*results, rtol=1e-5, atol=1e-6)


def test_a_compiled_function_has_the_bits_of_the_kernel():
    torch._dynamo.reset()
    x = numbers(1000, dtype=torch.float32)
    assert torch.equal(torch.compile(F.gelu, fullgraph=True)(x), F.gelu(x))
    compiled = torch.compile(lambda x: grad(lambda x: F.gelu(x).sum())(x), fullgraph=True)
    assert torch.equal(compiled(x), grad(lambda x: F.gelu(x).sum())(x))


def operations(program):
    return [str(node.target) for node in program.graph.nodes if node.op == "call_function"]


def test_a_decomposed_function_is_open_to_a_compiler():
    x = numbers(50)

    def f(x):
        with F.decomposed():
            return F.mish(x)

    with F.decomposed():
        program = torch.export.export(Wrapped(F.mish), (x,))
    assert not any("nonlin" in name for name in operations(program))
    close(program.module()(x), F.mish(x))
    close(f(x), F.mish(x))
    inner = x.clone().requires_grad_()
    outer = x.clone().requires_grad_()
    f(inner).sum().backward()
    F.mish(outer).sum().backward()
    close(inner.grad, outer.grad)


class Wrapped(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


@MODELS
@pytest.mark.parametrize("strict", [False, True])
def test_export_save_and_load(make, strict):
    net = make().eval()
    x = numbers(3, 4, dtype=torch.float32)
    program = torch.export.export(net, (x,), strict=strict)
    assert any(name.startswith("nonlin.") for name in operations(program))
    again = program.run_decompositions()
    assert any(name.startswith("nonlin.") for name in operations(again))
    room = io.BytesIO()
    torch.export.save(again, room)
    room.seek(0)
    loaded = torch.export.load(room)
    assert torch.equal(loaded.module()(x), net(x))


@EACH
def test_a_dispatch_mode_sees_the_operator_by_its_name(name):
    class Seen(TorchDispatchMode):
        def __init__(self):
            super().__init__()
            self.names = []

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.names.append(str(func))
            return func(*args, **(kwargs or {}))

    x = torch.ones(3)
    with Seen() as seen:
        FUNCTIONS[name](x)
    assert seen.names == [f"nonlin.{name}.default"]


class Named(torch.Tensor):
    """A tensor that counts by what functions it was met."""

    met: list = []  # noqa: RUF012 - a list of the test's

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.met.append(str(func))
        return super().__torch_function__(func, types, args, kwargs or {})


class Watching(TorchFunctionMode):
    """Keeps the names of what is called."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


@EACH
def test_function_modes_and_subclasses_see_the_operator(name):
    with Watching() as seen:
        FUNCTIONS[name](torch.ones(3))
    assert f"nonlin.{name}.default" in seen.names
    Named.met.clear()
    assert type(FUNCTIONS[name](torch.ones(3).as_subclass(Named))) is Named
    assert f"nonlin.{name}.default" in Named.met


@EACH
def test_eager_calls_are_the_operators(name):
    f, x = FUNCTIONS[name], numbers(50)
    with Watching():
        expected = f(x)
    assert torch.equal(f(x), expected)
    with torch.no_grad():
        assert not f(x.clone().requires_grad_()).requires_grad
    with torch.inference_mode():
        assert f(x).is_inference()
    z = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z, create_graph=True)
    with Watching():
        assert torch.equal(slope, torch.autograd.grad(f(z).sum(), z)[0])
    assert f(nn.Parameter(x)).requires_grad


def test_relu_and_leaky_relu_are_pytorchs():
    x = numbers(50).requires_grad_()
    assert type(F.relu(x).grad_fn).__name__ == "ReluBackward0"
    assert type(F.leaky_relu(x, 0.2).grad_fn).__name__ == "LeakyReluBackward0"
    inplace = x.detach().clone()
    assert F.relu(inplace, inplace=True) is inplace
    assert torch.equal(inplace, torch.relu(x))


def test_autocast():
    net, x = model(), numbers(3, 4, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        y = net(x)
        hidden = net[1](net[0](x))
    assert y.dtype == hidden.dtype == torch.bfloat16
    y.float().sum().backward()
    assert all(p.grad.dtype == torch.float32 for p in net.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        assert F.swiglu(net[0](x), torch.ones(8)).dtype == torch.float32


@EACH
def test_checkpointing(name):
    f = FUNCTIONS[name]
    x, y = (numbers(20).requires_grad_() for _ in range(2))
    f(x).sin().sum().backward()
    torch.utils.checkpoint.checkpoint(lambda z: f(z).sin(), y, use_reentrant=False).sum().backward()
    assert torch.equal(x.grad, y.grad)


def test_data_parallel_processes(tmp_path):
    import torch.distributed as dist

    dist.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1
    )
    try:
        alone, shared = model(), nn.parallel.DistributedDataParallel(model())
        x = numbers(3, 4, dtype=torch.float32)
        for net in (alone, shared):
            net(x).square().sum().backward()
        for a, b in zip(alone.parameters(), shared.parameters(), strict=True):
            assert torch.equal(a.grad, b.grad)
    finally:
        dist.destroy_process_group()


@MODELS
def test_copies(make):
    net, x = make(), numbers(3, 4, dtype=torch.float32)
    for again in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(again(x), net(x))
        assert repr(again) == repr(net)


def test_tensors_without_elements_on_the_meta_device():
    with torch.device("meta"):
        net = model()
        y = net(torch.empty(7, 4))
    assert y.shape == (7, 2)
    y.sum().backward()
    assert net[0].weight.grad.device.type == "meta"


def test_parameters_subclasses_and_inference_mode():
    class Marked(torch.Tensor):
        pass

    x = numbers(4)
    assert type(F.gelu(x.as_subclass(Marked))) is Marked
    assert torch.equal(F.gelu(nn.Parameter(x)), F.gelu(x))
    with torch.inference_mode():
        assert torch.equal(F.gelu(x), F.gelu(x.clone()))


@EACH
def test_jit_trace_and_fx(name):
    x = numbers(6, dtype=torch.float32)

    def f(x):
        return FUNCTIONS[name](x)

    traced = torch.jit.trace(f, x)
    assert torch.equal(traced(x), f(x))
    made = torch.fx.experimental.proxy_tensor.make_fx(f)(x)
    assert torch.equal(made(x), f(x))
    np.testing.assert_array_equal(made(x), f(x))
