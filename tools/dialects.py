"""Write docs/dialects.md in both languages: others' names of the functions, and differences.

python tools/dialects.py
"""

from pathlib import Path

import nonlin as nl
from nonlin.catalogue.dialects import DIALECTS
from nonlin.messages import languages

DOCS = Path(__file__).parents[1] / "docs"

# What stands above the table, by language: dialects/en.md and ko.md.
HEADS = Path(__file__).with_suffix("")


def cell(framework: str, name: str) -> str:
    """List what `framework` calls the function `name`."""
    found = []
    for theirs, entry in DIALECTS[framework].items():
        if entry.ours == name:
            parameters = nl.get(f"{framework}:{theirs}").parameters
            defaults = nl.get(name).parameters
            other = {key: value for key, value in parameters.items() if value != defaults[key]}
            settings = ", ".join(f"{key} = {value:.6g}" if isinstance(value, float) else
                                 f"{key} = {value}" for key, value in other.items())  # fmt: skip
            found.append(f"{theirs} **{settings}**" if other else theirs)
    return "<br>".join(found) or "–"


def table() -> str:
    """Make one row a function."""
    rows = ["| nonlin | " + " | ".join(DIALECTS) + " |", "|" + " --- |" * (1 + len(DIALECTS))]
    for name in nl.names():
        settings = ", ".join(f"{key} = {value}" for key, value in nl.get(name).parameters.items())
        ours = f"{name}<br>{settings}" if settings else name
        cells = [ours, *(cell(framework, name) for framework in DIALECTS)]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def page(lang: str) -> str:
    """Put the table below its text."""
    return f"{(HEADS / f'{lang}.md').read_text(encoding='utf-8')}\n{table()}\n"


def main() -> None:
    """Write the pages."""
    for lang in languages():
        name = "dialects.md" if lang == "en" else f"dialects.{lang}.md"
        (DOCS / name).write_text(page(lang), encoding="utf-8")


if __name__ == "__main__":
    main()
