"""Pages have a Korean twin; those written line by line in both languages tell the same numbers."""

import pytest
from pages import assemble
from twins import numbers

# Those of the explorer are written at the next `make bench-explorer`.
ENGLISH = ("explorer-performance", "versions", "dependencies")
SAME = ("accuracy", "dialects", "performance", "results-schema", "run-log", "torch-performance")


@pytest.mark.parametrize("name", [name for name in assemble.OWN if name not in ENGLISH])
def test_a_page_has_a_korean_twin(name):
    assert assemble.translated(name, "ko").name == f"{name}.ko.md"


@pytest.mark.parametrize("name", SAME)
def test_the_twin_has_the_same_numbers(name):
    english, korean = (assemble.translated(name, lang).read_text("utf-8") for lang in ("en", "ko"))
    assert numbers(korean) == numbers(english)
