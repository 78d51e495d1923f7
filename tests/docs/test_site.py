"""The site's sources, without building it: nothing public is left out, both languages match."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from pages import assemble, functions, links, reference
from pages.words import WORDS

import nonlin as nl
from nonlin.facts import properties
from nonlin.facts.words import label

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described():
    """What the reference's pages describe."""
    text = "\n".join(content for _, content in reference.pages())
    signs = r"auto(?:function|class|data):: |py:module:: |:doc:`"
    return set(re.findall(rf"(?:{signs})([\w.]+)", text))


@pytest.mark.parametrize("module", reference.MODULES)
def test_every_public_name_has_a_place_in_the_reference(module, described):
    for name in import_module(module).__all__:
        assert reference.places()[f"{module}.{name}"] in described, name


@pytest.mark.parametrize("module", reference.MODULES)
def test_what_the_reference_describes_has_a_docstring(module):
    for name in import_module(module).__all__:
        thing = getattr(import_module(module), name)
        if callable(thing):
            assert thing.__doc__, name


@pytest.mark.parametrize("lang", assemble.LANGUAGES)
def test_every_function_has_a_page(lang):
    pages = dict(functions.pages(lang))
    others = {f"gates/{name}" for name in nl.gates()}
    others |= {f"axes/{name}" for name in nl.axis_functions()}
    assert set(pages) == set(nl.names()) | others
    for name in others:
        assert getattr(nl, name.partition("/")[2]).record.url in pages[name]
    certified = json.loads((assemble.DOCS / "accuracy.json").read_text("utf-8"))
    measured = {row["function"] for row in certified["instruction_sets"]["v4"]}
    for name in nl.names():
        record, content = nl.get(name).record, pages[name]
        assert record.url in content
        for fact in properties(nl.get(name)).shown():
            assert label(fact, lang).replace("|", r"\|") in content
        assert "<svg" in content
        # A page says so where nothing was measured, and only there.
        rows = content.count("| value float64 |") + content.count("| value float32 |")
        assert rows == 4 if name in measured else WORDS[lang]["unmeasured"] in content


def test_a_page_of_a_function_quotes_the_measurement():
    # docs/accuracy.md's first row: sigmoid's value in float32 beside NumPy's.
    row = next(line for line in dict(functions.pages("en"))["sigmoid"].splitlines()
               if line.startswith("| value float32 | 0"))  # fmt: skip
    assert row.startswith("| value float32 | 0.897 | 2.1e+06 |")


def test_both_languages_have_the_same_pages_and_words(tmp_path):
    found = {}
    for lang in assemble.LANGUAGES:
        assemble.assemble(lang, tmp_path / lang)
        found[lang] = {
            str(path.relative_to(tmp_path / lang)) for path in (tmp_path / lang).rglob("*.md")
        }
    assert found["en"] == found["ko"]
    assert WORDS["en"].keys() == WORDS["ko"].keys()
    for lang in assemble.LANGUAGES:
        study = (tmp_path / lang / "study.md").read_text("utf-8")
        assert "(study-n1)=" in study
        assert '<a id="' not in study
        assert "](study" not in study
        assert "영어로만" not in study


def test_a_page_in_english_alone_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(assemble, "translated", lambda name, lang: assemble.DOCS / f"{name}.md")
    assemble.assemble("ko", tmp_path)
    assert "이 쪽은 영어로만 있습니다" in (tmp_path / "versions.md").read_text("utf-8")


def test_every_page_of_docs_is_on_the_site():
    pages = {path.stem for path in assemble.DOCS.glob("*.md")}
    assert {name.removesuffix(".ko") for name in pages} == set(assemble.OWN)


@pytest.mark.parametrize("lang", assemble.LANGUAGES)
def test_links_of_written_pages_lead_somewhere(lang, tmp_path):
    assemble.assemble(lang, tmp_path)
    for path in tmp_path.rglob("*.md"):
        if path.parent.name not in ("tutorial", "guides") and path.name != "index.md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8")):
            if not target.startswith("http") and "/" in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize(
    "path", [*ROOT.glob("README*.md"), *assemble.DOCS.glob("guides/*/*.md")], ids=lambda p: p.name
)
def test_links_lead_somewhere_in_the_repository_too(path):
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">x</a><a href="b.html#gone">x</a><a href="c.html">x</a>'
        '<img src="https://example.org/x.png"><a href="https://example.org">x</a>'
    )
    (tmp_path / "b.html").write_text('<p id="there">')
    assert list(links.broken(tmp_path)) == [
        "a.html: no place b.html#gone",
        "a.html: no file c.html",
        "a.html fetches https://example.org/x.png",
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_page_of_a_function_shows_an_object_of_python(lang):
    for name, page in functions.pages(lang):
        assert " object at 0x" not in page, name
