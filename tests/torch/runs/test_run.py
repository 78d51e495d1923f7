import pytest
from sample_run import taken

from nonlin.torch.runs.run import History


@pytest.mark.parametrize("readings", [1, 7, 8, 9, 16, 17, 1000])
def test_readings_are_thinned_evenly_and_the_last_is_kept(readings):
    history = History(capacity=8)
    for step in range(readings):
        history.add(taken(step))
    steps = [each.step for each in history.kept]
    # The smallest power of two whose multiples below `readings` are at most eight.
    stride = next(2**k for k in range(20) if len(range(0, readings, 2**k)) <= 8)
    assert history.stride == stride
    assert steps == sorted({*range(0, readings, stride), readings - 1})
    assert (history.count, history.last.step) == (readings, readings - 1)
