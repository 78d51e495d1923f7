"""How many threads a large array is split over; kernels/threads/pool.cpp does the splitting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from nonlin import ufuncs

_threads = 1


def get_num_threads() -> int:
    """Return how many threads a large array is split over.

    Examples
    --------
    >>> get_num_threads() >= 1
    True
    """
    return _threads


def set_num_threads(count: int) -> None:
    """Choose how many threads a large array is split over.

    Parameters
    ----------
    count : int
        At least 1. At import it is the environment variable ``NONLIN_NUM_THREADS``; else the
        number of processors that this process may use, but no more than a container's quota of
        processor time fills, nor than ``OMP_NUM_THREADS``. No result depends on it.

    Raises
    ------
    ValueError
        If `count` is not a positive integer.

    Examples
    --------
    >>> set_num_threads(get_num_threads())
    """
    global _threads
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"the number of threads must be a positive integer, got {count!r}")
    ufuncs._set_threads(count)
    _threads = count


def _asked() -> int | None:
    asked = os.environ.get("NONLIN_NUM_THREADS")
    if asked is None:
        return None
    if not asked.isdecimal() or int(asked) < 1:
        raise ImportError(f"NONLIN_NUM_THREADS is {asked!r}; expected a positive integer")
    return int(asked)


def usable(root: Path = Path("/")) -> int:
    """Count the threads that gain something where nobody asks for a number.

    There are no more than the processors that this process may run on, than its control groups'
    quota of time fills, and than ``OMP_NUM_THREADS`` gives a program of one's own (the first number
    of a list is for the outermost level). `root` is the file system that says so.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    bounds = [len(affinity(0)) if affinity else os.cpu_count() or 1, *_quotas(root)]
    outermost = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if outermost.isdecimal() and int(outermost) > 0:
        bounds.append(int(outermost))
    return min(bounds)


def _quotas(root: Path) -> Iterator[int]:
    """How many processors each control group of this process may fill, where one says so.

    Version 2 has the quota and its period in one file, version 1 in two; a container may see its
    own group as the topmost.
    """
    groups = root / "sys/fs/cgroup"
    for line in (*_read(root / "proc/self/cgroup").splitlines(), "0::/", "0:cpu:/"):
        _, controllers, name = (*line.split(":", 2), "", "")[:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = groups if not controllers else groups / "cpu"
        group = top / name.lstrip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(top):
                break
            quota, period = _quota(folder, bool(controllers))
            if quota > 0 and period > 0:
                yield max(1, ceil(quota / period))


def _quota(folder: Path, in_two_files: bool) -> tuple[int, int]:
    names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if in_two_files else ("cpu.max",)
    words = " ".join(_read(folder / name) for name in names).split()
    # No quota is "max" in version 2, -1 in version 1.
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        return 0, 0
    return int(words[0]), int(words[1])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


set_num_threads(_asked() or usable())
