"""Coroutines in tests, on a thread of their own: Playwright's loop may be running in this one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


class OwnTime(asyncio.SelectorEventLoop):
    """A loop whose clock goes on by exactly what is waited for, and by nothing else."""

    def __init__(self):
        super().__init__()
        self._now = 0.0
        self._ready_now, self._selector.select = self._selector.select, self._jump

    def time(self):
        return self._now

    def _jump(self, timeout=None):
        self._now += timeout or 0.0
        return self._ready_now(0)


def finished(coroutine, loop=None):
    """Give what a coroutine returns."""

    def run():
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(coroutine)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()
