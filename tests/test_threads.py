"""Splitting over threads: same bits, same errors, and a fork in the middle."""

import concurrent.futures
import os
import subprocess
import sys

import numpy as np
import pytest

import nonlin as nl
from nonlin import threads
from nonlin.accuracy import stratified


@pytest.fixture
def three_threads():
    before = nl.get_num_threads()
    nl.set_num_threads(3)
    yield
    nl.set_num_threads(before)


def large(dtype, extra=1):
    return np.resize(stratified(dtype, 1 << 16, seed=4), threads.SPLIT * 3 + extra)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["sigmoid", "leaky_relu"])
def test_no_bit_depends_on_the_number_of_threads(three_threads, name, dtype):
    activation, x = nl.get(name), large(dtype)
    value, slope, back = activation(x), activation.derivative(x), activation.backward(x, x)
    nl.set_num_threads(1)
    unsigned = f"u{np.dtype(dtype).itemsize}"
    for split, whole in (
        (value, activation(x)),
        (slope, activation.derivative(x)),
        (back, activation.backward(x, x)),
    ):
        np.testing.assert_array_equal(split.view(unsigned), whole.view(unsigned))


def test_pieces_cover_the_array_once(three_threads):
    for size in (threads.SPLIT, threads.SPLIT + 1, 3 * threads.GRAIN, 10 * threads.GRAIN + 7):
        pieces = threads._pieces(size)
        assert sum(piece.stop - piece.start for piece in pieces) == size
        assert [piece.start for piece in pieces[1:]] == [piece.stop for piece in pieces[:-1]]
        assert len(pieces) <= 3


def test_large_arrays_run_on_several_threads(three_threads, monkeypatch):
    seen = set()

    class Recorder(concurrent.futures.ThreadPoolExecutor):
        def submit(self, function, *operands):
            seen.add(operands[0].size)
            return super().submit(function, *operands)

    monkeypatch.setattr(concurrent.futures, "ThreadPoolExecutor", Recorder)
    nl.set_num_threads(3)
    nl.relu(np.ones(threads.SPLIT - 1))
    assert not seen
    nl.relu(np.ones(threads.SPLIT * 3))
    assert seen == {threads.SPLIT}


def test_out_in_place_and_fortran_order(three_threads):
    x = large(np.float32, extra=0).reshape(3, -1)
    expected = nl.tanh(np.array_split(x, 7)[0])
    fortran = np.asfortranarray(x)
    result = nl.tanh(fortran)
    assert result.flags.f_contiguous
    np.testing.assert_array_equal(result[: len(expected)], expected)
    out = np.empty_like(x)
    assert nl.tanh(x, out=out) is out
    np.testing.assert_array_equal(out, result)
    nl.tanh(x, out=x)
    np.testing.assert_array_equal(x, result)


def test_overlapping_memory_gives_what_numpy_gives(three_threads):
    memory = large(np.float64, extra=8)
    expected = nl.sigmoid(memory[:-1].copy())
    np.testing.assert_array_equal(nl.sigmoid(memory[:-1], out=memory[1:]), expected)


@pytest.mark.parametrize("count", [0, -1, 2.0, True, "2"])
def test_a_wrong_number_of_threads(count):
    with pytest.raises(ValueError, match="must be a positive integer, got"):
        nl.set_num_threads(count)


@pytest.mark.parametrize(("asked", "threads"), [("1", "1"), ("5", "5")])
def test_environment_variable(asked, threads):
    program = "import nonlin; print(nonlin.get_num_threads())"
    environment = os.environ | {"NONLIN_NUM_THREADS": asked}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == threads


def test_environment_variable_that_is_no_number():
    run = subprocess.run(
        [sys.executable, "-c", "import nonlin"], env=os.environ | {"NONLIN_NUM_THREADS": "many"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "NONLIN_NUM_THREADS is 'many'; expected a positive integer" in run.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_computes():
    program = """
import os, warnings, numpy as np, nonlin as nl
warnings.simplefilter("ignore")
nl.set_num_threads(2)
x = np.linspace(-5, 5, 1 << 21, dtype=np.float32)
before = nl.sigmoid(x)
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(nl.sigmoid(x), before) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "0"
