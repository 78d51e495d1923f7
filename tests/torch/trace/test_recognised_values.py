"""Every function of the catalogue is named by its values, with its parameters read off them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import nonlin as nl
from nonlin.torch import examine
from nonlin.torch.trace.recognise import named

PARAMETERS = [
    ("softcap", {"cap": 2.0}),
    ("softcap", {"cap": 50.0}),
    ("stanh", {"a": 3.0, "b": 0.2}),
    ("star_relu", {"s": 0.3, "b": 0.7}),
    ("xielu", {"alpha_p": 1.2, "alpha_n": 0.6, "beta": 0.2}),
    ("xielu", {"alpha_p": 0.3, "alpha_n": 1.67, "eps": 0.0}),
    *(("snake", {"alpha": alpha}) for alpha in (0.1, 0.37, 1.0, 2.2, 7.0, 20.0)),
    *(("snake_beta", {"alpha": alpha, "beta": beta}) for alpha, beta in ((0.5, 2.0), (3.7, 3.1))),
    ("silu", {"beta": 1.702}),
    ("elu", {"alpha": 0.3}),
]

# What these are at their defaults is another one, too.
SAME = {
    "threshold": "relu", "thresholded_relu": "threshold", "identity": "leaky_relu", "celu": "elu",
    "snake_beta": "snake",
}  # fmt: skip


def of(act):
    return named(lambda x: np.asarray(act(x)))


@pytest.mark.parametrize("name", nl.names())
def test_a_function_of_the_catalogue_is_named(name):
    found = of(nl.get(name))
    assert found is not None
    assert found.name == SAME.get(name, name)


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
def test_parameters_are_read_off(name, parameters):
    assert of(nl.get(name).bind(**parameters)) == nl.get(name).bind(**parameters)


class Written(nn.Module):
    """A network whose activation is written out."""

    def __init__(self, function):
        super().__init__()
        self.one, self.two, self.function = nn.Linear(8, 32), nn.Linear(32, 4), function

    def forward(self, x):
        return self.two(self.function(self.one(x)))


WRITTEN = {
    "relu_squared": lambda z: F.relu(z) ** 2,
    "softcap": lambda z: 30.0 * torch.tanh(z / 30.0),
    "snake": lambda z: z + torch.sin(3.0 * z) ** 2 / 3.0,
    "xielu": lambda z: torch.where(z > 0, 0.8 * z * z + 0.5 * z,
                                   (torch.expm1(z) - z) * 0.8 + 0.5 * z),
    "star_relu": lambda z: 0.8944 * z.clamp(min=0) ** 2 - 0.4472,
    "lisht": lambda z: z * z.tanh(),
    "sqrt_softplus": lambda z: F.softplus(z).sqrt(),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_written_out_it_is_named_in_a_network_and_healthy(name):
    torch.manual_seed(0)
    x, y = torch.randn(64, 8), torch.randint(4, (64,))
    exam = examine(Written(WRITTEN[name]), x, y, F.cross_entropy)
    assert [site.activation for site in exam.sites] == [f"nl.{name}"]
    # A derivative without a supremum has no share of it, below which it were saturated.
    assert exam.findings == ()
