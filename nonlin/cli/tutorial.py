"""``nonlin tutorial``: the notebooks as files of one's own, opened where Jupyter is installed."""

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from nonlin.cli.errors import unwritable
from nonlin.messages import text

__all__ = ["add_arguments", "run"]

FOLDER = "nonlin-tutorial"
# What opens notebooks, the first that is installed.
PROGRAMS = ("jupyterlab", "notebook")


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(FOLDER),
        metavar="DIR",
        help=text("cli.tutorial.help.out", lang, folder=FOLDER),
    )
    parser.add_argument(
        "--no-open", action="store_true", help=text("cli.tutorial.help.no_open", lang)
    )


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Write the notebooks and open them.

    A file that is there already is left as it is: it may hold a reader's answers.

    Parameters
    ----------
    arguments : argparse.Namespace
        With `out`, `no_open`.
    lang : str

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CommandError
        If the files cannot be written.
    """
    written = _write(arguments.out, lang)
    program = next((name for name in PROGRAMS if find_spec(name)), None)
    if arguments.json:
        import json

        print(json.dumps({"written": [str(path) for path in written]}, ensure_ascii=False))
        return 0
    for path in written:
        print(text("cli.written", lang, path=path))
    kept = sum(1 for _ in arguments.out.glob("*.ipynb")) - len(written)
    if kept:
        print(text("cli.tutorial.kept", lang, count=kept))
    if program is None:
        print(text("cli.tutorial.no_jupyter", lang), file=sys.stderr)
    elif not arguments.no_open:
        # Jupyter's own default is this machine alone; a setting of the user's may say otherwise.
        command = [sys.executable, "-m", program, "--ServerApp.ip=127.0.0.1", str(arguments.out)]
        return subprocess.run(command, check=False).returncode
    return 0


def _write(folder: Path, lang: str) -> list[Path]:
    from nonlin.tutorial import as_notebook, sources

    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources(lang):
            path = folder / f"{source.name.removesuffix('.md')}.ipynb"
            if not path.exists():
                path.write_text(as_notebook(source.read_text("utf-8"), lang), encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise unwritable(error, folder, lang) from error
    return written
