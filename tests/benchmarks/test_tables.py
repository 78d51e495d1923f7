"""Markdown as it is meant to look."""

from speed.summary import Spread
from speed.tables import NOTHING, code, table, times, ulp


def test_table_aligns_numbers_to_the_right():
    written = table(["", "a", "b"], [["x", "1", "2"]])
    assert written == "|  | a | b |\n| --- | ---: | ---: |\n| x | 1 | 2 |"
    assert table(["", "a"], [], left=2).endswith("| --- | --- |")


def test_a_bar_in_code_does_not_end_the_cell():
    assert code("a | b") == "`a \\| b`"


def test_times_show_the_quartiles():
    assert times(Spread(1.234, 1.1, 1.3, 1.2, 1.25)) == "1.23 (1.10–1.30)"
    assert times(Spread(0.0451, 0.044, 0.046, 0, 0), 3) == "0.045 (0.044–0.046)"
    assert times(None) == NOTHING


def test_errors_grow_into_names_of_their_size():
    shown = [ulp(error) for error in (None, 0.5, 99.99, 138_700.0, 2e7, float("inf"))]
    assert shown == [NOTHING, "0.50", "99.99", "138,700", "2e+07", "∞"]
