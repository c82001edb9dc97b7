"""All that answers as one stream."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from db.engine import Database
from db.session import read_session
from incidents.api import export
from incidents.exports.geojson import write_geojson
from incidents.query import Query, find
from incidents.tiers import Tier
from tests.incidents.api.conftest import bearer
from tests.incidents.api.test_items import BOX, ITEMS

EXPORT = "/api/collections/incidents/export"


def fetched(client: TestClient, **parameters: Any) -> bytes:
    answer = client.get(EXPORT, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture(params=[1, 200], ids=["one at once", "all at once"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many features are in a piece."""
    many: int = request.param
    monkeypatch.setattr(export, "AT_ONCE", many)
    return many


@pytest.mark.usefixtures("at_once")
def test_the_file_is_that_of_the_command_line(public: TestClient, served: Database) -> None:
    out = io.BytesIO()
    with read_session(served) as session:
        write_geojson(session, find(session, Query(tier=Tier.PUBLIC)).keys(), out)
    assert fetched(public) == out.getvalue()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": BOX}, {"bbox": BOX, "match": "surely"}, {"bbox": BOX, "unlocated": "include"}, {"q": "school"},
        {"datetime": "2017-03-20/2017-03-21"}, {"as_of": "2017-03-23"}, {"rule": "minimum"}, {"bbox": "0,0,1,1"},
    ],
    ids=str,
)  # fmt: skip
def test_what_answers_is_what_the_pages_say(public: TestClient, asked: dict[str, str]) -> None:
    pages = public.get(ITEMS, params=asked | {"limit": "1000"})
    if pages.status_code != 200:
        assert public.get(EXPORT, params=asked).status_code == pages.status_code
        return
    features = sorted(pages.json()["features"], key=lambda one: str(one["id"]))
    assert sorted(orjson.loads(fetched(public, **asked))["features"], key=lambda one: str(one["id"])) == features
    lines = fetched(public, **asked, f="geojsonseq").split(b"\x1e")[1:]
    assert sorted(map(orjson.loads, lines), key=lambda one: str(one["id"])) == features


def test_each_sees_what_the_token_allows(public: TestClient, tokens: dict[str, str]) -> None:
    assert b"sealed" not in fetched(public)
    assert public.get(EXPORT, params={"tier": "internal"}).status_code == 403
    answer = public.get(EXPORT, params={"tier": "internal"}, headers=bearer(tokens["insider"]))
    assert "sealed" in {feature["id"] for feature in answer.json()["features"]}
    assert answer.headers["content-disposition"] == 'attachment; filename="incidents.geojson"'


@pytest.mark.parametrize(
    ("asked", "status"), [({"limit": "1"}, 400), ({"bbox": "1,2,3"}, 400), ({"f": "csv"}, 400), ({"q": " "}, 400)]
)
def test_what_cannot_be_answered_is_said_before_the_file_begins(
    public: TestClient, asked: dict[str, str], status: int
) -> None:
    answer = public.get(EXPORT, params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_reader_is_free_again_after_a_file(public: TestClient) -> None:
    free = public.app.state.reader._free  # type: ignore[attr-defined]  # to its type any ASGI callable
    fetched(public)
    before = len(free)
    fetched(public)
    assert len(free) == before
