"""Compile the kernels and the extension for the systems that this is not: make portability

The compilers are those of PyPI's ziglang: Clang, with each system's headers and libraries. Where a
system has no headers of Python's and NumPy's here, they are this one's with its sizes put right.
What is linked for musl is run as well, and its bits are compared.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from bits import FEW, of_build, results
from builds import INSTALLED
from cross import ROOT, System, compiled, instruction_sets, program

ZIG = (sys.executable, "-m", "ziglang")


def zig(name: str, target: str, runner: tuple[str, ...] | None = None) -> System:
    """A system that zig has a name for."""
    processor = "arm64" if target.startswith("aarch64") else "x86-64"
    return System(name, (*ZIG, "c++", "-target", target), processor, runner)


WINDOWS = zig("Windows x86-64", "x86_64-windows-gnu")
SYSTEMS = (
    zig("macOS arm64", "aarch64-macos"),
    zig("macOS x86-64", "x86_64-macos"),
    WINDOWS,
    zig("Linux arm64", "aarch64-linux-gnu"),
    zig("musl x86-64", "x86_64-linux-musl", ()),
    zig("musl arm64", "aarch64-linux-musl"),
)
# What the headers of Linux x86-64 say otherwise than another system's. Windows has a configuration
# of Python's that is written by hand; this is what the headers ask for.
PYTHON_ON_WINDOWS = """
#define MS_WINDOWS
#define MS_WIN32
#define MS_WIN64
#define HAVE_DECLSPEC_DLL
#define Py_ENABLE_SHARED
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_WCHAR_T 2
#define HAVE_LONG_LONG 1
#define ALIGNOF_MAX_ALIGN_T 8
"""
SHORT_LONG_DOUBLE = {"LONGDOUBLE": 8, "COMPLEX_LONGDOUBLE": 16}
NUMPY_SIZES = {
    "macOS arm64": SHORT_LONG_DOUBLE,
    "macOS x86-64": {},
    "Windows x86-64": SHORT_LONG_DOUBLE | {"LONG": 4, "WCHAR_T": 2, "OFF_T": 4},
}


def headers(system: System) -> list[Path]:
    """The folders of Python's and of NumPy's headers."""
    folders = [Path(sysconfig.get_path("include")), Path(np.get_include())]
    if system.name not in NUMPY_SIZES:
        return folders
    copies = [system.folder / "include" / name for name in ("python", "numpy")]
    for folder, copy in zip(folders, copies, strict=True):
        shutil.copytree(folder, copy, dirs_exist_ok=True)
    if system is WINDOWS:
        (copies[0] / "pyconfig.h").write_text(PYTHON_ON_WINDOWS)
    sizes = copies[1] / "numpy" / "_numpyconfig.h"
    text = sizes.read_text().replace("#define NPY_HAVE_ENDIAN_H 1\n", "")
    for name, size in NUMPY_SIZES[system.name].items():
        text = re.sub(rf"(NPY_SIZEOF_{name}) \d+", rf"\1 {size}", text)
    sizes.write_text(text)
    return copies


def objects(system: System) -> list[Path]:
    """Compile the kernels and the extension."""
    arguments = ["-DPy_LIMITED_API=0x030b0000", "-fPIC"]
    arguments += [f"-isystem{folder}" for folder in headers(system)]
    sources = sorted((ROOT / "kernels/python").glob("*.cpp"))
    return compiled(system, [(source, arguments) for source in sources])


def python_library(system: System, modules: list[Path]) -> list[str]:
    """What gives an extension the interpreter's names on this system, for the linker."""
    if "macos" in system.compiler[-1]:
        return ["-undefined", "dynamic_lookup"]
    if system is not WINDOWS:
        return []
    code = b"".join(path.read_bytes() for path in modules)
    definition, library = system.folder / "python3.def", system.folder / "libpython3.a"
    exports = "\n".join(sorted({name.decode() for name in re.findall(rb"__imp_(_?Py\w+)", code)}))
    definition.write_text(f"LIBRARY python3.dll\nEXPORTS\n{exports}\n")
    command = [*ZIG, "dlltool", "-m", "i386:x86-64", "-d", str(definition), "-l", str(library)]
    subprocess.run(command, check=True)
    return [str(library)]


def link(system: System, modules: list[Path]) -> Path:
    """Link the extension."""
    path = system.folder / ("ufuncs.pyd" if system is WINDOWS else "ufuncs.abi3.so")
    command = [*system.compiler, "-shared", *map(str, modules), *python_library(system, modules)]
    subprocess.run([*command, "-o", str(path)], check=True)
    return path


def runs_alike(system: System) -> bool:
    """Run a system's kernels here, and compare their bits with those of the installed build."""
    runner, same = system.runner or (), True
    installed = of_build(INSTALLED, FEW)
    for name in installed:
        theirs = results(system.name, [*runner, str(program(system))], FEW, name)
        if theirs.instruction_set != name:
            # The bits of v2 are others; which set a processor has, a system's library may not tell.
            print(f"{system.name}: asked for {name}, it takes {theirs.instruction_set}")
        same &= not installed[theirs.instruction_set].differing(theirs)
    return same


def main() -> None:
    """Compile, link and run what can be."""
    if not find_spec("ziglang"):
        raise SystemExit("ziglang is missing: pip install 'nonlin[portability]'")
    wanted = " ".join(sys.argv[1:]).lower()
    systems = [system for system in SYSTEMS if wanted in system.name.lower()]
    alike = True
    for system in systems:
        modules = objects(system)
        library = link(system, modules)
        sets = ", ".join(instruction_sets(system))
        size = library.stat().st_size / 2**20
        print(
            f"{system.name}: {len(modules)} objects ({sets}), linked to {library.name}, "
            f"{size:.1f} MiB",
            flush=True,
        )
        if system.runner is not None:
            alike &= runs_alike(system)
    version = subprocess.run([*ZIG, "version"], check=True, capture_output=True, text=True).stdout
    print(f"Compiled with ziglang {version.strip()} for {len(systems)} of {len(SYSTEMS)} systems")
    sys.exit(not alike)


if __name__ == "__main__":
    main()
