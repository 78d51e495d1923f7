"""Docstrings are written to be read at a prompt; some signs of theirs mean something in a page."""

import re
from typing import Any

__all__ = ["readable", "setup"]

# Absolute values are no substitutions, and a star is a product; literals stay as they are.
_SIGN = re.compile(r"(``.*?``)|(?<![\\|])([|*])")


def readable(lines: list[str]) -> list[str]:
    """Escape the signs of text, up to the examples.

    Examples
    --------
    >>> readable(["x / (1 + |x|), ``a | b``"])
    ['x / (1 + \\\\|x\\\\|), ``a | b``']
    """
    end = lines.index("Examples") if "Examples" in lines else len(lines)
    escaped = [
        line if line.startswith("*") else _SIGN.sub(lambda m: m[1] or f"\\{m[2]}", line)
        for line in lines[:end]
    ]
    return escaped + lines[end:]


def _process(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = readable(lines)


def setup(app: Any) -> dict[str, bool]:
    """Escape before numpydoc reads the sections."""
    app.connect("autodoc-process-docstring", _process, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
