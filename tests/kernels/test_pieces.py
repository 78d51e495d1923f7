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
            yield importlib.import_module("pieces")
        finally:
            sys.path.remove(str(TOOLS))


def words(text):
    """What the layout does not change."""
    return "".join(text.split())


def test_the_header_is_what_the_tool_writes(tool):
    tanh = [tool.tanh_piece(n) for n in range(tool.TANH_PIECES)]
    expm1 = [tool.expm1_piece(n) for n in range(tool.EXPM1_PIECES)]
    bell = [tool.bell_piece(n) for n in range(tool.BELL_PIECES)]
    assert words(tool.header(tanh, expm1, bell)) == words(tool.HEADER.read_text())
    for piece in (*tanh, *expm1, *bell):
        assert piece.error < 2**-25.5
