"""A study in parts: ``--shard I/N`` measures one, ``nonlin study merge`` joins them."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.cli import earlier, study_output, terminal
from nonlin.cli.errors import INTERRUPTED, WRONG_USAGE, CommandError, unwritable
from nonlin.cli.measurement import loaded
from nonlin.cli.progress import progress_bar
from nonlin.cli.wording import Formatter
from nonlin.messages import languages, text

if TYPE_CHECKING:
    from nonlin.study.shards import Shard

__all__ = ["add_merge", "measure", "parsed"]


def add_merge(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare ``nonlin study merge``, described in a language."""
    actions = parser.add_subparsers(
        dest="action", metavar="[merge]", title=text("cli.study.actions", lang)
    )
    merge = actions.add_parser(
        "merge",
        help=text("cli.study.merge.summary", lang),
        description=text("cli.study.merge.description", lang),
        epilog=text("cli.study.merge.examples", lang),
        formatter_class=Formatter,
    )
    merge.add_argument(
        "shards", nargs="+", type=Path, metavar="SHARD", help=text("cli.study.merge.shards", lang)
    )

    def shared(name: str, key: str, **keywords: Any) -> None:
        # SUPPRESS: what is missing here must not undo what stands before the word "merge".
        merge.add_argument(name, default=argparse.SUPPRESS, help=text(key, lang), **keywords)

    shared("--out", "cli.study.help.out", type=Path, metavar="DIR")
    shared("--json", "cli.help.json", action="store_true")
    shared("--lang", "cli.help.lang", choices=languages())
    merge.set_defaults(run=_merge)


def parsed(value: str, lang: str) -> tuple[int, int]:
    """Read I/N; CommandError for anything else."""
    from nonlin.study.shards import numbered

    try:
        return numbered(value)
    except ValueError:
        raise CommandError(text("cli.study.shard.wrong", lang, value=value), WRONG_USAGE) from None


def measure(
    arguments: argparse.Namespace, settings: Mapping[str, Any], workers: int, lang: str
) -> int:
    """Measure one part and say where it is.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of ``nonlin study``, with ``--shard``.
    settings : mapping of str to object
        Seeds, size, blocks and skipped seeds, checked.
    workers : int
    lang : str

    Returns
    -------
    int
        Exit code.
    """
    from nonlin.study import shards

    number, of = parsed(arguments.shard, lang)
    file = arguments.out / shards.file_name(number, of)
    previous = _previous(file, arguments.resume, lang)
    with _in_words(lang), progress_bar(lang, with_verdicts=False) as progress:
        shard = shards.measure(
            number,
            of,
            arguments.only,
            **settings,
            workers=workers,
            progress=progress,
            previous=previous,
            path=file,
        )
    _say(shard, file, arguments.json, lang)
    return 0 if shard.complete else INTERRUPTED


@contextmanager
def _in_words(lang: str) -> Iterator[None]:
    """Say in the reader's language why parts make no study together."""
    from nonlin.study.shards import ShardsError

    try:
        yield
    except ShardsError as error:
        sentence = text(f"study.shards.{error.kind}", lang, **error.fields)
        raise CommandError(sentence, WRONG_USAGE) from error


def _previous(file: Path, resume: bool, lang: str) -> "Shard | None":
    if not file.exists():
        if resume:
            print(text("cli.study.shard.nothing", lang, path=file), file=sys.stderr)
        return None
    if not resume:
        raise CommandError(text("cli.study.shard.exists", lang, path=file), WRONG_USAGE)
    return _read(file, lang)


def _say(shard: "Shard", file: Path, as_json: bool, lang: str) -> None:
    count, done = len(shard.units), len(shard.blocks)
    fields = {"path": file, "number": shard.number, "of": shard.of, "count": count, "done": done}
    if as_json:
        terminal.print_json({**fields, "path": str(file), "complete": shard.complete})
    elif shard.complete:
        print(text("cli.study.shard.written", lang, **fields))
    if not shard.complete:
        print(text("cli.study.shard.kept", lang, **fields), file=sys.stderr)


def _merge(arguments: argparse.Namespace, lang: str) -> int:
    """Join the parts, write the report, print the verdicts."""
    from nonlin.study import results, shards

    files = [file for path in arguments.shards for file in _files(path, lang)]
    with _in_words(lang):
        found = shards.merge([_read(file, lang) for file in files])
    earlier.find(arguments.out, found.settings, list(found.outcomes), False, lang)
    try:
        results.save(found, arguments.out / "results.json")
        written = study_output.write(found, arguments.out, lang)
    except OSError as error:
        raise unwritable(error, error.filename or arguments.out, lang) from error
    study_output.show(found, written, lang, as_json=arguments.json)
    return 0


def _files(path: Path, lang: str) -> list[Path]:
    """The file itself, or every shard's file in the folder."""
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("shard-*-of-*.json"))
    if not found:
        raise CommandError(text("cli.study.merge.empty", lang, path=path))
    return found


def _read(file: Path, lang: str) -> "Shard":
    from nonlin.study.shards import load

    return loaded(file, load, "cli.study.shard.broken", lang)
