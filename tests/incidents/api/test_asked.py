"""Parameters that are no values, unknown or given twice: each is refused with its name."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

ITEMS = "/api/collections/incidents/items"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=-1", "invalid_parameter"),  # B56; 400 as the standard asks of parameters
        ("limit=0", "invalid_parameter"),
        ("limit=ten", "invalid_parameter"),
        ("bbox=1,2,3", "bad_bbox"),
        ("bbox=a,b,c,d", "bad_bbox"),
        ("bbox=nan,1,2,3", "bad_bbox"),
        ("bbox=0,91,1,92", "out_of_range"),
        ("bbox=0,2,1,1", "bbox_reversed"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/25832", "invalid_parameter"),
        ("datetime=yesterday", "bad_datetime"),
        ("datetime=2017-02-30", "bad_datetime"),
        ("datetime=2018-01-01/2017-01-01", "end_before_start"),
        ("datetime=0000-01-01", "bad_datetime"),
        ("after=x", "bad_cursor"),
        ("after=" + quote("é"), "bad_cursor"),
        ("status=unknown", "invalid_parameter"),
        ("source=nobody", "unknown_organisation"),
        ("country=Syria", "invalid_parameter"),
        ("place=Nowhere", "unknown_place"),
        ("near=Nowhere", "near_needs_radius"),
        ("q=%20", "blank"),
        ("colour=red", "unknown_parameter"),
        ("limit=1&limit=2", "duplicate_parameter"),
        ("f=kml", "unknown_format"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(public: TestClient, query: str, code: str) -> None:
    answer = public.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["status"] == 400


def test_a_limit_above_the_greatest_is_no_error(public: TestClient) -> None:
    assert public.get(f"{ITEMS}?limit=99999999999").status_code == 200


def test_a_cursor_does_not_hold_the_number_of_a_row(public: TestClient) -> None:
    import base64

    following = next(link for link in public.get(f"{ITEMS}?limit=1").json()["links"] if link["rel"] == "next")["href"]
    cursor = following.partition("after=")[2]
    assert base64.urlsafe_b64decode(cursor + "==").decode().partition(":")[2] == "clinic"


def test_a_filter_narrows_the_answer_with_the_rest(public: TestClient) -> None:
    asked = {"filter": "S_INTERSECTS(geometry, BBOX(37, 35.5, 39.5, 37.5)) AND NOT kind = 'airstrike'", "limit": "1"}
    assert [one["id"] for one in public.get(ITEMS, params=asked).json()["features"]] == ["shelter"]
    asked = {
        "filter": '{"op":"=","args":[{"property":"kind"},"airstrike"]}',
        "filter-lang": "cql2-json",
        "bbox": "37,35,40,38",
    }
    found = public.get(ITEMS, params=asked).json()
    assert (found["numberMatched"], found["features"][0]["id"]) == (1, "market")
    refused = public.get(ITEMS, params={"filter": "note = 'x'"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_queryable")


def test_the_queryables_are_described(public: TestClient) -> None:
    found = public.get("/api/collections/incidents/queryables")
    assert found.headers["content-type"] == "application/schema+json"
    assert found.json()["properties"]["kind"]["enum"][0] == "airstrike"
    assert found.json()["additionalProperties"] is False
