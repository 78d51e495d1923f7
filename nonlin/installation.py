"""What is installed here and what it runs on, without anything that names the machine."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from nonlin import __version__
from nonlin.activation import instruction_set
from nonlin.threads import get_num_threads

__all__ = ["EXTRAS", "cores", "extras", "installation", "processor", "version_of"]

# Those for users; docs/versions.md lists them.
EXTRAS = ("symbolic", "plot", "cli", "torch", "study", "explore", "cluster")

# What changes which kernels run and on how many threads, or the language.
_VARIABLES = ("NONLIN_INSTRUCTION_SET", "NONLIN_NUM_THREADS", "OMP_NUM_THREADS", "LC_ALL", "LANG")

_REQUIREMENT = re.compile(
    r"""(?P<name>[\w.-]+)\s*(?:\[(?P<inner>[\w,\s.-]+)\])?[^;]*"""
    r"""(?:;.*extra\s*==\s*["'](?P<extra>[\w.-]+)["'].*)?$"""
)


def version_of(package: str) -> str | None:
    """Give the version of a package as its installation says it; None where it is missing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str | None:
    """Name the processor's model as the system does: what a time depends on."""
    if platform.system() == "Darwin":
        line = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(line, capture_output=True, text=True).stdout.strip() or None
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return platform.processor() or None
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text("utf-8"), re.MULTILINE)
    return found[1].strip() if found else None


def cores() -> int:
    """Count the logical processors that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def extras() -> dict[str, list[str]]:
    """Say for each extra which packages of it are missing; an empty list says that it is there.

    Which packages an extra brings is what was written down when this package was installed; where
    nothing was, there are no extras.
    """
    brought = _brought()
    return {
        name: [each for each in _packages(name, brought) if version_of(each) is None]
        for name in EXTRAS
        if name in brought
    }


def _brought() -> dict[str, list[re.Match[str]]]:
    """What each extra requires; what the package itself does is under no name."""
    found: dict[str, list[re.Match[str]]] = {}
    try:
        requirements = distribution("nonlin").requires or []
    except PackageNotFoundError:
        return found
    for requirement in requirements:
        match = _REQUIREMENT.match(requirement)
        if match is not None:
            found.setdefault(match["extra"] or "", []).append(match)
    return found


def _packages(extra: str, brought: dict[str, list[re.Match[str]]]) -> Iterator[str]:
    for each in brought.get(extra, []):
        if each["name"] != "nonlin":
            yield each["name"]
            continue
        for inner in each["inner"].split(","):
            yield from _packages(inner.strip(), brought)


def installation() -> dict[str, Any]:
    """Describe this installation: versions, processor, settings and extras.

    Returns
    -------
    dict
        Plain data. It holds no path, no host name and no user's name.
    """
    brought = _brought()
    names = {"numpy"}.union(*(_packages(extra, brought) for extra in ("", *EXTRAS)))
    versions = {name: version_of(name) for name in sorted(names)}
    return {
        "nonlin": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "processor": processor(),
        "cores": cores(),
        "instruction_set": instruction_set(),
        "threads": get_num_threads(),
        "encoding": sys.stdout.encoding,
        "variables": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        "packages": {name: number for name, number in versions.items() if number is not None},
        "extras": {
            name: {"installed": not gone, "missing": gone} for name, gone in extras().items()
        },
    }
