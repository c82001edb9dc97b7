"""Questions and answers in other reference systems: EPSG:4326, latitude first, and EPSG:3857, in metres."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from starlette.testclient import TestClient

from incidents.api.crs import Crs, feature_in, plain_box

ITEMS = "/api/collections/incidents/items"
RADIUS_M = 6_378_137.0
BOX = (38.0, 36.0, 38.5, 36.5)


def mercator(lon: float, lat: float) -> list[float]:
    """The formula of EPSG:3857, not as the product reaches it."""
    x = RADIUS_M * math.radians(lon)
    y = RADIUS_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return [round(x, 2), round(y, 2)]


EXPECTED = {Crs.CRS84: lambda x, y: [x, y], Crs.WGS84: lambda x, y: [y, x], Crs.WEB_MERCATOR: mercator}
"""By system, its coordinates of a longitude and latitude."""


def moved(coordinates: Any, crs: Crs) -> Any:
    if isinstance(coordinates[0], int | float):
        return EXPECTED[crs](*coordinates)
    return [moved(one, crs) for one in coordinates]


@pytest.mark.parametrize("crs", Crs)
@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}?areas=1", "/api/collections/locations/items", f"{ITEMS}/market"])
def test_each_geometry_is_in_the_system_that_is_asked_for(public: TestClient, path: str, crs: Crs) -> None:
    plain = public.get(path)
    there = public.get(f"{path}{'&' if '?' in path else '?'}crs={crs}")
    assert there.headers["content-crs"] == f"<{crs}>"
    assert plain.headers["content-crs"] == f"<{Crs.CRS84}>"
    pairs = list(zip(features(plain.json()), features(there.json()), strict=True))
    assert any(one["geometry"] is not None for one, _ in pairs)
    for one, other in pairs:
        assert one["properties"] == other["properties"]
        if one["geometry"] is None:
            assert other["geometry"] is None
        else:
            assert other["geometry"]["type"] == one["geometry"]["type"]
            assert other["geometry"]["coordinates"] == moved(one["geometry"]["coordinates"], crs)


def features(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer.get("features", [answer])


@pytest.mark.parametrize("crs", Crs)
def test_a_box_in_another_system_asks_for_the_same(public: TestClient, crs: Crs) -> None:
    west, south, east, north = BOX
    corners = [*EXPECTED[crs](west, south), *EXPECTED[crs](east, north)]
    asked = {"bbox": ",".join(map(str, corners)), "bbox-crs": crs}
    found = public.get(ITEMS, params=asked).json()
    expected = public.get(ITEMS, params={"bbox": ",".join(map(str, BOX))}).json()
    assert [one["id"] for one in found["features"]] == [one["id"] for one in expected["features"]]
    assert 0 < found["numberMatched"] < public.get(ITEMS).json()["numberMatched"]
    assert found["features"][0]["geometry"] == expected["features"][0]["geometry"], (
        "bbox-crs says nothing of the answer"
    )


def test_next_links_keep_the_system(public: TestClient) -> None:
    first = public.get(ITEMS, params={"crs": Crs.WGS84, "limit": 1})
    (following,) = [one["href"] for one in first.json()["links"] if one["rel"] == "next"]
    assert public.get(following).headers["content-crs"] == f"<{Crs.WGS84}>"


def test_sequences_are_moved_and_files_in_degrees_are_refused(public: TestClient) -> None:
    asked = {"crs": Crs.WEB_MERCATOR, "q": "market"}
    answer = public.get(ITEMS, params=asked | {"f": "geojsonseq"})
    assert answer.headers["content-crs"] == f"<{Crs.WEB_MERCATOR}>"
    (line,) = answer.text.split("\x1e")[1:]
    assert json.loads(line)["geometry"]["coordinates"][0] > 180
    for refused in (
        public.get(ITEMS, params=asked | {"f": "csv"}),
        public.get("/api/collections/incidents/export", params=asked),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "unsupported_crs")


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
def test_another_system_is_refused(public: TestClient, name: str) -> None:
    answer = public.get(ITEMS, params={name: "http://www.opengis.net/def/crs/EPSG/0/25832"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


def test_the_collections_name_the_systems(public: TestClient) -> None:
    for one in public.get("/api/collections").json()["collections"]:
        assert (one["crs"], one["storageCrs"]) == (list(Crs), Crs.CRS84)
    assert any(one.endswith("features-2/1.0/conf/crs") for one in public.get("/api/conformance").json()["conformsTo"])


def test_a_pole_has_no_coordinates_in_metres() -> None:
    pole = b'{"type":"Feature","geometry":{"type":"Point","coordinates":[10.0,90.0]},"properties":{}}'
    assert json.loads(feature_in(pole, Crs.WEB_MERCATOR))["geometry"] is None
    assert json.loads(feature_in(pole, Crs.WGS84))["geometry"]["coordinates"] == [90.0, 10.0]


@pytest.mark.parametrize(
    "text", ["1e99999999,0,1,1", "0,0,1,1e-99999999", "nan,0,1,1", "1,2,3", "a,b,c,d", "inf,0,1,1", ""]
)
@pytest.mark.parametrize("crs", Crs)
def test_what_is_no_box_stays_as_it_is_and_is_refused(public: TestClient, text: str, crs: Crs) -> None:
    assert plain_box(text, crs) == text
    answer = public.get(ITEMS, params={"bbox": text, "bbox-crs": crs})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_bbox")
