"""Every view in both languages, wide and narrow: what it says, how it fits, whom it shuts out."""

import re
from pathlib import Path

import pytest

from nonlin import explorer
from nonlin.explorer.export.document import bundle
from nonlin.messages import languages, text

PAGE = Path(explorer.__file__).parent / "page"
VIEWS = ("functions", "gates", "softmax", "depth", "time", "race", "study", "examine")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("view", VIEWS)
def test_a_view(tab, drawn, screenshot, violations, view, lang, width):
    page = tab({"view": view}, width=width, lang=lang)  # the browser's language, none in the URL
    if view not in ("race", "study", "examine"):
        drawn(page)
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").inner_text() == text(f"explorer.{view}.title", lang)
    assert page.locator("html").get_attribute("lang") == lang
    assert page.evaluate("document.documentElement.scrollWidth") == width
    screenshot(page, f"{view}-{lang}-{width}-light")
    assert violations(page) == {}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_in_the_dark(tab, drawn, screenshot, violations, view):
    page = tab({"view": view}, dark=True, lang="ko")
    if view not in ("race", "study", "examine"):
        drawn(page)
    page.wait_for_load_state("networkidle")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 23, 27)"  # --page of the dark scheme, #14171b
    screenshot(page, f"{view}-ko-1280-dark")
    assert violations(page) == {}


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("view", ["functions", "study", "examine"])
def test_the_name_of_the_view_is_in_sight_on_a_phone(tab, view, lang):
    page = tab({"view": view}, width=390, lang=lang)
    box = page.locator("nav [aria-current=page]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_page_takes_its_sentences_from_the_messages(tab):
    english = tab({"view": "depth", "lang": "en"}, lang="ko")
    assert english.locator("h1").inner_text() == text("explorer.depth.title", "en")
    english.get_by_role("link", name="한국어").click()
    english.wait_for_selector("html[lang=ko]")
    expected = text("explorer.depth.title", "ko")
    english.get_by_role("heading", level=1, name=expected).wait_for()


def test_the_language_of_the_command_comes_before_the_browsers(tab_of_its_own_server):
    with tab_of_its_own_server({"view": "depth"}, "--lang", "ko") as page:
        assert page.locator("h1").inner_text() == text("explorer.depth.title", "ko")
        # What the address names comes before both.
        page.get_by_role("link", name="English").click()
        page.wait_for_selector("html[lang=en]")
        page.get_by_role("heading", level=1, name=text("explorer.depth.title", "en")).wait_for()


def keys(node, path=""):
    if isinstance(node, str):
        return {path}
    return set().union(*(keys(child, f"{path}.{name}".strip(".")) for name, child in node.items()))


def test_every_sentence_that_the_scripts_name_exists():
    from nonlin.explorer.api.sentences import sentences

    known = keys(sentences("en"))
    source = "\n".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.glob("*.js")))
    named = set(re.findall(r'\bt\("([\w.]+)"', source))
    assert named - known == set()
    # `t(`depth.${name}_title`)` stands for every sentence of its pattern, and needs one.
    patterns = [
        re.compile(r"[\w.]+".join(map(re.escape, re.split(r"\$\{[^}]+\}", made))))
        for made in re.findall(r"\bt\(`([^`]+)`", source)
    ]
    assert [p.pattern for p in patterns if not any(map(p.fullmatch, known))] == []
    unused = {k for k in known - named if not any(p.fullmatch(k) for p in patterns)}
    assert unused == set()


def test_the_script_holds_every_module_once():
    script = bundle()
    for file in PAGE.glob("*.js"):
        assert script.count(f"const ${file.stem} = (() => {{") == 1, file.name
    # One that is used stands above those that use it.
    for found in re.finditer(r"^const (?:\w+|\{[^}]*\}) = \$(\w+);$", script, re.MULTILINE):
        assert script.index(f"const ${found[1]} = (() =>") < found.start()
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
