r"""Which loss a function is: found by its derivative, and never by what it is called.

The derivative dL/dx of a loss by the outputs is compared with that of each known loss, once at
outputs that may be logits or amounts and once at outputs that may be probabilities; both are drawn.
A match is one up to a factor, so that means and sums, weights and what is added do not matter:

    cross entropy             softmax(x) - t       binary, of logits        sigmoid(x) - t
    of log-probabilities      -t                   of probabilities         (x - t) / (x (1 - x))
    of probabilities          -t / x               squared error            x - t
    of x over its sum         1 / sum(x) - t / x
    absolute error            sign(x - t)          Huber's, smooth L1       clip(x - t, -1, 1)

The factor is one number, or one for each class or column, as weights of classes are. Each element
of the outputs is an equation, so that a coincidence at drawn outputs is out of the question.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

# So many outputs at most, so that it costs little beside a pass.
MOST = 2**20

# Of a derivative; a small number that keeps a logarithm finite changes it by less.
TOLERANCE = 0.02
AGREEING = 0.98
ALTOGETHER = 0.05
FEWEST = 4
ENOUGH = 2**12

# Classes or columns with a factor of their own.
GROUPS = 64

# Of float32, where an exponential overflows and the logarithm of a softmax underflows.
EXTREME = 200.0

# The log loss of outputs that are divided by their sum first.
NORMALISED = "normalised"

Loss = Callable[[Tensor], Any]


@dataclass(frozen=True)
class Recognised:
    """A loss that is written out.

    Attributes
    ----------
    name : str
        As in `nonlin.torch.reading.Target`; "log_loss" of probabilities, "one_sided" where it looks
        at the targets that are 1 alone.
    classes : int or None
        Width of the outputs along the classes, where labels are compared.
    turned : bool
        Whether it is the loss with the sign turned.
    unstable : bool
        Whether it is not finite at outputs that the loss bears.
    normalised : bool
        Whether it divides the outputs by their sum first.
    """

    name: str
    classes: int | None
    turned: bool = False
    unstable: bool = False
    normalised: bool = False


@dataclass(frozen=True)
class Compared:
    """Targets in the shape of the outputs: one of the ways to compare them.

    Attributes
    ----------
    dense : Tensor
    axis : int or None
        Of the classes.
    labels : bool
        Whether they were labels.
    """

    dense: Tensor
    axis: int | None
    labels: bool


def recognise(loss_fn: Callable[..., Any], outputs: Any, targets: Any) -> Recognised | None:
    """Find which known loss a function computes.

    Parameters
    ----------
    loss_fn : callable
        Of (outputs, targets); it is called three times.
    outputs : Tensor, tuple, list or mapping
        Of one batch. Of several tensors the first is looked at.
    targets : Tensor

    Returns
    -------
    Recognised or None
        None if it is none of them, or cannot be called with other outputs.
    """
    found = _first(outputs)
    if found is None or not isinstance(targets, Tensor):
        return None
    x, put = found
    if not x.ndim or not FEWEST <= x.numel() <= MOST or not targets.numel() or targets.is_complex():
        return None

    def loss(point: Tensor) -> Any:
        return loss_fn(put(point), targets)

    state = torch.get_rng_state()
    with warnings.catch_warnings(), torch.enable_grad():
        warnings.simplefilter("ignore")
        try:
            return _recognise(loss, x, targets)
        except Exception:  # whatever a loss raises of outputs that are not the model's
            return None
        finally:
            torch.set_rng_state(state)


def _first(outputs: Any) -> tuple[Tensor, Callable[[Tensor], Any]] | None:
    """Find the first tensor of numbers in what a model returns, and how to put another there."""
    if isinstance(outputs, Tensor):
        return (outputs, lambda x: x) if outputs.is_floating_point() else None
    items = list(outputs.items()) if isinstance(outputs, dict) else list(enumerate(outputs)) if (
        type(outputs) in (tuple, list)) else []  # fmt: skip
    key = next((k for k, x in items if isinstance(x, Tensor) and x.is_floating_point()), None)
    if key is None:
        return None

    def put(x: Tensor) -> Any:
        changed = {k: x if k == key else value for k, value in items}
        return changed if isinstance(outputs, dict) else type(outputs)(changed.values())

    return outputs[key], put


def _recognise(loss: Loss, x: Tensor, targets: Tensor) -> Recognised | None:
    amounts, probabilities = _points(x, targets)
    slopes = _slope(loss, amounts), _slope(loss, probabilities)
    if not any(slope is None or slope.any() for slope in slopes):
        # Of one class alone it is 0 whatever the outputs are.
        return Recognised("cross_entropy", None) if x.ndim > 1 and x.shape[1] == 1 else None
    rows = _rows(x)
    if rows is None:
        return None
    at = [(point[rows], slope if slope is None else slope[rows])
          for point, slope in zip((amounts, probabilities), slopes, strict=True)]  # fmt: skip
    for by_row in (False, True) if any(_has_empty(slope) for _, slope in at) else (False,):
        for whole in _ways(x, targets):
            compared = replace(whole, dense=whole.dense[rows])
            for name, domain, formula in _formulas(compared):
                points = at[1:] if domain == "probabilities" else at
                signs = {_sign(slope, formula(point), compared, by_row) for point, slope in points}
                if signs in ({1}, {-1}):
                    return _named(loss, name, domain, whole, amounts, signs == {-1})
    return None


def _has_empty(slope: Tensor | None) -> bool:
    """Whether some elements have no derivative, as those of what is ignored."""
    return slope is not None and not bool(slope.all())


def _rows(x: Tensor) -> Tensor | None:
    """Choose samples all over the batch, so many that their outputs are enough; None if too many.

    The derivative by one sample's outputs depends on that sample's.
    """
    each = x.numel() // len(x)
    count = min(len(x), max(ENOUGH // each, 2))
    if count * each > 32 * ENOUGH:
        return None
    return torch.linspace(0, len(x) - 1, count).round().long().to(x.device)


def _named(
    loss: Loss, name: str, domain: str, compared: Compared, point: Tensor, turned: bool
) -> Recognised:
    normalised = name == NORMALISED
    name = "log_loss" if normalised else name
    of_labels = compared.labels and name in ("cross_entropy", "nll", "log_loss")
    axis = compared.axis
    classes = compared.dense.shape[axis] if of_labels and axis is not None else None
    unstable = False
    if name in ("cross_entropy", "bce_with_logits", "log_loss", "bce"):
        away = 1.0 - 2.0 * (compared.dense > 0.5).to(point)
        extreme = (away + 1.0) / 2.0 if domain == "probabilities" else EXTREME * away
        value = loss(extreme)
        unstable = not bool(torch.as_tensor(value).isfinite().all())
    return Recognised(name, classes, turned, unstable, normalised)


def _points(x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Draw outputs: in the range of the targets, where those are amounts, and between 0 and 1."""
    generator = torch.Generator().manual_seed(0)
    shape = tuple(x.shape)
    amounts = 1.5 * torch.randn(shape, generator=generator)
    if targets.is_floating_point() and targets.isfinite().all() and targets.abs().amax() > 2.0:
        t = targets.double()
        center, spread = float(t.mean()), float(t.std(correction=0))
        amounts = center + (spread or 1.0) * amounts
    probabilities = 0.05 + 0.9 * torch.rand(shape, generator=generator)
    return amounts.to(x), probabilities.to(x)


def _slope(loss: Loss, point: Tensor) -> Tensor | None:
    x = point.clone().requires_grad_()
    try:
        value = loss(x)
        (found,) = torch.autograd.grad(value.reshape(()), x)
    except Exception:  # as one that takes nothing but probabilities does of others
        return None
    slope: Tensor = found.double()
    return slope if slope.isfinite().all() else None


def _ways(x: Tensor, targets: Tensor) -> Iterator[Compared]:
    """Bring the targets to the shape of the outputs: as they are, or as labels of classes."""
    t = targets.to(x.device)
    wide = [a for a in {1, x.ndim - 1} if 0 < a < x.ndim and x.shape[a] > 1]
    if _squeezed(t) == _squeezed(x):
        dense = t.reshape(x.shape).double()
        axes: list[int | None] = [*wide] or [None]
        yield from (Compared(dense, a, False) for a in axes)
    if t.is_floating_point() or t.dtype == torch.bool:
        return
    for a in wide:
        shape = (*x.shape[:a], *x.shape[a + 1 :])
        if _squeezed(t) == tuple(n for n in shape if n > 1):
            labels = t.reshape(shape).long().unsqueeze(a)
            inside = (labels >= 0) & (labels < x.shape[a])
            dense = torch.zeros(x.shape, dtype=torch.double, device=x.device)
            dense.scatter_(a, labels.where(inside, 0), inside.double())
            yield Compared(dense, a, True)


def _squeezed(x: Tensor) -> tuple[int, ...]:
    return tuple(n for n in x.shape if n > 1)


def _formulas(compared: Compared) -> Iterator[tuple[str, str, Callable[[Tensor], Tensor]]]:
    """List the losses, with what they are defined for and their derivative up to a factor."""
    t, axis = compared.dense, compared.axis
    if axis is not None:
        whole = t.sum(axis, keepdim=True)
        yield "cross_entropy", "any", lambda x: x.double().softmax(axis) * whole - t
        yield "log_loss", "probabilities", lambda x: -t / x.double()
        yield (
            NORMALISED,
            "probabilities",
            lambda x: whole / x.double().sum(axis, keepdim=True) - t / x.double(),
        )
        yield "nll", "any", lambda x: -t
    elif bool((t == 0.0).any()):
        yield "one_sided", "probabilities", lambda x: -t / x.double()
    yield "bce_with_logits", "any", lambda x: x.double().sigmoid() - t
    yield "bce", "probabilities", lambda x: (x.double() - t) / (x.double() * (1 - x.double()))
    yield "mse", "any", lambda x: x.double() - t
    yield "l1_loss", "any", lambda x: (x.double() - t).sign()
    yield "huber_loss", "any", lambda x: (x.double() - t).clamp(-1.0, 1.0)


def _sign(slope: Tensor | None, formula: Tensor, compared: Compared, by_row: bool) -> int:
    """Tell whether a derivative is a formula times positive factors, or negative ones; 0 if none.

    Parameters
    ----------
    slope, formula : Tensor
    compared : Compared
    by_row : bool
        Whether rows without any derivative are left out, as ignored ones are.
    """
    if slope is None or not slope.any():
        return 0
    counts = torch.ones_like(slope, dtype=torch.bool)
    if by_row:
        over = compared.axis if compared.axis is not None else slope.ndim - 1
        counts = slope.ne(0.0).any(over, keepdim=True).expand_as(slope)
    if int(counts.sum()) < FEWEST or not formula.isfinite().all():
        return 0
    along = (slope * formula)[counts]
    if max((along >= 0.0).double().mean(), (along <= 0.0).double().mean()) < AGREEING:
        return 0
    for groups in _groupings(compared):
        found = [_of_group(slope[counts & g], formula[counts & g]) for g in groups]
        signs = {sign for sign in found if sign is not None}
        if signs in ({1}, {-1}):
            return signs.pop()
    return 0


def _groupings(compared: Compared) -> Iterator[list[Tensor]]:
    """List the ways in which elements share a factor: all, those of a class, of a column."""
    t, axis = compared.dense, compared.axis
    yield [torch.ones_like(t, dtype=torch.bool)]
    if axis is not None and t.shape[axis] <= GROUPS:
        largest = t.argmax(axis, keepdim=True)
        yield [(largest == c).expand_as(t) for c in range(t.shape[axis])]
        column = torch.arange(t.shape[axis], device=t.device)
        column = column.reshape([-1 if a == axis else 1 for a in range(t.ndim)]).expand_as(t)
        yield [column == c for c in range(t.shape[axis])]
    values: Tensor = t.unique()  # type: ignore[no-untyped-call]
    if 1 < len(values) <= 2:
        yield [t == v for v in values]


def _of_group(slope: Tensor, formula: Tensor) -> int | None:
    """Tell the sign of the factor between two; None where too few elements are there, 0 if none."""
    square = formula.square().sum()
    if slope.numel() < FEWEST or not (square > 0.0 or slope.any()):
        return None
    factor = (slope * formula).sum() / square if square > 0.0 else torch.zeros(())
    expected = factor * formula
    allowed = TOLERANCE * (expected.abs() + expected.square().mean().sqrt())
    apart = slope - expected
    agrees = (apart.abs() <= allowed).double().mean() >= AGREEING
    # A label's element may be one of a thousand.
    agrees = agrees and apart.square().sum() <= ALTOGETHER**2 * slope.square().sum()
    return int(factor.sign()) if agrees else 0
