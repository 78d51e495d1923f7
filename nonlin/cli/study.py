"""``nonlin study``: measure the document's claims and write what was found."""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.cli import earlier, study_output, study_shards
from nonlin.cli.errors import INTERRUPTED, WRONG_USAGE, CommandError, nearest, unwritable
from nonlin.cli.progress import progress_bar
from nonlin.extras import missing_package
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["add_arguments", "run"]

_FOLDER = Path("nonlin-study")
# The help is written before PyTorch is there: `nonlin.study.runner` has this number too, by test.
_MOST_BLOCKS = 3
_MOST_WORKERS = 8  # there are twelve phenomena, two of them long
_MODULES = ("torch", "sklearn", "scipy", "sympy", "matplotlib", "jinja2", "rich")


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""

    def help_of(name: str) -> str:
        return text(f"cli.study.help.{name}", lang)

    parser.add_argument("--out", type=Path, default=_FOLDER, metavar="DIR", help=help_of("out"))
    parser.add_argument("--seeds", type=int, metavar="N", help=help_of("seeds"))
    parser.add_argument("--blocks", type=int, metavar="N", help=_blocks(lang))
    parser.add_argument("--workers", type=int, metavar="N", help=_workers(lang))
    parser.add_argument("--skip", type=int, metavar="N", default=0, help=help_of("skip"))
    parser.add_argument("--quick", action="store_true", help=help_of("quick"))
    parser.add_argument("--only", nargs="+", type=str.upper, metavar="ID", help=_only(lang))
    parser.add_argument("--resume", action="store_true", help=help_of("resume"))
    parser.add_argument("--shard", metavar="I/N", help=help_of("shard"))
    study_shards.add_merge(parser, lang)


def _only(lang: str) -> str:
    from nonlin.study import claims

    return text("cli.study.help.only", lang, known=" ".join(claims.ids()))


def _blocks(lang: str) -> str:
    return text("cli.study.help.blocks", lang, blocks=_MOST_BLOCKS)


def _workers(lang: str) -> str:
    return text("cli.study.help.workers", lang, workers=_MOST_WORKERS)


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Measure, write the report, print the verdicts.

    Parameters
    ----------
    arguments : argparse.Namespace
    lang : str
        Language of the table and of ``index.html``.

    Returns
    -------
    int
        Exit code; that a claim fails is a finding and no failure.

    Raises
    ------
    CommandError
        For an unknown claim, too few seeds, or a folder that cannot be written or resumed, or
        whose results would be lost.
    """
    settings, workers = _settings(arguments, lang)
    if arguments.shard is not None:
        _check_writable(arguments.out, lang)
        return study_shards.measure(arguments, settings, workers, lang)
    results = _measured(arguments, settings, workers, lang)
    if not results.outcomes:
        raise CommandError(text("cli.study.kept_nothing", lang), INTERRUPTED)
    try:
        files = study_output.write(results, arguments.out, lang)
        study_output.show(results, files, lang, as_json=arguments.json)
    except KeyboardInterrupt:
        return _stopped(arguments, results, lang)
    except OSError as error:
        raise unwritable(error, error.filename or arguments.out, lang) from error
    return 0 if results.complete else _stopped(arguments, results, lang)


def _settings(arguments: argparse.Namespace, lang: str) -> tuple[dict[str, Any], int]:
    """What the study measures with, checked before anything slow is done, and the processes."""
    _check_extra(lang)
    from nonlin.installation import cores
    from nonlin.study.runner import BLOCKS, LEAST_SEEDS

    _check_claims(arguments.only, lang)
    if arguments.shard is not None:
        study_shards.parsed(arguments.shard, lang)
    seeds = LEAST_SEEDS if arguments.seeds is None else arguments.seeds
    if seeds < LEAST_SEEDS:
        fields = {"least": LEAST_SEEDS, "seeds": seeds}
        raise CommandError(text("cli.study.seeds_number", lang, **fields), WRONG_USAGE)
    blocks = _at_least("--blocks", 1, arguments.blocks, 1 if arguments.quick else BLOCKS, lang)
    workers = _at_least("--workers", 1, arguments.workers, min(cores(), _MOST_WORKERS), lang)
    skip = _at_least("--skip", 0, arguments.skip, 0, lang)
    return {"seeds": seeds, "quick": arguments.quick, "blocks": blocks, "skip": skip}, workers


def _measured(
    arguments: argparse.Namespace, settings: Mapping[str, Any], workers: int, lang: str
) -> "Results":
    from nonlin.study.runner import run as measure

    found = earlier.find(arguments.out, settings, arguments.only, arguments.resume, lang)
    _check_writable(arguments.out, lang)
    with progress_bar(lang) as progress:
        results = measure(
            arguments.only,
            **settings,
            workers=workers,
            progress=progress,
            previous=found,
            path=arguments.out / "results.json",
        )
    if results.outcomes and not results.complete:
        print(text("cli.study.stopping", lang), file=sys.stderr, flush=True)
    return results


def _at_least(option: str, least: int, value: int | None, default: int, lang: str) -> int:
    if value is not None and value < least:
        fields = {"option": option, "least": least, "value": value}
        raise CommandError(text("cli.study.least", lang, **fields), WRONG_USAGE)
    return default if value is None else value


def _check_extra(lang: str) -> None:
    """Miss what the report needs before minutes of measuring, not after."""
    for module in _MODULES:
        if find_spec(module) is None:
            raise CommandError(missing_package(module, lang, "study"))


def _check_claims(asked: list[str] | None, lang: str) -> None:
    from nonlin.study import claims

    for claim in asked or ():
        if claim not in claims.ids():
            raise nearest("claim", claim, claims.ids(), lang)


def _check_writable(folder: Path, lang: str) -> None:
    """Fail before minutes of measuring, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(error, folder, lang) from error


def _stopped(arguments: argparse.Namespace, results: "Results", lang: str) -> int:
    asked = earlier.asked(arguments.only)
    fields = {
        "count": len(asked & results.outcomes.keys()),
        "total": len(asked),
        "path": arguments.out / "results.json",
    }
    print(text("cli.study.kept", lang, **fields), file=sys.stderr)
    print(text("cli.study.continue", lang, command=_resuming(arguments)), file=sys.stderr)
    return INTERRUPTED


def _resuming(arguments: argparse.Namespace) -> str:
    """The command line that goes on from here, with the settings it must share."""
    words = ["nonlin", "study", "--resume"]
    if arguments.out != _FOLDER:
        words += ["--out", str(arguments.out)]
    if arguments.seeds is not None:
        words += ["--seeds", str(arguments.seeds)]
    if arguments.skip:
        words += ["--skip", str(arguments.skip)]
    if arguments.quick:
        words.append("--quick")
    for option in ("blocks", "workers"):
        if getattr(arguments, option) is not None:
            words += [f"--{option}", str(getattr(arguments, option))]
    if arguments.only:
        words += ["--only", *arguments.only]
    if "lang" in arguments:
        words += ["--lang", arguments.lang]
    return shlex.join(words)
