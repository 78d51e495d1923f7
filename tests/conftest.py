"""What all tests share: the line that says which kernels ran, one browser, and axe.

Playwright's loop runs once in a thread.
"""

import shutil

import pytest
from hypothesis import HealthCheck, settings

from nonlin import instruction_set

# How long an example takes, and how fast examples are made, is the machine's business.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_report_header():
    return f"nonlin: computed with the instruction set {instruction_set()}"


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def violations():
    """Rules of axe that a page breaks, and where."""
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()

    def find(page):
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return {each["id"]: [node["target"] for node in each["nodes"]] for each in found}

    return find
