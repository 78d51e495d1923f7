"""Order statistics with known ranks, and rounds that call what they are given."""

import numpy as np
import torch

from nonlin.study import cost


def test_the_medians_interval_is_the_binomials():
    # For n = 10 the second and the ninth value cover the median with 97.9 %, the third and the
    # eighth with only 89 % (Conover, Practical Nonparametric Statistics).
    number = cost.median("m", np.arange(1.0, 11.0)[::-1], "ns")
    assert (number.value, number.low, number.high) == (5.5, 2, 9)
    assert (number.n, number.unit) == (10, "ns")


def test_one_value_is_its_own_interval():
    number = cost.median("m", np.array([3.0]))
    assert (number.value, number.low, number.high) == (3, 3, 3)


def test_every_round_calls_everything_once_after_a_warm_up():
    called = []
    calls = {name: lambda name=name: called.append(name) for name in "abc"}
    taken = cost.rounds(calls, 20)
    assert called[:3] == ["a", "b", "c"]
    turns = [tuple(called[i : i + 3]) for i in range(3, len(called), 3)]
    assert len(turns) == 20
    assert {frozenset(turn) for turn in turns} == {frozenset("abc")}
    # Not always in the same order: of 6 orders, 20 draws show more than one.
    assert len(set(turns)) > 1
    assert all((seconds > 0).all() and seconds.shape == (20,) for seconds in taken.values())


def test_one_thread_is_given_back():
    torch.set_num_threads(2)
    with cost.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
