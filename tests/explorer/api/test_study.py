"""The study's claims and pictures, and the files a view leaves behind."""

import json
import re
from dataclasses import replace

import pytest
from sample_study import study

from nonlin.study import claims, save


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder with a study of its own."""
    monkeypatch.chdir(tmp_path)
    made = study()
    curve = {"x": [-1.0, 0.0, 1.0], "value": [0.3, 0.5, 0.7], "derivative": [0.2, 0.25, 0.2]}
    drawn = {"S2": replace(made.outcomes["S2"], series=curve)}
    save(replace(made, outcomes={**made.outcomes, **drawn}), tmp_path / "study" / "results.json")
    return tmp_path


def test_without_a_study_the_published_one_is_shown(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = ask("study", lang="en")
    shown = [claim["id"] for each in found["phenomena"] for claim in each["claims"]]
    assert sorted(shown) == sorted(claims.ids())
    assert found["summary"][1].startswith("These results ship with nonlin")


def test_a_study_in_the_folder_is_shown_with_its_pictures(ask, client, own):
    found = ask("study", lang="en")
    assert found["summary"][1] == "Results: study/results.json"
    (drawn,) = (each for each in found["phenomena"] if each["figure"])
    assert drawn["name"] == "derivatives"
    picture = client.get(f"/{drawn['figure']}")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<?xml")


def test_the_numbers_are_those_of_the_results(ask, own):
    stored = json.loads((own / "study" / "results.json").read_text())["outcomes"]
    for phenomenon in ask("study", lang="en")["phenomena"]:
        for claim in phenomenon["claims"]:
            known = stored.get(claim["id"])
            assert claim["verdict"] == (known and known["verdict"])
            values = [each["value"] for each in claim["numbers"]]
            assert values == ([each["value"] for each in known["numbers"]] if known else [])


@pytest.mark.parametrize("name", ["none", "../results", "%2e%2e"])
def test_there_are_no_other_pictures(client, name):
    assert client.get(f"/api/study/figure/{name}").status_code == 404


def test_results_that_are_none_are_named_without_their_folder(refused, own):
    (own / "study" / "results.json").write_text("{}")
    sentence = refused(422, "study", lang="en")
    assert "results.json" in sentence
    assert str(own) not in sentence


@pytest.mark.parametrize(
    "query",
    [
        {"view": "functions", "f": ["elu", "formula:x*tanh(x)"]},
        {"view": "depth", "f": "tanh", "depth": 4},
        {"view": "race", "f": "relu", "steps": 40, "hidden": 4, "layers": 1},
        {"view": "study"},
    ],
)
def test_an_exported_file_asks_nobody(client, query):
    answer = client.get("/api/export", params={**query, "lang": "ko"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="nonlin-{query["view"]}.html"'
    )
    page = re.sub(r"<script>/\*.*?</script>", "", answer.text, flags=re.DOTALL)
    assert '<html lang="ko"' in page
    assert not re.search(r'(src|href)="(?!#|data:)(?!https?://(doi|arxiv|proceedings))', page)


def test_an_examination_that_is_not_followed_has_no_file(refused):
    sentence = refused(404, "export", view="examine", lang="en")
    assert sentence.startswith("no file is followed here")
