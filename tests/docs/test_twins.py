"""Pages have a Korean twin; those written line by line in both languages tell the same numbers."""

import re

import pytest
from pages import assemble
from twins import numbers

# Written by hand, and written by their commands.
WRITTEN = ("results-schema", "run-log", "versions")
SAME = (*WRITTEN, "accuracy", "dependencies", "dialects", "performance", "torch-performance")


@pytest.mark.parametrize("name", assemble.OWN)
def test_a_page_has_a_korean_twin(name):
    assert assemble.translated(name, "ko").name == f"{name}.ko.md"


@pytest.mark.parametrize("name", SAME)
def test_the_twin_has_the_same_numbers(name):
    english, korean = (assemble.translated(name, lang).read_text("utf-8") for lang in ("en", "ko"))
    assert numbers(korean) == numbers(english)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_twin_names_the_same_code(name):
    english, korean = (assemble.translated(name, lang).read_text("utf-8") for lang in ("en", "ko"))
    assert sorted(re.findall("`+[^`]+`+", korean)) == sorted(re.findall("`+[^`]+`+", english))


def test_korean_pages_link_to_the_korean_twin():
    pages = [*assemble.DOCS.glob("*.ko.md"), *(assemble.DOCS / "guides" / "ko").glob("*.md")]
    for page in pages:
        # A page's first link is to its own other language.
        own = page.name.replace(".ko.md", ".md")
        for target in re.findall(r"\]\(((?:\.\./)*[\w-]+\.md)\)", page.read_text("utf-8")):
            twin = (page.parent / target).with_suffix(".ko.md")
            assert target == own or not twin.exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("name", SAME)
def test_the_twin_has_figures_of_its_own(name):
    korean = assemble.translated(name, "ko")
    for figure in re.findall(r"!\[[^]]+\]\((\S+)\)", korean.read_text("utf-8")):
        assert ".ko." in figure
        assert (korean.parent / figure).is_file()
