"""Coroutines in tests, on a thread of their own: Playwright's loop may be running in this one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def finished(coroutine):
    """Give what a coroutine returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
