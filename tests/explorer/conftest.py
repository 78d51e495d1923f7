"""A running explorer, a browser, and pages that fail the test when they complain."""

import re
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PATIENCE = 200_000  # milliseconds; a guard against what never comes, on a busy machine


@contextmanager
def _serving(folder, *arguments):
    """Start `nonlin explore` in a folder, give the process and its address, end it."""
    command = [sys.executable, "-m", "nonlin", "explore", "--no-browser", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        if not found:
            process.terminate()
            raise AssertionError(process.communicate()[1])
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def serving():
    return _serving


@pytest.fixture(scope="session")
def site(serving, tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with serving(tmp_path_factory.mktemp("site")) as (_, address):
        yield address


@pytest.fixture(scope="session", autouse=True)
def patience():
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)


@pytest.fixture
def tab(browser, site):
    """Open tabs: `tab({"view": "depth"}, width=390)`.

    At the end none of them may have complained in the console or asked another origin.
    """
    contexts, complaints = [], []

    def watch(page, address):
        def asked(request):
            if not request.url.startswith((address, "data:", "blob:")):
                complaints.append(f"asked {request.url}")

        def said(message):
            if message.type in ("error", "warning"):
                complaints.append(message.text)

        page.on("request", asked)
        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def open_tab(query=None, width=1280, lang="en", dark=False, address=site, context=None):
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": 900 if width > 600 else 844},
                color_scheme="dark" if dark else "light",
                locale={"en": "en-GB", "ko": "ko-KR"}[lang],
                reduced_motion="reduce",
            )
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
        page = context.new_page()
        page.complaints = complaints
        watch(page, address)
        page.goto(address + "?" + urlencode(query or {}, doseq=True))
        page.wait_for_selector("main[data-ready]")
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def tab_of_its_own_server(tab, serving, tmp_path):
    """Open a tab at a server of its own, and shut it before that server ends.

    A page that is still loading would else complain that nobody answers.
    """

    @contextmanager
    def open_tab(query, *arguments):
        with (
            serving(tmp_path, *arguments) as (_, address),
            closing(tab(query, address=address)) as page,
        ):
            yield page

    return open_tab


@pytest.fixture(scope="session")
def drawn():
    """Wait until every chart in sight shows its data."""
    from playwright.sync_api import expect

    def wait(page):
        expect(page.locator("main .chart:not([data-drawn])")).to_have_count(0, timeout=PATIENCE)

    return wait


@pytest.fixture(scope="session")
def screenshot():
    def save(page, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return save
