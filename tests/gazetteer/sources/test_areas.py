"""Boundary polygons from GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlmodel import Session, select

from db.engine import Database
from db.errors import InputError
from db.session import write_session
from db.tables import Area, Change, ImportRow, ImportRun, Place
from db.vocabulary import PlaceKind, RowVerdict
from gazetteer.places import area_of, find_places, one_place
from gazetteer.sources.areas import import_areas

SQUARE = [[[38, 36], [39, 36], [39, 37], [38, 37], [38, 36]]]
BOW_TIE = [[[38, 36], [39, 37], [39, 36], [38, 37], [38, 36]]]


def _feature(coordinates: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": coordinates}}


def _write(path: Path, *features: Any, **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), encoding="utf-8")
    return path


def _import(database: Database, path: Path, level: PlaceKind = PlaceKind.ADM1, **options: Any) -> ImportRun:
    with write_session(database, who="tester", why="import") as session:
        run = import_areas(session, path, level=level, **options)
        session.flush()
        session.expunge(run)
    return run


def _counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    return run.rows_read, run.rows_added, run.rows_unchanged, run.rows_superseded, run.rows_rejected


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a boundary file is written."""
    return tmp_path / "areas.geojson"


# One row for each provider: properties, then name, country, key.
@pytest.mark.parametrize(
    ("properties", "name", "country", "key"),
    [
        ({"name": "Homs", "wof_id": 7, "concordances": {"iso:code": "SY-HI"}}, "Homs", "SY", "wof_id:7"),
        ({"shapeName": "Homs", "shapeID": "a1", "shapeGroup": "SYR"}, "Homs", "SY", "shapeid:a1"),
        ({"ADM1_EN": "Homs", "ADM1_PCODE": "SY04", "ADM0_PCODE": "SY", "validTo": None}, "Homs", "SY",
         "adm1_pcode:SY04"),
        ({"NAME_1": "Homs", "GID_0": "SYR", "GID_1": "SYR.8_1", "NAME_0": "Syria"}, "Homs", "SY", "gid_1:SYR.8_1"),
        ({"name": "Homs", "iso_a2": "SY", "iso_3166_2": "SY-HI"}, "Homs", "SY", "sha256:"),
    ],
    ids=["Who's On First", "geoBoundaries", "OCHA", "GADM", "no id"],
)  # fmt: skip
def test_the_fields_of_each_provider_are_known(
    database: Database, path: Path, properties: dict[str, Any], name: str, country: str, key: str
) -> None:
    _import(database, _write(path, _feature(**properties)))
    with Session(database.reader()) as session:
        place = session.exec(select(Place)).one()
        area = area_of(session, place)
    assert (place.name, place.country, place.kind) == (name, country, PlaceKind.ADM1)
    assert place.source_key.startswith(key)
    assert place.admin1 == "11", "Homs is linked to GeoNames' code by its name."
    assert area is not None
    assert area.equals(shapely.Polygon(SQUARE[0]))
    assert area.covers(shapely.Point(place.lon, place.lat))


def test_a_name_field_can_be_named(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="wrong", LABEL="Right")), name_field="LABEL")
    with Session(database.reader()) as session:
        assert session.exec(select(Place.name)).one() == "Right"


def test_several_names_in_a_field_are_several_names(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="Somewhere", name_ara="حمص الجديدة|Ḩimş al Jadīdah")))
    with Session(database.reader()) as session:
        for name in ("Somewhere", "حمص الجديدة", "Hims al-Jadidah"):
            assert one_place(session, name).name == "Somewhere"


@pytest.mark.parametrize(
    "properties",
    [{"is_current": 0}, {"superseded_by": "1108804831"}, {"deprecated": "2019-01-01"}, {"validTo": "2015-03-04"}],
    ids=str,
)
def test_a_unit_not_in_force_is_kept_aside(database: Database, path: Path, properties: dict[str, Any]) -> None:
    features = [_feature(name="Old", **properties), _feature(name="New", is_current=1, superseded_by="", validTo=None)]
    run = _import(database, _write(path, *features))
    assert _counts(run) == (2, 1, 0, 0, 1)
    with Session(database.reader()) as session:
        row = session.exec(select(ImportRow)).one()
        assert (row.line, row.reason) == (1, "not_in_force")
        assert "coordinates" not in row.raw


@pytest.mark.parametrize(
    ("feature", "code"),
    [
        (_feature(BOW_TIE, name="A"), "self_intersecting"),
        (_feature([[[38, 36], [39, 36], [39, 37], [38, 37]]], name="A"), "unclosed_ring"),
        (_feature([[[38, 36], [39, 36], [39, 97], [38, 36]]], name="A"), "out_of_range"),
        (_feature([], name="A"), "empty_geometry"),
        (_feature([[[179, 0], [-179, 0], [-179, 1], [179, 0]]], name="A"), "antimeridian"),
        ({"type": "Feature", "properties": {"name": "A"}, "geometry": {"type": "Point", "coordinates": [38, 36]}},
         "not_an_area"),
        ({"type": "Feature", "properties": {"name": "A"}, "geometry": None}, "unsupported_geometry"),
        (_feature(population=3), "no_name"),
        (_feature(name=None), "no_name"),
        ("feature", "no_name"),
    ],
)  # fmt: skip
def test_a_bad_feature_is_kept_with_the_reason_and_the_others_go_in(
    database: Database, path: Path, feature: Any, code: str
) -> None:
    run = _import(database, _write(path, feature, _feature(name="Good")))
    assert _counts(run) == (2, 1, 0, 0, 1)
    with Session(database.reader()) as session:
        row = session.exec(select(ImportRow)).one()
        assert (row.line, row.verdict, row.reason) == (1, RowVerdict.REJECTED, code)


def test_a_repair_is_asked_for_and_flagged(database: Database, path: Path) -> None:
    run = _import(database, _write(path, _feature(BOW_TIE, name="A")), repair=True)
    assert (run.rows_added, run.rows_flagged, run.rows_rejected) == (1, 1, 0)
    with Session(database.reader()) as session:
        area = area_of(session, session.exec(select(Place)).one())
        assert area is not None
        assert area.is_valid
        assert session.exec(select(ImportRow.reason)).one() == "repaired_polygon"


def test_a_changed_polygon_supersedes(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="A", wof_id=1)))
    assert _counts(_import(database, path)) == (1, 0, 1, 0, 0)
    larger = [[[38, 36], [40, 36], [40, 37], [38, 37], [38, 36]]]
    assert _counts(_import(database, _write(path, _feature(larger, name="A", wof_id=1)))) == (1, 0, 0, 1, 0)
    with Session(database.reader()) as session:
        place = session.exec(select(Place)).one()
        area = area_of(session, place)
        assert area is not None
        assert area.bounds == (38, 36, 40, 37)
        assert len(session.exec(select(Area)).all()) == 2
        assert len(session.exec(select(Change).where(Change.table_name == "place")).all()) == 1


def test_one_polygon_of_two_units_is_stored_once(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="A", wof_id=1), _feature(name="B", wof_id=2)))
    with Session(database.reader()) as session:
        assert len(session.exec(select(Area)).all()) == 1


def test_the_only_country_of_the_file_is_that_of_its_silent_features(database: Database, path: Path) -> None:
    zone = _feature([[[10, 10], [11, 10], [11, 11], [10, 10]]], name="Zone")
    _import(database, _write(path, _feature(name="A", iso_a2="SY"), zone))
    with Session(database.reader()) as session:
        assert set(session.exec(select(Place.country))) == {"SY"}


def test_a_district_gets_its_governorate_from_the_polygons(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="Ar Raqqah", iso_a2="SY")))
    inner = [[[38.2, 36.2], [38.4, 36.2], [38.4, 36.4], [38.2, 36.2]]]
    _import(database, _write(path, _feature(inner, name="Tabqa")), level=PlaceKind.ADM2)
    with Session(database.reader()) as session:
        district = session.exec(select(Place).where(Place.kind == PlaceKind.ADM2)).one()
    assert (district.country, district.admin1, district.admin1_name) == ("SY", "04", "Ar-Raqqah")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "Polygon", "coordinates": []}', "not_a_feature_collection"),
        ('{"type": "FeatureCollection", "features": 3}', "not_a_feature_collection"),
        ("{", "not_json"),
        ("", "empty_file"),
    ],
)
def test_another_file_is_refused_whole(database: Database, path: Path, text: str, code: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        _import(database, path)
    assert caught.value.code == code


def test_another_coordinate_system_is_refused(database: Database, path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:32637"}}
    run = _import(database, _write(path, _feature(name="A"), crs=crs))
    assert run.rows_rejected == 1


def test_a_level_that_is_no_area_is_refused(database: Database, path: Path) -> None:
    with pytest.raises(InputError, match="bad_level"):
        _import(database, _write(path, _feature(name="A")), level=PlaceKind.LANDMARK)


def test_real_governorates_are_linked_by_id_and_name(database: Database, shared_data: Path) -> None:
    syria = _import(database, shared_data / "gazetteer" / "sy_region.geojson")
    iraq = _import(database, shared_data / "gazetteer" / "iq_region.geojson")
    assert _counts(syria) == (15, 15, 0, 0, 0)
    assert _counts(iraq) == (20, 19, 0, 0, 1), "At-Ta'mim is superseded by Kirkuk."
    assert _counts(_import(database, shared_data / "gazetteer" / "sy_region.geojson")) == (15, 0, 15, 0, 0)
    with Session(database.reader()) as session:
        codes = {(place.country, place.admin1): place.name for place in session.exec(select(Place))}
        assert len(codes) == 34
        assert codes["IQ", "19"] == "Halabja"
        assert codes["IQ", "05"] == "Sulaymaniyah"
        assert codes["IQ", "13"] == "Kirkuk"
        assert codes["SY", "07"] == "Deir ez-Zor", "The file calls it Days Az Zawr."
        assert codes["SY", None].startswith("United Nations")
        assert [match.place.admin1 for match in find_places(session, "محافظة ادلب")] == ["12"]
        aleppo = area_of(session, one_place(session, "Aleppo governorate"))
        assert aleppo is not None
        assert aleppo.covers(shapely.Point(36.802243, 36.117309))


def test_real_districts_and_countries_are_read(database: Database, shared_data: Path) -> None:
    folder = shared_data / "gazetteer"
    assert _import(database, folder / "sy_country.geojson", level=PlaceKind.COUNTRY).rows_added == 1
    _import(database, folder / "sy_region.geojson")
    assert _counts(_import(database, folder / "sy_county.geojson", level=PlaceKind.ADM2)) == (62, 62, 0, 0, 0)
    with Session(database.reader()) as session:
        districts = session.exec(select(Place).where(Place.kind == PlaceKind.ADM2)).all()
        assert all(place.country == "SY" and place.admin1 is not None for place in districts)
        syria = one_place(session, "سوريا")
        assert (syria.country, syria.area_id is not None) == ("SY", True)
