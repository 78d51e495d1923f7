"""Splitting over threads: same bits, same errors, several callers, and a fork in the middle."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import nonlin as nl
from nonlin.accuracy import stratified
from nonlin.threads import usable

# Far above the length from which arrays are split (kernels/python/direct.cpp), and no multiple of a
# piece.
LARGE = 300_007


@pytest.fixture
def three_threads():
    before = nl.get_num_threads()
    nl.set_num_threads(3)
    yield
    nl.set_num_threads(before)


def large(dtype, size=LARGE):
    return np.resize(stratified(dtype, 1 << 16, seed=4), size)


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


def test_bfloat16_is_split_like_the_others(three_threads):
    x = np.linspace(-4, 4, LARGE, dtype=np.float32).astype(ml_dtypes.bfloat16)
    split = nl.tanh(x)
    nl.set_num_threads(1)
    np.testing.assert_array_equal(split.view(np.uint16), nl.tanh(x).view(np.uint16))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_large_arrays_alone_start_threads():
    program = """
import os, numpy as np, nonlin as nl
def count():
    return len(os.listdir("/proc/self/task"))
nl.set_num_threads(4)
before = count()
nl.relu(np.ones(1 << 13))
small = count() - before
nl.relu(np.ones(1 << 18))
nl.relu(np.ones(1 << 18))
large = count() - before
nl.set_num_threads(2)
nl.relu(np.ones(1 << 18))
print(small, large, count() - before)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["0", "3", "1"]


def test_threads_share_the_work(three_threads):
    """Several at once do not wait for each other's pool, and each gets its own result."""
    inputs = [large(np.float32, LARGE + k) for k in range(4)]
    results = [[] for _ in inputs]

    def compute(k):
        for _ in range(20):
            results[k].append(nl.sigmoid(inputs[k]))

    workers = [threading.Thread(target=compute, args=(k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for _ in range(10):  # the pool is replaced while they compute
        nl.set_num_threads(3)
    for worker in workers:
        worker.join()
    nl.set_num_threads(1)
    for x, found in zip(inputs, results, strict=True):
        assert len(found) == 20
        for y in found:
            np.testing.assert_array_equal(y, nl.sigmoid(x))


def test_out_in_place_and_fortran_order(three_threads):
    x = large(np.float32, 300_000).reshape(3, -1)
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
    memory = large(np.float64)
    expected = nl.sigmoid(memory[:-1].copy())
    np.testing.assert_array_equal(nl.sigmoid(memory[:-1], out=memory[1:]), expected)


@pytest.mark.parametrize("count", [0, -1, 2.0, True, "2"])
def test_a_wrong_number_of_threads(count):
    with pytest.raises(ValueError, match="must be a positive integer, got"):
        nl.set_num_threads(count)


def threads_of(**variables):
    """How many threads a process with these environment variables takes."""
    names = ("NONLIN_NUM_THREADS", "OMP_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    run = subprocess.run(
        [sys.executable, "-c", "import nonlin; print(nonlin.get_num_threads())"],
        env=environment | variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(run.stdout)


@pytest.mark.parametrize(("asked", "threads"), [("1", 1), ("5", 5)])
def test_environment_variable(asked, threads):
    assert threads_of(NONLIN_NUM_THREADS=asked) == threads
    assert threads_of(NONLIN_NUM_THREADS=asked, OMP_NUM_THREADS="2") == threads


def test_openmps_variable_bounds_the_threads():
    unbounded = threads_of()
    assert threads_of(OMP_NUM_THREADS="1") == 1
    assert threads_of(OMP_NUM_THREADS=" 1 , 4") == 1
    for no_bound in ("1000", "", "0", "-3", "many"):
        assert threads_of(OMP_NUM_THREADS=no_bound) == unbounded


GROUPS = "sys/fs/cgroup"
QUOTAS = {
    "version 2": ("0::/", {f"{GROUPS}/cpu.max": "100000 100000"}, 1),
    "a part of a processor": ("0::/", {f"{GROUPS}/cpu.max": "1000 100000"}, 1),
    "no quota": ("0::/", {f"{GROUPS}/cpu.max": "max 100000"}, None),
    "version 2, a group above": (
        "0::/job/step", {f"{GROUPS}/job/step/cpu.max": "max 100000",
                         f"{GROUPS}/job/cpu.max": "100000 100000"}, 1),
    "version 1": (
        "4:cpu,cpuacct:/docker/1", {f"{GROUPS}/cpu/docker/1/cpu.cfs_quota_us": "50000",
                                    f"{GROUPS}/cpu/docker/1/cpu.cfs_period_us": "100000"}, 1),
    "version 1, a container's own view": (
        "4:cpu,cpuacct:/docker/1", {f"{GROUPS}/cpu/cpu.cfs_quota_us": "100000",
                                    f"{GROUPS}/cpu/cpu.cfs_period_us": "100000"}, 1),
    "version 1, no quota": (
        "4:cpu:/", {f"{GROUPS}/cpu/cpu.cfs_quota_us": "-1",
                    f"{GROUPS}/cpu/cpu.cfs_period_us": "100000"}, None),
    "another controller": ("4:memory:/", {f"{GROUPS}/memory/cpu.max": "100000 100000"}, None),
    "nothing is said": ("", {}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", QUOTAS)
def test_a_containers_quota_bounds_the_threads(case, tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    processors = 6
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    group, files, expected = QUOTAS[case]
    for name, text in {"proc/self/cgroup": group + "\n", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    assert usable(tmp_path) == (expected or processors)


def test_a_quota_is_rounded_up_and_processors_bound_it(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    path = tmp_path / GROUPS / "cpu.max"
    path.parent.mkdir(parents=True)
    path.write_text("250000 100000\n")
    for processors, expected in ((8, 3), (2, 2)):
        cores = set(range(processors))
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, c=cores: c, raising=False)
        assert usable(tmp_path) == expected


def test_environment_variable_that_is_no_number():
    run = subprocess.run(
        [sys.executable, "-c", "import nonlin"], env=os.environ | {"NONLIN_NUM_THREADS": "many"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "NONLIN_NUM_THREADS is 'many'; expected a positive integer" in run.stderr


# A fork that Python does not see, as a library of C makes it, keeps the interpreter's lock.
FORKS = {"Python": "os.fork", "C": "ctypes.PyDLL(None).fork"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("fork", FORKS)
def test_a_forked_child_computes(fork):
    program = f"""
import ctypes, os, warnings, numpy as np, nonlin as nl
warnings.simplefilter("ignore")
nl.set_num_threads(2)
x = np.linspace(-5, 5, 1 << 21, dtype=np.float32)
before = nl.sigmoid(x)
child = {FORKS[fork]}()
if child == 0:
    same = np.array_equal(nl.sigmoid(x), before) and np.array_equal(nl.sigmoid(x), before)
    grandchild = {FORKS[fork]}()
    if grandchild == 0:
        os._exit(0 if np.array_equal(nl.sigmoid(x), before) else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
    os._exit(code if same else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True
    )
    assert run.stdout.strip() == "0"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="masks are read in /proc")
def test_workers_leave_to_a_fault_its_own_signal():
    # The C library starts a thread with every signal blocked and gives it its mask once it runs,
    # which on a busy machine may be after the job is done: a worker is asked again for a minute.
    program = """
import os, signal, time, numpy as np, nonlin as nl
others = set(os.listdir("/proc/self/task"))
nl.set_num_threads(3)
nl.relu(np.ones(1 << 18))
names = "SIGSEGV SIGBUS SIGFPE SIGILL SIGINT SIGTERM SIGALRM SIGUSR1".split()
for task in set(os.listdir("/proc/self/task")) - others:
    for _ in range(600):
        with open(f"/proc/self/task/{task}/status") as status:
            (mask,) = (int(line.split()[1], 16) for line in status if line.startswith("SigBlk"))
        blocked = [name for name in names if mask >> (getattr(signal, name) - 1) & 1]
        if blocked != names:
            break
        time.sleep(0.1)
    print(*blocked)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == ["SIGINT SIGTERM SIGALRM SIGUSR1"] * 2
