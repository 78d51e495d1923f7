"""The page itself, in the language that the explorer was started in."""

import pytest
from starlette.testclient import TestClient

from nonlin.explorer import create_app


@pytest.mark.parametrize(
    ("lang", "opening"),
    [
        ("ko", '<html lang="ko" data-lang="ko">'),
        ("en", '<html lang="en" data-lang="en">'),
        # Without one the page asks the browser.
        (None, '<html lang="en">'),
    ],
)
def test_the_page_names_the_language(lang, opening):
    with TestClient(create_app(lang=lang), base_url="http://127.0.0.1") as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert opening in answer.text
    assert answer.text.count("<html") == 1
