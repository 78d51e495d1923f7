"""The operators: their numbers, their layouts, and each way of differentiating them."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import nonlin as nl
from nonlin.torch import formulas, jets, ops
from nonlin.torch.ops import OPERATORS, TWO_SLOPES

# PyTorch compiles its own rules of forward mode when they are first asked for.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is:DeprecationWarning")

SIXTEEN = {torch.float16: np.float16, torch.bfloat16: np.float32}
# Away from 0, +-1/2, +-1, +-3 and 6, where functions of the catalogue have their kinks.
SMOOTH = torch.tensor([-4.1, -2.3, -0.7, -0.2, 0.3, 0.8, 2.4, 4.7], dtype=torch.float64)


def members():
    """Each kernel with an activation and the numbers that it takes."""
    for name in nl.names():
        act = nl.get(name)
        words = [p for p in act.record.parameters if p.kernels]
        for word in words[0].kernels if words else [None]:
            chosen = act.bind(**{words[0].name: word}) if words else act
            kernel, numbers = chosen.record.kernel(tuple(chosen.parameters.values()))
            yield kernel, chosen, numbers


MEMBERS = list(members())
EACH = pytest.mark.parametrize(("name", "act", "numbers"), MEMBERS, ids=[x[0] for x in MEMBERS])
# One that keeps its input, one with a parameter, one with two slopes, one of two and a parameter.
FEW = pytest.mark.parametrize(
    ("name", "act", "numbers"),
    [x for x in MEMBERS if x[0] in ("gelu", "elu", "relu", "leaky_relu")],
    ids=lambda x: x if isinstance(x, str) else "",
)


def function(name, numbers):
    return lambda x: OPERATORS[name](x, *numbers)


def test_there_is_an_operator_for_each_kernel():
    assert set(OPERATORS) == {name for name, _, _ in MEMBERS}
    assert set(OPERATORS) <= set(formulas.FORMULAS)


@EACH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_forward_and_backward_are_the_kernels_bit_for_bit(name, act, numbers, dtype):
    x = torch.randn(1001, 3, generator=torch.Generator().manual_seed(0)).mT.to(dtype)
    x[0, :4] = torch.tensor([torch.inf, -torch.inf, torch.nan, 0.0])
    grad = torch.linspace(-2.0, 2.0, 3003).view(3, 1001).to(dtype)
    x.requires_grad_()
    y = OPERATORS[name](x, *numbers)
    (found,) = torch.autograd.grad(y, x, grad)
    array = x.detach().numpy()
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.detach().numpy(), act(array))
    np.testing.assert_array_equal(found.numpy(), act.backward(grad.numpy(), array))


@EACH
def test_bfloat16_is_the_kernels(name, act, numbers):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = torch.randn(2000, generator=torch.Generator().manual_seed(1)).bfloat16()
    grad = torch.linspace(-2.0, 2.0, 2000).bfloat16()
    x.requires_grad_()
    y = OPERATORS[name](x, *numbers)
    (found,) = torch.autograd.grad(y, x, grad)

    def array(z):
        return z.detach().view(torch.uint16).numpy().view(ml_dtypes.bfloat16)

    assert y.dtype == found.dtype == torch.bfloat16
    np.testing.assert_array_equal(array(y), act(array(x)))
    np.testing.assert_array_equal(array(found), act.backward(array(grad), array(x)))


LAYOUTS = {
    "transposed": lambda x: x.mT,
    "every second": lambda x: x[:, ::2],
    "channels last": lambda x: x.view(2, 3, 5, 40).to(memory_format=torch.channels_last),
    "expanded": lambda x: x[:, :1].expand(30, 7),
    "of one number": lambda x: x[0, 0].expand(4, 5),
    "a column": lambda x: x[:, 3],
    "a number": lambda x: x[0, 0],
    "empty": lambda x: x[:0],
    "of three dimensions, permuted": lambda x: x.view(3, 10, 40).permute(2, 0, 1),
}


@FEW
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(name, act, numbers, layout):
    base = torch.randn(30, 40, generator=torch.Generator().manual_seed(2))
    x = LAYOUTS[layout](base).detach()
    f = function(name, numbers)
    y = f(x.requires_grad_())
    assert y.stride() == torch.empty_like(x).stride()
    np.testing.assert_array_equal(y.detach().numpy(), act(x.detach().numpy()))
    # Gradients as they come: of a sum, of a mean over rows, and laid out otherwise.
    for grad in (
        torch.ones(()).expand(x.shape),
        torch.full(x.shape, 0.5).sum(0, keepdim=True).expand(x.shape) if x.dim() else None,
        torch.ones(x.shape).contiguous(),
    ):
        if grad is not None:
            (found,) = torch.autograd.grad(y, x, grad, retain_graph=True)
            expected = act.backward(grad.numpy(), x.detach().numpy())
            np.testing.assert_array_equal(found.numpy(), expected)


def test_channels_last_stays():
    x = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last).requires_grad_()
    y = OPERATORS["silu"](x, 1.0)
    assert y.is_contiguous(memory_format=torch.channels_last)
    (grad,) = torch.autograd.grad(y.sum(), x)
    assert grad.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", ["gelu", "relu"])
def test_the_threads_share_the_work_and_change_nothing(name):
    x = torch.randn(300_001, generator=torch.Generator().manual_seed(3)).requires_grad_()
    threads = torch.get_num_threads()
    found = []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            y = OPERATORS[name](x)
            found.append((y.detach(), *torch.autograd.grad(y.sum(), x)))
    finally:
        torch.set_num_threads(threads)
    for y, grad in found[1:]:
        assert torch.equal(y, found[0][0])
        assert torch.equal(grad, found[0][1])


def test_the_largest_go_past_the_caches_to_the_same_bits():
    x = torch.linspace(-5.0, 5.0, (1 << 22) + 3)
    assert torch.equal(OPERATORS["silu"](x, 1.0)[:1000], OPERATORS["silu"](x[:1000], 1.0))


@EACH
def test_first_derivatives_in_both_modes_and_in_batches(name, act, numbers):
    z = SMOOTH.clone().requires_grad_()
    assert gradcheck(
        function(name, numbers), z, check_forward_ad=True, check_batched_grad=True,
        check_batched_forward_grad=True,
    )  # fmt: skip


@EACH
def test_second_derivatives(name, act, numbers):
    z = SMOOTH.clone().requires_grad_()
    assert gradgradcheck(function(name, numbers), z, check_fwd_over_rev=True)


@EACH
def test_the_formula_is_the_function(name, act, numbers):
    ends = [-torch.inf, torch.inf, torch.nan, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, 1e300]
    x = torch.cat([torch.linspace(-12, 12, 4801).double(), torch.tensor(ends, dtype=torch.float64)])
    with np.errstate(all="ignore"):
        y, slope = act(x.numpy()), act.derivative(x.numpy())
    np.testing.assert_allclose(formulas.value(name, x, *numbers), y, 1e-9, 1e-14)
    first, second = jets.derivatives(formulas.FORMULAS[name], x, *numbers)
    np.testing.assert_allclose(first, slope, 1e-9, 1e-14)
    assert torch.equal(second.isnan(), torch.as_tensor(slope).isnan())


@EACH
def test_the_formula_in_16_bits_is_rounded_once(name, act, numbers):
    x = torch.linspace(-6, 6, 501)
    for dtype in SIXTEEN:
        wide = formulas.value(name, x.to(dtype).float(), *numbers)
        assert torch.equal(formulas.value(name, x.to(dtype), *numbers), wide.to(dtype))


@EACH
def test_pytorchs_own_check_of_operators(name, act, numbers):
    x = torch.randn(4, 6, dtype=torch.float64)
    for z in (x, x.mT, x[:, ::2]):
        sample = z.detach().requires_grad_()
        torch.library.opcheck(OPERATORS[name], (sample, *numbers))
    backward_op = getattr(torch.ops.nonlin, f"{name}_backward").default
    grad = torch.randn(4, 6, dtype=torch.float64).requires_grad_()
    torch.library.opcheck(backward_op, (grad, x.requires_grad_(), *numbers))


def test_pytorchs_own_check_of_the_slopes():
    x = torch.randn(4, 6)
    _, slopes = torch.ops.nonlin.leaky_relu_with_slopes(x, 0.1)
    grad = torch.randn(4, 6).requires_grad_()
    torch.library.opcheck(torch.ops.nonlin.backward_of_slopes.default, (grad, slopes, 0.1))
    torch.library.opcheck(torch.ops.nonlin.leaky_relu_with_slopes.default, (x, 0.1))


@pytest.mark.parametrize("name", TWO_SLOPES)
def test_slopes_are_those_of_the_formula(name):
    numbers = next(x[2] for x in MEMBERS if x[0] == name)
    x = torch.cat([torch.linspace(-7, 7, 1001), torch.tensor([torch.nan, torch.inf, -torch.inf])])
    _, slopes = getattr(torch.ops.nonlin, f"{name}_with_slopes")(x, *numbers)
    assert torch.equal(slopes, ops._slopes(name, x, numbers))
    grad = torch.randn(len(x), generator=torch.Generator().manual_seed(4))
    found = torch.ops.nonlin.backward_of_slopes(grad, slopes, TWO_SLOPES[name](*numbers))
    assert torch.equal(
        found.nan_to_num(7.0),
        ops._multiply_by_slopes(grad, slopes, TWO_SLOPES[name](*numbers)).nan_to_num(7.0),
    )


def bytes_saved(f, *inputs):
    """Count what the backward pass of f keeps."""
    kept = {}

    def pack(x):
        kept[x.data_ptr()] = x.numel() * x.element_size()
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        f(*inputs)
    return sum(kept.values())


@EACH
def test_what_is_kept_for_the_backward_pass(name, act, numbers):
    x = torch.randn(1000, requires_grad=True)
    expected = 1000 if name in TWO_SLOPES else 4000
    assert bytes_saved(function(name, numbers), x) == expected


@FEW
def test_wrong_dtypes(name, act, numbers):
    for wrong in (torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.complex64)):
        with pytest.raises(RuntimeError, match="expected a tensor of float16, bfloat16, float32"):
            OPERATORS[name](wrong, *numbers)
    backward_op = getattr(torch.ops.nonlin, f"{name}_backward").default
    with pytest.raises(RuntimeError, match="must have the shape"):
        backward_op(torch.ones(3), torch.ones(4), *numbers)
    with pytest.raises(RuntimeError, match="must have the dtype"):
        backward_op(torch.ones(3).double(), torch.ones(3), *numbers)


def test_other_devices():
    x = torch.empty(3, 4, device="meta").mT
    y = OPERATORS["gelu"](x)
    assert y.device.type == "meta"
    assert y.stride() == x.stride()
    with pytest.raises(TypeError, match=r"expected a tensor of float16.*got int64"):
        OPERATORS["gelu"](torch.empty(3, device="meta", dtype=torch.int64))
