"""The graph of imports among nonlin's modules, those inside functions counted."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parents[1] / "nonlin"


def modules() -> dict[str, Path]:
    """Give every module's file by its name."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def graph() -> dict[str, set[str]]:
    """Give what each module imports, at any time; what only type checkers read is left out."""
    known = modules()
    return {
        name: {each for each in _imported(name, path, known) if each != name}
        for name, path in known.items()
    }


def _imported(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _statements(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in known)
            continue
        base = resolve_name("." * node.level + (node.module or ""), package)
        # The package itself, as in `from nonlin import ufuncs`, is imported before any of its own.
        for each in node.names:
            module = f"{base}.{each.name}" if f"{base}.{each.name}" in known else base
            if module in known and module != "nonlin":
                yield module


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _statements(child)
