"""Pages that are written line by line in both languages tell the same numbers in both."""

import pytest
from pages import assemble
from twins import numbers

TWINS = ("accuracy", "dialects", "performance", "torch-performance")


@pytest.mark.parametrize("name", TWINS)
def test_a_page_has_a_korean_twin_with_the_same_numbers(name):
    korean = assemble.translated(name, "ko")
    assert korean.name == f"{name}.ko.md"
    english = assemble.translated(name, "en")
    assert numbers(korean.read_text("utf-8")) == numbers(english.read_text("utf-8"))
