"""The other collections: each holds what the tier may see of the incidents that answer, once, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.incidents.api.conftest import bearer

PARTS = ("locations", "claims", "areas", "events")


def ask(client: TestClient, part: str, headers: dict[str, str] | None = None, **asked: str) -> dict[str, Any]:
    answer = client.get(f"/api/collections/{part}/items", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["numberReturned"] == len(found["features"])
    return found


def test_places_are_listed_one_by_one_as_the_tier_sees_them(public: TestClient) -> None:
    found = ask(public, "locations")["features"]
    places = {(one["properties"]["incident"], (one["geometry"] or {}).get("type")) for one in found}
    assert places == {
        ("market", "Point"),
        ("market", "Polygon"),
        ("shelter", "Point"),
        ("clinic", None),
        ("road", None),
    }
    assert "37.987654" not in public.get("/api/collections/locations/items").text
    assert ask(public, "locations")["numberMatched"] == 5


def test_claims_are_those_that_may_be_cited(public: TestClient, closed: TestClient, tokens: dict[str, str]) -> None:
    answer = public.get("/api/collections/claims/items").text
    assert "77771" not in answer
    assert "88881" not in answer
    insider = ask(closed, "claims", bearer(tokens["insider"]), tier="internal")
    assert {"77771", "88881"} <= {one["properties"]["words"] for one in insider["features"]}
    assert insider["numberMatched"] > ask(public, "claims")["numberMatched"]


def test_each_polygon_is_listed_once(public: TestClient) -> None:
    found = ask(public, "areas")
    assert [one["geometry"]["type"] for one in found["features"]] == ["Polygon"]
    assert found["numberMatched"] == 1


def test_an_event_joins_its_records(public: TestClient) -> None:
    (event,) = ask(public, "events")["features"]
    assert event["id"] == "market"
    assert event["properties"]["incidents"] == ["market", "shelter"]
    assert event["properties"]["ranges"]["killed_civilian"]["event"] == "market"
    one = public.get("/api/collections/events/items/market").json()
    assert one["properties"] == event["properties"]
    for code in ("shelter", "clinic", "no-such", "secret"):
        assert public.get(f"/api/collections/events/items/{code}").status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_found_by_its_id_and_pages_hold_each_once(public: TestClient, part: str) -> None:
    whole = ask(public, part)
    found, seen = ask(public, part, limit="1"), []
    while True:
        assert found["numberMatched"] == whole["numberMatched"]
        seen += found["features"]
        following = [link["href"] for link in found["links"] if link["rel"] == "next"]
        if len(following) == 0:
            break
        found = public.get(following[0]).json()
    assert seen == whole["features"]
    for one in seen:
        shown = public.get(f"/api/collections/{part}/items/{one['id']}").json()
        assert {link["rel"] for link in shown.pop("links")} >= {"self", "collection"}
        assert shown == one
    page = public.get(f"/api/collections/{part}/items", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<img" not in page.text


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "key", ["999999", "9" * 30, "0", "-1", "no-such", "%00", "secret-c1", "sealed-c1", "sealed-count"]
)
def test_what_is_hidden_and_what_is_not_there_are_answered_alike(public: TestClient, part: str, key: str) -> None:
    answer = public.get(f"/api/collections/{part}/items/{key}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_they_answer_to_the_questions_that_incidents_do(public: TestClient) -> None:
    box = "37.95,36.12,38.25,36.6"
    assert {one["properties"]["incident"] for one in ask(public, "claims", bbox=box)["features"]} == {
        "market",
        "shelter",
    }
    assert ask(public, "locations", filter="kind = 'airstrike'")["numberMatched"] == 2
    assert ask(public, "events", datetime="2017-03-19/2017-03-20")["numberMatched"] == 0
    assert ask(public, "areas", country="IQ")["numberMatched"] == 0
    refused = public.get("/api/collections/claims/items?after=x")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")
    assert public.get("/api/collections/claims/items?f=csv").status_code == 400


def test_a_place_and_a_claim_say_the_version_that_a_withdrawal_names(editing: TestClient) -> None:
    tag = editing.get("/api/collections/claims/items/market-late").headers["etag"]
    body = {"why": "x", "data": {"on": "2018-01-01", "why": "Counted twice."}}
    answer = editing.post("/api/claims/market-late/withdrawal", json=body, headers={"If-Match": tag})
    assert answer.status_code == 200
    assert editing.get("/api/collections/claims/items/market-late").json()["properties"]["withdrawn"] is True
    number = ask(editing, "locations")["features"][0]["id"]
    tag = editing.get(f"/api/collections/locations/items/{number}").headers["etag"]
    answer = editing.post(
        f"/api/locations/{number}/withdrawal", json={"why": "x", "data": {}}, headers={"If-Match": tag}
    )
    assert answer.status_code == 200
    assert editing.get(f"/api/collections/locations/items/{number}").status_code == 404
