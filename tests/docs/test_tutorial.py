"""Every lesson runs from its first cell to its last, and says the same in both languages."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from nonlin.messages import languages
from nonlin.tutorial import as_notebook, code, sources

LESSONS = {
    lang: {file.name: file.read_text("utf-8") for file in sources(lang)} for lang in languages()
}
NAMES = sorted(LESSONS["en"])

# A cell after another in an interpreter of its own, the last expression of each shown as a notebook
# would: what a lesson prints is not wanted here, that nothing fails or warns is.
RUNNER = """
import ast, json, sys
names = {"__name__": "__main__"}
for cell in json.load(sys.stdin):
    tree = ast.parse(cell)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        for method in ("_repr_png_", "_repr_html_", "_repr_markdown_"):
            if hasattr(shown, method):
                getattr(shown, method)()
"""


def run(cells):
    """Run cells in an interpreter of their own; fails with what it said."""
    # One thread: on a busy machine BLAS's threads wait for one another longer than they compute.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NONLIN_NUM_THREADS")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER],
        input=json.dumps(cells),
        env=os.environ | dict.fromkeys(threads, "1") | {"NONLIN_STATIC": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_runs(name):
    run(code(LESSONS["en"][name]))


def same_but_for_words(cell):
    """A cell's tokens, without comments and with every piece of text as one sign."""
    kinds = {tokenize.COMMENT, tokenize.NL}
    texts = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)}
    found = []
    for token in tokenize.generate_tokens(io.StringIO(cell).readline):
        if token.type in kinds:
            continue
        whole = token.type in texts
        # Before Python 3.12 an f-string is one token: what it computes is compared here.
        values = re.findall(r"(?<!\{)\{([^{}]+)\}", token.string) if whole else []
        found.append(("text", tuple(values)) if whole else token.string)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_korean_cells_are_the_english_ones(name):
    korean, english = code(LESSONS["ko"][name]), code(LESSONS["en"][name])
    assert len(korean) == len(english)
    for ours, theirs in zip(korean, english, strict=True):
        ast.parse(ours)
        assert same_but_for_words(ours) == same_but_for_words(theirs)


@pytest.mark.parametrize("lang", languages())
def test_languages_have_the_same_lessons(lang):
    assert sorted(LESSONS[lang]) == NAMES
    assert len(NAMES) == 8


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_goals_and_folded_answers(name, lang):
    text = LESSONS[lang][name]
    assert {"en": "**You will learn**", "ko": "**배울 것**"}[lang] in text
    assert text.count(":class: dropdown") >= 2
    assert text.count("verdict(") >= 1


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_becomes_a_notebook(name, lang):
    source = LESSONS[lang][name]
    notebook = json.loads(as_notebook(source, lang))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    cells = notebook["cells"]
    assert ["".join(c["source"]) for c in cells if c["cell_type"] == "code"] == code(source)
    assert len({cell["id"] for cell in cells}) == len(cells)
    prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    # No directive is left, which Jupyter would show as it stands; answers fold.
    assert ":::" not in prose
    assert "code-cell" not in prose
    assert prose.count("<details>") == source.count(":class: dropdown")
    assert prose.startswith("# ")


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NAMES)
def test_no_verdict_is_typed(name, lang):
    """Verdicts are read from the study; a cell that quotes one names the claim alone."""
    from nonlin.study import claims

    for cell in code(LESSONS[lang][name]):
        for claim in re.findall(r'verdict\("(\w+)"', cell):
            assert claim in claims.ids()


def test_every_claim_of_the_study_is_in_a_lesson():
    from nonlin.study import claims

    quoted = set(re.findall(r'verdict\("(\w+)"', "".join(LESSONS["en"].values())))
    assert quoted == set(claims.ids())


GUIDES = Path(__file__).parents[2] / "docs" / "guides"


@pytest.mark.parametrize("name", sorted(path.name for path in (GUIDES / "en").glob("*.md")))
def test_a_guide_runs_and_is_the_same_in_korean(name):
    english, korean = ((GUIDES / lang / name).read_text("utf-8") for lang in languages())
    assert [*map(same_but_for_words, code(korean))] == [*map(same_but_for_words, code(english))]
    run(code(english))
