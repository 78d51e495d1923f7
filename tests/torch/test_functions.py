import numpy as np
import pytest
import torch
from torch import nn

import nonlin as nl
from nonlin.torch import Activate, activate

SAME = nl.Activation.from_function(lambda x: x, np.ones_like, name="same")


@pytest.mark.parametrize("name", nl.names())
def test_forward_and_backward_are_the_kernels_bit_for_bit(name):
    act = nl.get(name)
    z = torch.randn(64, 5, generator=torch.Generator().manual_seed(0)).mT.requires_grad_()
    grad = torch.linspace(-1.0, 1.0, 320).view(5, 64)
    y = activate(act, z)
    (found,) = torch.autograd.grad(y, z, grad)
    x = z.detach().numpy()
    assert y.dtype == torch.float32
    np.testing.assert_array_equal(y.detach().numpy(), act(x))
    np.testing.assert_array_equal(found.numpy(), act.backward(grad.numpy(), x))


@pytest.mark.parametrize("name", nl.names())
def test_the_gradient_is_that_of_the_function(name):
    # Away from 0, +-1/2, +-1, +-3 and 6, where functions of the catalogue have their kinks.
    z = torch.tensor([-4.1, -2.3, -0.7, -0.2, 0.3, 0.8, 2.4, 4.7], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: activate(nl.get(name), x), z.requires_grad_())


def test_a_function_of_the_users():
    cube = nl.Activation.from_function(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    z = torch.tensor([2.0, -1.0], requires_grad=True)
    activate(cube, z).sum().backward()
    assert z.grad.tolist() == [12.0, 3.0]  # 3 z^2


def test_a_function_that_returns_its_argument_shares_no_memory():
    z = torch.ones(3)
    activate(SAME, z).zero_()
    assert z.tolist() == [1.0, 1.0, 1.0]


def test_a_number_and_an_empty_tensor():
    assert activate(nl.relu, torch.tensor(2.0)).item() == 2.0
    assert activate(nl.relu, torch.empty(0, 3)).shape == (0, 3)


def test_a_second_derivative_of_the_catalogues_functions():
    z = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(activate(nl.tanh, z).sum(), z, create_graph=True)
    grad.sum().backward()
    t = np.tanh(z.detach().numpy())
    np.testing.assert_allclose(z.grad, -2 * t * (1 - t**2), 1e-14)


def test_a_second_derivative_of_a_users_function_is_refused():
    square = nl.Activation.from_function(np.square, lambda x: 2 * x, name="square")
    z = torch.ones(2, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(activate(square, z).square().sum(), z, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


def test_the_module_trains():
    net = nn.Sequential(nn.Linear(2, 3), Activate(nl.elu), nn.Linear(3, 1))
    net(torch.ones(4, 2)).sum().backward()
    assert net[0].weight.grad.abs().sum() > 0
    assert repr(net[1]) == "Activate(nl.elu)"


@pytest.mark.parametrize(
    ("act", "z", "message"),
    [
        (torch.relu, torch.ones(2), "expected an Activation such as nl.relu"),
        (SAME, torch.ones(2, dtype=torch.bfloat16), "got bfloat16 on cpu"),
        (nl.relu, torch.ones(2, dtype=torch.int64), "got int64 on cpu"),
        (SAME, torch.ones(2, device="meta"), "got float32 on meta"),
        (SAME, np.ones(2), "expected a tensor of float16, float32 or float64 on the CPU"),
        (nl.relu, np.ones(2), "got ndarray"),
    ],
)
def test_what_is_no_argument(act, z, message):
    with pytest.raises(TypeError, match=message):
        activate(act, z)


def test_a_function_that_changes_the_shape():
    flat = nl.Activation.from_function(np.ravel, name="flat")
    with pytest.raises(ValueError, match=r"of shape \(2, 2\) it must make one of that shape"):
        activate(flat, torch.ones(2, 2))
