"""Small pieces that several families are made of."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU,
    "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "mish": nn.Mish, "softplus": nn.Softplus,
    "selu": nn.SELU, "hardswish": nn.Hardswish, "relu6": nn.ReLU6,
}  # fmt: skip


def act(name: str) -> nn.Module:
    """Make an activation."""
    return ACTIVATIONS[name]()


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, of: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.of = of

    def forward(self, x: Tensor) -> Tensor:
        return self.of(x)


class Last(nn.Module):
    """The last step of what a recurrent module gives."""

    def forward(self, x: tuple[Tensor, object]) -> Tensor:
        return x[0][:, -1]


class Beside(nn.Module):
    """A branch beside an identity."""

    def __init__(self, *branch: nn.Module) -> None:
        super().__init__()
        self.branch = nn.Sequential(*branch)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


def he_(model: nn.Module) -> nn.Module:
    """Draw the weights of layers as He et al. do, biases 0."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.Conv1d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return model


def mean_over_words(x: Tensor) -> Tensor:
    """Give the mean over axis 1."""
    return x.mean(1)


def next_words(logits: Tensor, words: Tensor) -> Tensor:
    """Compute the cross entropy of each word's follower."""
    return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), words[:, 1:].flatten())


def redrawn(out: Tensor, y: Tensor) -> float:
    """Give the share that is drawn right of what differs from the mean drawing, 0 at least."""
    return max(0.0, 1 - float((out - y).square().mean() / (y - y.mean(0)).square().mean()))


def gained(cost: Tensor, base: float) -> float:
    """Give the share by which a likelihood beats another, of negative logarithms; 0 at least."""
    return max(0.0, 1 - float((cost - base).exp()))


def next_word_accuracy(outputs: object, words: Tensor) -> float:
    """Give the share of followers that are named."""
    logits = getattr(outputs, "logits", outputs)
    return float((logits[:, :-1].argmax(-1) == words[:, 1:]).float().mean())  # type: ignore[index]
