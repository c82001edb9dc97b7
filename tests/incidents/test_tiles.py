"""Vector tiles: every incident is counted once, in the place that the tier sees."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from incidents.columns import Columns
from incidents.intervals import read_interval
from incidents.locations import LocationInput, add_location
from incidents.query import Query
from incidents.records import IncidentInput, add_incident
from incidents.tiers import Tier
from incidents.tiles import Tile, is_tile, vector_tile
from tests.editions import Edition
from tests.incidents.conftest import fill


def fill_stack(database: Database) -> None:
    """The ledger, and forty incidents at one point, one of which has a rival a kilometre away."""
    fill(database)
    with write_session(database, who="tester", why="a stack") as session:
        for number in range(40):
            row = add_incident(session, IncidentInput(code=f"s{number}", name=f"S {number}", start="2018-01-01"))
            place = {"source": "monitor", "report": "monitor-1", "precision": "exact", "method": "geolocated"}
            add_location(session, row, LocationInput.model_validate(place | {"lon": 40.1, "lat": 35.3}))
            if number == 0:
                add_location(session, row, LocationInput.model_validate(place | {"lon": 40.11, "lat": 35.3}))


@pytest.fixture(scope="module")
def drawn(edition: Edition) -> Iterator[tuple[Session, Columns]]:
    """A session and the places in memory."""
    database = edition.prepared("tiles", fill_stack)
    columns = Columns(database)
    with read_session(database) as session:
        yield session, columns
    columns.close()


def tile_at(z: int, lon: float, lat: float) -> Tile:
    column = int((lon + 180) / 360 * 2**z)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    found = Tile(z, column, row)
    west, south, east, north = found.box()
    assert west <= lon < east
    assert south < lat <= north
    return found


def read(drawn: tuple[Session, Columns], tile: Tile, **asked: Any) -> dict[str, list[dict[str, Any]]]:
    session, columns = drawn
    query = Query(**({"tier": Tier.PUBLIC} | asked))
    decoded = mapbox_vector_tile.decode(vector_tile(session, columns.spots(), tile, query))
    return {name: layer["features"] for name, layer in decoded.items()}


def counts(features: list[dict[str, Any]]) -> list[int]:
    return sorted(one["properties"]["count"] for one in features)


def test_the_world_counts_each_incident_once(drawn: tuple[Session, Columns]) -> None:
    found = read(drawn, Tile(0, 0, 0))["incidents"]
    assert sum(counts(found)) == 42
    assert all(one["properties"]["stack"] is False for one in found)


def test_a_stack_is_one_point_with_its_count(drawn: tuple[Session, Columns]) -> None:
    found = read(drawn, tile_at(10, 40.1, 35.3))["incidents"]
    stacks = [one for one in found if one["properties"]["stack"]]
    assert counts(found) == [1, 40]
    assert [one["properties"]["count"] for one in stacks] == [40]
    tile = tile_at(10, 40.1, 35.3)
    west, south, east, north = tile.box()
    column, row = stacks[0]["geometry"]["coordinates"]
    assert column / 4096 * (east - west) + west == pytest.approx(40.1, abs=1e-4)
    assert row / 4096 * (north - south) + south == pytest.approx(35.3, abs=1e-3)


def test_a_window_of_time_narrows_it(drawn: tuple[Session, Columns]) -> None:
    start, end = read_interval("2017-01-01/2017-12-31")
    assert sum(counts(read(drawn, Tile(0, 0, 0), start=start, end=end)["incidents"])) == 2
    start, end = read_interval("2018-01-01/..")
    assert sum(counts(read(drawn, Tile(0, 0, 0), start=start, end=end)["incidents"])) == 40


def test_the_tier_decides_what_is_there(drawn: tuple[Session, Columns]) -> None:
    clinic = tile_at(10, 38.111222, 35.333444)
    assert read(drawn, clinic).get("incidents", []) == []
    assert counts(read(drawn, clinic, tier=Tier.INTERNAL)["incidents"]) == [2]
    assert sum(counts(read(drawn, Tile(0, 0, 0), tier=Tier.INTERNAL)["incidents"])) == 44


def test_a_polygon_is_drawn_and_clipped(drawn: tuple[Session, Columns]) -> None:
    (area,) = read(drawn, tile_at(8, 38.25, 36.15))["areas"]
    assert area["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert area["properties"]["area"] == area["id"]
    assert read(drawn, tile_at(8, 40.1, 35.3)).get("areas", []) == []


@pytest.mark.parametrize(("z", "x", "y"), [(-1, 0, 0), (23, 0, 0), (1, 2, 0), (1, 0, -1), (0, 0, 1)])
def test_there_are_no_tiles_outside_the_map(z: int, x: int, y: int) -> None:
    assert not is_tile(z, x, y)
    assert is_tile(0, 0, 0)
