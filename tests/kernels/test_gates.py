"""Gates against their definitions in mpmath, and the same bits wherever an element stands."""

import os
import subprocess
import sys
from fractions import Fraction

import ml_dtypes
import mpmath
import numpy as np
import pytest
from reference import longdouble

import nonlin as nl
from nonlin.accuracy import stratified, ulp_error
from nonlin.symbolic.gates import EXACTLY, oracle

BFLOAT16 = ml_dtypes.bfloat16
DTYPES = (np.float16, BFLOAT16, np.float32, np.float64)
GATES = [
    nl.glu,
    nl.swiglu,
    nl.swiglu.bind(beta=1.75),
    nl.swiglu.bind(beta=-0.375),
    nl.geglu,
    nl.geglu.bind(approximate="tanh"),
    nl.reglu,
    nl.bilinear,
    nl.clamped_swiglu,
    nl.clamped_swiglu.bind(limit=10.0, alpha=1.0, offset=0.0),
    nl.situ_glu,
    nl.situ_glu.bind(beta1=0.75, beta2=2.0),
]
COMPOSED = [nl.Gate(nl.mish), nl.Gate(nl.elu), nl.Gate(nl.tanh, value=nl.softsign)]
TAILS = {np.float64: (-745.5, -744.0, -709.0, -38.5, 36.7, 37.5, 18.7)}


def wide(dtype):
    """The dtype whose exponents numbers of `dtype` are drawn from."""
    return np.float32 if dtype == BFLOAT16 else dtype


def sample(dtype, count, seed):
    """Gates and values that go together: every exponent, where gates bend, and both extremes."""
    drawn = stratified(wide(dtype), 2 * count, seed)
    generator = np.random.default_rng(seed)
    # Around the zeros of the derivatives, and where e^-x is subnormal.
    near = -np.array([1.2784645, 0.7517916, 0.7524614, 1.21, 1e-3])[
        generator.integers(0, 5, count // 4)
    ] * (1 + generator.normal(size=count // 4) * 2.0 ** -generator.integers(2, 50, count // 4))
    tails = np.repeat(TAILS.get(dtype, (-104.0, -88.0, -18.0, 17.0)), 4)
    gate = np.concatenate([drawn[:count], near, tails]).astype(dtype)
    value = stratified(wide(dtype), len(gate), seed + 1).astype(dtype)
    return gate, value


def in_dtype(gate, dtype):
    """Give the parameters the values that they have in the kernels of that dtype."""
    if dtype == np.float64:
        return gate
    numbers = {n: v for n, v in gate.parameters.items() if not isinstance(v, str)}
    return gate.bind(**{n: float(np.float32(v)) for n, v in numbers.items()})


def words(gate):
    return [each for each in gate.parameters.values() if each == "tanh"]


def finite(array):
    return np.isfinite(array.astype(np.float64))


def exact(gate, dtype, g, v):
    of = oracle(in_dtype(gate, dtype))
    return [of(float(a), float(b)) for a, b in zip(g, v, strict=True)]


def errors(computed, exact_numbers):
    return ulp_error(computed, np.array([longdouble(y) for y in exact_numbers], np.longdouble))


def correctly_rounded(y, dtype):
    """Round an mpmath number to a dtype of 16 bits, to nearest and even, in exact arithmetic."""
    info = ml_dtypes.finfo(dtype)
    if y == 0:
        return dtype(0.0)
    sign, significand, exponent, _ = y._mpf_
    number = Fraction(int(significand)) * Fraction(2) ** int(exponent)
    top = number.numerator.bit_length() - number.denominator.bit_length()
    top -= number < Fraction(2) ** top
    unit = Fraction(2) ** (max(top, int(info.minexp)) - int(info.nmant))
    # Python rounds a Fraction to the even integer.
    found = round(number / unit) * unit
    size = np.inf if found > Fraction(float(info.max)) else float(found)
    return dtype(-size if sign else size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_value_and_gradients_are_within_one_ulp(gate, dtype):
    g, v = sample(dtype, 120, seed=11)
    reference = exact(gate, dtype, g, v)
    by_gate, by_value = gate.derivative(g, v)
    for part, computed in (("value", gate(g, v)), ("by_gate", by_gate), ("by_value", by_value)):
        assert computed.dtype == dtype
        error = errors(computed, [getattr(each, part) for each in reference])
        if gate.name == "situ_glu" and part == "by_gate" and dtype == np.float64:
            # The docstring's exception: the neighbourhood of a zero that moves with beta1.
            error = error[np.abs(g + 1.27) > 0.1]
        worst = error.argmax()
        assert error[worst] <= 1.0, f"{part}: {error[worst]} ULP at {g[worst]!r}, {v[worst]!r}"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_backward_is_within_one_ulp(gate, dtype):
    g, v = sample(dtype, 80, seed=23)
    grad = stratified(dtype, len(g), seed=29)
    reference = exact(gate, dtype, g, v)
    for part, computed in zip(("by_gate", "by_value"), gate.backward(grad, g, v), strict=True):
        with mpmath.workprec(EXACTLY):
            products = [
                mpmath.mpf(float(d)) * getattr(each, part)
                for d, each in zip(grad, reference, strict=True)
            ]
        error = errors(computed, products)
        if gate.name == "situ_glu" and part == "by_gate" and dtype == np.float64:
            error = error[np.abs(g + 1.27) > 0.1]
        assert error.max() <= 1.0, f"{part}: {error.max()} ULP at {g[error.argmax()]!r}"


@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_a_million_float32_are_those_of_float64(gate):
    """Beside float64, whose own error is 2^-29 ULP of float32, on inputs as they mostly are."""
    generator = np.random.default_rng(37)
    grad, g, v = (generator.normal(size=1 << 20).astype(np.float32) * 4 for _ in range(3))
    as_float32 = in_dtype(gate, np.float32)
    wide = [x.astype(np.float64) for x in (grad, g, v)]
    worst = [ulp_error(gate(g, v), as_float32(*wide[1:])).max()]
    pairs = zip(gate.backward(grad, g, v), as_float32.backward(*wide), strict=True)
    worst += [ulp_error(found, exact_enough).max() for found, exact_enough in pairs]
    assert max(worst) <= 0.8, worst


@pytest.mark.parametrize("dtype", [np.float16, BFLOAT16])
@pytest.mark.parametrize("gate", [*GATES, *COMPOSED], ids=repr)
def test_sixteen_bits_are_correctly_rounded(gate, dtype):
    g, v = sample(dtype, 160, seed=31)
    # Of larger gates the reference does not know what is missing to 1, nor whether a tie is one.
    reach = {"geglu": 60, "geglu tanh": 30}.get(" ".join([gate.name, *words(gate)]), 3000)
    # Without a kernel a gate that has saturated in float64 leaves ties as they are.
    reach = 10 if gate in COMPOSED else reach
    known = finite(v) & (np.abs(g.astype(float)) < reach)
    g, v = g[known], v[known]
    # Where a gate has saturated its products are ties, but for what is missing to 1.
    g = np.concatenate([g, np.linspace(8, min(reach, 60), 40).round().astype(dtype)])
    v = np.concatenate([v, (1 + np.arange(40) / 64).astype(dtype)])
    grad = np.concatenate([v[1:], v[:1]])
    reference = exact(gate, dtype, g, v)
    by_gate, by_value = gate.derivative(g, v)
    for part, computed in (("value", gate(g, v)), ("by_gate", by_gate), ("by_value", by_value)):
        expected = np.array(
            [correctly_rounded(getattr(each, part), dtype) for each in reference], dtype
        )
        np.testing.assert_array_equal(computed.astype(float), expected.astype(float), part)
    for part, computed in zip(("by_gate", "by_value"), gate.backward(grad, g, v), strict=True):
        with mpmath.workprec(EXACTLY):
            products = [
                mpmath.mpf(float(d)) * getattr(each, part)
                for d, each in zip(grad, reference, strict=True)
            ]
        expected = np.array([correctly_rounded(y, dtype) for y in products], dtype)
        np.testing.assert_array_equal(computed.astype(float), expected.astype(float), part)


@pytest.mark.parametrize("gate", COMPOSED, ids=repr)
def test_a_gate_without_a_kernel(gate):
    for dtype, bound in ((np.float32, 0.5 + 2.0**-20), (np.float64, 2.0)):
        g, v = (np.random.default_rng(seed).normal(size=100).astype(dtype) * 3 for seed in (1, 2))
        reference = exact(gate, dtype, g, v)
        computed = (gate(g, v), *gate.derivative(g, v))
        for k, part in enumerate(("value", "by_gate", "by_value")):
            error = errors(computed[k], [getattr(each, part) for each in reference])
            # Near the zeros of phi' its own relative error is that of float64.
            assert error.max() <= bound, f"{part} {np.dtype(dtype)}: {error.max()}"


INF, NAN = np.inf, np.nan
# Values where an input is infinite, by hand from the definitions; 0 times infinity is NaN.
LIMITS = {
    nl.glu: [(-INF, 2.0, 0.0), (INF, 2.0, 2.0), (-INF, INF, NAN), (INF, INF, INF), (0.0, INF, INF)],
    nl.swiglu: [
        (-INF, 2.0, -0.0), (INF, 2.0, INF), (INF, -2.0, -INF), (INF, 0.0, NAN), (0.0, INF, NAN),
        (-800.0, INF, -INF), (-INF, INF, NAN), (-1.0, -INF, INF),
    ],
    nl.swiglu.bind(beta=0.0): [(INF, 1.0, INF), (-INF, 1.0, -INF), (4.0, 1.0, 2.0)],
    nl.geglu: [(-INF, 2.0, -0.0), (INF, 2.0, INF), (INF, 0.0, NAN), (-30.0, INF, -INF)],
    nl.geglu.bind(approximate="tanh"): [(-INF, 2.0, -0.0), (INF, 2.0, INF), (INF, 0.0, NAN)],
    nl.reglu: [(-INF, 2.0, 0.0), (INF, 2.0, INF), (-1.0, INF, NAN), (INF, -0.0, NAN)],
    nl.bilinear: [(INF, -2.0, -INF), (INF, 0.0, NAN), (-INF, -INF, INF)],
    nl.clamped_swiglu.bind(limit=2.0, alpha=0.0, offset=1.0): [
        (INF, INF, 3.0), (5.0, -INF, -1.0), (-INF, INF, -INF),
    ],
    nl.clamped_swiglu: [(-INF, INF, -0.0)],
    nl.situ_glu: [(INF, INF, 100.0), (-INF, INF, -0.0), (INF, -INF, -100.0)],
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", LIMITS, ids=repr)
def test_infinite_inputs_give_the_limit(gate, dtype):
    for g, v, expected in LIMITS[gate]:
        found = gate(dtype(g), dtype(v))
        assert found.dtype == dtype
        np.testing.assert_array_equal(float(found), expected, f"{gate!r}({g}, {v})")
        if expected == 0:
            assert np.signbit(float(found)) == np.signbit(expected), (g, v)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", GATES, ids=repr)
def test_nan_stays_nan_and_nothing_warns(gate, dtype):
    special = np.array(
        [0.0, -0.0, INF, -INF, NAN, 1.0, -1e-7, 1e4, float(ml_dtypes.finfo(dtype).max)]
    ).astype(dtype)
    g, v = (x.ravel() for x in np.meshgrid(special, special))
    with np.errstate(all="raise"):
        found = gate(g, v)
        gradients = gate.backward(np.ones_like(g), g, v)
    missing = np.isnan(g.astype(float)) | np.isnan(v.astype(float))
    assert np.isnan(found.astype(float)[missing]).all()
    # A gradient by one input need not depend on the other's NaN only where it is that input's own.
    assert np.isnan(gradients[0].astype(float)[missing]).all()
    assert np.isnan(gradients[1].astype(float)[np.isnan(g.astype(float))]).all()


def same_bits(a, b):
    size = a.dtype.itemsize
    a, b = (np.ascontiguousarray(x).view(f"u{size}") for x in (a, b))
    np.testing.assert_array_equal(a, b)


def normals(dtype, shape, seed):
    return (np.random.default_rng(seed).normal(size=shape) * 4).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gate", [nl.swiglu, nl.geglu, nl.clamped_swiglu, nl.situ_glu], ids=repr)
def test_layout_and_length_make_no_difference(gate, dtype):
    size = 5003
    grad, g, v = (normals(dtype, size, seed) for seed in (1, 2, 3))
    whole, gradients = gate(g, v), gate.backward(grad, g, v)
    for length in (1, 2, 15, 33, 511, 513, 4999):
        same_bits(gate(g[:length], v[:length]), whole[:length])
        for part, found in zip(
            gradients, gate.backward(grad[:length], g[:length], v[:length]), strict=True
        ):
            same_bits(found, part[:length])
    for picked in (slice(None, None, 3), slice(None, None, -1), slice(5, None, 7)):
        same_bits(gate(g[picked], v[picked]), whole[picked])
        for part, found in zip(
            gradients, gate.backward(grad[picked], g[picked], v[picked]), strict=True
        ):
            same_bits(found, part[picked])
    unaligned = np.empty(size * g.itemsize + 1, np.uint8)[1:].view(dtype)
    unaligned[:] = g
    same_bits(gate(unaligned, v), whole)
    same_bits(gate(g.reshape(-1, 1), v[:7]), np.array([gate(g, each) for each in v[:7]]).T)


@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs_may_be_inputs_and_overlap_them(dtype):
    size = 4001
    grad, g, v = (normals(dtype, size, seed) for seed in (4, 5, 6))
    expected, (by_gate, by_value) = nl.swiglu(g, v), nl.swiglu.backward(grad, g, v)
    for target in (0, 1):
        operands = [g.copy(), v.copy()]
        out = nl.swiglu(*operands, out=operands[target])
        assert out is operands[target]
        same_bits(out, expected)
    for first, second in ((0, 1), (1, 2), (2, 1), (1, 0)):
        operands = [grad.copy(), g.copy(), v.copy()]
        found = nl.swiglu.backward(*operands, out=(operands[first], operands[second]))
        same_bits(found[0], by_gate)
        same_bits(found[1], by_value)
    for shift in (1, 3, 700):
        room = np.concatenate([g, g[:shift]])
        same_bits(nl.swiglu(room[:size], v, out=room[shift:]), nl.swiglu(g, v))
        room = np.concatenate([g[:shift], g])
        same_bits(nl.swiglu(room[shift:], v, out=room[:size]), expected)
        room = np.concatenate([v, v[:shift]])
        kept = np.empty_like(v)
        found = nl.swiglu.backward(grad, g, room[:size], out=(room[shift:], kept))
        same_bits(found[0], by_gate)
        same_bits(found[1], by_value)
    twice = np.empty_like(v)
    nl.swiglu.backward(grad, g, v, out=(twice, twice))
    assert any(
        np.array_equal(twice.astype(float), each.astype(float)) for each in (by_gate, by_value)
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_and_streaming_make_no_difference(dtype):
    # Beyond 16 MiB an output goes past the caches, from 2^15 elements on it is split.
    size = (1 << 24) // np.dtype(dtype).itemsize + 77
    grad, g, v = (np.resize(normals(dtype, 99_991, seed), size) for seed in (7, 8, 9))
    expected = np.resize(nl.swiglu(g[:99_991], v[:99_991]), size)
    parts = [
        np.resize(each, size) for each in nl.swiglu.backward(grad[:99_991], g[:99_991], v[:99_991])
    ]
    before = nl.get_num_threads()
    try:
        for threads in (1, 2):
            nl.set_num_threads(threads)
            same_bits(nl.swiglu(g, v), expected)
            for found, part in zip(nl.swiglu.backward(grad, g, v), parts, strict=True):
                same_bits(found, part)
    finally:
        nl.set_num_threads(before)


# Prints a digest of the bits of every gate, in every dtype.
DIGEST = """
import hashlib, ml_dtypes, numpy as np, nonlin as nl
digest = hashlib.sha256()
for dtype in (np.float16, ml_dtypes.bfloat16, np.float32, np.float64):
    rng = np.random.default_rng(3)
    grad, g, v = ((rng.normal(size=20_011) * 2.0 ** rng.integers(-9, 9, 20_011)).astype(dtype)
                  for _ in range(3))
    for name in nl.gates():
        gate = nl.get(name)
        for array in (gate(g, v), *gate.backward(grad, g, v), *gate.derivative(g, v)):
            digest.update(array.tobytes())
print(nl.instruction_set(), digest.hexdigest())
"""


def digest(ceiling):
    environment = os.environ | {"NONLIN_INSTRUCTION_SET": ceiling}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_instruction_sets_give_the_same_bits():
    found = dict(digest(ceiling) for ceiling in ("v3", "v4"))
    if len(found) < 2:
        pytest.skip("this processor has one instruction set of the two")
    assert len(set(found.values())) == 1, found


def test_the_set_without_fused_instructions_is_as_exact():
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/kernels']; import pytest; "
        "sys.exit(pytest.main(['-q', '-x', '-p', 'no:cacheprovider', 'tests/kernels/test_gates.py',"
        " '-k', 'within_one_ulp and (swiglu or geglu)']))"
    )
    environment = os.environ | {"NONLIN_INSTRUCTION_SET": "v2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:]
