"""Who is let in: tokens, cookies, one-time links, and nobody else (F21)."""

from __future__ import annotations

import base64

from starlette.testclient import TestClient

from db.engine import Database
from db.session import write_session
from incidents.api.access import FAILURES
from incidents.tokens import TokenInput, create_token, revoke_token
from tests.incidents.api.conftest import LOCAL, bearer, serve

ITEMS = "/api/collections/incidents/items"


def test_nobody_sees_anything_without_a_token(closed: TestClient) -> None:
    answer = closed.get(ITEMS)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Sign in" in closed.get("/api", headers={"Accept": "text/html"}).text


def test_a_token_is_taken_as_bearer_and_as_the_password_of_basic(closed: TestClient, tokens: dict[str, str]) -> None:
    assert closed.get(ITEMS, headers=bearer(tokens["viewer"])).status_code == 200
    basic = base64.b64encode(f"qgis:{tokens['viewer']}".encode()).decode()
    assert closed.get(ITEMS, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    for wrong in ("Bearer", "Bearer x", "Basic !", "Digest x", f"Bearer {tokens['viewer']}x", "Bearer \u00e9"):
        assert closed.get(ITEMS, headers={"Authorization": wrong.encode("utf-8")}).status_code == 401, wrong
    closed.app.state.access._failures.clear()


def test_a_token_that_is_revoked_or_over_is_refused_at_the_next_request(own: Database) -> None:
    with write_session(own, who="tester", why="a token") as session:
        text = create_token(session, TokenInput(name="for a while", days=1))
    with TestClient(serve(own)) as client:
        assert client.get(ITEMS, headers=bearer(text)).status_code == 200
        cookie = client.post("/login", data={"token": text}, follow_redirects=False)
        assert cookie.status_code == 303
        assert client.get(ITEMS).status_code == 200
        with write_session(own, who="tester", why="lost") as session:
            revoke_token(session, "for a while")
        assert client.get(ITEMS, headers=bearer(text)).status_code == 401
        assert client.get(ITEMS).status_code == 401, "the session ends with the token"


def test_a_wrong_token_never_counts_as_nobody(public: TestClient) -> None:
    assert public.get(ITEMS, headers=bearer("iat_wrong")).status_code == 401
    public.app.state.access._failures.clear()


def test_many_wrong_tokens_are_no_longer_looked_at(own: Database, tokens: dict[str, str]) -> None:
    with TestClient(serve(own)) as client:
        answers = [client.get(ITEMS, headers=bearer(f"iat_{number}")).status_code for number in range(FAILURES + 2)]
        assert answers == [401] * FAILURES + [429] * 2
        refused = client.get(ITEMS, headers=bearer(tokens["viewer"]))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")


class TestBrowser:
    """The one-time link and the cookie."""

    def test_the_link_works_once(self, own: Database) -> None:
        with TestClient(serve(own), follow_redirects=False) as client:
            key = client.app.state.access.new_login_key()
            answer = client.get("/login", params={"key": key})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            cookie = answer.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert LOCAL not in cookie
            assert client.get(ITEMS, params={"tier": "internal"}).json()["numberMatched"] == 6
            client.cookies.clear()
            assert client.get("/login", params={"key": key}).status_code == 401
            assert client.get(ITEMS).status_code == 401

    def test_a_cookie_that_was_not_signed_here_is_nobody(self, closed: TestClient) -> None:
        for text in ("local", "ImxvY2FsIg.aaaa.bbbb", "x" * 4000):
            assert closed.get(ITEMS, headers={"Cookie": f"atlas_session={text}"}).status_code == 401

    def test_signing_out_ends_it(self, own: Database) -> None:
        with TestClient(serve(own), follow_redirects=False) as client:
            assert client.post("/login", data={"token": LOCAL}).status_code == 303
            assert client.get(ITEMS).status_code == 200
            client.post("/logout")
            assert client.get(ITEMS).status_code == 401
