"""Answers are computed once, in time, and kept while there is room."""

import asyncio
import threading
import time

import pytest
from asynchronous import finished

from nonlin.explorer import answers
from nonlin.explorer.answers import Answers
from nonlin.explorer.wrong import WrongRequestError


def counted(content=b"answer", wait=0.0):
    """A computation that counts its calls."""

    def compute():
        compute.calls += 1
        time.sleep(wait)
        return content

    compute.calls = 0
    return compute


def test_an_answer_is_kept():
    async def ask():
        known, compute = Answers(), counted()
        return [await known.get("q", compute, False, True) for _ in range(3)], compute.calls

    assert finished(ask()) == ([b"answer"] * 3, 1)


def test_an_answer_that_changes_is_not_kept():
    async def ask():
        known, compute = Answers(), counted()
        for _ in range(3):
            await known.get("q", compute, False, False)
        return compute.calls

    assert finished(ask()) == 3


def test_a_question_that_is_being_answered_is_not_begun_twice():
    async def ask():
        known, compute = Answers(), counted(wait=0.05)
        await asyncio.gather(*(known.get("q", compute, True, True) for _ in range(5)))
        return compute.calls

    assert finished(ask()) == 1


def test_one_who_leaves_does_not_take_the_answer_along():
    async def ask():
        known, compute = Answers(), counted(wait=0.1)
        leaving = asyncio.create_task(known.get("q", compute, False, True))
        staying = asyncio.create_task(known.get("q", compute, False, True))
        await asyncio.sleep(0.02)
        leaving.cancel()
        return await staying, compute.calls

    assert finished(ask()) == (b"answer", 1)


def test_the_oldest_goes_when_there_is_no_more_room():
    async def ask():
        known = Answers(room=25)
        first, second, third = (counted(b"x" * 10) for _ in range(3))
        for name, compute in (("1", first), ("2", second), ("1", first), ("3", third)):
            await known.get(name, compute, False, True)
        for name, compute in (("1", first), ("2", second)):
            await known.get(name, compute, False, True)
        return first.calls, second.calls, third.calls

    # "2" was the least recently used when "3" came.
    assert finished(ask()) == (1, 2, 1)


def test_few_slow_answers_are_computed_at_once():
    running, most = set(), []

    def compute():
        running.add(threading.get_ident())
        most.append(len(running))
        time.sleep(0.02)
        running.discard(threading.get_ident())
        return b""

    async def ask():
        known = Answers(at_once=2)
        await asyncio.gather(*(known.get(each, compute, True, True) for each in range(8)))

    finished(ask())
    assert max(most) <= 2


def test_a_slow_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(answers, "LONGEST", 0.05)

    def endless():
        while True:
            sum(range(100))

    async def ask():
        await Answers().get("q", endless, True, True)

    with pytest.raises(WrongRequestError) as refusal:
        finished(ask())
    assert refusal.value.status == 422


def test_what_fails_is_not_kept():
    async def ask():
        known, calls = Answers(), []

        def fail():
            calls.append(1)
            raise WrongRequestError("absent", status=404)

        for _ in range(2):
            with pytest.raises(WrongRequestError):
                await known.get("q", fail, False, True)
        return len(calls)

    assert finished(ask()) == 2
