"""``incidents.areas``: what a person names or draws. (Another test_areas.py is the gazetteer's.)"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box
from sqlmodel import Session

from db.engine import Database
from db.errors import AmbiguousError, InputError, NotFoundError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import PlaceKind
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import load_embedded
from incidents.areas import query_area
from incidents.query import Disc

RING = [[38.0, 35.0], [40.0, 35.0], [40.0, 37.0], [38.0, 37.0], [38.0, 35.0]]


@pytest.fixture(scope="module")
def gazetteer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The embedded gazetteer and one drawn boundary; nobody writes to it any more."""
    folder = tmp_path_factory.mktemp("places")
    feature = {
        "type": "Feature", "properties": {"name": "Raqqa"}, "geometry": {"type": "Polygon", "coordinates": [RING]},
    }  # fmt: skip
    file = folder / "units.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    database = SqliteDatabase(folder / "incidents.db")
    shutil.copy(template, database.path)
    with write_session(database, who="tester", why="a test") as session:
        load_embedded(session)
        import_areas(session, file, level=PlaceKind.ADM1, country="SY")
    return database


@pytest.fixture
def places(gazetteer: Database) -> Iterator[Session]:
    """A read session on :func:`gazetteer`."""
    with read_session(gazetteer) as opened:
        yield opened


def test_nothing_asked_is_no_area(places: Session) -> None:
    assert query_area(places) is None


def test_near_is_a_disc_in_metres_longitude_first(places: Session) -> None:
    area = query_area(places, near="Al Jinah", radius="5km")
    assert isinstance(area, Disc)
    assert area.radius_m == 5000.0
    assert (round(area.lon, 1), round(area.lat, 1)) == (36.8, 36.1)


def test_a_box_is_west_south_east_north(places: Session) -> None:
    area = query_area(places, bbox="38,35,39.5,36.5")
    assert not isinstance(area, Disc)
    assert area is not None
    assert area.equals(box(38, 35, 39.5, 36.5))


def test_a_named_place_is_its_boundary(places: Session) -> None:
    area = query_area(places, inside="Raqqa governorate")
    assert not isinstance(area, Disc)
    assert area is not None
    assert area.bounds == (38.0, 35.0, 40.0, 37.0)


def test_a_polygon_in_a_file(places: Session, tmp_path: Path) -> None:
    file = tmp_path / "area.geojson"
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [RING]}))
    area = query_area(places, polygon=file)
    assert not isinstance(area, Disc)
    assert area is not None
    assert area.bounds == (38.0, 35.0, 40.0, 37.0)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"inside": "Raqqa governorate", "bbox": "1,1,2,2"}, "one_area"),
        ({"near": "Al Jinah"}, "near_needs_radius"),
        ({"radius": "5km"}, "near_needs_radius"),
        ({"inside": "Raqqa governorate", "radius": "5km"}, "near_needs_radius"),
        ({"inside": "Aleppo governorate"}, "no_boundary"),
        ({"near": "Al Jinah", "radius": "a stone's throw"}, "bad_distance"),
    ],
)
def test_what_is_refused(places: Session, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        query_area(places, **asked)
    assert caught.value.code == code


def test_a_missing_boundary_names_the_remedy(places: Session) -> None:
    with pytest.raises(InputError, match="no_boundary") as caught:
        query_area(places, inside="Aleppo governorate")
    assert "incidents gazetteer import areas FILE --level adm1" in str(caught.value)


def test_a_name_of_several_places_is_never_picked(places: Session) -> None:
    cases: tuple[dict[str, Any], ...] = ({"inside": "Sawran"}, {"near": "Sawran", "radius": "1km"})
    for asked in cases:
        with pytest.raises(AmbiguousError) as caught:
            query_area(places, **asked)
        assert len(caught.value.candidates) == 3


def test_a_place_that_is_not_known(places: Session, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        query_area(places, inside="Nowhere at all")
    with pytest.raises(NotFoundError):
        query_area(places, polygon=tmp_path / "missing.geojson")
