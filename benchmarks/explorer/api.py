"""How many curves a second the API computes: python -m explorer.api

The server is kept to one core. Every request asks for something that was not asked before, so that
each is computed: 401 places, value and derivative.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import statistics
from time import perf_counter
from urllib.parse import urlsplit

from explorer.page import serving

PROMISED = 300.0
SECONDS = 3.0
ROUNDS = 3
ONE = "/api/curve?f=elu(alpha={})"
THREE = "/api/curve?f=sigmoid&f=relu&f=elu(alpha={})"


def pinned() -> None:
    """Keep this process, and those it starts, to one core where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def requests_a_second(address: str, path: str, numbers: itertools.count[int]) -> float:
    """Ask one question after the other on one connection.

    Parameters
    ----------
    address : str
        Of the server.
    path : str
        With a place for a parameter's value.
    numbers : iterator of int
        Each gives a question that was not asked before.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    asked, start = 0, perf_counter()
    while perf_counter() - start < SECONDS:
        connection.request("GET", path.format(0.1 + 1e-6 * next(numbers)))
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        asked += 1
    took = perf_counter() - start
    connection.close()
    return asked / took


def measured() -> dict[str, float]:
    """Medians of several rounds: one function and three, computed; and one, kept."""
    free = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pinned()
    try:
        with serving() as address:
            if free:
                os.sched_setaffinity(0, free - {min(free)} or free)
            numbers = itertools.count()
            kinds = {"one": ONE, "three": THREE, "kept": ONE.format("0.5")}
            return {
                name: statistics.median(
                    requests_a_second(address, path, numbers) for _ in range(ROUNDS)
                )
                for name, path in kinds.items()
            }
    finally:
        if free:
            os.sched_setaffinity(0, free)


if __name__ == "__main__":
    print(json.dumps({"promised": PROMISED, **measured()}, indent=2))
