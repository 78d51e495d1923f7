"""Test the nonlin that is installed: python tools/release/installed.py

It is run by the interpreter that has it, and never sees the package's sources. With NumPy alone it
compares values with those of Python's own functions and takes the time of an import; where pytest
and hypothesis are installed too, the tests that need no extra run against it.
"""

import contextlib
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

import nonlin as nl

ROOT = Path(__file__).parents[2]
# Those of tests/ that import nothing but NumPy, pytest and hypothesis, and what lies beside them.
TESTS = (
    "tests/test_activation.py",
    "tests/test_installation.py",
    "tests/test_messages.py",
    "tests/cli/test_report_environment.py",
    "tests/catalogue/test_lookup.py",
)
FIRST_VALUE = """
from time import perf_counter
start = perf_counter()
import nonlin
nonlin.elu(-1.0)
print(perf_counter() - start)
"""
# Seconds; an import that is alone on a machine of today takes a quarter of it.
LONGEST = 1.0

X = (-30.0, -3.0, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 3.0, 30.0)
TEXTBOOK = {
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "relu": lambda x: max(x, 0.0),
    "sigmoid": lambda x: math.exp(x) / (1 + math.exp(x)),
    "silu": lambda x: x * math.exp(x) / (1 + math.exp(x)),
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "tanh": math.tanh,
}


def values() -> None:
    """Compare values with those of Python's own functions, and compute every function once."""
    x = np.array(X)
    for name, textbook in TEXTBOOK.items():
        expected = np.array([textbook(each) for each in X])
        # Those formulas are naive: gelu loses three digits at -30, where the kernel loses none.
        np.testing.assert_allclose(getattr(nl, name)(x), expected, rtol=1e-12, err_msg=name)
    for name in nl.names():
        for dtype in (np.float16, np.float32, np.float64):
            result = nl.get(name)(x.astype(dtype))
            assert result.dtype == dtype, (name, dtype)
            assert not np.isnan(result).any(), (name, dtype)
    for name in nl.gates():
        assert nl.get(name)(x, x).shape == x.shape, name
    np.testing.assert_allclose(nl.softmax(x).sum(), 1.0, rtol=1e-15)
    large = np.linspace(-8.0, 8.0, 2**20)
    usual = nl.get_num_threads()
    nl.set_num_threads(1)
    alone = nl.gelu(large)
    nl.set_num_threads(2)
    np.testing.assert_array_equal(nl.gelu(large), alone)
    nl.set_num_threads(usual)


def seconds() -> float:
    """Take the time from a fresh interpreter to the first value, the median of five."""
    command = [sys.executable, "-c", FIRST_VALUE]
    taken = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    return median(taken)


def tests() -> int:
    """Run the tests from an empty folder; "python -m pytest" would find the sources in its own."""
    command = [sys.executable, "-c", "import sys, pytest; sys.exit(pytest.main())"]
    command += ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    command += ["-p", "no:cacheprovider", *(str(ROOT / test) for test in TESTS)]
    return subprocess.run(command, check=False).returncode


def main() -> int:
    """Test; 1 if something is wrong."""
    home = Path(nl.__file__).parent
    if home.is_relative_to(ROOT / "nonlin"):
        print(f"nonlin is that of the sources, {home}, and not an installed one")
        return 1
    values()
    taken = seconds()
    print(
        f"nonlin {nl.__version__} ({nl.instruction_set()}), NumPy {np.__version__}, Python "
        f"{sys.version.split()[0]}: values right, import and first value in {taken:.2f} s",
        flush=True,
    )
    if taken > LONGEST:
        print(f"that is longer than {LONGEST} s")
        return 1
    if not (find_spec("pytest") and find_spec("hypothesis")):
        print("pytest or hypothesis is not installed: no tests")
        return 0
    with TemporaryDirectory() as empty, contextlib.chdir(empty):
        return tests()


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
