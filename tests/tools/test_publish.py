"""The documents that quote a study, made from a study by hand whose numbers are all 0.25."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import sample_study

from nonlin.cards import conditions, reference
from nonlin.messages import text
from nonlin.report.sections import sections
from nonlin.study import claims, results


@pytest.fixture(scope="module")
def publish() -> ModuleType:
    """The tool, which is a script and no part of the package."""
    path = Path(__file__).parents[2] / "tools" / "publish.py"
    spec = importlib.util.spec_from_file_location("publish", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_claim_of_the_table_leads_to_its_place_on_the_page(publish, lang):
    chapters = sections(sample_study.study(verdicts={"K4": "fails"}), {}, lang)
    views = [view for chapter in chapters for view in chapter.claims]
    table, page = publish.table(views, lang), publish.page(chapters, lang)
    for claim in claims.ids():
        assert table.count(f"(#{claim.lower()})") == 1
        assert page.count(f'<a id="{claim.lower()}"></a>') == 1
        assert conditions(claim, lang) in page
    k4 = next(line for line in table.splitlines() if line.startswith("| [K4]"))
    assert text("report.verdict.fails", lang) in k4
    # 42 claims by hand: all hold but the one.
    counts = {"count": 42, "holds": 41, "fails": 1, "depends": 0, "undecided": 0, "unjudged": 0}
    tally = text("cli.study.tally", lang, **counts)
    assert table.endswith(f"**{tally}**")
    assert table in page


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_overview_has_every_claim_in_the_column_of_its_verdict(publish, lang):
    verdicts = {"K4": "fails", "S4": "depends"}
    chapters = sections(sample_study.study(verdicts=verdicts), {}, lang)
    overview = publish.overview(chapters, lang)
    for claim in claims.ids():
        assert overview.count(f"(docs/{publish.PAGES[lang].name}#{claim.lower()})") == 1
    heads, _, *rows = (line.strip("|").split("|") for line in overview.splitlines()[:-2])
    assert len(rows) == len(chapters)
    for claim in claims.ids():
        verdict = text(f"report.verdict.{verdicts.get(claim, 'holds')}", lang)
        column = [head.strip() for head in heads].index(verdict)
        assert sum(f"[{claim}]" in row[column] for row in rows) == 1
    assert "42" in overview.splitlines()[-1]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_readme_is_short_and_quotes_the_shipped_study(publish, lang):
    readme = publish.READMES[lang].read_text("utf-8")
    assert len(readme) <= 7000
    chapters = sections(reference(), {}, lang)
    assert f"<!-- study -->\n{publish.overview(chapters, lang)}\n<!-- /study -->" in readme


def test_a_page_shows_the_figures_of_its_language(publish):
    chapters = sections(sample_study.study(), {"vanishing": "<svg></svg>"}, "ko")
    assert publish.page(chapters, "ko").count("](figures/study/vanishing.ko.png)") == 1


def test_part_of_a_study_is_not_published(publish, tmp_path):
    path = tmp_path / "results.json"
    results.save(sample_study.study(["S1"]), path)
    with pytest.raises(SystemExit, match="incomplete"):
        publish.main(path)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_another_machines_times_go_into_the_pages(publish, tmp_path, monkeypatch, lang):
    found = reference()
    other = replace(found, environment={**found.environment, "processor": "Other CPU"})
    results.save(other, tmp_path / "other.json")
    page = tmp_path / "study.md"
    page.write_text(publish.PAGES[lang].read_text("utf-8"), "utf-8")
    before = page.read_text("utf-8")
    kept = tmp_path / "machines.json"
    kept.write_text(publish.MACHINES.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(publish, "MACHINES", kept)
    monkeypatch.setattr(publish, "PAGES", {lang: page})
    assert "\n\n".join(publish.times(lang)) in before
    publish.add_times(tmp_path / "other.json")
    after = page.read_text("utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.split(" |")[1].strip(" |") for line in added] == ["nonlin", "NumPy", "PyTorch"]
    assert all(line.startswith("| Other CPU (") for line in added)
    assert set(before.splitlines()) <= set(after.splitlines())
    results.save(sample_study.study(), tmp_path / "none.json")
    with pytest.raises(SystemExit, match="no times of a whole study"):
        publish.add_times(tmp_path / "none.json")
