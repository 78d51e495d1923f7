"""A result depends on the value of x alone: not on where it lies, nor on the instruction set."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import in_dtype

import nonlin as nl
from nonlin.accuracy import stratified

DTYPES = (np.float16, np.float32, np.float64)


def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


def one_by_one(function, x):
    return np.array([function(z) for z in x.ravel()], x.dtype).reshape(x.shape)


@st.composite
def laid_out(draw):
    """An array of any dtype with 0 to 4 axes: offset, strided, reversed, transposed."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(1, 5), max_size=3)) + draw(
        st.sampled_from([[], [1], [7], [70]])
    )
    steps = [draw(st.sampled_from([1, 2, 3, -1, -2])) for _ in shape]
    offset = draw(st.integers(0, 3))
    sizes = [n * abs(step) for n, step in zip(shape, steps, strict=True)]
    count = int(np.prod(sizes, dtype=int)) + offset
    memory = stratified(dtype, count, seed=draw(st.integers(0, 9)))[offset:].reshape(sizes)
    x = memory[tuple(slice(None, None, step) for step in steps)]
    return x.T if draw(st.booleans()) else x


@settings(max_examples=150, deadline=None)
@given(laid_out(), st.sampled_from(nl.names()), st.sampled_from(["value", "derivative"]))
def test_layout_changes_no_bit(x, name, kind):
    function = nl.get(name) if kind == "value" else nl.get(name).derivative
    np.testing.assert_array_equal(bits(np.asarray(function(x))), bits(one_by_one(function, x)))


@settings(max_examples=60, deadline=None)
@given(laid_out(), st.sampled_from(nl.names()))
def test_out_and_where_change_no_bit(x, name):
    activation = nl.get(name)
    x = np.asarray(x)
    expected = np.asarray(activation(x))
    out = np.full(x.shape[::-1], 9, x.dtype).T
    assert activation(x, out=out) is out
    np.testing.assert_array_equal(bits(out), bits(expected))
    mask = np.arange(x.size).reshape(x.shape) % 3 == 0
    masked = activation(x, where=mask, out=np.full(x.shape, 9, x.dtype))
    np.testing.assert_array_equal(bits(masked), bits(np.where(mask, expected, x.dtype.type(9))))
    in_place = np.array(x)
    activation(in_place, out=in_place)
    np.testing.assert_array_equal(bits(in_place), bits(expected))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["value", "derivative", "backward"])
@pytest.mark.parametrize("name", nl.names())
def test_blocks_change_no_bit(name, kind, dtype):
    # The kernels go through long arrays in blocks of 1 KiB, vectors of 64 bytes at a time.
    block, vector = 1024 // dtype().itemsize, 64 // dtype().itemsize
    activation = nl.get(name)
    function = {
        "value": activation,
        "derivative": activation.derivative,
        "backward": lambda x, out=None: activation.backward(np.ones_like(x), x, out=out),
    }[kind]
    x = stratified(dtype, 5 * block, seed=3)
    expected = np.concatenate([function(part) for part in np.split(x, x.size // 4)])
    lengths = [k * block + rest for k in range(1, 5) for rest in (-1, 0, 1, vector, 3 * vector + 5)]
    for length in lengths:
        for shift in (0, 1, 5):
            out = np.empty(length + shift, dtype)[shift:]
            np.testing.assert_array_equal(
                bits(function(x[:length], out=out)), bits(expected[:length])
            )
            np.copyto(out, x[:length])
            np.testing.assert_array_equal(bits(function(out, out=out)), bits(expected[:length]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", nl.names())
def test_backward_is_grad_times_derivative(name, dtype):
    activation = nl.get(name)
    x, grad = stratified(dtype, 2000, seed=1), stratified(dtype, 2000, seed=2)
    with np.errstate(all="ignore"):
        expected = grad * activation.derivative(x)
        if dtype == np.float16:  # one rounding instead of two
            expected = grad * in_dtype(activation, dtype).derivative(x.astype(np.float64))
        expected = expected.astype(dtype)
        computed = activation.backward(grad, x)
    # 0 times infinity is a NaN of either sign.
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(computed), ~number)
    np.testing.assert_array_equal(bits(computed[number]), bits(expected[number]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_parameters_broadcast_like_operands(dtype):
    x = stratified(dtype, 600, seed=5).reshape(200, 3)
    slopes = np.array([0.125, 0.25, 0.5], dtype)
    together = nl.leaky_relu(x, negative_slope=slopes)
    for channel, slope in enumerate(slopes):
        alone = nl.leaky_relu(x[:, channel], negative_slope=float(slope))
        np.testing.assert_array_equal(bits(together[:, channel]), bits(alone))
    for scalar in (dtype(0.25), np.array(0.25, dtype), 0.25):
        np.testing.assert_array_equal(
            bits(nl.leaky_relu(x, negative_slope=scalar)),
            bits(nl.leaky_relu.bind(negative_slope=0.25)(x)),
        )


# For a beta of 1 there are kernels of their own.
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["value", "derivative", "backward"])
@pytest.mark.parametrize("name", ["silu", "softplus"])
def test_no_parameter_changes_a_neighbours_bits(name, kind, dtype):
    x, grad = stratified(dtype, 1203, seed=6), stratified(dtype, 1203, seed=7)
    betas = np.resize(np.array([1.0, 1.5, 1.0, 1.0, 0.25], dtype), x.size)

    def computed(part, **parameters):
        activation = nl.get(name)
        if kind == "backward":
            return activation.backward(grad[part], x[part], **parameters)
        return (activation if kind == "value" else activation.derivative)(x[part], **parameters)

    with np.errstate(all="ignore"):
        together = computed(slice(None), beta=betas)
        for beta in (1.0, 1.5, 0.25):
            same = betas == beta
            np.testing.assert_array_equal(bits(together[same]), bits(computed(same, beta=beta)))


FINGERPRINT = """
import hashlib, numpy as np, nonlin as nl
from nonlin.accuracy import stratified
digest = hashlib.sha256()
for dtype in (np.float16, np.float32, np.float64):
    special = np.array([np.inf, -np.inf, 0.0, -0.0], dtype)
    x = np.concatenate([stratified(dtype, 100_000, seed=11), special])
    for name in nl.names():
        digest.update(nl.get(name)(x).tobytes() + nl.get(name).derivative(x).tobytes())
print(nl.instruction_set(), digest.hexdigest())
"""


SIGNS_OF_ZEROS = """
import numpy as np, nonlin as nl
for dtype in (np.float16, np.float32, np.float64):
    for name in nl.names():
        for f in (nl.get(name), nl.get(name).derivative):
            print(name, dtype.__name__, *np.signbit(f(np.array([0.0, -0.0] * 40, dtype))[:2]))
"""


def fingerprint(ceiling: str, program: str = FINGERPRINT) -> list[str]:
    environment = os.environ | {"NONLIN_INSTRUCTION_SET": ceiling}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return run.stdout.split()


def test_wide_instruction_sets_give_the_same_bits():
    widest, narrower = fingerprint("v4"), fingerprint("v3")
    assert len(widest[1]) == hashlib.sha256().digest_size * 2
    assert widest[1] == narrower[1]


def test_every_instruction_set_gives_zeros_the_same_sign():
    assert fingerprint("v4", SIGNS_OF_ZEROS) == fingerprint("v2", SIGNS_OF_ZEROS)


@pytest.mark.skipif(nl.instruction_set() == "baseline", reason="one instruction set on this CPU")
def test_environment_lowers_the_instruction_set():
    assert fingerprint("v2")[0] == "v2"
    run = subprocess.run(
        [sys.executable, "-c", "import nonlin"], env=os.environ | {"NONLIN_INSTRUCTION_SET": "x"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "NONLIN_INSTRUCTION_SET is x; expected v2, v3 or v4" in run.stderr
