"""A proof's time is the processor time that it takes itself, and nothing else is interrupted."""

import sys
import threading
import time

import pytest

from nonlin.facts import deadline
from nonlin.facts.deadline import OutOfTimeError, within

INF = float("inf")


def busy(seconds):
    """Compute for so much processor time of this thread."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(100))
    return "done"


def test_a_proof_is_ended_when_its_time_is_up():
    with pytest.raises(OutOfTimeError):
        within(0.1, lambda: busy(INF))


def test_what_a_proof_raises_arrives():
    with pytest.raises(ZeroDivisionError):
        within(1.0, lambda: 1 // 0)


def test_without_a_limit_it_is_waited_for():
    assert within(INF, lambda: busy(0.1)) == "done"


def test_waiting_takes_no_time():
    assert within(0.1, lambda: time.sleep(0.3) or "done") == "done"


@pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="the platform has no clock of a thread"
)
def test_what_other_threads_compute_does_not_count():
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            sum(range(1000))

    others = [threading.Thread(target=compute) for _ in range(3)]
    for thread in others:
        thread.start()
    try:
        # Beside three others that want the interpreter, this takes about four times as long.
        assert within(0.6, lambda: busy(0.3)) == "done"
    finally:
        stop.set()
        for thread in others:
            thread.join()


def test_a_proof_that_ends_when_its_time_is_up_gives_its_result_or_is_given_up(monkeypatch):
    # A thread that is interrupted outside its proof says so on stderr, which is an error here.
    monkeypatch.setattr(deadline, "PAUSE", 0.0002)
    # By default a thread keeps the interpreter for 5 ms: longer than these proofs take.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    answers = set()
    try:
        for step in range(300):
            try:
                answers.add(within(0.002, lambda step=step: busy(0.001 + 0.00001 * (step % 200))))
            except OutOfTimeError:
                answers.add("late")
    finally:
        sys.setswitchinterval(interval)
    assert answers == {"done", "late"}


def test_callbacks_of_the_garbage_collector_are_not_disturbed():
    # What is raised in them is lost, and printed: an error here.
    class Thing:
        def __del__(self):
            busy(0.001)

    def for_ever():
        while True:
            Thing()
            busy(0.001)

    for _ in range(10):
        with pytest.raises(OutOfTimeError):
            within(0.005, for_ever)


def test_what_swallows_the_interruption_is_interrupted_again():
    swallowed = []

    def stubborn():
        while len(swallowed) < 3:
            try:
                busy(INF)
            except OutOfTimeError:
                swallowed.append(1)
        busy(INF)

    with pytest.raises(OutOfTimeError):
        within(0.05, stubborn)
    assert len(swallowed) == 3
