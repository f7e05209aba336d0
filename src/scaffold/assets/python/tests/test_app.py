from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from @{package}.app import Handler, Server


@pytest.fixture
def client() -> Iterator[http.client.HTTPConnection]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def get(client: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    client.request("GET", path)
    response = client.getresponse()
    return response.status, response.read()


def test_health(client: http.client.HTTPConnection) -> None:
    status, body = get(client, "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok"})


def test_one_connection_serves_many_requests(client: http.client.HTTPConnection) -> None:
    for b in range(3):
        status, body = get(client, f"/add?a=2&b={b}")
        assert (status, json.loads(body)) == (200, {"sum": 2 + b})


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=1", "?a=1.5&b=1"])
def test_what_is_no_integer_is_refused(client: http.client.HTTPConnection, query: str) -> None:
    status, body = get(client, f"/add{query}")
    assert (status, json.loads(body)) == (400, {"error": "a and b must be integers"})


def test_unknown_path(client: http.client.HTTPConnection) -> None:
    assert get(client, "/nothing")[0] == 404


def test_loaderio_token(
    client: http.client.HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get(client, "/loaderio-abc.txt")[0] == 404
    monkeypatch.setenv("LOADERIO_TOKEN", "abc")
    assert get(client, "/loaderio-abc.txt") == (200, b"loaderio-abc")
