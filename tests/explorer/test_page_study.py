"""The views of the study and of an examination."""

import json
import re

import pytest
from playwright.sync_api import expect

from nonlin import cards
from nonlin.messages import text
from nonlin.study import claims


def say(key, **fields):
    return text(f"explorer.{key}", "en", **fields)


def test_every_claim_stands_with_its_verdict(tab):
    page = tab({"view": "study"})
    cards_shown = page.locator("article.claim")
    expect(cards_shown).to_have_count(len(claims.CLAIMS))
    outcomes = cards.reference().outcomes  # what ships with the package; the folder has no study
    for claim in claims.CLAIMS:
        card = page.get_by_role("article", name=claim.id, exact=True)
        assert card.get_attribute("data-verdict") == outcomes[claim.id].verdict
    failing = sum(outcome.verdict == "fails" for outcome in outcomes.values())
    page.get_by_role("radio", name=re.compile(say("study.fails"))).check()
    expect(page.locator("article.claim:visible")).to_have_count(failing)
    expect(page).to_have_url(re.compile("verdict=fails"))


def test_claims_are_searched_for(tab):
    page = tab({"view": "study"})
    page.get_by_role("searchbox").fill("ELU generally")
    expect(page.locator("article.claim:visible")).to_have_count(1)
    details = page.get_by_role("article", name="E5", exact=True).locator("details")
    details.locator("summary").click()
    expect(details.get_by_role("row").nth(1)).to_be_visible()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A run whose first layer is dead from the start: its biases are far below zero."""
    torch = pytest.importorskip("torch")
    from torch import nn

    from nonlin.torch import Monitor

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    with torch.no_grad():
        model[0].bias.fill_(-100.0)
    x, y = torch.randn(256, 4), torch.randn(256, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    file = tmp_path_factory.mktemp("log") / "run.jsonl"
    monitor = Monitor(model, (x, y), nn.functional.mse_loss, optimizer, every=5, log=file)
    for _ in range(20):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        monitor.step()
    return file


def test_a_log_shows_its_findings(tab, drawn, log, screenshot, violations):
    page = tab({"view": "examine"})
    page.locator("input[type=file]").set_input_files(log)
    expect(page.locator(".status")).to_have_text(say("examine.read", name="run.jsonl"))
    drawn(page)
    assert page.locator(".findings .finding-item").count() >= 1
    expect(page.locator(".findings")).to_contain_text("1")  # the site of the dead layer
    losses = [json.loads(line).get("loss") for line in log.read_text("utf-8").splitlines()]
    shown = page.locator(".chart").filter(has=page.get_by_role("heading", name=say("examine.loss")))
    shown.get_by_role("button", name=say("chart.table")).click()
    value = shown.locator(".data tbody td").first.inner_text()
    known = [each for each in losses if each is not None]
    assert float(value) == pytest.approx(known[0], rel=1e-5)
    figure = page.locator(".chart").filter(has=page.get_by_role("heading", name=say("examine.map")))
    figure.get_by_role("button", name=say("chart.table")).click()
    first = figure.locator(".data tbody tr").first
    assert first.locator("th").inner_text() == "0"  # the step of the first reading
    assert float(first.locator("td").first.inner_text()) == 1.0  # all units of the site are dead
    screenshot(page, "examine-log")
    assert violations(page) == {}


def test_what_is_no_log_is_refused_in_a_sentence(tab, tmp_path):
    page = tab({"view": "examine"})
    other = tmp_path / "other.jsonl"
    other.write_text("not a log\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(other)
    expect(page.get_by_role("alert")).to_be_visible()
    page.complaints[:] = [each for each in page.complaints if "status of 4" not in each]


def test_a_log_is_followed_while_it_grows(tab_of_its_own_server, drawn, log, tmp_path):
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    growing = tmp_path / "run.jsonl"
    growing.write_text("".join(lines[:-2]), encoding="utf-8")
    with tab_of_its_own_server({"view": "examine"}, str(growing)) as page:
        page.get_by_role("button", name=say("examine.follow")).click()
        expect(page.locator(".status")).to_have_text(say("examine.following"))
        drawn(page)
        steps = page.get_by_role("slider", name=say("examine.step"))
        before = int(steps.get_attribute("max"))
        with growing.open("a", encoding="utf-8") as file:
            file.write("".join(lines[-2:]))
        expect(steps).not_to_have_attribute("max", str(before))
        page.get_by_role("button", name=say("examine.stop")).click()
