"""Other pages, other names for this machine, other files and too much of anything are refused."""

import json
import time

import pytest
from starlette.testclient import TestClient

from nonlin.explorer import create_app
from nonlin.explorer.functions import function
from nonlin.explorer.wrong import WrongRequestError


@pytest.fixture
def at_port():
    with TestClient(create_app(8417, "en"), base_url="http://127.0.0.1:8417") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8417", "localhost:8417"])
def test_its_own_names_are_answered(at_port, host):
    assert at_port.get("/api/schema", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["example.org", "example.org:8417", "127.0.0.1", "127.0.0.1:80", "localhost:84170",
     "127.0.0.1:8417.example.org", "", "[::1]:8417", "0.0.0.0:8417", "127.0.0.1.:8417"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/schema", "/page/main.js", "/none"])
def test_another_name_for_this_machine_is_refused(at_port, host, path):
    answer = at_port.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json() == {
        "error": "the explorer answers only at the address it was started with"
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "http://127.0.0.1:80"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_cannot_make_it_compute(at_port, headers):
    answer = at_port.get("/api/curve?f=relu", headers=headers)
    assert answer.status_code == 403
    assert answer.json() == {"error": "the explorer does not answer other pages"}
    assert at_port.post("/api/race/x/control", headers=headers, content="{}").status_code == 403


def test_its_own_page_may_ask(at_port):
    headers = {"Origin": "http://127.0.0.1:8417", "Sec-Fetch-Site": "same-origin"}
    assert at_port.get("/api/curve?f=relu", headers=headers).status_code == 200


def test_a_link_from_elsewhere_opens_the_page(at_port):
    assert at_port.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/schema", "/page/main.js", "/none", "/api/none"])
def test_every_answer_carries_the_policy(client, path):
    headers = client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert not [name for name in policy if name.endswith(("-attr", "-elem"))]
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_a_teacher_may_embed_the_page(client):
    assert "frame-ancestors *" in client.get("/?embed=1").headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    ["/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page//etc/passwd",
     "/page/..%5cserver.py", "/page/%00", "/../pyproject.toml", "/page/", "/page/.",
     "/page/main.js/../../../x", "/api/study/figure/..%2f..%2fresults.json"],
)  # fmt: skip
def test_no_other_file_is_served(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]


def test_the_page_is_served(client):
    assert "<html" in client.get("/").text
    assert client.get("/page/main.js").headers["content-type"].startswith("text/javascript")


def test_a_long_query_is_refused(client):
    answer = client.get("/api/curve?f=" + "x" * 5000)
    assert answer.status_code == 414
    assert answer.json()["error"].startswith("the address is too long")


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)("/api/curve").status_code == 405


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "(lambda: x)()",
        "[x for x in (1,)]",
        "x if x else x",
        "exec('x')",
        "x ** 9 ** 9 ** 9",
        "x * (((64 ^ 64) ^ 64) ^ 64)",
        "f'{x}'",
        "x := 1",
        "x" * 201,
        "(" * 100 + "x" + ")" * 100,
        "1e999 * x",
        "x\x00",
        "\ud800",
    ],
)
def test_a_formula_is_no_program(formula):
    with pytest.raises(WrongRequestError) as refusal:
        function(f"formula:{formula}")
    assert refusal.value.status == 400


def test_a_formula_that_oscillates_too_fast_is_given_up():
    start = time.process_time()
    with pytest.raises(WrongRequestError):
        function("formula:x+" + "tan(" * 30 + "x" + ")" * 30)
    # It is given a few seconds; to follow it takes for ever.
    assert time.process_time() - start < 60.0


def test_an_accident_is_said_without_its_details(client, monkeypatch, caplog):
    def accident(lang):
        raise RuntimeError("/secret/path")

    endpoint = next(each for each in _endpoints() if each.path == "/api/study")
    monkeypatch.setattr("nonlin.explorer.server.dump", accident)
    answer = client.get(endpoint.path)
    assert answer.status_code == 500
    assert json.loads(answer.content) == {
        "error": "the explorer made a mistake; the terminal it runs in says which"
    }
    assert "/api/study" in caplog.text


def _endpoints():
    from nonlin.explorer.api import ENDPOINTS

    return ENDPOINTS
