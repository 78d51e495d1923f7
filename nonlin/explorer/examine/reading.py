"""A log's content as a run, or a sentence on why it is none."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from nonlin.explorer.wrong import WrongRequestError
from nonlin.extras import missing_package

if TYPE_CHECKING:
    from nonlin.torch.runs import Run

__all__ = ["read", "read_bytes"]

# What a log is called on the page; its place on this machine is nobody's business.
NAME = "run.jsonl"


def read(file: Path) -> Run:
    """Load a log that has at least one reading.

    Raises
    ------
    WrongRequestError
        If it is no log, has no reading, or PyTorch is not installed.
    """
    try:
        from nonlin.torch.runs import load
    except ImportError:
        raise WrongRequestError("package", 422, sentence=missing_package("torch")) from None
    try:
        run = load(file)
    except Exception as error:
        # Whatever a file that no monitor wrote does to its reader, it is no log.
        reason = f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error)
        raise WrongRequestError("doctor_command.no_log", 422, file=NAME, reason=reason) from None
    if run.last is None or run.structure is None:
        raise WrongRequestError("doctor_command.empty_log", 422, file=NAME)
    return run


def read_bytes(content: bytes) -> Run:
    """Load a log that was sent."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        file.write_bytes(content)
        return read(file)
