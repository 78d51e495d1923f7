"""``nonlin doctor``: examine a model, watch it train, or read a run's log."""

import argparse
import json
from pathlib import Path

from nonlin.cli import doctor_output, terminal
from nonlin.cli.doctor_checkup import Checkup, is_judged
from nonlin.cli.doctor_sarif import sarif
from nonlin.cli.errors import FAILED, NOTHING_SEEN, WRONG_USAGE, CommandError, unwritable
from nonlin.messages import text

__all__ = ["ROOM", "add_arguments", "run"]

# What --sarif without a path writes to: the standard output.
STANDARD = Path("-")

_FAIL_ON = ("error", "warning", "note", "never")

# Where its sentences are.
ROOM = "doctor_command"


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""

    def help_of(name: str) -> str:
        return text(f"doctor_command.help.{name}", lang)

    parser.add_argument(
        "target", metavar="FILE.py[:build]|run.jsonl|exam.json", help=help_of("target")
    )
    parser.add_argument("--train", type=int, metavar="N", help=help_of("train"))
    parser.add_argument("--every", type=int, metavar="K", help=help_of("every"))
    parser.add_argument("--learning-rate", type=float, metavar="RATE", help=help_of("rate"))
    parser.add_argument("--trial", type=int, metavar="N", help=help_of("trial"))
    parser.add_argument("--log", type=Path, metavar="PATH", help=help_of("log"))
    parser.add_argument("--remedy", action="store_true", help=help_of("remedy"))
    parser.add_argument("--mend", action="store_true", help=help_of("mend"))
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help=help_of("time_limit"))
    parser.add_argument("--html", type=Path, metavar="PATH", help=help_of("html"))
    parser.add_argument(
        "--sarif", nargs="?", type=Path, const=STANDARD, metavar="PATH", help=help_of("sarif")
    )
    parser.add_argument(
        "--activation",
        action="append",
        default=[],
        metavar="CLASS[=FUNCTION]",
        help=help_of("activation"),
    )
    parser.add_argument(
        "--fail-on",
        choices=_FAIL_ON,
        default="error",
        metavar="{error,warning,note,never}",
        help=help_of("fail_on"),
    )


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Examine, print what was found, write the report.

    Parameters
    ----------
    arguments : argparse.Namespace
    lang : str

    Returns
    -------
    int
        1 if a finding is as severe as ``--fail-on`` says, or more; 3 if none is and no activation,
        or no layer that is trained, was seen; else 0.

    Raises
    ------
    CommandError
        With the code of wrong usage, for a file that is missing, holds no such function, fails or
        returns something else.
    """
    if arguments.json and arguments.sarif == STANDARD:
        raise CommandError(text("doctor_command.one_output", lang), WRONG_USAGE)
    if arguments.target.endswith((".jsonl", ".json")):
        checkup = _of_log(arguments, lang)
    else:
        checkup = _of_file(arguments, lang)
    if arguments.html is not None:
        _write(checkup, arguments.html, lang)
    if arguments.sarif == STANDARD:
        terminal.print_json(sarif(checkup, lang))
    else:
        if arguments.sarif is not None:
            _write_sarif(checkup, arguments.sarif, lang)
        doctor_output.show(checkup, lang, as_json=arguments.json, html=arguments.html)
    if _fails(checkup, arguments.fail_on):
        return FAILED
    return 0 if is_judged(checkup) or arguments.fail_on == "never" else NOTHING_SEEN


def _fails(checkup: Checkup, limit: str) -> bool:
    from nonlin.torch.finding import RANK, rank

    return limit != "never" and any(rank(each.severity) >= RANK[limit] for each in checkup.findings)


def _of_log(arguments: argparse.Namespace, lang: str) -> Checkup:
    from nonlin.cli.measurement import read_log

    for option in ("train", "every", "learning_rate", "trial", "log", "remedy", "mend",
                   "time_limit", "activation"):  # fmt: skip
        if getattr(arguments, option):
            name = "--" + option.replace("_", "-")
            raise CommandError(text("doctor_command.not_with_log", lang, option=name), WRONG_USAGE)
    run = read_log(Path(arguments.target), lang)
    assert run.last is not None
    return Checkup(arguments.target, run.last.findings, run=run)


def _of_file(arguments: argparse.Namespace, lang: str) -> Checkup:
    from nonlin.cli import doctor_file, doctor_training
    from nonlin.cli.doctor_activations import declared

    doctor_training.check(arguments, lang)
    _check_limit(arguments, lang)
    for_programs = arguments.json or arguments.sarif == STANDARD
    with doctor_file.quiet(for_programs):
        patient = doctor_file.load(arguments.target, lang)
        patient.activations = declared(patient.model, arguments.activation, lang)
        patient.trial = doctor_training.trial_steps(patient, arguments.trial, lang)
    with doctor_file.running(lang), doctor_file.quiet(for_programs):
        if arguments.train:
            exam, run = doctor_training.train(patient, arguments, lang)
        else:
            exam, run = patient.examine(), None
        limit = arguments.time_limit
        remedies = tuple(exam.remedies(time_limit=limit)) if arguments.remedy else None
        mended = exam.mend(time_limit=limit) if arguments.mend else None
    return Checkup(arguments.target, exam.findings, exam, run, remedies, mended)


def _check_limit(arguments: argparse.Namespace, lang: str) -> None:
    limit = arguments.time_limit
    if limit is None:
        return
    if not (arguments.remedy or arguments.mend):
        raise CommandError(text("doctor_command.needs_remedy", lang), WRONG_USAGE)
    if not limit > 0.0:
        said = text("doctor_command.positive", lang, option="--time-limit", value=limit)
        raise CommandError(said, WRONG_USAGE)


def _write(checkup: Checkup, path: Path, lang: str) -> None:
    from nonlin.report import examination

    try:
        tried = checkup.remedies or (checkup.mended.remedies if checkup.mended else ())
        examination(checkup.exam, path, lang, run=checkup.run, remedies=tried)
    except OSError as error:
        raise unwritable(error, path, lang) from error


def _write_sarif(checkup: Checkup, path: Path, lang: str) -> None:
    content = json.dumps(sarif(checkup, lang), ensure_ascii=False, indent=2)
    try:
        path.write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise unwritable(error, path, lang) from error
