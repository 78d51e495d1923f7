"""Which cases there are: read off the benchmark's own description of itself."""

import pytest
from speed.cases import DOCUMENT, IN_CACHE, LARGEST, OUT_OF_CACHE, SMALL, Case, grid

PLENTY = 10**12


def sizes(cases, **wanted):
    return {
        case.size
        for case in cases
        if all(getattr(case, name) == value for name, value in wanted.items())
    }


def test_one_thread_covers_every_size_of_the_document_functions():
    cases = grid(DOCUMENT, 1, quick=False, available=PLENTY)
    ordinary = {*SMALL, 10_000, IN_CACHE, 1 << 20, OUT_OF_CACHE}
    assert sizes(cases, function="elu", kind="value", dtype="float32") == ordinary | {LARGEST}
    assert sizes(cases, function="elu", kind="backward", dtype="float64") == ordinary
    assert sizes(cases, function="elu", kind="value", dtype="float16") == ordinary - set(SMALL)


def test_several_threads_leave_out_what_is_never_split():
    cases = grid(DOCUMENT, 2, quick=False, available=PLENTY)
    assert min(case.size for case in cases) == IN_CACHE
    assert {case.threads for case in cases} == {2}


def test_memory_limits_the_largest_array():
    # Ten float32 arrays of 10^8 elements take 4 * 10^9 bytes.
    assert LARGEST in sizes(grid(DOCUMENT, 1, quick=False, available=4 * 10**9))
    assert LARGEST not in sizes(grid(DOCUMENT, 1, quick=False, available=4 * 10**9 - 1))


def test_another_function_is_measured_in_cache_and_out_of_it():
    cases = grid(["mish"], 1, quick=False, available=PLENTY)
    assert sizes(cases, dtype="float32", kind="value") == {IN_CACHE, OUT_OF_CACHE}
    assert sizes(cases, dtype="float64") == {IN_CACHE}
    assert grid(["mish"], 2, quick=False, available=PLENTY) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_a_quick_run_is_part_of_a_full_one(threads):
    full = grid(DOCUMENT, threads, quick=False, available=PLENTY)
    assert set(grid(DOCUMENT, threads, quick=True, available=PLENTY)) < set(full)


def test_keys_tell_cases_apart():
    cases = grid(DOCUMENT, 1, quick=False, available=PLENTY)
    assert len({case.key for case in cases}) == len(cases)
    assert Case("elu", "value", "float32", 10, 2).key == "elu value float32 10 2"
