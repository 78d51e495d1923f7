from sample_run import dead_units

from nonlin.torch.runs.troubles import Troubles


def told(troubles):
    return [(each.began, each.seen, each.ended, each.worst, each.bouts) for each in troubles]


def test_a_trouble_begins_once_and_is_told_again_when_it_gets_worse():
    troubles = Troubles()
    warning, error = (dead_units("1", 3, severity=each) for each in ("warning", "error"))
    assert [troubles.update(step, [warning]) for step in (0, 100)] == [[warning], []]
    assert troubles.update(200, [error]) == [error]
    assert troubles.update(300, [warning]) == []
    assert told(troubles) == [(0, 300, None, "error", 1)]


def test_two_readings_without_it_end_it_and_one_does_not():
    troubles = Troubles()
    found = dead_units("1", 3)
    for step, seen in enumerate([[found], [], [found], [], [], [found]]):
        news = troubles.update(step, seen)
        if step == 2:
            assert (news, told(troubles)) == ([], [(0, 2, None, "error", 1)])
        if step == 4:
            assert told(troubles) == [(0, 2, 3, "error", 1)]
    assert news == [found]
    assert told(troubles) == [(5, 5, None, "error", 2)]


def test_they_come_in_the_order_in_which_they_began():
    troubles = Troubles()
    late, early = dead_units("a", 1), dead_units("b", 1)
    troubles.update(0, [early])
    troubles.update(1, [late, early])
    assert [each.finding.site for each in troubles] == ["b", "a"]
