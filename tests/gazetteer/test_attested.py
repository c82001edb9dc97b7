"""Learning names and places from what a person confirmed."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError, NotFoundError
from db.session import write_session
from db.sqlite import SqliteDatabase
from db.tables import Change, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind, PrecisionLevel
from gazetteer.attested import Attestation, AttestCounts, attest, attest_many
from gazetteer.geodesy import distance_m
from gazetteer.places import find_places
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.recorded import recorded_governorates
from gazetteer.sources.store import PlaceRecord, PlaceWriter

MANSURAH = PlaceRecord(
    source="geonames", source_key="1", name="Al Manşūrah", kind=PlaceKind.SETTLEMENT, lon=38.74288, lat=35.83917,
    names=["المنصورة"], country="SY", admin1="04", admin1_name="Ar Raqqah", radius_m=5_000.0,
)  # fmt: skip


def _row(text: str, lon: float = 38.745, lat: float = 35.84, **more: Any) -> Attestation:
    return Attestation(text, lon, lat, **({"source": "a list", "country": "SY", "admin1": "Raqqa"} | more))


def _store(session: Session, *records: PlaceRecord) -> None:
    PlaceWriter(session).write([*recorded_governorates(), *records])


def _names(session: Session, kind: NameKind = NameKind.ATTESTED) -> list[tuple[str, str, str | None]]:
    query = select(PlaceName, Place).join(Place, col(Place.id) == PlaceName.place_id).where(PlaceName.kind == kind)
    rows = session.exec(query.order_by(col(PlaceName.id))).all()
    return [(name.name, f"{place.source}:{place.name}", name.source) for name, place in rows]


def _counts(counts: AttestCounts) -> tuple[int, int, int, int, int, int]:
    return counts.read, counts.named, counts.placed, counts.known, counts.skipped, counts.rejected


@pytest.mark.parametrize("text", ["Al Mansoura town", "al-Mansura", "مدينة المنصوره", "Mansoora, Raqqa province"])
def test_a_spelling_becomes_a_name_of_the_place_beside_the_point(session: Session, text: str) -> None:
    _store(session, MANSURAH)
    place = attest(session, text, lon=38.745, lat=35.84, country="SY", source="a report")
    assert place.source_key == "1"
    assert [(owner, source) for _, owner, source in _names(session)] == [("geonames:Al Manşūrah", "a report")]
    assert [match.place.key for match in find_places(session, _names(session)[0][0])] == [place.key]


def test_a_name_that_is_there_is_marked_as_attested_once(session: Session) -> None:
    _store(session, MANSURAH)
    assert _counts(attest_many(session, [_row("Al Manşūrah"), _row("Al Manşūrah")])) == (2, 2, 0, 0, 0, 0)
    assert _names(session) == [("Al Manşūrah", "geonames:Al Manşūrah", "a list")]
    assert _counts(attest_many(session, [_row("Al Manşūrah")])) == (1, 0, 0, 1, 0, 0)


def test_the_entry_that_a_person_chose_gets_the_name_wherever_the_point_is(session: Session) -> None:
    _store(session, MANSURAH)
    place = attest(session, "Bluetown", lon=40.0, lat=36.0, source="a report", place_key="geonames:1")
    assert (place.name, _names(session)) == ("Al Manşūrah", [("Bluetown", "geonames:Al Manşūrah", "a report")])


def test_an_unknown_place_is_added_at_its_point(session: Session) -> None:
    _store(session, MANSURAH)
    row = _row("Tell Nothing village", 39.5, 36.0, precision=PrecisionLevel.SETTLEMENT, licence="CC0")
    assert _counts(attest_many(session, [row])) == (1, 0, 1, 0, 0, 0)
    place = session.exec(select(Place).where(Place.source == "attested")).one()
    assert (place.name, place.kind, place.lon, place.lat, place.radius_m) == (
        "Tell Nothing", PlaceKind.SETTLEMENT, 39.5, 36.0, 5_000.0,
    )  # fmt: skip
    assert (place.country, place.admin1, place.admin1_name, place.licence) == ("SY", "04", "Raqqa", "CC0")
    assert _names(session) == [("Tell Nothing", "attested:Tell Nothing", "a list")]


def test_a_namesake_elsewhere_is_another_place(session: Session) -> None:
    _store(session, MANSURAH)
    assert _counts(attest_many(session, [_row("Al Mansura", 36.9, 36.4, admin1="Aleppo")])) == (1, 0, 1, 0, 0, 0)
    assert len(find_places(session, "Al Mansurah")) == 1
    assert len(find_places(session, "Al Mansura")) == 1


def test_a_place_called_just_so_is_meant_as_far_as_it_reaches_and_one_called_alike_is_not(session: Session) -> None:
    _store(session, MANSURAH)
    four_km = 38.74288 + 4 / 90.2
    assert _counts(attest_many(session, [_row("al-Mansurah", four_km, 35.83917)])) == (1, 1, 0, 0, 0, 0)
    assert _counts(attest_many(session, [_row("al-Mansuryah", four_km, 35.83917)])) == (1, 0, 1, 0, 0, 0)


def test_points_of_one_text_are_one_place_up_to_ten_kilometres_and_governorates_are_apart(session: Session) -> None:
    _store(session)
    rows = [
        _row("Tell Nothing", 39.50, 36.0), _row("Tell Nothing", 39.50, 36.0),
        _row("Tel Nothing", 39.58, 36.0),  # 7 km; the same sound
        _row("Tell Nothing", 39.80, 36.0),  # 27 km
        _row("Tell Nothing", 39.53, 36.0, admin1="Al Hasakah"),  # beside, in another governorate
    ]  # fmt: skip
    assert _counts(attest_many(session, rows)) == (5, 0, 5, 0, 0, 0)
    places = session.exec(select(Place).where(Place.source == "attested").order_by(col(Place.lon))).all()
    assert [(place.lon, place.admin1_name) for place in places] == [
        (39.5, "Raqqa"), (39.53, "Al Hasakah"), (39.8, "Raqqa"),
    ]  # fmt: skip
    away = distance_m(39.50, 36.0, 39.58, 36.0)
    assert places[0].radius_m == pytest.approx(away), "The place reaches to all its points."
    assert _counts(attest_many(session, rows)) == (5, 0, 0, 5, 0, 0)


def test_two_spellings_at_one_point_are_one_place(session: Session) -> None:
    _store(session)
    rows = [_row("Khirbet Fulan", 39.5, 36.0), _row("Khirbat Fulaan", 39.501, 36.0)]
    assert attest_many(session, rows).placed == 2
    assert len(session.exec(select(Place).where(Place.source == "attested")).all()) == 1
    assert {name for name, _, _ in _names(session)} == {"Khirbet Fulan", "Khirbat Fulaan"}


def test_two_names_with_a_stroke_are_both_names(session: Session) -> None:
    _store(session)
    attest_many(session, [_row("Abu Fulan/Zarqan town", 39.5, 36.0)])
    assert [name for name, _, _ in _names(session)] == ["Abu Fulan", "Zarqan"]


@pytest.mark.parametrize(
    "text",
    ["5 km north of Tell Nothing", "between Tell Nothing and Manbij", "Aleppo Governorate", "", "...", "\u200f"],
)
def test_a_text_that_names_no_place_of_its_own_teaches_nothing(session: Session, text: str) -> None:
    _store(session, MANSURAH)
    assert _counts(attest_many(session, [_row(text, 39.5, 36.0)])) == (1, 0, 0, 0, 1, 0)
    assert _names(session) == []
    with pytest.raises(InputError, match="names_no_place"):
        attest(session, text, lon=39.5, lat=36.0, source="a report")


def test_a_quarter_in_brackets_does_not_move_its_city(session: Session) -> None:
    _store(session)
    attest_many(session, [_row("Nothing city (Blue Quarter)", 39.5, 36.0)])
    assert [place.name for place in session.exec(select(Place).where(Place.source == "attested"))] == []


def test_a_bad_row_is_counted_with_its_reason_and_the_others_go_in(session: Session) -> None:
    _store(session, MANSURAH)
    rows = [
        _row("Al Mansoura"), _row("Al Mansoura", 200.0), _row("Al Mansoura", 0.0, 0.0), _row("Al\x00Mansoura"),
        _row("x" * 501), _row("Al Mansoura", place_key="geonames:77"), _row("Al Mansoura", lat=float("nan")),
    ]  # fmt: skip
    counts = attest_many(session, rows)
    assert _counts(counts) == (7, 1, 0, 0, 0, 6)
    assert sorted((number, error.code) for number, error in counts.errors) == [
        (1, "out_of_range"), (2, "null_island"), (3, "control_character"), (4, "too_long"), (5, "unknown_place"),
        (6, "not_finite"),
    ]  # fmt: skip
    with pytest.raises(NotFoundError, match="unknown_place"):
        attest(session, "Al Mansoura", lon=38.7, lat=35.8, source="a report", place_key="geonames:77")


def test_what_a_person_withdrew_is_not_learned_again(database: Database) -> None:
    with write_session(database, who="tester", why="places") as session:
        _store(session, MANSURAH)
        attest_many(session, [_row("Bluetown", place_key="geonames:1")])
    with write_session(database, who="tester", why="it is not called so") as session:
        row = session.exec(select(PlaceName).where(PlaceName.name == "Bluetown")).one()
        row.withdrawn = True
        session.add(row)
    with write_session(database, who="tester", why="places") as session:
        assert attest_many(session, [_row("Bluetown", place_key="geonames:1")]).known == 1
        assert session.exec(select(PlaceName).where(PlaceName.name == "Bluetown")).one().withdrawn is True
        place = session.exec(select(Place).where(Place.source == "geonames")).one()
        place.withdrawn = True
        session.add(place)
    with write_session(database, who="tester", why="places") as session:
        counts = attest_many(session, [_row("Al Mansoura", place_key="geonames:1"), _row("Al Mansoura")])
        assert (counts.rejected, counts.placed) == (1, 1)


_TEXTS = st.sampled_from(
    ["Tell Nothing", "Tel Nothing", "Khirbet Fulan", "Al Mansoura", "المنصورة", "Nothing", "Abu Tell"]
)
_ROWS = st.builds(
    lambda text, x, y, admin1: _row(text, 38.7 + x / 50, 35.8 + y / 50, admin1=admin1),
    _TEXTS, st.integers(0, 12), st.integers(0, 12), st.sampled_from(["Raqqa", "Aleppo", None]),
)  # fmt: skip


@settings(max_examples=40)
@given(rows=st.lists(_ROWS, min_size=1, max_size=12))
def test_learning_again_in_any_order_changes_nothing(
    template: Path, tmp_path: Path, rows: Sequence[Attestation]
) -> None:
    database = SqliteDatabase(tmp_path / f"{len(list(tmp_path.iterdir()))}.db")
    shutil.copy(template, database.path)

    def learn(rows: Sequence[Attestation]) -> AttestCounts:
        with write_session(database, who="tester", why="learning") as session:
            return attest_many(session, rows)

    with write_session(database, who="tester", why="places") as session:
        _store(session, MANSURAH)
    learn(rows)
    with Session(database.reader()) as session:
        before = (len(session.exec(select(PlaceName.id)).all()), len(session.exec(select(Change.id)).all()))
    counts = learn([*reversed(rows)])
    assert (counts.known, counts.named, counts.placed) == (len(rows), 0, 0)
    with Session(database.reader()) as session:
        assert (len(session.exec(select(PlaceName.id)).all()), len(session.exec(select(Change.id)).all())) == before


@pytest.mark.sqlite  # eight thousand events tell how well it learns; what it asks of either edition is tested above
def test_half_of_the_recorded_events_teach_the_gazetteer(database: Database, shared_data: Path) -> None:
    table = shared_data / "ucdp_ged" / "ged_syria.csv"
    with table.open(encoding="utf-8", newline="") as file:
        events = sorted(
            (row for row in csv.DictReader(file) if row["where_prec"] in ("1", "2")),
            key=lambda row: (row["date_start"], row["id"]),
        )
    rows = [
        _row(
            event["where_coordinates"], float(event["longitude"]), float(event["latitude"]),
            admin1=event["adm_1"] or None,
        )
        for event in events[: len(events) // 2]
    ]  # fmt: skip
    with write_session(database, who="tester", why="places") as session:
        import_geonames(session, shared_data / "gazetteer" / "SY.txt")
    steps: list[int] = []
    with write_session(database, who="tester", why="learning") as session:
        first = attest_many(session, rows, progress=steps.append)
    assert steps == [len(rows)]
    assert first.named + first.placed + first.known + first.skipped == first.read == len(rows)
    assert (first.rejected, first.skipped < 0.02 * len(rows)) == (0, True)
    with write_session(database, who="tester", why="learning again") as session:
        again = attest_many(session, [replace(row) for row in reversed(rows)])
    assert (again.named, again.placed, again.skipped) == (0, 0, first.skipped)
