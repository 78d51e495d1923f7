"""The tables of the piecewise polynomials are those that their tool computes."""

import importlib
import sys
from pathlib import Path

import mpmath
import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def tool():
    """The tool, which is a script and sets mpmath's precision for all."""
    with mpmath.workdps(60):
        sys.path.insert(0, str(TOOLS))
        try:
            yield importlib.import_module("tables")
        finally:
            sys.path.remove(str(TOOLS))


def words(text):
    """What the layout does not change."""
    return "".join(text.split())


def test_the_headers_are_what_the_tool_writes(tool):
    written, found = tool.headers()
    assert {path.stem for path in tool.FOLDER.iterdir()} == set(written)
    for name, text in written.items():
        assert words(text) == words((tool.FOLDER / f"{name}.hpp").read_text()), name
    for name, pieces in found.items():
        assert max(piece.error for piece in pieces) < 2**-25.5, name
