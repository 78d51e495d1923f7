"""The pages of other frameworks' names are what the tool writes."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("dialects", ROOT / "tools" / "dialects.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("lang", "name"), [("en", "dialects.md"), ("ko", "dialects.ko.md")])
def test_the_page_is_what_the_tool_writes(lang, name, tool):
    assert tool.page(lang) == (ROOT / "docs" / name).read_text("utf-8")
