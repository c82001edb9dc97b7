"""Places and their names into the database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.session import write_session
from db.tables import Change, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind
from gazetteer.search.sound import sound_key
from gazetteer.sources.names import Named, NameRecord, NameWriter
from gazetteer.sources.store import PlaceRecord, PlaceWriter, Written


def _record(**changes: Any) -> PlaceRecord:
    fields: dict[str, Any] = {
        "source": "test", "source_key": "1", "name": "Al Mansurah", "kind": PlaceKind.SETTLEMENT, "lon": 38.7,
        "lat": 35.8, "country": "SY",
    }  # fmt: skip
    return PlaceRecord(**(fields | changes))


def _names(session: Session) -> list[PlaceName]:
    return list(session.exec(select(PlaceName).order_by(col(PlaceName.id))).all())


def _again(database: Database, *records: PlaceRecord) -> list[Written]:
    with write_session(database, who="tester", why="a later import") as session:
        return PlaceWriter(session).write(list(records))


def test_a_name_has_its_sound_language_and_kind(session: Session) -> None:
    PlaceWriter(session).write([
        _record(
            names=["المنصورة", "Mansoura"], codes=["SY110102"], languages={"المنصورة": "ar"},
            kinds={"Mansoura": NameKind.COLLOQUIAL},
        )
    ])  # fmt: skip
    assert [(row.name, row.language, row.kind, row.source) for row in _names(session)] == [
        ("Al Mansurah", None, NameKind.NAME, None),
        ("المنصورة", "ar", NameKind.NAME, None),
        ("Mansoura", None, NameKind.COLLOQUIAL, None),
        ("SY110102", None, NameKind.CODE, None),
    ]
    assert [row.sound for row in _names(session)] == [sound_key(row.name) for row in _names(session)]
    assert _names(session)[0].sound != ""


def test_no_language_is_guessed_from_the_script(session: Session) -> None:
    PlaceWriter(session).write([_record(name="كۆبانی")])  # Kurdish, in Arabic letters
    assert _names(session)[0].language is None


def test_a_code_that_is_a_name_stays_a_name(session: Session) -> None:
    writer = PlaceWriter(session)
    writer.write([_record(name="H3", codes=["H3"])])
    assert [(row.name, row.kind) for row in _names(session)] == [("H3", NameKind.NAME)]


def test_a_later_record_completes_a_name_once(database: Database) -> None:
    _again(database, _record())
    told = _record(languages={"Al Mansurah": "ar"}, kinds={"Al Mansurah": NameKind.PREFERRED})
    assert _again(database, told) == [Written.UNCHANGED]
    assert _again(database, told) == [Written.UNCHANGED]
    assert _again(database, _record(languages={"Al Mansurah": "en"})) == [Written.UNCHANGED]
    with Session(database.reader()) as session:
        name = _names(session)[0]
        assert (name.language, name.kind, name.version) == ("ar", NameKind.PREFERRED, 2)
        assert len(session.exec(select(Change).where(Change.table_name == "place_name")).all()) == 1


def test_the_same_name_twice_in_one_batch_is_one_row_with_what_both_know(session: Session) -> None:
    PlaceWriter(session).write([_record()])
    place_id = session.exec(select(Place.id)).one()
    assert place_id is not None
    records = [
        NameRecord(place_id, "\u200fManbij "), NameRecord(place_id, "Manbij", "ar"), NameRecord(place_id, "..."),
        NameRecord(place_id, "Manbij"),
    ]  # fmt: skip
    assert NameWriter(session).write(records) == [Named.ADDED, Named.COMPLETED, Named.EMPTY, Named.UNCHANGED]
    assert [(row.name, row.language) for row in _names(session)][1:] == [("Manbij", "ar")]


@pytest.mark.parametrize(
    ("decision", "record", "verdict"),
    [
        ({"lon": 38.9, "corrected": True}, {}, Written.KEPT),
        ({"corrected": True}, {}, Written.UNCHANGED),  # the file says what the person says
        ({"corrected": True, "withdrawn": True}, {}, Written.KEPT),
        ({"lon": 38.9}, {}, Written.SUPERSEDED),
    ],
    ids=["moved by hand", "corrected to what the file has", "withdrawn", "changed by an import"],
)
def test_a_hand_correction_wins_over_an_import(
    database: Database, decision: dict[str, Any], record: dict[str, Any], verdict: Written
) -> None:
    _again(database, _record())
    with write_session(database, who="tester", why="by hand") as session:
        place = session.exec(select(Place)).one()
        for column, value in decision.items():
            setattr(place, column, value)
        session.add(place)
    assert _again(database, _record(names=["Mansoura"], **record)) == [verdict]
    with Session(database.reader()) as session:
        place = session.exec(select(Place)).one()
        assert place.lon == (38.7 if verdict is Written.SUPERSEDED else decision.get("lon", 38.7))
        assert [row.name for row in _names(session)] == ["Al Mansurah", "Mansoura"], "Names are added all the same."


def test_a_withdrawn_name_stays_withdrawn(database: Database) -> None:
    _again(database, _record(names=["Mansoura"]))
    with write_session(database, who="tester", why="not its name") as session:
        row = _names(session)[1]
        row.withdrawn = True
        session.add(row)
    _again(database, _record(names=["Mansoura"], languages={"Mansoura": "fr"}))
    with Session(database.reader()) as session:
        assert [(row.name, row.withdrawn, row.language) for row in _names(session)] == [
            ("Al Mansurah", False, None), ("Mansoura", True, None),
        ]  # fmt: skip
