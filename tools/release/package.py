"""Make what is published, and test it as it comes: make wheel, make sdist

`wheel` builds a wheel of what is committed in an environment of its own, has auditwheel name the
oldest Linux that it runs on, looks whether it keeps to Python's stable ABI, and tests it in empty
environments: with the oldest NumPy that there is for this Python, and with the newest. `sdist`
makes the source distribution, and builds, installs and tests that, from what lies in it alone. Both
lie in build/release/.

What is uploaded is built by .github/workflows/wheels.yml in the manylinux containers, on whose
older glibc it runs on more systems; the checks are the same.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "release"
PROGRAMS = Path(sys.executable).parent
# NumPy 2.0 has wheels for Python up to 3.12; where there are none, the oldest that there is.
OLDEST_NUMPY = {(3, 13): "2.1.*", (3, 14): "2.3.*"}.get(sys.version_info[:2], "2.0.*")
NUMPYS = (f"numpy=={OLDEST_NUMPY}", "numpy")
# What the tests of an installed package need.
TESTING = ("pytest", "hypothesis")


def run(*command: str | Path, **options: object) -> None:
    """Run a command, with the programs of this environment; leave with its status if it fails."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    print("+", *(Path(command[0]).name, *command[1:]), flush=True)
    done = subprocess.run([*map(str, command)], env=os.environ | {"PATH": path}, **options)
    if done.returncode:
        raise SystemExit(done.returncode)


def python(*arguments: str | Path, **options: object) -> None:
    run(sys.executable, *arguments, **options)


def emptied(name: str) -> Path:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def environment(name: str, *packages: str | Path) -> Path:
    """Make an empty environment with some packages, and give its interpreter."""
    folder = emptied(name)
    run(sys.executable, "-m", "venv", folder)
    interpreter = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = (interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*install, *packages)
    return interpreter


def check(name: str, installed: Path, numpy: str, sources: Path) -> None:
    """Test a package in an empty environment: alone with NumPy, then by the tests of `sources`."""
    interpreter = environment(name, installed, numpy)
    script = sources / "tools" / "release" / "installed.py"
    run(interpreter, script, cwd=FOLDER)
    run(interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *TESTING)
    run(interpreter, script, cwd=FOLDER)


def wheel() -> None:
    """Build, repair, audit and test a wheel for this system."""
    built, repaired = emptied("built"), emptied("wheel")
    # By way of a source distribution: what else lies in this folder does not get into the wheel.
    python("-m", "build", "--outdir", built, ROOT)
    made = only(built, "*.whl")
    if sys.platform == "linux":
        python("-m", "auditwheel", "repair", "--wheel-dir", repaired, made)
    else:
        shutil.copy(made, repaired)
    made = only(repaired, "*.whl")
    python("-m", "abi3audit", "--strict", "--report", made)
    for number, numpy in enumerate(NUMPYS):
        check(f"environment-{number}", made, numpy, ROOT)
    unpacked = sum(each.file_size for each in zipfile.ZipFile(made).infolist())
    size = made.stat().st_size
    print(f"{made.relative_to(ROOT)}: {size / 1e6:.2f} MB, unpacked {unpacked / 1e6:.2f} MB")


def sdist() -> None:
    """Make the source distribution, build and test a package from what lies in it."""
    folder = emptied("sdist")
    python("-m", "build", "--sdist", "--outdir", folder, ROOT)
    made = only(folder, "*.tar.gz")
    sources = emptied("unpacked")
    with tarfile.open(made) as archive:
        archive.extractall(sources, filter="data")
    check("environment-sdist", made, NUMPYS[-1], only(sources, "nonlin-*"))
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    {"wheel": wheel, "sdist": sdist}[sys.argv[1]]()
