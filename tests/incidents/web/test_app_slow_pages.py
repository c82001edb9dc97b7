"""A page whose questions take longer than the server allows says so, and the server goes on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlmodel import Session

from db.engine import Database
from incidents.web import routes, work
from incidents.web.app import add_pages
from tests.incidents.api.conftest import LOCAL, bearer, serve

FOREVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(600)",
}
PAGES = {
    "/": (routes, "results"),
    "/incidents/market": (routes, "dossier"),
    "/board": (routes, "threads"),
    "/map/view?west=38&south=36&east=39&north=37&zoom=8": (routes, "map_view"),
    "/record/market/step": (work, "dossier"),
}
"""By page, what it asks of the database."""
BROWSER = bearer(LOCAL) | {"Accept": "text/html,application/xhtml+xml"}


def slowly(session: Session, *given: Any, **named: Any) -> None:
    """What never ends by itself."""
    session.execute(sa.text(FOREVER[session.get_bind().dialect.name]))


@pytest.mark.parametrize("path", PAGES)
def test_what_takes_too_long_is_ended_and_said(paged: Database, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*PAGES[path], slowly)
    app = serve(paged, limit_s=0.2)
    add_pages(app)
    with TestClient(app, headers=BROWSER) as client:
        answer = client.get(path)
        assert answer.status_code == 400
        assert "longer than this server allows" in answer.text
        assert "Ask for a smaller area or period." in answer.text
        assert 'href="/board"' in answer.text, "a page like the others"
        assert "يستغرق" in client.get(path, headers={"Accept-Language": "ar"}).text
        asked = client.get(path, headers={"Accept": "*/*"})
        assert (asked.status_code, asked.json()["code"]) == (400, "too_slow"), "a program is told as the API does"


def test_without_a_limit_the_same_page_is_made(paged: Database) -> None:
    app = serve(paged, limit_s=None)
    add_pages(app)
    with TestClient(app, headers=BROWSER) as client:
        assert [client.get(path).status_code for path in PAGES] == [200] * len(PAGES)
