"""The modules and functions that have torch.nn's names, and our own: gates, learned parameters."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as TF  # noqa: N812
from torch import nn
from torch.autograd import gradcheck, gradgradcheck

import nonlin as nl
from nonlin.torch import functional as F  # noqa: N812
from nonlin.torch import measure
from nonlin.torch import nn as ours
from nonlin.torch.names import CLASSES, of_module

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is:DeprecationWarning")

ARGUMENTS = {
    "CELU": (0.7,),
    "ELU": (0.7,),
    "GELU": ("tanh",),
    "Hardshrink": (0.3,),
    "Hardtanh": (-0.5, 2.0),
    "LeakyReLU": (0.2,),
    "LogSoftmax": (1,),
    "PReLU": (3, 0.1),
    "Softmax": (1,),
    "Softmin": (1,),
    "Softplus": (2.0, 5.0),
    "Softshrink": (0.3,),
    "Threshold": (0.1, 2.0),
}
SHARED = [name for name in ours.__all__ if hasattr(nn, name)]


def numbers(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_every_activation_of_torch_nn_is_here():
    assert {*CLASSES.values(), "GLU", "Softmax", "LogSoftmax", "Softmin"} == set(SHARED)


@pytest.mark.parametrize("name", ours.__all__)
def test_each_has_a_docstring_of_its_own(name):
    assert vars(getattr(ours, name))["__doc__"]


@pytest.mark.parametrize("name", SHARED)
def test_what_torch_nn_computes(name):
    args = ARGUMENTS.get(name, ())
    mine, theirs = (getattr(m, name)(*args).double().eval() for m in (ours, nn))
    x, y = (3 * numbers(4, 3, 6) for _ in range(2))
    found, expected = mine(x.requires_grad_()), theirs(y.requires_grad_())
    tolerance = {"rtol": 1e-11, "atol": 1e-13}
    if name in ("CELU", "Hardsigmoid"):
        # PyTorch's have a factor of float32 in them, 1 / alpha and 1 / 6.
        tolerance = {"rtol": 1e-6, "atol": 1e-7}
    torch.testing.assert_close(found, expected, **tolerance)
    found.sin().sum().backward()
    expected.sin().sum().backward()
    torch.testing.assert_close(x.grad, y.grad, **tolerance)
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad, **tolerance)
    assert isinstance(mine, getattr(nn, name))
    assert repr(mine) == repr(theirs)
    assert mine.state_dict().keys() == theirs.state_dict().keys()


@pytest.mark.parametrize("name", CLASSES.values())
def test_which_activation_a_module_is(name):
    args = ARGUMENTS.get(name, ())
    assert of_module(getattr(ours, name)(*args)) == of_module(getattr(nn, name)(*args))


IN_PLACE = [
    n for n in SHARED if "inplace" in getattr(getattr(nn, n), "__constants__", []) or n == "Mish"
]


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_the_input_holds_the_result_and_gradients_are_right(name):
    args = ARGUMENTS.get(name, ())
    module = getattr(ours, name)(*args).double().eval()
    leaf, other = (numbers(3, 4).requires_grad_() for _ in range(2))
    expected = module(other)
    module.inplace = True
    hidden = leaf * 1.0
    y = module(hidden)
    assert torch.equal(y, expected)
    assert y.data_ptr() == hidden.data_ptr()
    assert torch.equal(hidden, expected)
    y.sum().backward()
    expected.sum().backward()
    assert torch.equal(leaf.grad, other.grad)


def test_names_are_torch_nn_functionals_with_the_same_arguments():
    import inspect

    for name in F.__all__:
        theirs = getattr(TF, name, None)
        if theirs is None or not callable(theirs) or name in ("tanh", "sigmoid", "bilinear"):
            continue
        try:
            expected = list(inspect.signature(theirs).parameters)
        except ValueError:
            continue
        expected = [x for x in expected if x != "_stacklevel"]
        assert list(inspect.signature(getattr(F, name)).parameters) == expected, name


def test_a_random_slope_is_in_its_range_and_repeats_with_the_seed():
    layer, x = ours.RReLU(0.1, 0.4), torch.full((1000,), -1.0)
    torch.manual_seed(3)
    y = layer(x)
    torch.manual_seed(3)
    assert torch.equal(layer(x), y)
    assert -0.4 <= y.min() < -0.39
    assert -0.11 < y.max() <= -0.1
    x.requires_grad_()
    torch.manual_seed(3)
    layer(x).sum().backward()
    assert torch.equal(x.grad, -y)
    assert layer.eval()(torch.tensor(-1.0)).item() == pytest.approx(-0.25)
    with pytest.raises(ValueError, match=r"lower is 0\.5, above upper, 0\.4"):
        F.rrelu(x, 0.5, 0.4)


SMOOTH = torch.tensor([[-2.3, -0.7, -0.2], [0.3, 0.8, 2.4]], dtype=torch.float64)
LEARNED = {
    "prelu": (lambda x, w: F.prelu(x, w), (3,)),
    "swish": (F.swish, ()),
    "elu": (F.elu, (3,)),
    "celu": (F.celu, ()),
    "softplus": (lambda x, b: F.softplus(x, b, torch.inf), (2, 1)),
    "squareplus": (F.squareplus, ()),
    "snake": (F.snake, (3,)),
    "xielu": (lambda x, p: F.xielu(x, p, 0.5 + p), ()),
    "leaky_relu": (F.leaky_relu, (2, 3)),
}


@pytest.mark.parametrize("name", LEARNED)
def test_gradients_of_learned_parameters(name):
    f, shape = LEARNED[name]
    given = (SMOOTH.clone().requires_grad_(), (0.5 + numbers(*shape).abs()).requires_grad_())
    assert gradcheck(f, given, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(f, given)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_learned_parameter_that_is_wider_than_the_input(dtype):
    weight = torch.tensor([0.25, 0.5], requires_grad=True)
    x = numbers(5, 2).to(dtype).requires_grad_()
    y = F.prelu(x, weight)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == dtype
    assert weight.grad.dtype == torch.float32
    expected = torch.where(x > 0, 0.0, x.float()).sum(0)
    torch.testing.assert_close(weight.grad, expected, rtol=2e-2, atol=1e-3)


def test_two_inputs_are_all_that_is_kept_of_a_gate_and_of_a_learned_activation():
    def kept(f, *inputs):
        found = {}
        hooks = torch.autograd.graph.saved_tensors_hooks(
            lambda x: (found.update({x.data_ptr(): x.numel() * x.element_size()}), x)[1],
            lambda x: x,
        )
        with hooks:
            f(*inputs)
        return sum(found.values())

    gate, value = (torch.randn(1000, requires_grad=True) for _ in range(2))
    assert kept(F.swiglu, gate, value) == 8000
    assert kept(lambda g, v: TF.silu(g) * v, gate, value) == 12000
    assert kept(lambda x: F.swish(x, torch.ones(())), gate) == 4004


GATES = {
    "swiglu": (F.swiglu, TF.silu),
    "geglu": (F.geglu, TF.gelu),
    "reglu": (F.reglu, TF.relu),
    "bilinear": (F.bilinear, lambda x: x),
}


@pytest.mark.parametrize("name", GATES)
def test_gates(name):
    f, phi = GATES[name]
    gate, value = numbers(4, 5), numbers(4, 5, seed=1)
    torch.testing.assert_close(f(gate, value), phi(gate) * value, rtol=1e-13, atol=1e-14)
    row = value[:1]
    torch.testing.assert_close(f(gate, row), phi(gate) * row, rtol=1e-13, atol=1e-14)
    given = (gate.requires_grad_(), row.clone().requires_grad_())
    assert gradcheck(f, given, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(f, given)
    with F.decomposed():
        torch.testing.assert_close(f(gate, value), phi(gate) * value, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["swiglu", "geglu", "geglu_tanh", "reglu", "glu", "bilinear"])
def test_pytorchs_own_check_of_gates(name):
    op = getattr(torch.ops.nonlin, name).default
    numbers_ = (1.3,) if name == "swiglu" else ()
    a, b = torch.randn(4, 6), torch.randn(4, 6)
    for x, y in ((a, b), (a.mT, b.mT), (a[:, ::2], b[:, ::2]), (a, b.mT.contiguous().mT)):
        given = (x.detach().requires_grad_(), y.detach().requires_grad_())
        torch.library.opcheck(op, (*given, *numbers_))


def test_gates_of_one_tensor_take_the_gate_first_and_glu_the_value():
    x = numbers(3, 8)
    a, b = x.chunk(2, -1)
    torch.testing.assert_close(ours.SwiGLU()(x), TF.silu(a) * b)
    torch.testing.assert_close(
        ours.GEGLU(approximate="tanh")(x), TF.gelu(a, approximate="tanh") * b
    )
    torch.testing.assert_close(ours.ReGLU()(x), TF.relu(a) * b)
    torch.testing.assert_close(ours.GLU()(x), TF.glu(x))
    torch.testing.assert_close(ours.SwiGLU(dim=0)(x[:2]), TF.silu(x[:1]) * x[1:2])
    torch.testing.assert_close(ours.SwiGLU()(a, b), ours.SwiGLU()(x))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_gates_in_16_bits(dtype):
    gate, value = numbers(500).to(dtype), numbers(500, seed=1).to(dtype)
    exact = TF.silu(gate.double()) * value.double()
    found = F.swiglu(gate, value)
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), exact, rtol=2 * torch.finfo(dtype).eps, atol=1e-6)
    assert F.swiglu(gate, value.float()).dtype == torch.float32


def test_the_learned_modules():
    swish = ours.Swish(1.5, learned=True)
    assert swish.beta.item() == 1.5
    assert repr(swish) == "Swish(beta=1.5, learned=True)"
    x = numbers(4, 3).float()
    np.testing.assert_allclose(swish(x).detach(), nl.silu(x.numpy(), beta=1.5), 1e-6, 1e-7)
    xielu = ours.XIELU()
    alpha = [TF.softplus(xielu.alpha_p).item(), 0.5 + TF.softplus(xielu.alpha_n).item()]
    assert alpha == pytest.approx([0.8, 0.8])
    expected = torch.where(x > 0, 0.8 * x * x + 0.5 * x, 0.8 * (torch.expm1(x) - x) + 0.5 * x)
    torch.testing.assert_close(xielu(x), expected, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="alpha_n_init above beta"):
        ours.XIELU(alpha_n_init=0.5)
    snake = ours.Snake(3, 2.0)
    torch.testing.assert_close(snake(x), x + (2 * x).sin().square() / 2, rtol=1e-5, atol=1e-6)
    for module in (swish, xielu, snake):
        module(x).square().sum().backward()
        assert all(p.grad.abs().sum() > 0 for p in module.parameters())
        assert copy.deepcopy(module).state_dict().keys() == module.state_dict().keys()


def test_the_learned_module_is_that_of_transformers():
    activations = pytest.importorskip("transformers.activations")
    theirs, mine = activations.XIELUActivation(dtype=torch.float64), ours.XIELU(dtype=torch.float64)
    assert {n: p.shape for n, p in theirs.named_parameters()} == {
        n: p.shape for n, p in mine.named_parameters()
    }
    x = numbers(50)
    torch.testing.assert_close(mine(x), theirs(x))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.relu(torch.ones(2, dtype=torch.int64)), TypeError, "relu: .*got int64"),
        (lambda: F.relu([1.0]), TypeError, "relu: expected a tensor, got list"),
        (lambda: F.gelu(torch.ones(2), "erf"), ValueError, "must be 'none' or 'tanh', got 'erf'"),
        (lambda: F.glu(torch.ones(3)), ValueError, "even size along dimension -1"),
        (lambda: ours.SwiGLU()(torch.ones(2, 3)), ValueError, "SwiGLU: expected an even size"),
        (lambda: F.swiglu(torch.ones(2), torch.ones(3)), ValueError, r"\(2,\) and \(3,\) do not"),
        (lambda: F.swiglu(torch.ones(2), 3.0), TypeError, "expected two tensors, got float"),
        (lambda: F.prelu(torch.ones(2, 3), torch.ones(2)), ValueError, "3 channels, got 2"),
    ],
)
def test_what_is_no_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


class Net(nn.Module):
    def __init__(self, phi):
        super().__init__()
        self.one, self.two, self.phi = nn.Linear(5, 8), nn.Linear(8, 3), phi

    def forward(self, x):
        return self.two(self.phi(self.one(x)))


SITES = {
    "elu": (lambda x: F.elu(x, 0.5), "nl.elu", {"alpha": 0.5}),
    "relu": (F.relu, "nl.relu", {}),
    "relu in place": (lambda x: F.relu(x, inplace=True), "nl.relu", {}),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.2), "nl.leaky_relu", {"negative_slope": 0.2}),
    "gelu": (F.gelu, "nl.gelu", {"approximate": "none"}),
    "swish": (lambda x: F.swish(x, 1.702), "nl.silu", {"beta": 1.702}),
    "a module": (ours.Hardtanh(-0.5, 2.0), "nl.hard_tanh", {"min_val": -0.5, "max_val": 2.0}),
    "a learned one": (ours.PReLU(8, 0.1), "nl.leaky_relu", {"negative_slope": 0.1}),
}


@pytest.mark.parametrize("case", SITES)
def test_the_doctor_knows_them(case):
    phi, name, parameters = SITES[case]
    torch.manual_seed(0)
    exam = measure(Net(phi), torch.randn(32, 5), torch.zeros(32, 3), TF.mse_loss)
    (site,) = exam.sites
    assert site.activation == name
    assert dict(site.parameters) == pytest.approx(parameters)


def test_the_doctor_sees_the_activation_of_a_gate():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.g, self.v, self.o = nn.Linear(5, 8), nn.Linear(5, 8), nn.Linear(8, 3)

        def forward(self, x):
            return self.o(F.swiglu(self.g(x), self.v(x)))

    torch.manual_seed(0)
    exam = measure(Gated(), torch.randn(32, 5), torch.zeros(32, 3), TF.mse_loss)
    assert [(site.activation, site.gate) for site in exam.sites] == [("nl.silu", True)]
