"""Pages of the site in a browser: axe finds nothing, none scrolls sideways, none complains.

The pages stand for their kinds; what a cell prints is left out, since it takes as long as it
computes.
"""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

pytest.importorskip("sphinx")
pytest.importorskip("playwright")

from pages.__main__ import build
from pages.assemble import LANGUAGES

WRITTEN = ("index", "design", "tutorial/index", "tutorial/7-depth", "guides/in-pytorch")
GENERATED = ("functions/gelu", "functions/gates/swiglu", "functions/axes/softmax")
MEASURED = ("study", "scale", "theory", "torch-performance", "versions", "dependencies")
ENGLISH = ("reference/nonlin.torch",)
PAGES = (*WRITTEN, *GENERATED, *MEASURED)
LOOKS = [(lang, page) for lang in LANGUAGES for page in (*PAGES, "search")]
LOOKS += [("en", page) for page in ENGLISH]

# What is right of the window and in no box that scrolls by itself.
BEYOND = """() => {
  const scrolls = (e) => ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX);
  const boxed = (e) => e !== document.body && (scrolls(e) || boxed(e.parentElement));
  const all = [...document.querySelectorAll("article *")];
  const wide = all.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !boxed(e));
  return wide.map((e) => e.outerHTML.slice(0, 80));
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def _note(complaints, error):
    complaints.append(str(error))


@pytest.fixture(scope="module")
def pages(browser, tmp_path_factory):
    """The address of a site of these pages alone."""
    home = tmp_path_factory.mktemp("site")
    running = [build(lang, run=False, home=home, only=(*PAGES, *ENGLISH)) for lang in LANGUAGES]
    assert [each.wait() for each in running] == [0] * len(LANGUAGES)
    handler = partial(_Quiet, directory=home / "html")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("lang", "page"), LOOKS, ids=map("/".join, LOOKS))
def test_a_page_is_readable_by_everybody_and_on_a_phone(browser, pages, violations, lang, page):
    for width, scheme in ((1280, "light"), (390, "dark")):
        tab = browser.new_page(
            viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
        )
        complaints = []
        tab.on("pageerror", partial(_note, complaints))
        tab.goto(f"{pages}/{lang}/{page}.html")
        assert violations(tab) == {}
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate(BEYOND) == []
        assert complaints == []
        tab.close()
