import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonlin.torch.runs.packing import (
    LEVELS,
    levels,
    pack_flags,
    pack_levels,
    unpack_flags,
    unpack_levels,
)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_flags_come_back_as_they_were(flags):
    packed = pack_flags(np.array(flags))
    assert unpack_flags(packed, len(flags)).tolist() == flags


def test_a_layer_in_which_every_second_unit_is_dead_takes_few_letters():
    # 4,096 flags are 512 bytes; deflated, a pattern is a few of them.
    assert len(pack_flags(np.arange(4096) % 2 == 0)) < 40


@pytest.mark.parametrize(
    "packed",
    ["AAAA", pack_flags(np.ones(3, dtype=bool)), pack_flags(np.ones(10**6, dtype=bool))],
)
def test_what_is_no_flags_of_that_many_units_is_refused(packed):
    with pytest.raises(ValueError, match="expected"):
        unpack_flags(packed, 20)


def test_of_many_units_the_quantiles_are_kept():
    # Shares k / 999 of 1,000 units: quantile (j + 1/2) / 64 is entry floor((j + 1/2) 1000 / 64).
    made = levels(np.arange(1000)[::-1] / 999)
    expected = [round(255 * int((j + 0.5) * 1000 / 64) / 999) for j in range(LEVELS)]
    assert made.tolist() == expected
    assert unpack_levels(pack_levels(made)).tolist() == expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_only_0_is_0_and_only_1_is_255(shares):
    made = levels(np.array(shares))
    assert (np.diff(made.astype(int)) >= 0).all()
    if len(shares) <= LEVELS:
        assert (made == 0).sum() == sum(x == 0 for x in shares)
        assert (made == 255).sum() == sum(x == 1 for x in shares)
