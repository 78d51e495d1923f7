"""What the numbers depend on, without anything that names the machine."""

from __future__ import annotations

import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = ("nonlin", "numpy", "scipy", "torch", "jax", "numexpr", "onnxruntime")


def environment() -> dict[str, Any]:
    """Processor, instruction set, versions and threads: results of another one are not mixed in."""
    import torch

    import nonlin

    return {
        "processor": _processor(),
        "threads": threads(),
        "memory_gib": round(memory() / 2**30),
        "instruction_set": nonlin.instruction_set(),
        "torch_instruction_set": torch.backends.cpu.get_cpu_capability(),
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {package: metadata.version(package) for package in PACKAGES},
        "code": code(),
    }


def threads() -> int:
    """Processors that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def memory() -> int:
    """Bytes of main memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _processor() -> str:
    """The model, and the caches that a thread has where the system says so."""
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor() or platform.machine()
    lines = information.read_text().splitlines()
    model = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (model[0] if model else platform.machine()) + _caches()


def _caches() -> str:
    folder = Path("/sys/devices/system/cpu/cpu0/cache")
    sizes = {}
    for cache in sorted(folder.glob("index*")):
        try:
            kind = (cache / "type").read_text().strip()
            level, size = (cache / "level").read_text(), (cache / "size").read_text()
        except OSError:
            continue
        if kind != "Instruction":
            sizes[level.strip()] = size.strip()
    return "".join(f", L{level} {size}" for level, size in sizes.items())


def code(*others: ModuleType) -> str:
    """A digest of what the timed calls run: the kernels, the Python above them, and others."""
    import nonlin.activation
    import nonlin.threads
    import nonlin.ufuncs

    digest = hashlib.sha256()
    for module in (nonlin.ufuncs, nonlin.activation, nonlin.threads, *others):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:12]
