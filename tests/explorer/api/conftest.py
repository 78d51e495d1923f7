"""The explorer's API, asked without a socket."""

import pytest
from starlette.testclient import TestClient

from nonlin.explorer import create_app


@pytest.fixture(scope="session")
def client():
    app = create_app(lang="en")
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def ask(client):
    """Ask and give the answer."""

    def asking(address, **query):
        answer = client.get(f"/api/{address}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return asking


@pytest.fixture(scope="session")
def refused(client):
    """Ask what is refused with a status, and give the sentence."""

    def asking(status, address, **query):
        answer = client.get(f"/api/{address}", params=query)
        assert answer.status_code == status, answer.text
        assert list(answer.json()) == ["error"]
        return answer.json()["error"]

    return asking
