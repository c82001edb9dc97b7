"""Pages of incidents: what is found, how it is counted, and the forms it is given in."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from db.engine import Database
from db.session import read_session, write_session
from incidents.exports.csvfile import write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from incidents.tiers import Tier
from tests.incidents.api.conftest import bearer

ITEMS = "/api/collections/incidents/items"
BOX = "37.95,36.12,38.25,36.6"


def ask(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get(ITEMS, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    found: dict[str, Any] = answer.json()
    assert found["numberReturned"] == len(found["features"])
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in found["features"]]


def test_the_features_are_those_of_our_own_export(public: TestClient, served: Database) -> None:
    out = io.BytesIO()
    with read_session(served) as session:
        write_geojson(session, find(session, Query(tier=Tier.PUBLIC)).keys(), out)
    assert ask(public)["features"] == orjson.loads(out.getvalue())["features"]
    assert ask(public)["numberMatched"] == 4


def test_a_page_says_how_many_there_are_and_leads_to_the_next(public: TestClient) -> None:
    found, seen, pages = ask(public, limit=1), [], 0
    while True:
        assert found["numberMatched"] == 4
        seen += codes(found)
        pages += 1
        following = [link for link in found["links"] if link["rel"] == "next"]
        if len(following) == 0:
            break
        found = public.get(following[0]["href"]).json()
    assert pages == 4
    assert seen == codes(ask(public))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"bbox": BOX}, {"market": "possibly", "shelter": "possibly"}),
        ({"bbox": "37,35.5,39.5,37.5"}, {"market": "surely", "shelter": "surely"}),
        ({"bbox": BOX, "match": "surely"}, {}),
        ({"bbox": "37,35.5,39.5,37.5", "match": "possibly"}, {}),
        ({"bbox": BOX, "unlocated": "include"}, {"market": "possibly", "shelter": "possibly", "clinic": "unlocated",
                                                 "road": "unlocated"}),
        ({"bbox": BOX, "match": "surely", "unlocated": "include"}, {"clinic": "unlocated", "road": "unlocated"}),
        # heights and exponents are read, and not taken for something else
        ({"bbox": "37.95,36.12,0,38.25,3.66e1,900"}, {"market": "possibly", "shelter": "possibly"}),
    ],
)  # fmt: skip
def test_a_place_is_answered_by_how_surely(public: TestClient, asked: dict[str, str], expected: dict[str, str]) -> None:
    found = ask(public, **asked)
    assert {feature["id"]: feature["properties"]["match"] for feature in found["features"]} == expected
    assert found["numberMatched"] == len(expected)


def test_paging_with_those_without_a_place_neither_skips_nor_repeats(public: TestClient) -> None:
    whole = codes(ask(public, bbox=BOX, unlocated="include"))
    found, seen = ask(public, bbox=BOX, unlocated="include", limit=1), []
    while True:
        seen += codes(found)
        following = [link["href"] for link in found["links"] if link["rel"] == "next"]
        if len(following) == 0:
            break
        found = public.get(following[0]).json()
    assert seen == whole
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("datetime", "expected"),
    [
        ("2017-03-20", {"market", "clinic"}),
        ("2017-03-21T00:30:00Z", {"market", "shelter", "clinic"}),
        ("2017-03-31T23:59:59Z/..", {"clinic"}),
        ("../2017-03-01", {"clinic"}),
        ("2017-03-22/2017-03-23", {"clinic"}),
        ("1066-10-14/2999-01-01", {"market", "shelter", "clinic"}),
        ("2016-01-01/2016-12-31", set()),
        ("../..", {"market", "shelter", "clinic", "road"}),
    ],
)
def test_a_time_overlaps_the_window_closed_at_both_ends(public: TestClient, datetime: str, expected: set[str]) -> None:
    assert set(codes(ask(public, datetime=datetime))) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status": "credible"}, {"market"}),
        ({"status": "open"}, set()),
        ({"grading": "confirmed"}, {"market"}),
        ({"source": "echo"}, {"market"}),
        ({"belligerent": "The Coalition"}, {"market"}),
        ({"category": "civilian"}, {"market", "clinic"}),
        ({"category": "woman"}, {"market"}),
        ({"country": "SY"}, {"market"}),
        ({"killed_min": 100}, {"market"}),
        ({"q": "السوق"}, {"market"}),
        ({"as_of": "2017-03-22", "status": "open"}, {"market"}),
    ],
)
def test_properties_narrow_the_answer(public: TestClient, asked: dict[str, str], expected: set[str]) -> None:
    found = ask(public, **asked)
    assert set(codes(found)) == expected
    assert found["numberMatched"] == len(expected)


def test_the_tier_is_public_unless_a_token_asks_for_more(closed: TestClient, tokens: dict[str, str]) -> None:
    def seen(name: str, **asked: str) -> set[str]:
        answer = closed.get(ITEMS, params=asked, headers=bearer(tokens[name]))
        assert answer.status_code == 200
        return set(codes(answer.json()))

    open_ones = {"market", "shelter", "clinic", "road"}
    assert seen("admin") == open_ones
    assert seen("partner", tier="restricted") == open_ones | {"secret"}
    assert seen("insider", tier="internal") == open_ones | {"secret", "sealed"}
    refused = closed.get(ITEMS, params={"tier": "internal"}, headers=bearer(tokens["partner"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_an_area_is_drawn_where_it_is_asked_for(public: TestClient) -> None:
    kinds = {
        feature["id"]: (feature["geometry"] or {}).get("type") for feature in ask(public, areas="true")["features"]
    }
    assert kinds == {"market": "MultiPolygon", "shelter": "MultiPolygon", "clinic": None, "road": None}


class TestForms:
    """The same incidents as a sequence, a table and a page."""

    def test_a_sequence_holds_the_features(self, public: TestClient) -> None:
        answer = public.get(ITEMS, headers={"Accept": "application/geo+json-seq"})
        parts = answer.content.split(b"\x1e")
        assert parts[0] == b""
        assert [orjson.loads(part) for part in parts[1:]] == ask(public)["features"]
        assert answer.headers["OGC-NumberMatched"] == "4"

    def test_a_table_is_that_of_our_own_export(self, public: TestClient, served: Database) -> None:
        out = io.BytesIO()
        with read_session(served) as session:
            write_incidents_csv(session, find(session, Query(tier=Tier.PUBLIC)).keys(), out)
        answer = public.get(ITEMS, params={"f": "csv"})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content == out.getvalue()
        # B15, B60: a name that a spreadsheet would run is text
        assert "'=Market <img src=x onerror=alert(1)>" in {
            row["name"] for row in csv.DictReader(io.StringIO(answer.text))
        }

    def test_a_page_shows_a_hostile_name_as_text(self, public: TestClient) -> None:
        for path in (ITEMS, f"{ITEMS}/market"):
            answer = public.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
            assert answer.headers["content-type"].startswith("text/html")
            assert "<img" not in answer.text
            assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text
            assert "script-src" not in answer.headers["content-security-policy"]

    def test_a_form_that_there_is_not_is_refused(self, public: TestClient) -> None:
        assert public.get(ITEMS, params={"f": "kml"}).status_code == 400
        assert public.get(ITEMS, headers={"Accept": "application/pdf"}).status_code == 406
        assert public.get(ITEMS, headers={"Accept": "application/json;q=0.5, text/csv;q=0"}).status_code == 200


class TestOne:
    """One incident by its code."""

    def test_it_is_the_feature_with_links(self, public: TestClient) -> None:
        answer = public.get(f"{ITEMS}/market").json()
        assert {link["rel"] for link in answer.pop("links")} == {"self", "alternate", "collection"}
        assert answer == next(one for one in ask(public)["features"] if one["id"] == "market")

    def test_its_tag_changes_with_what_is_said_of_it_and_holds_nothing_hidden(self, editing: TestClient) -> None:
        tag = editing.get(f"{ITEMS}/market").headers["etag"]
        assert tag == editing.get(f"{ITEMS}/market").headers["etag"]
        assert tag.startswith('"1-')
        assert tag != editing.get(f"{ITEMS}/market", params={"tier": "internal"}).headers["etag"]

    @pytest.mark.parametrize(
        "code",
        ["9" * 30, "secret", "sealed", "no-such", "%00", "a%2Fb", "market%20", "é", "x" * 500],  # B56
    )
    def test_what_is_hidden_and_what_is_not_there_are_answered_alike(self, public: TestClient, code: str) -> None:
        answer = public.get(f"{ITEMS}/{code}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


def test_rows_that_are_added_neither_move_nor_repeat_what_was_given(editing: TestClient, own: Database) -> None:
    first = ask(editing, limit=2)
    with write_session(own, who="tester", why="between two pages") as session:
        add_incident(session, IncidentInput(code="early", name="Early", start="2010-01-01"))
        add_incident(session, IncidentInput(code="late", name="Late", start="2018-01-01"))
    rest = editing.get(next(link["href"] for link in first["links"] if link["rel"] == "next")).json()
    assert [*codes(first), *codes(rest)] == ["clinic", "market", "shelter", "late"]
    assert rest["numberMatched"] == 6
