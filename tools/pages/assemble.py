"""Gather the site's sources of one language in a folder: what is written, and what is generated."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from nonlin.tutorial import sources
from pages import functions, reference
from pages.words import WORDS

__all__ = ["LANGUAGES", "OWN", "assemble", "translated"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("en", "ko")
# Pages of docs/site/ that are the first of a folder.
ROOMS = ("tutorial", "guides", "functions", "reference")
# Folders of docs/ that pages are made of; figures and numbers lie in the others.
SOURCES = ("guides", "site")
FILES = ("accuracy.json", "proofs.json", "processors.json")

# The pages of docs/ in the order of the site; those that exist in English alone say so.
OWN = (
    "study", "study-stability", "scale", "theory", "doctor", "doctor-final", "doctor-final-c",
    "activations", "dialects", "accuracy", "performance", "torch-performance", "explorer",
    "explorer-performance", "results-schema", "run-log", "versions", "dependencies",
)  # fmt: skip


def assemble(lang: str, folder: Path) -> None:
    """Write every page of a language below a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for beside in DOCS.iterdir():
        if beside.is_dir() and beside.name not in SOURCES:
            shutil.copytree(beside, folder / beside.name)
    for name in FILES:
        shutil.copy(DOCS / name, folder / name)
    for path, content in _pages(lang):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")


def translated(name: str, lang: str) -> Path:
    """Find a page of docs/ in a language, or the English one where there is no other."""
    own = DOCS / (f"{name}.md" if lang == "en" else f"{name}.{lang}.md")
    return own if own.exists() else DOCS / f"{name}.md"


def _pages(lang: str) -> Iterator[tuple[str, str]]:
    words = WORDS[lang]
    for path in sorted((DOCS / "site" / lang).glob("*.md")):
        room = f"{path.stem}/index.md" if path.stem in ROOMS else path.name
        yield room, path.read_text("utf-8")
    for file in sources(lang):
        yield f"tutorial/{file.name}", _foldable(file.read_text("utf-8"))
    for path in sorted((DOCS / "guides" / lang).glob("*.md")):
        yield f"guides/{path.name}", _near(_foldable(path.read_text("utf-8")))
    for name, content in functions.pages(lang):
        yield f"functions/{name}.md", content
    # Docstrings are English.
    if lang == "en":
        yield from reference.pages()
    for name in OWN:
        path = translated(name, lang)
        missing = lang != "en" and path.name == f"{name}.md"
        yield f"{name}.md", _for_sphinx(path.read_text("utf-8"), words["english"] * missing)


def _foldable(content: str) -> str:
    """Answers fold by themselves, without a script."""
    return content.replace(":class: dropdown\n", ":class: dropdown\n:collapsible: closed\n")


def _near(content: str) -> str:
    """In the repository a guide is one folder deeper below docs/ than on the site."""
    content = re.sub(r"\]\(\.\./\.\./", "](../", content)
    return re.sub(r"\]\((\.\./[\w-]+)\.ko\.md\)", r"](\1.md)", content)


def _for_sphinx(content: str, note: str) -> str:
    """Turn what GitHub reads into what Sphinx reads: anchors, links to the other language."""
    content = re.sub(r'<a id="(\w+)"></a>', r"(study-\1)=", content)
    content = re.sub(r"\(#([a-z]\d)\)", r"(#study-\1)", content)
    content = re.sub(r"\(study(?:\.ko)?\.md#(\w+)\)", r"(#study-\1)", content)
    # The site has a link to the other language of its own.
    content = re.sub(r"^\[[^\]\n]+\]\([\w.-]+\.md\)$\n\n", "", content, count=1, flags=re.M)
    content = re.sub(r"\(([\w-]+)\.ko\.md\)", r"(\1.md)", content)
    heading, _, rest = content.partition("\n")
    return f"{heading}\n{note}{rest}"
