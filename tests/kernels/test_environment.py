"""No result depends on the caller's floating-point environment, and a call leaves it as it was.

The C library changes it: fesetround the rounding, fesetenv what becomes of subnormal numbers.
"""

import ctypes
import platform
import sys
from contextlib import contextmanager
from functools import partial

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl
from nonlin.accuracy import stratified

if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
    pytest.skip("the environment's layout is known on Linux", allow_module_level=True)

LIBM = ctypes.CDLL("libm.so.6")
X86 = platform.machine() == "x86_64"
# Where the control word stands in a fenv_t, what flushes subnormal results and operands to zero in
# it, and its rounding modes: up, down, towards zero.
AT, FLUSH = (7, 0x8040) if X86 else (0, 1 << 24)
ROUNDINGS = (0x800, 0x400, 0xC00) if X86 else (1 << 22, 2 << 22, 3 << 22)
FLAGS = 0x3F if X86 else 0
DTYPES = (np.float16, np.float32, np.float64, ml_dtypes.bfloat16)


def control():
    words = (ctypes.c_uint32 * 8)()
    LIBM.fegetenv(words)
    return words[AT] & ~FLAGS


@contextmanager
def changed(what):
    """Change the environment of this thread, and that alone."""
    before, words = (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    LIBM.fegetenv(before)
    LIBM.fegetenv(words)
    if what == "flush":
        words[AT] |= FLUSH
    else:
        LIBM.fesetround(what)
        LIBM.fegetenv(words)
    LIBM.fesetenv(words)
    try:
        yield
    finally:
        LIBM.fesetenv(before)


def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


def numbers(dtype, size=4001):
    exact = stratified(np.float64 if dtype == np.float64 else np.float32, size, seed=8)
    return exact.astype(dtype)


def calls(activation, x):
    yield lambda: activation(x)
    yield lambda: activation.derivative(x)
    yield lambda: activation.backward(x[::-1].copy(), x)
    yield lambda: activation(x[::2])


@pytest.mark.parametrize("environment", ["flush", *ROUNDINGS])
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_bit_depends_on_the_environment(dtype, environment):
    with np.errstate(all="ignore"):
        x = numbers(dtype)
        for activation in (
            *map(nl.get, nl.names()),
            nl.elu.bind(alpha=1e-42),
            nl.silu.bind(beta=3),
        ):
            for call in calls(activation, x):
                expected = bits(call())
                with changed(environment):
                    outside = control()
                    found = call()
                    assert control() == outside
                same = expected == bits(found)
                assert (same | np.isnan(found)).all(), activation


@pytest.mark.parametrize("environment", ["flush", *ROUNDINGS])
def test_nor_does_what_numpy_converts(environment):
    tiny, wide = np.float32(1e-40), np.linspace(-1, 1, 999)
    x, tinier = np.linspace(-5, 5, 999).astype(np.float32) * tiny, wide * 1e-310
    narrow = wide.astype(np.float32)
    for call in (
        lambda: nl.relu(x, dtype=np.float64),
        lambda: nl.leaky_relu(x, out=np.empty(x.shape)),
        lambda: nl.elu(tinier),
        lambda: nl.elu.derivative(np.float32(-3), alpha=tiny),
        lambda: nl.leaky_relu(narrow, negative_slope=np.full(999, tiny)),
        lambda: nl.leaky_relu(wide, negative_slope=np.full(999, tiny)),
        lambda: nl.identity.backward(x, wide),
        lambda: nl.tanh(wide, out=np.empty(999, np.float32), casting="same_kind"),
    ):
        expected = call()
        with changed(environment):
            found = call()
        assert found.tobytes() == expected.tobytes()


@pytest.fixture
def threads():
    before = nl.get_num_threads()
    nl.set_num_threads(4)
    yield 4
    nl.set_num_threads(before)


# Of this input sigmoid is a subnormal number, so whoever flushes gives 0.
@pytest.mark.parametrize("born_flushing", [False, True])
def test_every_thread_gives_the_same(threads, born_flushing):
    x = np.full(1 << 20, -100, np.float32)
    expected = nl.sigmoid(np.float32(-100))
    assert 0 < expected < np.finfo(np.float32).smallest_normal
    if born_flushing:
        with changed("flush"):
            nl.set_num_threads(threads)
            found = [nl.sigmoid(x), nl.sigmoid(x)]
        found.append(nl.sigmoid(x))
    else:
        found = [nl.sigmoid(x)]
        with changed("flush"):
            found += [nl.sigmoid(x), nl.sigmoid(x)]
    for y in found:
        assert (bits(y) == bits(np.float32([expected]))).all()


@pytest.mark.parametrize("what", ["flush", *ROUNDINGS])
@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_along_an_axis(dtype, what):
    x = (np.random.default_rng(1).normal(size=(20, 37)) * 50).astype(dtype)
    functions = nl.softmax, nl.log_softmax, nl.sparsemax
    calls = [partial(f, x) for f in (*functions, nl.log_sum_exp)]
    calls += [partial(f.backward, x[::-1], x) for f in functions]
    for call in calls:
        expected = call()
        with changed(what):
            word = control()
            found = call()
            assert control() == word
        np.testing.assert_array_equal(bits(found), bits(expected))
