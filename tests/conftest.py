"""What all tests share: the line that says which kernels ran, and one browser.

Playwright's loop runs once in a thread.
"""

import shutil

import pytest

from nonlin import instruction_set

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
