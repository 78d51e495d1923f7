"""Executors of many kinds measure what one process does, also when a worker is lost on the way."""

import argparse
import os
import signal
import time
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from nonlin.study import runner, shards
from nonlin.study.cluster import argument, from_submitit

SETTINGS = {"ids": ["R8", "K4"], "quick": True, "blocks": 2}


@pytest.fixture(scope="module")
def alone():
    return same(runner.run(**SETTINGS))


def same(results):
    return {key: replace(outcome, seconds=0.0) for key, outcome in results.outcomes.items()}


def once(flag, how, call, *arguments):
    """Lose the worker on the first call of all, while it is at work; then do what is asked for."""
    try:
        Path(flag).touch(exist_ok=False)
    except FileExistsError:
        return call(*arguments)
    os.kill(os.getpid(), how)
    time.sleep(60)
    raise AssertionError("the signal was to end this process")


class Unlucky(Executor):
    """Hands everything on, and loses the worker that is handed the first piece."""

    def __init__(self, executor, flag, how):
        self.executor, self.flag, self.how = executor, str(flag), how

    def submit(self, call, /, *arguments):
        return self.executor.submit(once, self.flag, self.how, call, *arguments)


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        yield executor


def test_a_pool_of_processes(alone, pool):
    assert same(runner.run(executor=pool, **SETTINGS)) == alone


def test_every_block_of_a_study_at_once(alone, pool):
    shard = shards.measure(1, 1, executor=pool, **SETTINGS)
    assert len(shard.blocks) == 3
    assert same(shards.merge([shard])) == alone


def test_dask_loses_a_worker_and_nothing_else(alone, tmp_path):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):
        before = set(client.scheduler_info()["workers"])
        flag = tmp_path / "lost"
        executor = Unlucky(client.get_executor(), flag, signal.SIGKILL)
        found = runner.run(executor=executor, **SETTINGS)
        after = set(client.scheduler_info()["workers"])
    assert flag.exists()
    assert len(before & after) == 1
    assert same(found) == alone


@pytest.fixture
def queue(tmp_path):
    import submitit

    # By it a local job is cancelled, and what runs in the background leaves it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    local = submitit.LocalExecutor(tmp_path / "jobs")
    local.update_parameters(timeout_min=10)
    with from_submitit(local, seconds=0.1) as executor:
        yield executor
    signal.signal(signal.SIGINT, before)


def test_submitit_starts_a_preempted_job_anew(alone, queue, tmp_path):
    flag = tmp_path / "preempted"
    executor = Unlucky(queue, flag, signal.SIGUSR2)
    assert same(runner.run(executor=executor, **SETTINGS)) == alone
    assert flag.exists()


def fails():
    raise ArithmeticError("nothing adds up")


def test_a_job_that_fails_says_why(queue):
    with pytest.raises(Exception, match="nothing adds up"):
        queue.submit(fails).result()


def test_a_cancelled_future_ends_its_job(queue):
    future = queue.submit(time.sleep, 120)
    (job,) = queue._jobs.values()
    assert future.cancel()
    with pytest.raises(CancelledError):
        future.result()
    assert job._process.wait(60) is not None
    queue.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        queue.submit(fails)


def test_a_function_of_ones_own_gives_an_executor(tmp_path, monkeypatch):
    code = "from concurrent.futures import ThreadPoolExecutor as pool\nnumber = int\n"
    (tmp_path / "own_machines.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with argument("own_machines:pool") as executor:
        assert executor.submit(pow, 2, 5).result() == 32
    for value, sentence in {
        "own_machines:number": "expected a concurrent.futures.Executor, got 0",
        "own_machines:absent": "AttributeError: module 'own_machines' has no attribute 'absent'",
        "own_machines": "AttributeError",
        "no_such_machines:pool": "ModuleNotFoundError",
    }.items():
        with pytest.raises(argparse.ArgumentTypeError, match=sentence):
            argument(value)
