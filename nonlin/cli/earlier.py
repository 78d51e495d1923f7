"""What a folder holds from an earlier study: gone on from, or else not lost unasked."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.cli.errors import WRONG_USAGE, CommandError
from nonlin.cli.measurement import read
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.study.results import Results

__all__ = ["asked", "find"]


def asked(only: Iterable[str] | None) -> frozenset[str]:
    """The ids of the claims that a command line asks for.

    Parameters
    ----------
    only : iterable of str or None
        What ``--only`` names; None means every claim.

    Returns
    -------
    frozenset of str
    """
    from nonlin.study import claims

    return frozenset(claims.ids() if only is None else only)


def find(
    folder: Path,
    settings: Mapping[str, Any],
    only: Iterable[str] | None,
    resume: bool,
    lang: str,
) -> "Results | None":
    """Look into the folder before anything is measured.

    Parameters
    ----------
    folder : Path
        Where the study writes.
    settings : mapping of str to object
        Seeds, size and skipped seeds of the study to come.
    only : iterable of str or None
        The claims to measure; None means all.
    resume : bool
        Whether to go on from what is there.
    lang : str
        Language of the sentences.

    Returns
    -------
    Results or None
        What to go on from; None to measure from the start.

    Raises
    ------
    CommandError
        If the settings do not fit, or results would be lost.
    """
    file = folder / "results.json"
    if not file.is_file():
        if resume:
            print(text("cli.study.nothing_to_resume", lang, path=folder), file=sys.stderr)
        return None
    previous = read(file, lang)
    if resume:
        _check_settings(previous, settings, folder, lang)
        _tell(previous, asked(only), lang)
        return previous
    _check_kept(previous, settings, asked(only), folder, lang)
    return None


def _difference(previous: "Results", settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first setting that differs, with its value before and now."""
    from nonlin.study.runner import COMPARED

    for name, default in COMPARED.items():
        before, now = previous.settings.get(name, default), settings[name]
        if before != now:
            return {"name": name, "before": before, "now": now}
    return None


def _check_settings(
    previous: "Results", settings: Mapping[str, Any], folder: Path, lang: str
) -> None:
    difference = _difference(previous, settings)
    if difference is not None:
        sentence = text("cli.study.other_settings", lang, path=folder, **difference)
        raise CommandError(sentence, WRONG_USAGE)


def _tell(previous: "Results", wanted: frozenset[str], lang: str) -> None:
    count, total = len(wanted & previous.outcomes.keys()), len(wanted)
    state = "resuming" if count < total else "all_measured"
    print(text(f"cli.study.{state}", lang, count=count, total=total), file=sys.stderr)


def _check_kept(
    previous: "Results",
    settings: Mapping[str, Any],
    wanted: frozenset[str],
    folder: Path,
    lang: str,
) -> None:
    """Refuse to write over claims that are not measured anew, or not as thoroughly."""
    difference = _difference(previous, settings)
    lost = previous.outcomes.keys() - wanted
    if difference is None:
        if lost:
            sentence = text("cli.study.would_lose", lang, path=folder, count=len(lost))
            raise CommandError(sentence, WRONG_USAGE)
    elif lost or _thoroughness(previous.settings) > _thoroughness(settings):
        sentence = text("cli.study.would_replace", lang, path=folder, **difference)
        raise CommandError(sentence, WRONG_USAGE)


def _thoroughness(settings: Mapping[str, Any]) -> tuple[bool, int]:
    """What makes one study worth more than another: its full size, then its seeds."""
    # Studies of before there were blocks had one.
    return not settings["quick"], settings["seeds"] * settings.get("blocks", 1)
