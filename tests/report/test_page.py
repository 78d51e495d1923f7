import re
from collections import Counter

import pytest
from read_page import Page
from sample_study import study

from nonlin.cards import conditions, reference
from nonlin.messages import text
from nonlin.report import study_html
from nonlin.study import claims

SVG = '<svg viewBox="0 0 6 4"><path id="line" d="M0 0"/><use href="#line"/></svg>'
FIGURES = dict.fromkeys(claims.PHENOMENA, SVG)


@pytest.fixture(params=["en", "ko"])
def lang(request):
    return request.param


def test_the_page_names_its_language_and_the_other(lang):
    other = {"en": "ko", "ko": "en"}[lang]
    page = Page(study_html(study(), FIGURES, lang, f"index.{other}.html"))
    assert page.tags[0] == ("html", {"lang": lang})
    assert ("a", {"class": "language", "href": f"index.{other}.html", "lang": other,
                  "hreflang": other}) in page.tags  # fmt: skip
    assert page.all("hreflang") == [other]
    assert Page(study_html(study(), FIGURES, lang)).all("hreflang") == []


def test_nothing_is_fetched_and_nothing_runs(lang):
    source = study_html(study(), FIGURES, lang, "index.en.html")
    page = Page(source)
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    assert page.all("src") == []
    assert {href for href in page.all("href") if not href.startswith("#")} == {"index.en.html"}
    assert "@import" not in source
    assert "url(" not in source.partition("</style>")[0]


def test_ids_are_unique_and_every_link_within_the_page_arrives(lang):
    page = Page(study_html(study(), FIGURES, lang))
    ids = Counter(page.all("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    inner = {href[1:] for href in page.all("href") if href.startswith("#")}
    assert inner - set(ids) == set()
    assert set(claims.ids()) <= inner & set(ids)


def test_every_claim_has_its_verdict_rule_and_numbers(lang):
    page = Page(study_html(study(verdicts={"S6": "fails"}), FIGURES, lang))
    for claim in claims.ids():
        assert " ".join(conditions(claim, lang).split()) in page.text
    word = text("report.verdict.fails", lang)
    (label,) = (label for label in page.all("aria-label") if label.startswith("S6:"))
    assert label == f"S6: {word}"
    assert "0.125 – 0.500" in page.text


def test_a_figure_has_a_text_alternative(lang):
    page = Page(study_html(study(), FIGURES, lang))
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(drawings) == len(claims.PHENOMENA)
    captions = [text(f"report.phenomena.{name}.caption", lang) for name in claims.PHENOMENA]
    labels = [drawing["aria-label"] for drawing in drawings]
    assert all(any(label.startswith(caption) for label in labels) for caption in captions)


def test_an_incomplete_study_says_so(lang):
    notice = text("report.incomplete", lang, measured=2, count=len(claims.ids()))
    incomplete = study(["N1", "N2"], complete=False)
    assert notice in Page(study_html(incomplete, {}, lang)).text
    chosen = Page(study_html(study(["N1", "N2"]), {}, lang)).text
    assert notice not in chosen
    assert text("report.partial", lang, measured=2, count=len(claims.ids())) in chosen


def test_a_quick_study_says_so(lang):
    notice = text("report.quick", lang)
    assert notice in Page(study_html(study(quick=True), {}, lang)).text
    assert notice not in Page(study_html(study(), {}, lang)).text


def test_what_does_not_hold_is_told_first(lang):
    results = study(verdicts={"E5": "fails", "S4": "depends"})
    page = Page(study_html(results, {}, lang)).text
    places = [page.index(text(f"study.claims.{key}.claim", lang)) for key in ("E5", "S4", "N1")]
    assert places == sorted(places)
    assert text("report.no_surprises", lang) in Page(study_html(study(), {}, lang)).text


def test_a_figure_lists_the_claims_that_it_shows(lang):
    page = Page(study_html(study(), FIGURES, lang))
    links = Counter(page.all("href"))
    # In the map of the claims only: nothing measured in R1 or N1 is drawn.
    assert [links[f"#{claim}"] for claim in ("R1", "N1", "S1", "N2")] == [1, 1, 2, 2]
    # The claims of "ranges" that its figure shows lead to it, and the figure's list leads back.
    assert links["#figure-ranges"] == 3


@pytest.mark.parametrize(("count", "word"), [(1, "holds"), (2, "hold")])
def test_the_tiles_count_in_english(count, word):
    page = study_html(study(["S1", "S2"][:count]), {}, "en")
    assert f'<span class="count">{count}</span> <span class="word">{word}</span>' in page


def test_the_conditions_name_the_processor(lang):
    page = Page(study_html(study(), {}, lang)).text
    assert text("report.processor", lang, model="Some CPU", cores=2) in page


def test_r_squared_is_no_percentage(lang):
    page = study_html(reference(), {}, lang)
    rows = re.findall(r"<tr><th[^>]*>([^<]*R²[^<]*)</th><td[^>]*>([^<]*)</td>", page)
    assert len(rows) >= 8
    assert [value for _, value in rows if not re.fullmatch(r"[01](\.\d+)?", value)] == []


def test_the_formulas_are_mathml(lang):
    page = Page(study_html(study(), {}, lang))
    assert sum(tag == "math" for tag, _ in page.tags) == 2 * 5
    assert text("cards.range", lang) + " [0, ∞)" in page.text


def test_the_conditions_name_seeds_versions_and_instruction_sets(lang):
    page = Page(study_html(study(), {}, lang)).text
    assert text("report.seeds", lang, seeds=5, blocks=3, first=100, last=114) in page
    assert "Python 3.11.7, nonlin 0.1.0, numpy 2.4.6, torch 2.13.0+cpu" in page
    assert text("report.kernels", lang, kernels="v3", torch="AVX2") in page
    assert "sympy" not in page  # its version is unknown


def _luminance(colour):
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_wcag_aa_in_light_and_dark():
    style = study_html(study(["N1"]), {}, "en").partition("</style>")[0]
    schemes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in schemes)
    verdicts = ("holds", "fails", "depends", "undecided", "open")
    pairs = [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "card")]
    pairs += [(verdict, f"{verdict}-tint") for verdict in verdicts]
    pairs += [("ink", f"{verdict}-tint") for verdict in verdicts]
    for scheme in (light, light | dark):
        for ink, ground in pairs:
            lighter, darker = sorted(map(_luminance, (scheme[ink], scheme[ground])), reverse=True)
            # 4.5 : 1 is the least ratio of level AA for text of normal size.
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)
