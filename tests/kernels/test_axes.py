"""The kernels along an axis against their definitions in high precision, and bit for bit.

The exact values come of the records' definitions, in mpmath, with so many digits that a dominating
element does not swallow the others. Long rows repeat few numbers, so that exact sums are short.
"""

import hashlib
import os
import subprocess
import sys
from functools import partial

import ml_dtypes
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nonlin as nl
from nonlin import ufuncs

FLOATS = (np.float32, np.float64)
TWO_BYTES = (np.float16, ml_dtypes.bfloat16)
SHARES = ("softmax", "softmin", "log_softmax", "sparsemax")
SCALED = (1.0, 0.37, 2.0**-100, 2.0**100)
DIGITS = 4000


def bits(array):
    array = np.ascontiguousarray(array)
    return array.view(f"u{array.dtype.itemsize}")


def unit(exact, dtype):
    """The unit in the last place of an exact number."""
    about = ml_dtypes.finfo(dtype)
    exponent = int(mpmath.frexp(exact)[1]) - 1 if exact else about.minexp
    return mpmath.ldexp(1, max(exponent, int(about.minexp)) - int(about.nmant))


def ulps(computed, exact, dtype):
    """The largest distance in units in the last place; results that round to infinity are it."""
    with mpmath.workprec(DIGITS):
        largest = mpmath.mpf(float(ml_dtypes.finfo(dtype).max))
        worst = mpmath.mpf(0)
        for found, right in zip(np.ravel(computed), exact, strict=True):
            if abs(right) > largest:
                assert np.isinf(found)
                continue
            worst = max(worst, abs(mpmath.mpf(float(found)) - right) / unit(right, dtype))
        return float(worst)


def exact(name, x, **parameters):
    with mpmath.workprec(DIGITS):
        numbers = {key: mpmath.mpf(float(value)) for key, value in parameters.items()}
        return nl.get(name).record.definition([mpmath.mpf(float(z)) for z in x], **numbers)


def rows(dtype):
    """Ordinary and adversarial rows, around every number of lanes."""
    rng = np.random.default_rng(5)
    tiny = float(ml_dtypes.finfo(dtype).smallest_subnormal)
    for n in (1, 2, 3, 15, 16, 17, 100):
        normal = rng.normal(size=n)
        yield from (normal, normal * 30, normal * 1e3, np.full(n, 0.3), normal * 20 * tiny)
        dominated = normal.copy()
        dominated[n // 2] = 40
        yield dominated
        yield np.where(np.arange(n) == n - 1, 5.0, normal - 700)
        yield -np.sort(-normal) * 0.01
    yield np.array([0.0, -600.0, -620.0, -745.0])
    yield np.array([0.0, -80.0, -103.0, -104.0])
    yield np.array([-1.0, 1.0, 0.0]) * 6e4


@pytest.mark.parametrize("dtype", [*FLOATS, *TWO_BYTES])
@pytest.mark.parametrize("name", SHARES)
def test_rows(name, dtype):
    """At most 1 ULP, where 2 are promised; two bytes are rounded correctly."""
    worst = 0.0
    for row in rows(dtype):
        x = row.astype(dtype)
        for temperature in SCALED[:2]:
            right = exact(name, x, temperature=temperature)
            worst = max(worst, ulps(nl.get(name)(x, temperature=temperature), right, dtype))
    assert worst <= (0.5 + 1e-9 if dtype in TWO_BYTES else 0.55)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("temperature", SCALED[2:])
def test_temperatures(name, dtype, temperature):
    """Scores as large as the temperature, so that what it makes of them is ordinary."""
    largest = 2.0**27 if dtype == np.float32 else 2.0**900
    scores = np.random.default_rng(6).normal(size=50) * 3
    x = (scores * min(temperature, largest)).astype(dtype)
    right = exact(name, x, temperature=temperature)
    assert ulps(nl.get(name)(x, temperature=temperature), right, dtype) <= 0.55


@pytest.mark.parametrize("dtype", FLOATS)
def test_log_sum_exp(dtype):
    """At most 1 ULP, or where the largest element cancels the logarithm 2^-57 of that."""
    cancelling = [np.full(n, -np.log(n)) for n in (2, 3, 17, 100)]
    for row in [*rows(dtype), *cancelling]:
        x = row.astype(dtype)
        (right,) = exact("log_sum_exp", x)
        with mpmath.workprec(DIGITS):
            logarithm = right - mpmath.mpf(float(x.max()))
            error = abs(mpmath.mpf(float(nl.log_sum_exp(x))) - right)
            bound = max(0.55 * unit(right, dtype), mpmath.ldexp(logarithm, -57))
        assert error <= bound


@pytest.mark.parametrize("dtype", [*FLOATS, *TWO_BYTES])
@pytest.mark.parametrize("n", [1 << 12, 1 << 20])
def test_long_rows(dtype, n):
    """Of few numbers again and again, whose exact sum is that of the few with their counts."""
    few = (np.random.default_rng(7).normal(size=64) * 4).astype(dtype)
    counts = np.full(64, n // 64) + (np.arange(64) % 2 * 2 - 1) * (np.arange(64) // 2)
    assert counts.sum() == n
    x = np.random.default_rng(8).permutation(np.repeat(few, counts))
    with mpmath.workprec(300):
        z = [mpmath.mpf(float(each)) for each in few]
        terms = [mpmath.exp(each) for each in z]
        total = mpmath.fsum(int(k) * term for k, term in zip(counts, terms, strict=True))
        logarithm = mpmath.log(total)
        shares = [term / total for term in terms]
        logarithms = [each - logarithm for each in z]
    for name, right in (("softmax", shares), ("log_softmax", logarithms)):
        found = nl.get(name)(x)
        for k in range(64):
            same = found[x == few[k]]
            assert (bits(same) == bits(same)[0]).all()
            assert ulps(same[:1], right[k : k + 1], dtype) <= 0.55
    assert ulps([nl.log_sum_exp(x)], [logarithm], dtype) <= 0.55


@pytest.mark.parametrize("dtype", FLOATS)
def test_one_dominating_in_a_long_row(dtype):
    """What its own logarithm is comes of the others alone, be they as small as they may."""
    n = 1 << 16
    for gap in (30.0, 80.0, 700.0, 740.0):
        x = np.full(n, -gap, dtype)
        x[n // 3] = 0
        with mpmath.workprec(DIGITS):
            right = -mpmath.log1p((n - 1) * mpmath.exp(-mpmath.mpf(float(gap))))
        found = nl.log_softmax(x)[n // 3]
        assert ulps([found], [right], dtype) <= 0.55
        assert found <= 0


@pytest.mark.parametrize("dtype", [*FLOATS, *TWO_BYTES])
def test_nothing_finite_overflows(dtype):
    largest = ml_dtypes.finfo(dtype).max
    x = np.array([largest, -largest, 0, largest], dtype)
    with np.errstate(all="raise"):
        assert nl.softmax(x).tolist() == [0.5, 0.0, 0.0, 0.5]
        assert nl.sparsemax(x).tolist() == [0.5, 0.0, 0.0, 0.5]
        assert nl.log_sum_exp(x) == largest
        assert np.isneginf(nl.log_softmax(x)[1])
        cold = nl.log_softmax(x, temperature=4.0).astype(np.float64)
    exact = np.array([-np.log(2), -float(largest) / 2, -float(largest) / 4, -np.log(2)])
    np.testing.assert_allclose(cold, exact, rtol=float(ml_dtypes.finfo(dtype).eps))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax", "sparsemax", "log_sum_exp"])
def test_backward(name, dtype):
    """The product with the exact Jacobian, to the bound that stands in `backward`."""
    rng = np.random.default_rng(9)
    small = mpmath.mpf(2) ** (-40 if dtype == np.float32 else -52)
    scaled = name != "log_sum_exp"
    for spread in (0.1, 1.0, 20.0):
        for temperature in (1.0, 0.37) if scaled else (1.0,):
            x = (rng.normal(size=37) * spread).astype(dtype)
            g = rng.normal(size=37).astype(dtype) if scaled else np.asarray(rng.normal(), dtype)
            keywords = {"temperature": temperature} if scaled else {}
            found = nl.get(name).backward(g, x, **keywords)
            with mpmath.workprec(500):
                right, size = backward(name, x, g, mpmath.mpf(temperature))
                for y, exact_y, scale in zip(found, right, size, strict=True):
                    error = abs(mpmath.mpf(float(y)) - exact_y)
                    assert error <= 0.55 * unit(exact_y, dtype) + small * scale


def backward(name, x, grad, temperature):
    """The exact gradient, and what its error is measured by."""
    z = [mpmath.mpf(float(each)) for each in x]
    if name == "log_sum_exp":
        g = mpmath.mpf(float(grad))
        found = [g * share for share in nl.softmax.record.definition(z)]
        return found, [abs(each) for each in found]
    g = [mpmath.mpf(float(each)) for each in grad]
    largest = max(map(abs, g))
    if name == "sparsemax":
        inside = [p > 0 for p in nl.sparsemax.record.definition(z, temperature)]
        mean = mpmath.fsum(a for a, b in zip(g, inside, strict=True) if b) / sum(inside)
        found = [(a - mean) / temperature if b else 0 for a, b in zip(g, inside, strict=True)]
        return found, [largest / temperature for _ in found]
    sign = -1 if name == "softmin" else 1
    s = nl.softmax.record.definition([sign * each for each in z], temperature)
    if name == "log_softmax":
        total = mpmath.fsum(g)
        found = [(a - b * total) / temperature for a, b in zip(g, s, strict=True)]
        return found, [(abs(a) + b * abs(total)) / temperature for a, b in zip(g, s, strict=True)]
    dot = mpmath.fsum(a * b for a, b in zip(g, s, strict=True))
    found = [sign * b * (a - dot) / temperature for a, b in zip(g, s, strict=True)]
    return found, [largest * b / temperature for b in s]


@pytest.mark.parametrize("dtype", [*FLOATS, *TWO_BYTES])
def test_limits(dtype):
    inf, nan = np.inf, np.nan

    def row(*numbers):
        return np.array(numbers, dtype)

    def same(found, *numbers):
        np.testing.assert_array_equal(np.asarray(found, np.float64), numbers)

    with np.errstate(all="raise"):
        for name, everything, nothing in (("softmax", 1, 0), ("sparsemax", 1, 0),
                                          ("log_softmax", 0, -inf)):  # fmt: skip
            f = nl.get(name)
            same(f(row(1, inf, 3)), nothing, everything, nothing)
            same(f(row(1, inf, inf)), nothing, nan, nan)
            same(f(row(-inf, -inf)), nan, nan)
            same(f(row(1, nan, inf)), nan, nan, nan)
            same(f(row(-inf, 2, -inf)), nothing, everything, nothing)
            for alone in (3, inf, -inf):
                same(f(row(alone)), everything)
            assert f(row()).shape == (0,)
        same(nl.softmin(row(1, -inf, 3)), 0, 1, 0)
        same(nl.log_sum_exp(row(1, inf)), inf)
        same(nl.log_sum_exp(row(-inf, -inf)), -inf)
        same(nl.log_sum_exp(row()), -inf)
        same(nl.log_sum_exp(row(1, nan)), nan)
        same(nl.softmax.backward(row(1, 2, 3), row(1, inf, 3)), 0, 0, 0)
        same(nl.log_softmax.backward(row(1, 2, 3), row(1, inf, 3)), 1, -4, 3)
        same(nl.softmax.backward(row(1, 2), row(inf, inf)), nan, nan)


@st.composite
def laid_out(draw):
    """Rows of a matrix in any layout, and the same side by side in memory."""
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    count, n = draw(st.integers(1, 5)), draw(st.integers(1, 70))
    steps = [draw(st.sampled_from([1, 2, -1, -3])) for _ in range(2)]
    sizes = [size * abs(step) for size, step in zip((count, n), steps, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    memory = (rng.normal(size=sizes) * draw(st.sampled_from([1, 100]))).astype(dtype)
    x = memory[:: steps[0], :: steps[1]]
    return x.copy().T.copy().T if draw(st.booleans()) else x


@settings(max_examples=100, deadline=None)
@given(laid_out(), st.sampled_from([*SHARES, "log_sum_exp"]))
def test_layout_changes_no_bit(x, name):
    function = nl.get(name)
    alone = np.array([function(row.copy()) for row in x])
    np.testing.assert_array_equal(bits(function(x)), bits(alone))
    by_columns = np.asarray(function(x.T, axis=0))
    np.testing.assert_array_equal(bits(by_columns.T), bits(alone))
    if name == "log_sum_exp":
        return
    out = np.full((2 * x.shape[0], x.shape[1] + 3), 9, x.dtype)[::2, 2:-1]
    assert function(x, out=out) is out
    np.testing.assert_array_equal(bits(out), bits(alone))
    grad = x[::-1]
    expected = np.array(
        [function.backward(g.copy(), row.copy()) for g, row in zip(grad, x, strict=True)]
    )
    np.testing.assert_array_equal(bits(function.backward(grad, x)), bits(expected))


@pytest.mark.parametrize("name", SHARES)
def test_overlapping_out(name):
    x = np.random.default_rng(3).normal(size=(9, 40))
    function = nl.get(name)
    for view in (np.s_[:], np.s_[::-1], np.s_[:, ::-1]):
        memory = x.copy()
        function(memory[view], out=memory)
        np.testing.assert_array_equal(memory, function(x[view].copy()))
    memory = x.copy()
    function(memory[1:], out=memory[:-1])
    np.testing.assert_array_equal(memory[:-1], function(x[1:]))


@pytest.mark.parametrize("dtype", [*FLOATS, *TWO_BYTES])
def test_threads_change_no_bit(dtype):
    x = np.random.default_rng(4).normal(size=(600, 130)).astype(dtype)
    calls = [partial(nl.get(name), x) for name in (*SHARES, "log_sum_exp")]
    calls += [partial(nl.get(name).backward, x[::-1], x) for name in SHARES]
    before = nl.get_num_threads()
    try:
        nl.set_num_threads(1)
        alone = [call() for call in calls]
        for count in (2, 5):
            nl.set_num_threads(count)
            for call, expected in zip(calls, alone, strict=True):
                np.testing.assert_array_equal(bits(call()), bits(expected))
    finally:
        nl.set_num_threads(before)


def test_rows_without_elements():
    """Many enough to be split over threads."""
    assert np.isneginf(nl.log_sum_exp(np.empty((1 << 17, 0)))).all()
    assert nl.softmax(np.empty((1 << 17, 0))).shape == (1 << 17, 0)


FINGERPRINT = """
import hashlib
import ml_dtypes
import numpy as np
import nonlin as nl

digest = hashlib.sha256()
for dtype in (np.float16, np.float32, np.float64, ml_dtypes.bfloat16):
    for n in (1, 7, 16, 50, 1030, 3000):
        for spread in (0.01, 1.0, 40.0, 2000.0):
            x = (np.random.default_rng(n).normal(size=(8, n)) * spread).astype(dtype)
            for name in ("softmax", "softmin", "log_softmax", "sparsemax"):
                f = nl.get(name).bind(temperature=0.7)
                digest.update(f(x).tobytes() + f.backward(x[::-1], x).tobytes())
            lse = nl.log_sum_exp(x)
            digest.update(lse.tobytes() + nl.log_sum_exp.backward(lse, x).tobytes())
print(nl.instruction_set(), digest.hexdigest())
"""


@pytest.mark.skipif(nl.instruction_set() == "baseline", reason="one instruction set on this CPU")
def test_instruction_sets_give_the_same_bits():
    """The narrow one too, which has no fused product and sum."""
    found = {}
    for ceiling in ("v2", "v3", "v4"):
        run = subprocess.run(
            [sys.executable, "-c", FINGERPRINT], capture_output=True, text=True, check=True,
            env=os.environ | {"NONLIN_INSTRUCTION_SET": ceiling},
        )  # fmt: skip
        chosen, digest = run.stdout.split()
        found[chosen] = digest
    assert "v2" in found
    assert len(found["v2"]) == hashlib.sha256().digest_size * 2
    assert len(set(found.values())) == 1


def test_ufuncs_are_generalised():
    assert ufuncs.softmax.signature == "(n),()->(n)"
    assert ufuncs.log_sum_exp.signature == "(n)->()"
    x = np.random.default_rng(2).normal(size=(3, 4, 5))
    np.testing.assert_array_equal(ufuncs.softmax(x, 1.0, axis=1), nl.softmax(x, axis=1))
    for nonsense in (-1.0, 0.0, np.inf, np.nan):
        assert np.isnan(ufuncs.softmax(x, nonsense)).all()
    each = np.array([0.5, 1.0, 2.0])[:, None]
    found = ufuncs.softmax(x, each)
    for k, temperature in enumerate(each.ravel()):
        np.testing.assert_array_equal(found[k], nl.softmax(x[k], temperature=temperature))
