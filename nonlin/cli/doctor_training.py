"""Train a user's model for some steps under a monitor."""

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nonlin.cli import terminal
from nonlin.cli.doctor_file import Patient
from nonlin.cli.errors import WRONG_USAGE, CommandError, unwritable
from nonlin.cli.progress import bar
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.torch.examination import Exam
    from nonlin.torch.runs import Run

__all__ = ["check", "train", "trial_steps"]

# Enough for a trend and a picture, and little beside the training.
_READINGS = 40
_RATE = 1e-3


def check(arguments: argparse.Namespace, lang: str) -> None:
    """Refuse numbers that make no training.

    Raises
    ------
    CommandError
    """
    for option in ("train", "every", "learning_rate"):
        value = getattr(arguments, option)
        name = "--" + option.replace("_", "-")
        if value is not None and not (value > 0 and math.isfinite(value)):
            sentence = text("doctor_command.positive", lang, option=name, value=value)
            raise CommandError(sentence, WRONG_USAGE)
        if value is not None and arguments.train is None:
            sentence = text("doctor_command.needs_train", lang, option=name)
            raise CommandError(sentence, WRONG_USAGE)
    if arguments.log is not None:
        if arguments.train is None:
            sentence = text("doctor_command.needs_train", lang, option="--log")
            raise CommandError(sentence, WRONG_USAGE)
        if arguments.log.exists():
            sentence = text("doctor_command.log_exists", lang, path=arguments.log)
            raise CommandError(sentence, WRONG_USAGE)


def trial_steps(patient: Patient, asked: int | None, lang: str) -> int:
    """Tell for how many steps learning rates are tried: with an optimizer some, if nobody says.

    Raises
    ------
    CommandError
    """
    from nonlin.torch.mending.ladder import LEAST_STEPS, USUAL_STEPS

    if asked is None:
        return USUAL_STEPS if patient.optimizers else 0
    if asked and not patient.optimizers:
        raise CommandError(text("doctor_command.no_optimizer", lang), WRONG_USAGE)
    if asked and asked < LEAST_STEPS:
        fields = {"least": LEAST_STEPS, "value": asked}
        raise CommandError(text("doctor_command.short_trial", lang, **fields), WRONG_USAGE)
    return asked


def train(patient: Patient, arguments: argparse.Namespace, lang: str) -> tuple["Exam", "Run"]:
    """Train, and examine at the end.

    Without an optimizer of the user's, Adam trains. Inputs that are batches are gone through again
    and again; else every step takes all of them.

    Parameters
    ----------
    patient : Patient
    arguments : argparse.Namespace
    lang : str

    Returns
    -------
    Exam, Run
    """
    from nonlin.torch.monitor import Monitor

    _prepare(patient, arguments.learning_rate)
    tried = _tried_before(patient)
    # With the one before the first step there are no more than _READINGS.
    every = arguments.every or max(1, math.ceil(arguments.train / (_READINGS - 1)))
    try:
        monitor = Monitor(
            patient.model,
            (patient.inputs, patient.targets),
            patient.loss_fn,
            patient.optimizer,
            every=every,
            log=arguments.log,
            activations=patient.activations,
            quiet=True,
        )
    except OSError as error:
        raise unwritable(error, arguments.log, lang) from error
    with _progress(arguments.train, lang) as show:
        for _, loss in zip(range(arguments.train), _losses(patient), strict=False):
            monitor.step()
            show(loss)
    if arguments.train % every:
        monitor.read()
    return tried(patient.examine()), monitor.run


def _tried_before(patient: Patient) -> "Callable[[Exam], Exam]":
    """Try learning rates from where the training begins, for the examination at its end."""
    from nonlin.torch.case import Case
    from nonlin.torch.findings import findings
    from nonlin.torch.measuring.objective import own_loss
    from nonlin.torch.mending.ladder import tried

    if not patient.trial:
        return lambda exam: exam
    case = Case(
        patient.model, patient.inputs, patient.targets, patient.loss_fn or own_loss,
        patient.optimizer, patient.activations, patient.trial,
    )  # fmt: skip
    trial, notes = tried(case)
    patient.trial = 0

    def added(exam: "Exam") -> "Exam":
        began = None if trial is None else replace(trial, stepped=True)
        reading = replace(exam.reading, trial=began, notes=(*exam.reading.notes, *notes))
        return replace(exam, reading=reading, findings=findings(reading))

    return added


def _prepare(patient: Patient, rate: float | None) -> None:
    if patient.optimizer is None:
        import torch

        patient.optimizer = torch.optim.Adam(patient.model.parameters(), lr=_RATE)
    for optimizer in patient.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate or group["lr"]


def _losses(patient: Patient) -> Iterator[float]:
    """Train a step for each loss that is asked for."""
    from nonlin.torch.measuring.batches import batches
    from nonlin.torch.measuring.objective import own_loss

    while True:
        for batch in batches(patient.inputs, patient.targets):
            for optimizer in patient.optimizers:
                optimizer.zero_grad()
            outputs = patient.model(*batch.args, **batch.kwargs)
            given = () if batch.targets is None else (batch.targets,)
            loss = (patient.loss_fn or own_loss)(outputs, *given)
            loss.backward()
            for optimizer in patient.optimizers:
                optimizer.step()
            yield float(loss.detach())


@contextmanager
def _progress(steps: int, lang: str) -> Iterator[Callable[[float], None]]:
    """Show how far a training is, and its loss; a log has no use for it."""
    console = terminal.console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with bar(console, lang) as shown:
        task = shown.add_task(text("doctor_command.training", lang), total=steps)

        def show(loss: float) -> None:
            words = text("doctor_command.training_loss", lang, loss=f"{loss:.4g}")
            shown.update(task, advance=1, description=words)

        yield show
