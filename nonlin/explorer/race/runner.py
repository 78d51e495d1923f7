"""One network in a race: its training, and what can be seen of it."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from nonlin.activation import Activation
from nonlin.explorer import initialisation
from nonlin.explorer.numbers import number
from nonlin.torch import Activate, initialize_

__all__ = ["Course", "Runner"]


@dataclass(frozen=True, slots=True)
class Course:
    """What is alike for all networks of a race.

    Attributes
    ----------
    hidden, layers : int
        Units of a hidden layer, and how many of these there are.
    rate : float
        Of plain stochastic gradient descent.
    init : str
        One of `nonlin.explorer.initialisation.NAMES`.
    batch, seed : int
    """

    hidden: int
    layers: int
    rate: float
    init: str
    batch: int
    seed: int


class Runner:
    """A network of one function; the same seed gives it the same first weights and batches.

    Parameters
    ----------
    spec : str
        What the function is called in the race.
    act : Activation
    course : Course
    x : Tensor, shape (n, 2)
    y : Tensor, shape (n,)
        0.0 and 1.0.
    grid : Tensor, shape (m, 2)
        Where the network's answer is looked at.
    """

    def __init__(
        self, spec: str, act: Activation, course: Course, x: Tensor, y: Tensor, grid: Tensor
    ) -> None:
        self.spec, self._act, self._course = spec, act, course
        self._x, self._y, self._grid = x, y, grid
        self._random = torch.Generator().manual_seed(course.seed)
        sizes = [x.shape[1], *[course.hidden] * course.layers]
        self._hidden = [self._drawn(nn.Linear(*pair)) for pair in pairwise(sizes)]
        self._last = self._drawn(nn.Linear(sizes[-1], 1))
        inner = (part for layer in self._hidden for part in (layer, Activate(act)))
        self._network = nn.Sequential(*inner, self._last)
        if course.init == "critical":
            # Asked first, so that one without first weights is refused.
            initialisation.chosen(act, course.layers)
            initialize_(self._network, x, generator=self._random)
        self._optimiser = torch.optim.SGD(self._network.parameters(), lr=course.rate)
        self._batches = self._shuffled()
        self._diverged = False

    def _drawn(self, layer: nn.Linear) -> nn.Linear:
        init, random = self._course.init, self._random
        if init == "torch":
            bound = 1.0 / math.sqrt(layer.in_features)
            nn.init.uniform_(layer.weight, -bound, bound, generator=random)
            nn.init.uniform_(layer.bias, -bound, bound, generator=random)
            return layer
        nn.init.zeros_(layer.bias)
        if init == "xavier":
            nn.init.xavier_normal_(layer.weight, generator=random)
            return layer
        if init == "critical":
            return layer
        variance = initialisation.variances(init, self._act, 1)[0]
        nn.init.normal_(layer.weight, std=math.sqrt(variance / layer.in_features), generator=random)
        return layer

    def _shuffled(self) -> Iterator[Tensor]:
        while True:
            order = torch.randperm(len(self._x), generator=self._random)
            yield from torch.split(order, self._course.batch)

    def advance(self) -> None:
        """Take a step of gradient descent, unless the network has diverged."""
        if self._diverged:
            return
        chosen = next(self._batches)
        self._diverged = not math.isfinite(self._backward(self._x[chosen], self._y[chosen]))
        self._optimiser.step()

    def _backward(self, x: Tensor, y: Tensor) -> float:
        """Leave the gradient of the loss on some points in the weights; give the loss."""
        self._optimiser.zero_grad()
        loss = cross_entropy(self._network(x).squeeze(1), y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def look(self) -> Mapping[str, Any]:
        """Give loss and accuracy on all points, the answers on the grid, and each layer's state.

        Returns
        -------
        mapping of str to object
            `boundary` holds a byte a place, row by row, in base 64; `gradient` is the root mean
            square of a hidden layer's weights' gradient, `dead` the share of its units whose
            slope is 0 for all points.
        """
        self._backward(self._x, self._y)
        sizes = [float(layer.weight.grad.square().mean().sqrt()) for layer in self._hidden]  # type: ignore[union-attr]
        with torch.no_grad():
            logits = self._network(self._x).squeeze(1)
            loss = float(cross_entropy(logits, self._y))
            accuracy = float(((logits > 0) == (self._y > 0)).float().mean())
            shares = self._network(self._grid).squeeze(1).sigmoid().nan_to_num(0.5)
            dead = self._dead()
        known = math.isfinite(loss)
        answers = (255.0 * shares).round().to(torch.uint8).numpy().tobytes()
        return {
            "spec": self.spec,
            "loss": number(loss) if known else None,
            "accuracy": accuracy if known else None,
            "boundary": base64.b64encode(answers).decode("ascii"),
            "gradient": [number(size) if math.isfinite(size) else None for size in sizes],
            "dead": dead,
        }

    def _dead(self) -> list[float]:
        shares, x = [], self._x
        for layer in self._hidden:
            z = layer(x)
            slope = self._act.derivative(z.numpy())
            shares.append(float((slope == 0.0).all(axis=0).mean()))
            x = torch.from_numpy(self._act(z.numpy()))
        return shares
