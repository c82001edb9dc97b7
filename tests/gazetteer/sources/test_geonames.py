"""GeoNames dumps and code tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError, NotFoundError
from db.import_log import NUL_SHOWN
from db.session import write_session
from db.tables import Change, ImportRow, ImportRun, Place, PlaceName
from db.vocabulary import PlaceKind, RowVerdict
from gazetteer.places import find_places
from gazetteer.sources.geonames import import_geonames

CELLS = {
    "id": "8559276", "name": "Al Manşūrah", "ascii": "Al Mansurah", "others": "المنصورة,Mansoura", "lat": "35.83917",
    "lon": "38.74288", "class": "P", "code": "PPLA3", "country": "SY", "cc2": "", "admin1": "04", "admin2": "",
    "admin3": "", "admin4": "", "population": "0", "elevation": "", "dem": "269", "zone": "Asia/Damascus",
    "changed": "2013-07-08",
}  # fmt: skip


def _line(**changes: str) -> str:
    return "\t".join((CELLS | changes).values()) + "\n"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """The path of a dump to write."""
    return tmp_path / "SY.txt"


def _import(database: Database, path: Path, text: str | bytes | None = None) -> ImportRun:
    if isinstance(text, str):
        path.write_text(text, encoding="utf-8", newline="")
    elif text is not None:
        path.write_bytes(text)
    with write_session(database, who="tester", why="import") as session:
        run = import_geonames(session, path)
        session.flush()
        session.expunge(run)
    return run


def _only_place(database: Database) -> Place:
    with Session(database.reader()) as session:
        return session.exec(select(Place)).one()


def _counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    return run.rows_read, run.rows_added, run.rows_unchanged, run.rows_superseded, run.rows_rejected


def test_a_row_becomes_a_place_with_its_names(database: Database, dump: Path) -> None:
    run = _import(database, dump, _line())
    assert _counts(run) == (1, 1, 0, 0, 0)
    assert run.finished_at is not None
    assert run.file_name == "SY.txt"
    place = _only_place(database)
    assert (place.source, place.source_key, place.kind, place.country) == (
        "geonames", "8559276", PlaceKind.SETTLEMENT, "SY",
    )  # fmt: skip
    assert (place.lon, place.lat, place.radius_m) == (38.74288, 35.83917, 5_000)
    assert place.population is None, "GeoNames writes 0 where it does not know"
    with Session(database.reader()) as session:
        names = session.exec(select(PlaceName.name).order_by(col(PlaceName.id))).all()
    assert names == ["Al Manşūrah", "المنصورة", "Mansoura"]


@pytest.mark.parametrize(
    ("feature_class", "code", "population", "kind", "radius_m"),
    [
        ("P", "PPL", "120", PlaceKind.SETTLEMENT, 2_000),
        ("P", "PPL", "0", PlaceKind.SETTLEMENT, 5_000),
        ("P", "PPLL", "0", PlaceKind.SETTLEMENT, 2_000),
        ("P", "PPLC", "0", PlaceKind.SETTLEMENT, 10_000),
        ("P", "PPLX", "0", PlaceKind.NEIGHBOURHOOD, 1_000),
        ("S", "MSQE", "0", PlaceKind.LANDMARK, 250),
        ("A", "ADM1", "0", PlaceKind.ADM1, None),
        ("A", "ADM1H", "0", PlaceKind.OTHER, None),  # a unit of the past
        ("A", "PCLI", "0", PlaceKind.COUNTRY, None),
        ("T", "HLL", "0", PlaceKind.OTHER, None),
    ],
)
def test_a_feature_code_gives_kind_and_extent(
    database: Database, dump: Path, feature_class: str, code: str, population: str, kind: PlaceKind, radius_m: float
) -> None:
    _import(database, dump, _line(**{"class": feature_class, "code": code, "population": population}))
    place = _only_place(database)
    assert (place.kind, place.radius_m) == (kind, radius_m)


@pytest.mark.input
@pytest.mark.parametrize(
    ("line", "code"),
    [
        (_line(lat="91"), "out_of_range"),
        (_line(lat="38.74288", lon="235.83917"), "out_of_range"),
        (_line(lat="nan"), "not_a_number"),
        (_line(lon=""), "not_a_number"),
        (_line(lon="1_0"), "not_a_number"),  # Python would read 10
        (_line(lat="0", lon="0"), "null_island"),
        (_line(id="Q8559276"), "bad_geonames_id"),
        (_line(id="٨٥٥"), "bad_geonames_id"),  # digits of another script
        (_line(name=""), "empty_name"),
        (_line(name="\u200f\u200b"), "empty_name"),  # nothing but invisible marks
        (_line(name="x" * 501), "too_long"),
        (_line(name="Al\x00Mansurah"), "control_character"),
        (_line(population="many"), "not_a_number"),
        (_line(country="Syria"), "bad_country"),
        ("8559276\tAl Mansurah\tAl Mansurah\n", "row_length"),  # a short row
        (_line().replace("\n", "\textra\n"), "row_length"),
    ],
)
def test_a_bad_row_is_kept_with_line_and_reason_and_the_others_go_in(
    database: Database, dump: Path, line: str, code: str
) -> None:
    good = [_line(id=str(number), name=f"Place {number}") for number in range(1, 4)]
    run = _import(database, dump, "".join([*good[:2], line, good[2]]))
    assert _counts(run) == (4, 3, 0, 0, 1)
    with Session(database.reader()) as session:
        row = session.exec(select(ImportRow)).one()
    assert (row.line, row.verdict, row.reason) == (3, RowVerdict.REJECTED, code)
    assert row.raw == line.rstrip("\n").replace("\x00", NUL_SHOWN)


def test_invisible_marks_leave_the_names_and_their_keys(database: Database, dump: Path) -> None:
    _import(database, dump, _line(name="\u200fAl \u200bManşūrah\u202c", others="\u2067المنصورة\u2069"))
    with Session(database.reader()) as session:
        assert session.exec(select(PlaceName.name).order_by(col(PlaceName.id))).all() == ["Al Manşūrah", "المنصورة"]
        assert len(find_places(session, "Al Mansurah")) == 1


def test_the_same_id_with_other_content_is_rejected(database: Database, dump: Path) -> None:
    run = _import(database, dump, _line() + _line() + _line(lat="36"))
    assert _counts(run) == (3, 1, 1, 0, 1)
    assert _only_place(database).lat == 35.83917


def test_the_same_id_far_down_the_file_is_rejected_too(database: Database, dump: Path) -> None:
    lines = [_line(id=str(number)) for number in range(1, 1_501)]
    run = _import(database, dump, "".join([*lines, _line(id="1", lat="36")]))
    assert _counts(run) == (1_501, 1_500, 0, 0, 1)


def test_a_second_reading_adds_nothing(database: Database, dump: Path) -> None:
    _import(database, dump, _line())
    assert _counts(_import(database, dump)) == (1, 0, 1, 0, 0)
    with Session(database.reader()) as session:
        assert session.exec(select(Change).where(Change.table_name == "place")).first() is None
        assert len(session.exec(select(PlaceName)).all()) == 3


def test_a_newer_dump_edits_and_the_journal_keeps_what_was(database: Database, dump: Path) -> None:
    _import(database, dump, _line())
    run = _import(database, dump, _line(lat="35.84", others="المنصورة,Mansoura,Mansura al-Raqqa"))
    assert _counts(run) == (1, 0, 0, 1, 0)
    place = _only_place(database)
    assert (place.lat, place.version) == (35.84, 2)
    with Session(database.reader()) as session:
        change = session.exec(select(Change).where(Change.table_name == "place")).one()
        assert "35.83917" in str(change.old)
        assert len(session.exec(select(PlaceName)).all()) == 4


def test_a_code_that_a_data_frame_made_a_number_is_mended(database: Database, dump: Path) -> None:
    _import(database, dump, _line(admin1="15", admin2="9166649.0"))
    assert (_only_place(database).admin1, _only_place(database).admin2) == ("15", "9166649")


def test_the_code_00_is_unknown(database: Database, dump: Path) -> None:
    _import(database, dump, _line(admin1="00"))
    assert _only_place(database).admin1 is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("id,name\n1,Mansoura\n", "not_geonames"),
        ("", "empty_file"),
        (_line().encode("cp1256", errors="replace"), "not_utf8"),
        (b"PK\x03\x04zipped", "not_text"),
    ],
    ids=["a CSV", "empty", "an Arabic code page", "a zip archive"],
)
def test_another_file_is_refused_whole(database: Database, dump: Path, content: str | bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        _import(database, dump, content)
    assert caught.value.code == code
    with Session(database.reader()) as session:
        assert session.exec(select(Place)).first() is None
        assert session.exec(select(ImportRun)).first() is None


def test_utf_16_with_its_mark_is_read(database: Database, dump: Path) -> None:
    _import(database, dump, _line().encode("utf-16"))
    assert _only_place(database).name == "Al Manşūrah"


def test_a_missing_file_is_named(database: Database, dump: Path) -> None:
    with pytest.raises(NotFoundError, match="SY"):
        _import(database, dump)


def test_code_tables_name_the_units_of_places(database: Database, dump: Path, tmp_path: Path) -> None:
    _import(database, dump, _line(admin2="172953") + _line(id="9", lat="36.5", lon="39"))
    codes = tmp_path / "codes.txt"
    run = _import(database, codes, "SY.04\tAr-Raqqah\tAr-Raqqah\t172957\nFR.11\tÎle-de-France\tIle\t3012874\n")
    assert _counts(run) == (2, 1, 0, 2, 0), "Only units that have places here are taken, and their places named."
    run = _import(database, codes, "SY.04.172953\tAr-Raqqah District\tAr-Raqqah District\t172953\n")
    assert _counts(run)[:2] == (1, 1)
    with Session(database.reader()) as session:
        place = session.exec(select(Place).where(Place.source_key == "8559276")).one()
        assert (place.admin1_name, place.admin2_name) == ("Ar-Raqqah", "Ar-Raqqah District")
        unit = session.exec(select(Place).where(Place.kind == PlaceKind.ADM1)).one()
        assert (unit.admin1, unit.radius_m) == ("04", None)
        assert 35.8 < unit.lat < 36.5
    assert _counts(_import(database, codes)) == (1, 0, 1, 0, 0)


@pytest.mark.parametrize("line", ["SY.04\tname\n", "SY..04\tA\tA\t1\n", "SY.04\tA\tA\tx\n", "SY.04\t\u200f\tA\t1\n"])
def test_a_bad_code_row_is_kept(database: Database, tmp_path: Path, line: str) -> None:
    good = "SY.01\tA\tA\t1\nSY.02\tB\tB\t2\n"
    run = _import(database, tmp_path / "codes.txt", good + line)
    assert run.rows_rejected == 1


def test_middle_of_places_is_right_across_the_antimeridian(database: Database, dump: Path, tmp_path: Path) -> None:
    fiji = {"country": "FJ", "admin1": "02", "lat": "-17"}
    _import(database, dump, _line(id="1", lon="179", **fiji) + _line(id="2", lon="-179", **fiji))
    _import(database, tmp_path / "codes.txt", "FJ.02\tNorthern\tNorthern\t3\n")
    with Session(database.reader()) as session:
        unit = session.exec(select(Place).where(Place.kind == PlaceKind.ADM1)).one()
    assert abs(unit.lon) == pytest.approx(180, abs=1e-4)


def test_a_real_dump_is_read_without_a_reject_and_once(database: Database, shared_data: Path) -> None:
    _read_whole_and_once(database, shared_data / "gazetteer" / "SY.txt", 10_454)


@pytest.mark.sqlite  # what a second country adds is read before any database sees it
def test_a_larger_dump_is_read_without_a_reject_and_once(database: Database, shared_data: Path) -> None:
    _read_whole_and_once(database, shared_data / "gazetteer" / "NL.txt", 22_852)


def _read_whole_and_once(database: Database, path: Path, rows: int) -> None:
    assert _counts(_import(database, path)) == (rows, rows, 0, 0, 0)
    assert _counts(_import(database, path)) == (rows, 0, rows, 0, 0)
