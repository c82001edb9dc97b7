"""Boundary polygons from GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.session import write_session
from db.tables import Area, Change, ImportRow, ImportRun, Place, PlaceName, PlaceUnit
from db.vocabulary import NameKind, PlaceKind, RowVerdict
from gazetteer.places import area_of, find_places, one_place
from gazetteer.sources.areas import import_areas

SQUARE = [[[38, 36], [39, 36], [39, 37], [38, 37], [38, 36]]]
BOW_TIE = [[[38, 36], [39, 37], [39, 36], [38, 37], [38, 36]]]


def _feature(coordinates: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": coordinates}}


def _write(path: Path, *features: Any, **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), encoding="utf-8")
    return path


def _import(database: Database, path: Path, level: PlaceKind | None = PlaceKind.ADM1, **options: Any) -> ImportRun:
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


@pytest.mark.input
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


def _names(database: Database, place: str) -> dict[str, tuple[str | None, NameKind]]:
    with Session(database.reader()) as session:
        query = select(PlaceName).join(Place, col(Place.id) == col(PlaceName.place_id)).where(Place.name == place)
        return {row.name: (row.language, row.kind) for row in session.exec(query)}


def _kept(database: Database) -> list[tuple[int, str, str]]:
    with Session(database.reader()) as session:
        return [(row.line, row.reason, row.message) for row in session.exec(select(ImportRow))]


def test_names_keep_their_language_and_codes_are_names_of_their_own_kind(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(ADM1_EN="Homs", ADM1_AR="حمص", ADM1_PCODE="SY04", ADM1_REF="Hims")))
    assert _names(database, "Homs") == {
        "Homs": ("en", NameKind.NAME), "حمص": ("ar", NameKind.NAME), "Hims": (None, NameKind.NAME),
        "SY04": (None, NameKind.CODE),
    }  # fmt: skip


def test_odd_cells_are_taken_clean_and_said_once_for_the_file(database: Database, path: Path) -> None:
    features = [
        _feature(name="Homs", name_ara="حمص|Hims|Homs Governorate", pcode="'SY04"),
        _feature([[[10, 10], [11, 10], [11, 11], [10, 10]]], name="Hama", name_ara="\u200fحماة|Hamah", pcode="'SY05"),
    ]
    run = _import(database, _write(path, *features))
    assert (run.rows_added, run.rows_flagged, run.rows_rejected) == (2, 3, 0)
    said = {reason: (line, message) for line, reason, message in _kept(database)}
    assert said["not_arabic"][0] == 1
    assert ": 3, the first is Hims." in said["not_arabic"][1]
    assert ": 1, the first is حماة." in said["invisible_marks"][1]
    assert said["invisible_marks"][0] == 2
    assert ": 2, the first is SY04." in said["quoted_code"][1]
    assert _names(database, "Hama")["SY05"] == (None, NameKind.CODE)


def test_overlapping_units_are_taken_and_flagged(database: Database, path: Path) -> None:
    half = [[[38.5, 36], [39.5, 36], [39.5, 37], [38.5, 37], [38.5, 36]]]
    run = _import(database, _write(path, _feature(name="A", iso_a2="SY"), _feature(half, name="B", iso_a2="SY")))
    assert (run.rows_added, run.rows_flagged) == (2, 1)
    ((line, reason, message),) = _kept(database)
    assert (line, reason) == (2, "overlapping_units")
    assert message.startswith("A and B overlap: ")
    assert message.endswith("50.0% of the smaller.")


@pytest.mark.parametrize("others", [{"iso_a2": "TR"}, {"shapeID": "b2", "iso_a2": "SY"}], ids=["country", "provider"])
def test_units_of_another_country_or_provider_may_overlap(
    database: Database, path: Path, others: dict[str, str]
) -> None:
    run = _import(database, _write(path, _feature(name="A", wof_id=1, iso_a2="SY"), _feature(name="B", **others)))
    assert (run.rows_added, run.rows_flagged) == (2, 0)


def test_a_unit_that_went_out_of_force_is_withdrawn(database: Database, path: Path) -> None:
    village = _feature([[[38.2, 36.2], [38.4, 36.2], [38.4, 36.4], [38.2, 36.2]]], name="Village", wof_id=2)
    _import(database, _write(path, _feature(name="Old", wof_id=1)))
    _import(database, _write(path, village), level=PlaceKind.SETTLEMENT)
    with Session(database.reader()) as session:
        assert len(session.exec(select(PlaceUnit)).all()) == 1
    run = _import(database, _write(path, _feature(name="Old", wof_id=1, superseded_by="7")))
    assert _counts(run) == (1, 0, 0, 0, 1)
    with Session(database.reader()) as session:
        old = session.exec(select(Place).where(Place.name == "Old")).one()
        assert (old.withdrawn, old.version) == (True, 2)
        assert session.exec(select(PlaceUnit)).all() == []
        assert "withdrawn" in session.exec(select(ImportRow.message)).one()


def test_a_unit_that_a_person_corrected_is_not_withdrawn(database: Database, path: Path) -> None:
    _import(database, _write(path, _feature(name="Old", wof_id=1)))
    with write_session(database, who="tester", why="known better") as session:
        session.exec(select(Place)).one().corrected = True
    _import(database, _write(path, _feature(name="Old", wof_id=1, superseded_by="7")))
    with Session(database.reader()) as session:
        assert not session.exec(select(Place)).one().withdrawn


class TestLevelOfEachFeature:
    """Files that say their levels."""

    @pytest.fixture(autouse=True)
    def files(self, path: Path) -> None:
        inner = [[[38.2, 36.2], [38.4, 36.2], [38.4, 36.4], [38.2, 36.2]]]
        folder = path.with_suffix("")
        folder.mkdir()
        town = _feature(**{"wof:name": "Town", "wof:placetype": "locality", "wof:id": 3, "wof:population": 900})
        town["geometry"] = {"type": "Point", "coordinates": [38.3, 36.25]}
        features = {
            "1": _feature(inner, **{"wof:name": "Tabqa", "wof:placetype": "county", "wof:id": 2, "wof:country": "SY"}),
            "2": _feature(**{"wof:name": "Ar Raqqah", "wof:placetype": "region", "wof:id": 1, "wof:country": "SY",
                             "wof:concordances": {"gn:id": 172957}, "name:ara_x_preferred": ["الرقة"]}),
            "3": town,
            "4": _feature(**{"wof:name": "Asia", "wof:placetype": "continent", "wof:id": 4}),
        }  # fmt: skip
        for name, feature in features.items():
            (folder / f"{name}.geojson").write_text(json.dumps(feature), encoding="utf-8")

    def test_all_are_taken_and_the_smaller_lie_in_the_larger(self, database: Database, path: Path) -> None:
        run = _import(database, path.with_suffix(""), level=None)
        assert _counts(run) == (4, 3, 0, 0, 1)
        assert [reason for _, reason, _ in _kept(database)] == ["no_level"]
        with Session(database.reader()) as session:
            places = {place.name: place for place in session.exec(select(Place))}
            (town,) = session.exec(select(PlaceUnit).where(PlaceUnit.place_id == places["Town"].id)).all()
            assert (town.adm1_id, town.adm2_id) == (places["Ar-Raqqah"].id, places["Tabqa"].id)
        assert {place.kind for place in places.values()} == {PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.SETTLEMENT}
        town_place = places["Town"]
        assert (town_place.lon, town_place.lat, town_place.area_id) == (38.3, 36.25, None)
        assert (town_place.admin1, town_place.admin2_name, town_place.population) == ("04", "Tabqa", 900)
        assert (places["Tabqa"].admin1, places["Tabqa"].country) == ("04", "SY")
        assert _counts(_import(database, path.with_suffix(""), level=None)) == (4, 0, 3, 0, 1)

    def test_features_of_another_level_are_passed_over_and_counted(self, database: Database, path: Path) -> None:
        run = _import(database, path.with_suffix(""), level=PlaceKind.ADM1)
        assert (run.rows_read, run.rows_added, run.rows_flagged, run.rows_rejected) == (4, 1, 1, 0)
        ((_, reason, message),) = _kept(database)
        assert reason == "other_level"
        assert ": 3, the first is adm2." in message


def test_a_shapefile_goes_in_as_geojson_does(database: Database, tmp_path: Path, path: Path) -> None:
    shape = tmp_path / "units.shp"
    columns = [np.array(["Homs"], dtype=object), np.array(["حمص"], dtype=object), np.array(["SY04"], dtype=object)]
    wkb = np.array([shapely.to_wkb(shapely.Polygon(SQUARE[0]))], dtype=object)
    fields, kind = ["ADM1_EN", "ADM1_AR", "ADM1_PCODE"], "ESRI Shapefile"
    pyogrio.raw.write(shape, wkb, columns, fields, geometry_type="Polygon", driver=kind, crs="EPSG:4326")
    assert _counts(_import(database, shape)) == (1, 1, 0, 0, 0)
    same = _write(path, _feature(ADM1_EN="Homs", ADM1_AR="حمص", ADM1_PCODE="SY04"))
    assert _counts(_import(database, same)) == (1, 0, 1, 0, 0), "It is the same place, whatever the format."


@pytest.mark.parametrize(("bad", "code"), [(BOW_TIE, "self_intersecting"),
                                           ([[[179, 0], [-179, 0], [-179, 1], [179, 0]]], "antimeridian")])  # fmt: skip
def test_bad_polygons_of_a_geopackage_are_kept_aside(database: Database, tmp_path: Path, bad: Any, code: str) -> None:
    file = tmp_path / "units.gpkg"
    wkb = np.array([shapely.to_wkb(shapely.Polygon(bad[0])), shapely.to_wkb(shapely.box(1, 1, 2, 2))], dtype=object)
    columns = [np.array(["Bad", "Good"], dtype=object)]
    pyogrio.raw.write(file, wkb, columns, ["name"], geometry_type="Polygon", driver="GPKG", crs="EPSG:4326")
    assert _counts(_import(database, file)) == (2, 1, 0, 0, 1)
    assert [reason for _, reason, _ in _kept(database)] == [code]


def test_a_file_without_a_coordinate_system_is_flagged(database: Database, tmp_path: Path) -> None:
    shape = tmp_path / "units.shp"
    wkb = np.array([shapely.to_wkb(shapely.Polygon(SQUARE[0]))], dtype=object)
    columns, kind = [np.array(["Homs"], dtype=object)], "ESRI Shapefile"
    pyogrio.raw.write(shape, wkb, columns, ["name"], geometry_type="Polygon", driver=kind, crs="EPSG:4326")
    shape.with_suffix(".prj").unlink()
    run = _import(database, shape)
    assert (run.rows_added, run.rows_flagged) == (1, 1)
    assert [reason for _, reason, _ in _kept(database)] == ["no_crs"]


def test_the_hash_of_a_shapefile_is_that_of_all_its_parts(database: Database, tmp_path: Path) -> None:
    hashes = set()
    for name in ("Homs", "Hama"):
        shape = tmp_path / "units.shp"
        wkb = np.array([shapely.to_wkb(shapely.Polygon(SQUARE[0]))], dtype=object)
        columns, kind = [np.array([name], dtype=object)], "ESRI Shapefile"
        pyogrio.raw.write(shape, wkb, columns, ["name"], geometry_type="Polygon", driver=kind, crs="EPSG:4326")
        hashes.add(_import(database, shape).sha256)
    assert len(hashes) == 2


def test_real_overlapping_and_misfiled_units_are_flagged(database: Database, shared_data: Path) -> None:
    run = _import(database, shared_data / "gazetteer" / "sy_region.geojson")
    assert run.rows_flagged == 4
    said = [(reason, message) for _, reason, message in _kept(database)]
    assert [reason for reason, _ in said] == ["not_arabic"] + ["overlapping_units"] * 3
    assert "Dar'a" in said[0][1]
    assert said[1][1].startswith("Quneitra and United Nations Disengagement Observer Force overlap: 235")
