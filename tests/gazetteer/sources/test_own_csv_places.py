"""A person's own table of places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.session import write_session
from db.tables import ImportRow, ImportRun, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind, RowVerdict
from gazetteer.sources.own_csv import import_own_places
from gazetteer.sources.recorded import recorded_governorates
from gazetteer.sources.store import PlaceWriter

HEADER = "name,lat,lon\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a table to write."""
    return tmp_path / "places.csv"


def _import(database: Database, path: Path, text: str | bytes, **options: Any) -> ImportRun:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    told: dict[str, Any] = {"source_name": "mylist", "licence": "CC0", "country": "SY"}
    with write_session(database, who="tester", why="our list") as session:
        run = import_own_places(session, path, **(told | options))
        session.flush()
        session.expunge(run)
    return run


def _places(database: Database) -> list[Place]:
    with Session(database.reader(), expire_on_commit=False) as session:
        return list(session.exec(select(Place).where(Place.source == "mylist").order_by(col(Place.id))).all())


def _kept(database: Database) -> list[tuple[str, RowVerdict, int]]:
    with Session(database.reader()) as session:
        rows = session.exec(select(ImportRow).order_by(col(ImportRow.id))).all()
        return [(row.reason, row.verdict, row.line) for row in rows]


def _names(database: Database) -> list[tuple[str, str | None, NameKind]]:
    with Session(database.reader()) as session:
        rows = session.exec(select(PlaceName).order_by(col(PlaceName.id))).all()
        return [(row.name, row.language, row.kind) for row in rows]


def test_a_full_row_becomes_a_place(database: Database, file: Path) -> None:
    with write_session(database, who="tester", why="governorates") as session:
        PlaceWriter(session).write(recorded_governorates())
    text = (
        "id,name,other names,name_ar,latitude,longitude,type,governorate,pcode,population,radius_m\n"
        "7,Al-Sha'ar,Shaar|Ash Sha‘ar,الشعار,36.2088,37.1834,neighbourhood,Halab,SY020001,٣٤٠٠٠,800\n"
    )
    run = _import(database, file, text)
    assert (run.rows_read, run.rows_added, run.rows_flagged, run.rows_rejected) == (1, 1, 0, 0)
    place = _places(database)[0]
    assert (place.source_key, place.name, place.kind) == ("7", "Al-Sha'ar", PlaceKind.NEIGHBOURHOOD)
    assert (place.lon, place.lat, place.radius_m, place.population) == (37.1834, 36.2088, 800.0, 34_000)
    assert (place.country, place.admin1, place.admin1_name, place.licence) == ("SY", "09", "Aleppo", "CC0")
    assert _names(database)[-5:] == [
        ("Al-Sha'ar", None, NameKind.NAME), ("Shaar", None, NameKind.NAME), ("Ash Sha‘ar", None, NameKind.NAME),
        ("الشعار", "ar", NameKind.NAME), ("SY020001", None, NameKind.CODE),
    ]  # fmt: skip


def test_a_second_reading_adds_nothing(database: Database, file: Path) -> None:
    text = HEADER + "Manbij,36.53,37.95\nAl Bab,36.37,37.52\n"
    _import(database, file, text)
    run = _import(database, file, text)
    assert (run.rows_added, run.rows_unchanged) == (0, 2)


def test_a_table_of_ocha_is_understood(database: Database, file: Path) -> None:
    text = (
        "admin1Name_en,admin1Pcode,admin4Name_en,admin4Name_ar,admin4Pcode,LATITUDE_Y,LONGITUDE_X,admin0Pcode\n"
        "#adm1+name,#adm1+code,#adm4+name,#adm4+name+ar,#adm4+code,#geo+lat,#geo+lon,#adm0+code\n"
        "Aleppo,SY02,Jandairis,جنديرس,C1738,36.3948,36.6878,SY\n"
    )
    run = _import(database, file, text, country=None)
    assert (run.rows_added, run.rows_rejected) == (1, 0)
    place = _places(database)[0]
    assert (place.name, place.source_key, place.kind, place.country) == (
        "Jandairis", "C1738", PlaceKind.SETTLEMENT, "SY",
    )  # fmt: skip
    assert place.admin1_name == "Aleppo"
    assert ("جنديرس", "ar", NameKind.NAME) in _names(database)
    # No governorate is loaded here, which is said; the column of its code is not read.
    assert [reason for reason, _, _ in _kept(database)] == ["unused_columns", "hxl_row", "unknown_admin1"]


def test_a_table_of_subdistricts_gives_their_level(database: Database, file: Path) -> None:
    _import(database, file, "ADM3_EN,ADM3_PCODE,x,y\nJandairis,SY020304,36.69,36.39\n")
    assert (_places(database)[0].kind, _places(database)[0].source_key) == (PlaceKind.ADM3, "SY020304")


@pytest.mark.input
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Manbij,95,37.95", "out_of_range"),  # B34
        ("Manbij,37.95,136.53,", "row_length"),  # B08
        ("Manbij,0,0", "null_island"),  # B36
        ("Manbij,nan,37.95", "not_finite"),  # B20
        ("Manbij,1e999,37.95", "not_finite"),
        ('Manbij,"36,53",37.95', "decimal_comma"),  # B25
        ("Manbij,36.53°,37.95", "not_a_number"),
        ("Manbij,,37.95", "no_coordinates"),
        ("Manbij,,", "no_coordinates"),
        (",36.53,37.95", "empty_name"),
        ("\u200f\u200b,36.53,37.95", "empty_name"),
        ("---,36.53,37.95", "empty_name"),
        ("'=A1&B1,36.53,37.95", "formula_cell"),  # B15: as this product's own exports write it
        ("=A1&B1,36.53,37.95", "formula_cell"),
        (f"{'x' * 501},36.53,37.95", "too_long"),  # B61
        ("Man\x00bij,36.53,37.95", "control_character"),  # B06
        ('Man"bij,36.53,37.95', "bad_quote"),
    ],
)
def test_a_bad_row_is_kept_with_line_and_reason_and_the_others_go_in(
    database: Database, file: Path, row: str, code: str
) -> None:
    run = _import(database, file, f"{HEADER}Al Bab,36.37,37.52\n{row}\nAzaz,36.58,37.04\n")
    assert (run.rows_read, run.rows_added, run.rows_rejected) == (3, 2, 1)
    assert _kept(database) == [(code, RowVerdict.REJECTED, 3)]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("kind", "volcano", "unknown_kind"),
        ("country", "Atlantis", "bad_country"),
        ("population", "many", "not_a_number"),
        ("population", "-5", "not_a_number"),  # B17
        ("population", "1" * 30, "not_a_number"),  # B19
        ("radius_m", "-1", "out_of_range"),
        ("id", "a\u202eb", None),  # a mark is dropped and counted
    ],
)
def test_a_bad_cell_of_an_optional_column(
    database: Database, file: Path, column: str, cell: str, code: str | None
) -> None:
    run = _import(database, file, f"name,lat,lon,{column}\nManbij,36.53,37.95,{cell}\n")
    assert run.rows_rejected == (0 if code is None else 1)
    assert _kept(database)[0][0] == (code or "invisible_marks")


def test_a_row_without_coordinates_is_not_put_in_the_middle_of_its_district(database: Database, file: Path) -> None:
    with write_session(database, who="tester", why="governorates") as session:
        PlaceWriter(session).write(recorded_governorates())
    run = _import(database, file, "name,lat,lon,admin1\nManbij,,,Aleppo\nAl Bab,36.37,37.52,Aleppo\n")
    assert (run.rows_added, run.rows_rejected) == (1, 1)
    assert _kept(database) == [("no_coordinates", RowVerdict.REJECTED, 2)]


def test_two_rows_with_one_key_and_other_content(database: Database, file: Path) -> None:
    run = _import(database, file, "key,name,lat,lon\n1,Manbij,36.53,37.95\n1,Azaz,36.58,37.04\n")
    assert (run.rows_added, run.rows_rejected) == (1, 1)
    assert _kept(database) == [("duplicate_key", RowVerdict.REJECTED, 3)]


def test_what_a_spreadsheet_and_an_editor_leave_is_cleaned_and_counted_once(database: Database, file: Path) -> None:
    rows = "'SY01,\u200fManbij\u202c,'36.53,37.95\n'SY02,'Ayn Isa,36.38,38.86\n"
    run = _import(database, file, "pcode,name,lat,lon\n" + rows)
    assert (run.rows_added, run.rows_flagged) == (2, 2)
    assert [(place.source_key, place.name, place.lat) for place in _places(database)] == [
        ("SY01", "Manbij", 36.53), ("SY02", "'Ayn Isa", 36.38),
    ]  # fmt: skip
    # The apostrophe of a name can be an ain and stays.
    assert [reason for reason, _, _ in _kept(database)] == ["invisible_marks", "quote_prefixed"]


def test_latin_letters_called_arabic_lose_the_language(database: Database, file: Path) -> None:
    run = _import(database, file, "name,name_ar,lat,lon\nManbij,Mumbuj,36.53,37.95\n")
    assert (run.rows_added, _kept(database)) == (1, [("not_arabic", RowVerdict.FLAGGED, 2)])
    assert ("Mumbuj", None, NameKind.NAME) in _names(database)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("name;lat;lon\nمنبج;36.53;37.95\n".encode(), {}),
        ("name\tlat\tlon\nمنبج\t36.53\t37.95\n".encode("utf-16"), {}),
        (b"\xef\xbb\xbf" + "name,lat,lon\nمنبج,36.53,37.95\n".encode(), {}),
        ("name,lat,lon\nمنبج,36.53,37.95\n".encode("cp1256"), {"encoding": "cp1256"}),
        ("ville,nord,est\nمنبج,36.53,37.95\n".encode(), {"columns": {"name": "ville", "lat": "nord", "lon": "est"}}),
        ("name_ar,lat,lon\nمنبج,36.53,37.95\n".encode(), {}),
    ],
    ids=["semicolons", "tabs in UTF-16", "byte order mark", "cp1256, as told", "columns named", "only an Arabic name"],
)
def test_tables_come_in_many_forms(database: Database, file: Path, content: bytes, options: dict[str, Any]) -> None:
    assert _import(database, file, content, **options).rows_added == 1
    assert (_places(database)[0].name, _places(database)[0].lat) == ("منبج", 36.53)


@pytest.mark.input
@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", {}, "empty_file"),  # B01
        (HEADER.encode(), {}, "empty_file"),
        ("name,lat,lon\nمنبج,36.53,37.95\n".encode("cp1256"), {}, "not_utf8"),  # B04
        (b"name,name,lat,lon\nA,B,1,2\n", {}, "duplicate_column"),  # B07
        (b"name,,lat,lon\nA,B,1,2\n", {}, "blank_header"),  # B13
        (b"name,lat\nA,1\n", {}, "missing_column"),
        (b"name,lat,latitude,lon\nA,1,1,2\n", {}, "ambiguous_column"),
        (b"name,lat,lon\nA,1,2\n", {"columns": {"name": "nom"}}, "missing_column"),
        (b"name,lat,lon\nA,1,2\n", {"columns": {"nom": "name"}}, "unknown_field"),
        (b"name,lat,lon\nA,1,2\n", {"source_name": "geonames"}, "bad_source_name"),
        (b"name,lat,lon\nA,1,2\n", {"source_name": "My list"}, "bad_source_name"),
        (b"name,lat,lon\nA,1,2\n", {"licence": " "}, "licence_missing"),
        (b"name,lat,lon\nA,1,2\n", {"country": "Atlantis"}, "bad_country"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_whole(
    database: Database, file: Path, content: bytes, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        _import(database, file, content, **options)
    assert caught.value.code == code
    with Session(database.reader()) as session:
        assert session.exec(select(ImportRun)).first() is None


def test_columns_that_are_not_read_are_named(database: Database, file: Path) -> None:
    _import(database, file, "name,lat,lon,mood\nManbij,36.53,37.95,grim\n")
    with Session(database.reader()) as session:
        row = session.exec(select(ImportRow)).one()
    assert (row.reason, row.message) == ("unused_columns", "1 row(s), this is the first: not read: mood.")
