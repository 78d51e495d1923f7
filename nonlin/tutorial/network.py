"""A network in NumPy alone, whose every line a lesson explains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation
from nonlin.catalogue.functions import sigmoid, softplus

__all__ = ["Network"]

Array = NDArray[np.float64]


class Network:
    """Layers of weights with one activation between them, for yes-or-no questions.

    Layer l computes z_l = a_(l-1) W_l + b_l and a_l = phi(z_l); the last one has a single output z
    without activation, and sigmoid(z) is the probability of "yes". The loss is the mean cross
    entropy, softplus(z) - y z, whose derivative is sigmoid(z) - y.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, and 1.
    activation : Activation
        Between the layers.
    weight_variance : float
        Weights are drawn from N(0, weight_variance / fan_in); biases are 0.
    seed : int

    Examples
    --------
    >>> import nonlin as nl
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = np.array([0.0, 1.0, 1.0, 0.0])
    >>> network = Network([2, 8, 1], nl.tanh, seed=1)
    >>> losses = network.train(x, y, steps=500, rate=0.3)
    >>> losses[-1] < 0.05, network.accuracy(x, y)
    (True, 1.0)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation,
        weight_variance: float = 1.0,
        seed: int = 0,
    ) -> None:
        generator = np.random.default_rng(seed)
        self.activation = activation
        self.weights = [
            generator.normal(0, np.sqrt(weight_variance / fan_in), (fan_in, units))
            for fan_in, units in pairwise(sizes)
        ]
        self.biases = [np.zeros(units) for units in sizes[1:]]

    def pre_activations(self, x: Any) -> list[Array]:
        """Compute z of every layer, the output last, for inputs of shape (samples, inputs)."""
        a, found = np.asarray(x, float), []
        for weights, bias in zip(self.weights, self.biases, strict=True):
            found.append(a @ weights + bias)
            a = self.activation(found[-1])
        return found

    def gradients(self, x: Any, y: Any) -> tuple[float, list[Array], list[Array]]:
        """Give the mean loss, and its gradient by the weights and by the biases of each layer.

        Backpropagation: from z_l to z_(l-1) the gradient is multiplied by the weights and by
        phi'(z_(l-1)).
        """
        z, y = self.pre_activations(x), np.asarray(y, float)[:, None]
        loss = float(np.mean(softplus(z[-1]) - y * z[-1]))
        grad = (sigmoid(z[-1]) - y) / len(y)
        by_weights: list[Array] = []
        by_biases: list[Array] = []
        for layer in reversed(range(len(z))):
            a = self.activation(z[layer - 1]) if layer else np.asarray(x, float)
            by_weights.insert(0, a.T @ grad)
            by_biases.insert(0, grad.sum(0))
            if layer:
                grad = self.activation.backward(grad @ self.weights[layer].T, z[layer - 1])
        return loss, by_weights, by_biases

    def train(self, x: Any, y: Any, steps: int, rate: float, momentum: float = 0.9) -> list[float]:
        """Descend along the gradient of all samples; returns the loss before each step."""
        parameters = self.weights + self.biases
        speeds = [np.zeros_like(parameter) for parameter in parameters]
        losses = []
        for _ in range(steps):
            loss, by_weights, by_biases = self.gradients(x, y)
            for parameter, speed, grad in zip(
                parameters, speeds, by_weights + by_biases, strict=True
            ):
                speed *= momentum
                speed -= rate * grad
                parameter += speed
            losses.append(loss)
        return losses

    def accuracy(self, x: Any, y: Any) -> float:
        """Give the share of samples on whose side of 1/2 the probability is."""
        return float(np.mean((self.pre_activations(x)[-1][:, 0] > 0) == (np.asarray(y) > 0.5)))

    def dead_units(self, x: Any) -> list[float]:
        """Give for each hidden layer the share of units whose derivative is 0 on every input."""
        hidden = self.pre_activations(x)[:-1]
        return [float(np.mean((self.activation.derivative(z) == 0).all(0))) for z in hidden]
