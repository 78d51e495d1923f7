"""The log of a run: JSON Lines that only grow, whole after a crash at any moment."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nonlin.torch.plain import from_json
from nonlin.torch.runs.lines import snapshot_of, structure_of
from nonlin.torch.runs.packing import LEVELS
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import Snapshot, snapshot, structure

__all__ = ["FORMAT", "LogError", "append", "load", "mend"]

FORMAT = 1
_RESUMED = b'{"resumed":'
_EXAMINATION = re.compile(rb'\s*{\s*"format"\s*:\s*"nonlin examination')


class LogError(ValueError):
    """A file that is no log of a run."""


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line with one call of the operating system.

    A process that is killed leaves the whole line, none of it or, on a full disk, a torn one at the
    end of the file, which readers leave out.

    Parameters
    ----------
    path : Path
    line : mapping
        Plain values.
    """
    written = json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with path.open("ab", buffering=0) as file:
        file.write(f"{written}\n".encode())


def mend(path: Path) -> None:
    """Cut a torn last line off, so that the next one begins where a line should."""
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def load(path: str | Path, *, until: int | None = None) -> Run:
    """Read a log; an examination, as `Exam.to_json` writes it, is a run of one reading.

    Parameters
    ----------
    path : str or Path
    until : int, optional
        Leave out the readings after this step, as where the training goes on from a checkpoint.

    Returns
    -------
    Run

    Raises
    ------
    OSError
        If the file cannot be read.
    LogError
        If it is no log, or was changed by another program.
    """
    if _is_examination(Path(path)):
        return _of_examination(Path(path))
    last = _superseded(Path(path), until)
    run = None
    for number, line in _lines(Path(path)):
        try:
            if run is None:
                run = Run(_header(line))
            elif "steps" in line:
                run.describe(structure_of(line))
            elif "step" in line:
                _take(run, snapshot_of(line), last(number))
        except LogError:
            raise
        except KeyError as error:
            raise LogError(
                f"line {number} is no line of a run's log: {error} is missing"
            ) from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise LogError(f"line {number} is no line of a run's log: {error}") from error
    if run is None:
        _refuse_other_json(Path(path))
        raise LogError("the file is empty")
    return run


def require_log(path: Path) -> None:
    """Raise LogError unless a file begins as a log does; without a whole line it may become one."""
    if _is_examination(path):
        return
    for _, line in _lines(path):
        _header(line)
        return


def _refuse_other_json(path: Path) -> None:
    """Say of a file of one line without an end that it is no log, if it is JSON as it stands."""
    try:
        whole = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    _header(whole if isinstance(whole, dict) else {})


def _is_examination(path: Path) -> bool:
    with path.open("rb") as file:
        return _EXAMINATION.match(file.read(256)) is not None


def _of_examination(path: Path) -> Run:
    try:
        reading, findings = from_json(path.read_text(encoding="utf-8"))
        known = reading.environment
        versions = {"torch": known.get("torch", "?")}
        run = Run({"model": {"class": known.get("model", "?")}, "versions": versions})
        run.describe(structure(reading))
        run.add(snapshot(reading, reading.step or 0, findings))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise LogError(str(error)) from error
    return run


def _header(line: Mapping[str, Any]) -> Mapping[str, Any]:
    if line.get("nonlin") != "run":
        raise LogError('the first line is not {"nonlin": "run", ...}')
    if line.get("format") != FORMAT:
        raise LogError(f"format {line.get('format')!r} is not {FORMAT}, which this version reads")
    parts = ("versions", "settings", "model")
    known = {part: line.get(part, {}) for part in parts}
    for part, value in known.items():
        if not isinstance(value, dict):
            raise LogError(f"the first line's {part!r} is not a JSON object")
    return {**line, **known}


def _take(run: Run, snapshot: Snapshot, last: float) -> None:
    """Add a reading that no later line takes back, if it is one of the run's sites and layers."""
    known = run.structure
    if known is None:
        raise ValueError("a reading stands before the line that names its sites")
    for name, found, expected in (
        ("sites", snapshot.sites, known.sites),
        ("layers", snapshot.layers, known.layers),
    ):
        if len(found) != len(expected):
            raise ValueError(f"expected {len(expected)} {name}, got {len(found)}")
    for state, site in zip(snapshot.sites, known.sites, strict=True):
        units = int(str(site["units"]))
        state.which(units)
        if len(state.passing) != min(units, LEVELS):
            raise ValueError(f"expected {min(units, LEVELS)} units, got {len(state.passing)}")
    if snapshot.step <= last:
        run.add(snapshot)


def _superseded(path: Path, until: int | None) -> Callable[[int], float]:
    """For a line's number, the last step that no later line has taken back."""
    marks = []
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.startswith(_RESUMED) and raw.endswith(b"\n"):
                step = _parsed(number, raw)["resumed"]
                if isinstance(step, bool) or not isinstance(step, int):
                    raise LogError(f"line {number} goes back to no step")
                marks.append((number, step))
    limit = math.inf if until is None else until
    return lambda line: min([limit, *(step for number, step in marks if number > line)])


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines with their numbers, from 1; a last one that was torn is left out."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                return
            yield number, _parsed(number, raw)


def _parsed(number: int, raw: bytes) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except RecursionError as error:
        raise LogError(f"line {number} is nested too deeply") from error
    except ValueError as error:
        raise LogError(f"line {number} is not JSON") from error
    if not isinstance(line, dict):
        raise LogError(f"line {number} is not a JSON object")
    return line
