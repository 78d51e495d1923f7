"""Run the kernels' tests under the sanitizers: make sanitize

The extension is built with AddressSanitizer, ThreadSanitizer and UndefinedBehaviorSanitizer, one
after the other. Python itself is not, so their runtimes are loaded before it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from builds import ROOT, build, compiler_of, python


@dataclass(frozen=True)
class Sanitizer:
    """What meson calls it, its runtime, its options and the tests that it is for."""

    name: str
    runtime: str
    tests: tuple[str, ...]
    options: tuple[str, ...]
    launcher: tuple[str, ...] = ()


# What the others of tests/kernels compare are numbers.
KERNELS = (
    "tests/kernels/test_caller.py",
    "tests/kernels/test_direct.py",
    "tests/kernels/test_environment.py",
    "tests/kernels/test_layout.py",
    "tests/kernels/test_overlap.py",
    "tests/kernels/test_parameters.py",
    "tests/kernels/test_small.py",
)
THREADS = "tests/test_threads.py"

# Leaks are not looked for: Python leaves at its end what it needs no more. Chance decides where
# ThreadSanitizer's memory is in the way of Linux's; setarch -R takes chance away. The slowest to
# compile comes last.
SANITIZERS = (
    Sanitizer("address", "libasan.so", (*KERNELS, THREADS), ("detect_leaks=0",)),
    Sanitizer(
        "thread",
        "libtsan.so",
        (THREADS, "tests/kernels/test_environment.py"),
        ("halt_on_error=1", "exitcode=66"),
        ("setarch", "-R"),
    ),
    Sanitizer("undefined", "libubsan.so", (*KERNELS, THREADS), ("print_stacktrace=1",)),
)
# A report of undefined behaviour ends the program, as the others do. What is left out, a variable
# used past its block and references that are null, would be asked at each of a kernel's operators:
# a family took minutes to compile.
ARGUMENTS = (
    "-fno-sanitize-recover=all",
    "-fno-sanitize=null",
    "-fno-sanitize-address-use-after-scope",
    "-fno-omit-frame-pointer",
    "-g1",
)


def main() -> None:
    """Build and run each."""
    if not shutil.which("g++"):
        raise SystemExit("The sanitizers are GCC's; on Debian: apt install g++")
    for sanitizer in SANITIZERS:
        folder = ROOT / "build" / f"sanitize-{sanitizer.name}"
        build(
            folder,
            f"-Db_sanitize={sanitizer.name}",
            "-Db_lundef=false",
            f"-Dcpp_args={' '.join(ARGUMENTS)}",
            compiler="g++",
        )
        tests = ["-m", "pytest", "-q", "-n", "2", *sanitizer.tests]
        # pytest keeps what a program says on its way out, so a report goes to a file.
        options = ":".join((*sanitizer.options, f"log_path={folder / 'report'}"))
        variables = dict.fromkeys(("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"), options)
        variables |= {"LD_PRELOAD": runtime(sanitizer.runtime), "OPENBLAS_NUM_THREADS": "1"}
        for report in folder.glob("report.*"):
            report.unlink()
        try:
            python(folder, [*tests, *sys.argv[1:]], launcher=sanitizer.launcher, **variables)
        finally:
            for report in sorted(folder.glob("report.*")):
                print(report.read_text(encoding="utf-8"))
        print(
            f"{sanitizer.name}: no report from {', '.join(sanitizer.tests)} "
            f"({compiler_of(folder)})",
            flush=True,
        )


def runtime(name: str) -> str:
    """Where the compiler has a sanitizer's runtime."""
    command = ["g++", f"-print-file-name={name}"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    if not Path(found).is_file():
        raise SystemExit(f"{name} is missing, which comes with GCC")
    return str(Path(found).resolve())


if __name__ == "__main__":
    main()
