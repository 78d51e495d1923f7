"""What a test of the user's own says about a model: healthy, or an assertion that fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from torch import nn
from torch.optim import Optimizer

from nonlin.activation import Activation
from nonlin.messages import language, text
from nonlin.messages.columns import wrapped
from nonlin.torch import wording
from nonlin.torch.exam import Exam
from nonlin.torch.exam_text import model_name, paragraphs
from nonlin.torch.examination import examine
from nonlin.torch.finding import RANK, Finding, Kind, rank
from nonlin.torch.mending.plan import likely
from nonlin.torch.places import Places
from nonlin.torch.seen import UNJUDGED, sentences, standing

__all__ = ["assert_healthy"]

# pytest puts "E   " and an indentation before each line of 80 columns.
WIDTH = 72


def assert_healthy(
    model: nn.Module,
    inputs: Any,
    targets: Any = None,
    loss_fn: Callable[..., Any] | None = None,
    *,
    optimizer: Optimizer | Sequence[Optimizer] | None = None,
    activations: Mapping[Any, Activation] | None = None,
    level: str = "error",
    ignore: Collection[str] = (),
) -> Exam:
    """Examine a model, and fail where something is wrong or nothing could be judged.

    Nothing of the model is changed: see `nonlin.torch.examine`.

    Parameters
    ----------
    model, inputs, targets, loss_fn, optimizer, activations
        As for `nonlin.torch.examine`: `inputs` is one batch or, with ``targets=None``, an iterable
        of batches such as a DataLoader.
    level : str
        From which severity on a finding fails: "error", "warning" or "note".
    ignore : collection of str
        Kinds of findings that do not fail, such as "dead_units"; see `nonlin.torch.findings`.

    Returns
    -------
    Exam
        For whatever else is to be asserted of it.

    Raises
    ------
    AssertionError
        With each finding in words, its place, what was measured, and for the first one what may
        mend it. Also where no activation or no layer that is trained was seen, since a test that
        could not fail says nothing.
    ValueError
        If `level` or a kind is none that is known.

    Examples
    --------
    >>> import torch
    >>> rng = torch.Generator().manual_seed(0)
    >>> x, y = torch.randn(256, 8, generator=rng), torch.randn(256, 1, generator=rng)
    >>> net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    >>> exam = assert_healthy(net, x, y, nn.functional.mse_loss)
    >>> with torch.no_grad():
    ...     _ = net[0].bias[:12].fill_(-100.0)
    >>> exam = assert_healthy(net, x, y, nn.functional.mse_loss, ignore=["dead_units"])
    >>> assert_healthy(net, x, y, nn.functional.mse_loss)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: Sequential is not healthy...
    """
    # Of a failure pytest shows the line of the test and not these.
    __tracebackhide__ = True
    ignored = _kinds(ignore)
    if level not in RANK:
        raise ValueError(f"level: expected one of {', '.join(RANK)}, got {level!r}")
    exam = examine(model, inputs, targets, loss_fn, optimizer=optimizer, activations=activations)
    failing = [
        each
        for each in exam.findings
        if rank(each.severity) >= RANK[level] and each.kind not in ignored
    ]
    if failing or standing(exam.reading) in UNJUDGED:
        raise AssertionError("\n".join(_lines(exam, failing, language())))
    return exam


def _kinds(given: Collection[str]) -> Collection[str]:
    names = (given,) if isinstance(given, str) else tuple(given)
    known = get_args(Kind)
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, n=1) or known
            raise ValueError(
                f"ignore: {name!r} is no kind of finding; did you mean {', '.join(near)}?"
            )
    return names


def _lines(exam: Exam, failing: Sequence[Finding], lang: str) -> Iterator[str]:
    model = model_name(exam, lang)
    if not failing:
        yield from wrapped(text("doctor.test.unseen", lang, model=model), WIDTH)
        for said in sentences(exam.reading, lang):
            yield from wrapped(said, WIDTH, "  ")
        return
    counts = {f"{word}s": sum(each.severity == word for each in failing) for word in RANK}
    yield from wrapped(text("doctor.test.failed", lang, model=model, **counts), WIDTH)
    for head, *rest in paragraphs(failing, Places.of_reading(exam.reading), lang):
        yield ""
        yield from wrapped(head, WIDTH)
        for line in rest:
            yield from wrapped(line, WIDTH, "  ")
    places = {each.site for each in failing}
    where = dict.fromkeys(site.where for site in exam.sites if site.where and site.name in places)
    if where:
        yield ""
        yield from wrapped(text("doctor.test.line", lang, lines=", ".join(where)), WIDTH)
    if hint := _hint(exam, failing, lang):
        yield ""
        yield from wrapped(hint, WIDTH)


def _hint(exam: Exam, failing: Sequence[Finding], lang: str) -> str:
    """Say what may mend the first root among them; "" where nothing is known that may."""
    root = next((each for each in failing if each.is_root), failing[0])
    change = likely(exam, root)
    if change is None:
        return ""
    return text("doctor.test.hint", lang, remedy=wording.remedy(change.key, lang, **change.fields))
