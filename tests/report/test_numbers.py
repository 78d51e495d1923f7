"""Expected strings are written by hand from the rule: three significant digits."""

import pytest

from nonlin.report.numbers import interval, shown


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.0, "", "0"),
        (1.0, "", "1"),
        (0.25, "", "0.25"),
        (-0.25, "", "−0.25"),
        (0.12345, "", "0.123"),
        (0.00012345, "", "0.000123"),
        (1234567.0, "", "1.23\u00a0×\u00a010⁶"),
        (12345.6, "", "12,346"),
        (9.1e-13, "", "9.1\u00a0×\u00a010⁻¹³"),
        (-2e-38, "", "−2\u00a0×\u00a010⁻³⁸"),
        (0.98214, "share", "98.2%"),
        (1.0, "share", "100%"),
        (-0.0031, "points", "−0.31\u00a0pp"),
        (0.0, "share", "0%"),
        (0.21, "ns", "0.21 ns"),
        # Rounding up may not gain a digit.
        (0.99999, "", "1"),
        (9.9996, "", "10"),
    ],
)
def test_a_number_is_written_as_people_write_it(value, unit, expected):
    assert shown(value, unit) == expected


def test_the_ends_of_an_interval_keep_their_digits():
    assert interval(0.11, 0.1377) == "0.110 – 0.138"
    assert interval(3.0, 30.0) == "3 – 30"
    assert interval(0, 30) == "0 – 30"


def test_no_interval_is_an_empty_string():
    assert interval(None, None) == ""
