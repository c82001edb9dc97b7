"""What every request passes: hosts, other sites, large bodies, headers (B51, B52, B57)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from incidents.api.pages import HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "", "127.0.0.1", "[::1", "testserver@evil.example"]
)
def test_another_name_of_the_host_is_refused(public: TestClient, host: str) -> None:
    answer = public.get("/api", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_host")


def test_the_port_does_not_matter(public: TestClient) -> None:
    assert public.get("/api", headers={"Host": "TestServer:8123"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver:81"},
    ],
)
def test_a_change_sent_by_another_site_is_refused(public: TestClient, headers: dict[str, str]) -> None:
    answer = public.post("/login", data={"token": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


@pytest.mark.parametrize("path", ["/api", "/api/no-such", "/login", "/no-such", "/api/collections/incidents/items"])
def test_every_answer_has_the_headers_and_none_is_open_to_other_sites(public: TestClient, path: str) -> None:
    answer = public.get(path, headers={"Origin": "https://other.example"})
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "access-control-allow-origin" not in answer.headers


def test_a_large_body_is_refused_before_it_is_read(public: TestClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = public.post("/login", content=b"token=" + b"x" * 2_000_001, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_large_body_without_a_length_is_refused_on_passing_the_limit(public: TestClient) -> None:
    sent = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b"x" * 100_000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert public.post("/login", content=pieces(), headers=headers).status_code == 413
