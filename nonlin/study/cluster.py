"""Executors of clusters: what `nonlin.study.run` takes as `executor=` beside Python's own pools.

Dask's client gives one itself, `Client.get_executor()`; submitit's are made one here.
"""

from __future__ import annotations

import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import submitit

__all__ = ["from_submitit"]

P = ParamSpec("P")
T = TypeVar("T")


def from_submitit(executor: submitit.Executor, seconds: float = 1.0) -> Executor:
    """Let a queue system measure: submitit's executor as one of `concurrent.futures`.

    A job that the queue preempts, or ends at its time limit, is queued again as often as submitit's
    `max_num_timeout` says; it starts its block anew.

    Parameters
    ----------
    executor : submitit.Executor
        Such as ``submitit.AutoExecutor(folder)``, with the time limit and the partition set by its
        ``update_parameters``.
    seconds : float
        How often it is asked which jobs are done.

    Returns
    -------
    concurrent.futures.Executor
        Its futures cancel their job when they are cancelled. A job that failed raises what submitit
        raises.

    Examples
    --------
    >>> import submitit  # doctest: +SKIP
    >>> queue = submitit.AutoExecutor("jobs")  # doctest: +SKIP
    >>> queue.update_parameters(timeout_min=10, cpus_per_task=1)  # doctest: +SKIP
    >>> with from_submitit(queue) as executor:  # doctest: +SKIP
    ...     results = nonlin.study.run(executor=executor)
    """
    return _Queue(executor, seconds)


def argument(value: str) -> Executor:
    """Call the user's "module:function", which gives an executor: argparse's ``type=``.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is no such function, or it gives something else.
    """
    module, _, function = value.partition(":")
    if "" not in sys.path:  # a script's own path does not hold the folder it is called from
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module), function)()
    except Exception as error:  # whatever the user's module raises is the user's to read
        raise ArgumentTypeError(f"{value}: {type(error).__name__}: {error}") from None
    if not isinstance(found, Executor):
        raise ArgumentTypeError(f"{value}: expected a concurrent.futures.Executor, got {found!r}")
    return found


def add_executor(parser: ArgumentParser) -> None:
    """Declare ``--executor``, as long measurements beside the study take it."""
    said = "what measures instead: a function of yours that gives a concurrent.futures.Executor"
    parser.add_argument("--executor", type=argument, metavar="MODULE:FUNCTION", help=said)


class _Repeatable:
    """A call that may start anew in another job: submitit asks for the method `checkpoint`."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._call(*arguments, **keywords)

    def checkpoint(self, *arguments: Any, **keywords: Any) -> Any:
        """What to queue again: the same from its start."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, *arguments, **keywords)


class _Queue(Executor):
    """Jobs as futures; one thread asks which are done."""

    def __init__(self, executor: submitit.Executor, seconds: float) -> None:
        self._executor = executor
        self._seconds = seconds
        self._jobs: dict[Future[Any], submitit.Job[Any]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._watcher: threading.Thread | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a job."""
        with self._changed:
            if self._closed:
                raise RuntimeError("no job is taken after shutdown")
            job = self._executor.submit(_Repeatable(fn), *args, **kwargs)
            future: Future[T] = Future()
            future.add_done_callback(partial(_cancelled_with, job))
            self._jobs[future] = job
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, daemon=True)
                self._watcher.start()
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; wait for those that are there, or cancel them."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            futures = list(self._jobs)
        if cancel_futures:
            for future in futures:
                future.cancel()
        if wait and self._watcher is not None:
            self._watcher.join()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._jobs:
                    if self._closed:
                        return
                    self._changed.wait()
                self._changed.wait(self._seconds)
                jobs = list(self._jobs.items())
            over = [future for future, job in jobs if _settled(future, job)]
            with self._changed:
                for future in over:
                    del self._jobs[future]


def _cancelled_with(job: submitit.Job[Any], future: Future[Any]) -> None:
    if future.cancelled():
        job.cancel(check=False)


def _settled(future: Future[Any], job: submitit.Job[Any]) -> bool:
    """Whether a job is over; its future then has what became of it."""
    if future.cancelled():
        return True
    if not job.done() or not future.set_running_or_notify_cancel():
        return future.cancelled()
    try:
        future.set_result(job.result())
    except Exception as error:
        future.set_exception(error)
    return True
