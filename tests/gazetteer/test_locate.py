"""The door of the gazetteer: named places, namesakes, relations, keys, coordinates, and texts that mean nothing."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point
from sqlmodel import Session

from db.engine import Database
from db.errors import InputError
from db.session import read_session, write_session
from db.vocabulary import LocationMethod, NameKind, PlaceKind, PrecisionLevel
from gazetteer.corrections import add_name, correct_place, withdraw_place
from gazetteer.geodesy import distance_m
from gazetteer.locate import LONGEST, locate
from gazetteer.search.answer import Answer, PlaceVerdict
from gazetteer.search.model import NEAR_M
from gazetteer.search.verdict import LEAST_SURE

SURE, AMBIGUOUS, COARSE, NOT_FOUND = (
    PlaceVerdict.SURE, PlaceVerdict.AMBIGUOUS, PlaceVerdict.COARSE, PlaceVerdict.NOT_FOUND,
)  # fmt: skip
CAPITALS = {"Aleppo": "11", "Idlib": "12", "Homs": "13", "Hama": "14", "Raqqa": "10", "Hasakah": "15", "Nineveh": "17"}
# The governorate of each of the eight Mansouras, in a spelling that is not the gazetteer's own, and its key.
MANSOURAS = [
    ("Raqqa governorate", "SY", {"1"}), ("Halab", "SY", {"2"}), ("Hassakeh", "SY", {"3", "4"}), ("Hamah", "SY", {"5"}),
    ("Hims", "SY", {"6"}), ("Edlib", "SY", {"7"}), ("Ninewa", "IQ", {"8"}),
]  # fmt: skip


def check(answer: Answer) -> None:
    """What holds of every answer."""
    if answer.verdict in (SURE, COARSE):
        assert answer.lon is not None
        assert answer.lat is not None
        assert answer.radius_m is not None
        assert answer.radius_m > 0
        assert answer.precision is not None
        assert answer.method is not None
        if answer.area is not None:
            assert answer.area.convex_hull.buffer(0.01).covers(Point(answer.lon, answer.lat))
    else:
        assert (answer.lon, answer.lat, answer.radius_m, answer.area, answer.precision) == (None,) * 5
    for found in answer.candidates:
        assert 0.0 <= found.probability <= 1.0
        assert -180 <= found.lon <= 180
        assert -90 <= found.lat <= 90
        assert found.radius_m >= found.extent_m > 0
        assert len(found.hierarchy) == len(set(found.hierarchy))
        assert len(found.reasons) > 0
    if answer.relation == "" and answer.method in (None, LocationMethod.GAZETTEER):
        _check_probabilities(answer)


def _check_probabilities(answer: Answer) -> None:
    """Places farther than 10 km apart exclude one another, and none is more probable than the first."""
    kept: list[Any] = []
    for found in answer.candidates:
        if all(distance_m(found.lon, found.lat, other.lon, other.lat) > NEAR_M + 100 for other in kept):
            kept.append(found)
    assert sum(found.probability for found in kept) <= 1.0 + 1e-6
    assert all(found.probability <= answer.candidates[0].probability + 1e-9 for found in kept)


def ask(session: Session, text: str, **context: Any) -> Answer:
    """An answer of which what must always hold was checked."""
    answer = locate(session, text, **context)
    check(answer)
    assert answer.text == text
    return answer


def first(answer: Answer) -> str:
    return answer.candidates[0].source_key


class TestNamesakes:
    @pytest.mark.parametrize("text", ["Mansoura", "al-Mansura", "المنصورة", "Mansourah village", "Al Manşūrah"])
    @pytest.mark.parametrize("country", [None, "SY"], ids=["anywhere", "in Syria"])
    def test_a_name_of_several_places_is_never_sure_without_context(
        self, small: Session, text: str, country: str | None
    ) -> None:
        answer = ask(small, text, country=country)
        assert answer.verdict is AMBIGUOUS
        assert len(answer.candidates) > 1
        assert any("Mansura" in found.name or "Manşūrah" in found.name for found in answer.candidates)
        assert any("governorate" in note for note in answer.notes)

    @pytest.mark.parametrize(("admin1", "country", "keys"), MANSOURAS, ids=[row[0] for row in MANSOURAS])
    @pytest.mark.parametrize("text", ["Mansoura", "al-Mansura", "المنصورة"], ids=["press", "latin", "arabic"])
    def test_the_governorate_tells_which(
        self, small: Session, text: str, admin1: str, country: str, keys: set[str]
    ) -> None:
        answer = ask(small, text, country=country, admin1=admin1)
        assert first(answer) in keys
        assert answer.verdict in (SURE, AMBIGUOUS)
        assert len(keys) == 1 or answer.verdict is AMBIGUOUS
        assert answer.notes == ()

    def test_the_governorate_may_stand_in_the_text(self, small: Session) -> None:
        assert first(ask(small, "Mansoura, Aleppo province")) == "2"
        assert first(ask(small, "Mansoura in Hama, Syria")) == "5"
        assert first(ask(small, "al Mansoura town west of Raqqa")) == "1"

    def test_a_place_outside_the_stated_governorate_loses_to_one_inside(self, small: Session) -> None:
        # Only the one near Raqqa is spelled so; it is more likely as long as nothing is said.
        assert first(ask(small, "Mansoura", country="SY")) == "1"
        answer = ask(small, "Mansoura", country="SY", admin1="Homs")
        inside, *outside = answer.candidates
        assert inside.source_key == "6"
        assert all(found.probability < inside.probability for found in outside)
        assert "in the stated governorate" in inside.reasons

    def test_a_name_that_is_only_elsewhere_is_not_sure(self, small: Session) -> None:
        answer = ask(small, "Tall Rifat", country="SY", admin1="Homs")
        assert answer.verdict is not SURE
        for found in answer.candidates:
            assert found.source_key != "23" or any("outside" in reason for reason in found.reasons)

    @pytest.mark.parametrize(
        ("near", "key"),
        [((38.75, 35.83), "1"), ((37.0, 34.3), "6"), (["Tabqa"], "1"), (["Mosul"], "8"), (["Khan Shaykhun"], "7")],
        ids=["a point near Raqqa", "a point near Homs", "Tabqa", "Mosul", "Khan Shaykhun"],
    )
    def test_a_neighbour_tells_which(self, small: Session, near: Any, key: str) -> None:
        answer = ask(small, "Mansoura", near=near)
        assert first(answer) == key
        assert any("from the neighbour" in reason for reason in answer.candidates[0].reasons)

    def test_an_unknown_neighbour_is_said(self, small: Session) -> None:
        answer = ask(small, "Manbij", near=["Qqqqxx"])
        assert answer.verdict is not SURE
        assert any("Qqqqxx" in note for note in answer.notes)


class TestNamedPlaces:
    """The places of the named incidents, each among its namesakes."""

    @pytest.mark.parametrize(
        ("text", "context", "key"),
        [
            ("Mosul al-Jadida", {"country": "IQ", "admin1": "Nineveh"}, "20"),
            ("الموصل الجديدة", {"country": "IQ", "admin1": "نينوى"}, "20"),
            ("Al Jinah, Aleppo province", {}, "21"),
            ("al-Jina", {"country": "SY", "admin1": "Aleppo"}, "21"),
            ("الجينة", {"admin1": "حلب"}, "21"),
            ("mosque in Al Jinah, Aleppo", {}, "21"),
            ("Tel Ref'at", {"country": "SY", "admin1": "Aleppo Governorate"}, "23"),
            ("Kafr Nabl", {"country": "SY", "admin1": "Idlib"}, "24"),
        ],
    )
    def test_with_its_context_it_is_found(self, small: Session, text: str, context: dict[str, str], key: str) -> None:
        answer = ask(small, text, **context)
        assert first(answer) == key
        assert answer.verdict in (SURE, AMBIGUOUS)
        assert answer.notes == ()

    @pytest.mark.parametrize(
        ("text", "context"),
        [
            ("Mosul al-Jadida", {"country": "IQ", "admin1": "Nineveh"}),
            ("Al Jinah", {"country": "SY", "admin1": "Aleppo"}),
            ("Mansoura", {"country": "SY", "admin1": "Raqqa"}),
            ("Manbij", {"country": "SY", "admin1": "Halab", "admin2": "Menbij"}),
        ],
    )
    def test_the_same_name_in_its_governorate_is_sure(self, small: Session, text: str, context: dict[str, str]) -> None:
        answer = ask(small, text, **context)
        assert answer.verdict is SURE
        assert (answer.lon, answer.lat) == (answer.candidates[0].lon, answer.candidates[0].lat)
        assert answer.method is LocationMethod.GAZETTEER

    @pytest.mark.parametrize("text", ["Aleppo mosque", "the Aleppo mosque"])
    def test_a_mosque_in_a_city_of_a_governorate_of_that_name_is_not_sure(self, embedded: Session, text: str) -> None:
        answer = ask(embedded, text)
        assert answer.verdict is not SURE
        assert answer.candidates[0].name == "Aleppo"

    def test_what_comes_with_the_product_knows_the_named_places(self, embedded: Session) -> None:
        assert ask(embedded, "Mosul al-Jadida", country="IQ", admin1="Ninawa").candidates[0].name == "Mosul al-Jadida"
        jinah = ask(embedded, "Al Jinah, Aleppo province").candidates[0]
        assert distance_m(jinah.lon, jinah.lat, 36.802, 36.117) < 2_000
        for text, context in (
            ("al-Badiya school", {"country": "SY", "admin1": "Raqqa"}),
            ("al-Badiya school near Raqqa", {}),
            ("al-Badiya school, Mansoura, Raqqa province", {}),
        ):
            school = ask(embedded, text, **context).candidates[0]
            assert distance_m(school.lon, school.lat, 38.7565, 35.8163) < 5_000, text

    def test_among_all_places_of_syria_they_are_right(self, real: Session) -> None:
        assert ask(real, "Mansoura", country="SY").verdict is AMBIGUOUS
        assert ask(real, "Al Jinah").verdict is AMBIGUOUS
        cases = [
            ("Al Mansoura", {"country": "SY", "admin1": "Ar Raqqah Governorate"}, 38.743, 35.839),
            ("al Mansoura town west of Raqqa", {}, 38.743, 35.839),
            ("Al Jinah, Aleppo province", {}, 36.802, 36.117),
            ("الجينة", {"admin1": "حلب"}, 36.802, 36.117),
            ("Mosul al-Jadida", {"country": "IQ", "admin1": "Nīnawá province"}, 43.106, 36.333),
        ]
        for text, context, lon, lat in cases:
            found = ask(real, text, **context).candidates[0]
            assert distance_m(found.lon, found.lat, lon, lat) < 1_000, text


class TestUnits:
    @pytest.mark.parametrize("governorate", list(CAPITALS))
    def test_a_governorate_is_its_area_and_never_its_capital(self, small: Session, governorate: str) -> None:
        answer = ask(small, f"{governorate} governorate")
        capital = ask(small, f"geonames:{CAPITALS[governorate]}")
        assert (answer.verdict, answer.precision) == (COARSE, PrecisionLevel.ADM1)
        assert answer.area is not None
        assert (answer.lon, answer.lat) != (capital.lon, capital.lat)
        corners = np.asarray(answer.area.exterior.coords)
        reach = max(distance_m(answer.lon, answer.lat, lon, lat) for lon, lat in corners)
        assert answer.radius_m == pytest.approx(reach, abs=2)

    def test_an_unknown_name_in_a_known_governorate_is_the_governorate(self, small: Session) -> None:
        answer = ask(small, "Qrrwtz", country="SY", admin1="Homs")
        assert (answer.verdict, answer.precision) == (COARSE, PrecisionLevel.ADM1)
        assert all(found.probability < 0.5 for found in answer.candidates)
        assert any("Only the unit is certain" in note for note in answer.notes)

    def test_the_finer_of_the_stated_units_is_the_area(self, small: Session) -> None:
        answer = ask(small, "Qrrwtz", country="SY", admin1="Aleppo", admin2="Manbij")
        assert (answer.verdict, answer.precision) == (COARSE, PrecisionLevel.ADM2)
        assert answer.area is not None
        assert answer.area.bounds == (37.6, 36.0, 38.4, 37.0)

    @pytest.mark.parametrize(
        "context",
        [
            {"admin1": "Atlantis"},
            {"country": "Atlantis"},
            {"country": "ZZ"},
            {"admin1": "Aleppo", "admin2": "Atlantis"},
        ],
        ids=["governorate", "country", "country code", "district"],
    )
    @pytest.mark.parametrize("text", ["Tall Rifat", "Mansoura", "Aleppo city"])
    def test_an_unknown_unit_is_said_and_nothing_is_sure(
        self, small: Session, text: str, context: dict[str, str]
    ) -> None:
        answer = ask(small, text, **context)
        unknown = list(context.values())[-1]
        assert answer.verdict is not SURE
        assert any(repr(unknown) in note for note in answer.notes)

    @pytest.mark.parametrize("text", ["Mansoura", "Homs", "Tall Rifat", "Qrrwtz", "near Homs", "between Hama and Homs"])
    @pytest.mark.parametrize(
        ("country", "admin1"), [("IQ", None), ("IQ", "Nineveh"), ("SY", None), ("Iraq", "Baghdad")]
    )
    def test_no_candidate_is_of_another_country(
        self, small: Session, text: str, country: str, admin1: str | None
    ) -> None:
        answer = ask(small, text, country=country, admin1=admin1)
        code = {"Iraq": "IQ"}.get(country, country)
        assert {found.country for found in answer.candidates} <= {code}

    def test_a_country_that_the_text_names_binds(self, small: Session) -> None:
        assert {found.country for found in ask(small, "Mansoura, Iraq").candidates} == {"IQ"}

    def test_a_stated_governorate_states_its_country_too(self, small: Session) -> None:
        assert {found.country for found in ask(small, "Mansoura", admin1="Nineveh").candidates} == {"IQ"}

    def test_a_unit_of_another_country_is_not_known_whatever_is_in_memory(self, small: Session) -> None:
        ask(small, "Mansoura")  # reads the places of all countries
        answer = ask(small, "Mansoura", country="SY", admin1="Nineveh")
        assert answer.verdict is AMBIGUOUS
        assert "The gazetteer has no governorate 'Nineveh'; it was not used." in answer.notes

    @pytest.mark.parametrize("text", ["Syria", "سوريا"])
    def test_only_a_country_is_coarse(self, small: Session, text: str) -> None:
        answer = ask(small, text)
        assert (answer.verdict, answer.precision, answer.candidates) == (COARSE, PrecisionLevel.COUNTRY, ())
        assert answer.area is not None
        assert ask(small, text, country="IQ").precision is not PrecisionLevel.COUNTRY

    def test_a_unit_named_after_a_heading_is_that_unit(self, own_small: Database) -> None:
        with read_session(own_small) as session:
            answer = ask(session, "Mansoura, North Hama", country="SY")
            assert "5" not in {found.source_key for found in answer.candidates} or answer.verdict is not SURE
            unit = next(one.key for one in ask(session, "Hama governorate").candidates if one.kind is PlaceKind.ADM1)
        with write_session(own_small, who="tester", why="so on a map") as session:
            add_name(session, unit, "North Hama")
        with read_session(own_small) as session:
            answer = ask(session, "Mansoura, North Hama", country="SY")
            assert first(answer) == "5"
            assert "in the stated governorate" in answer.candidates[0].reasons
            assert answer.notes == ()


class TestRelations:
    # West, south, east, north of where the middle of the area must be.
    @pytest.mark.parametrize(
        ("text", "relation", "box"),
        [
            ("5 km north-east of Idlib", "offset", (36.65, 35.95, 36.70, 35.99)),
            ("10 km west of Manbij", "offset", (37.82, 36.52, 37.86, 36.54)),
            ("north of Manbij", "direction", (37.9, 36.55, 38.0, 36.8)),
            ("near Manbij", "near", (37.95, 36.52, 37.96, 36.54)),
            ("outskirts of Manbij", "outskirts", (37.9, 36.5, 38.0, 36.6)),
            ("western Mosul", "part", (43.0, 36.3, 43.13, 36.4)),
            ("rural area of Raqqa", "rural", (38.4, 35.3, 39.8, 37.0)),
            ("between Hama and Homs", "between", (36.72, 34.9, 36.77, 34.95)),
            ("on the road from Raqqa to Tabqa", "road", (38.6, 35.85, 38.95, 35.95)),
        ],
        ids=["offset", "offset west", "direction", "near", "outskirts", "part", "rural", "between", "road"],
    )
    def test_a_relation_is_an_area_with_a_radius(
        self, small: Session, text: str, relation: str, box: tuple[float, float, float, float]
    ) -> None:
        answer = ask(small, text, country=None if "Mosul" in text else "SY")
        assert answer.relation == relation
        found = answer.candidates[0]
        assert found.kind is PlaceKind.OTHER
        assert found.place_id is None
        assert box[0] < found.lon < box[2]
        assert box[1] < found.lat < box[3]
        assert found.radius_m > 1_000
        if answer.verdict in (SURE, COARSE):
            assert (answer.lon, answer.lat, answer.radius_m) == (found.lon, found.lat, found.radius_m)

    def test_farther_off_is_vaguer(self, small: Session) -> None:
        radii = [ask(small, f"{km} km north of Manbij", country="SY").candidates[0].radius_m for km in (1, 10, 30)]
        assert radii == sorted(radii)
        assert radii[0] < radii[-1]

    def test_a_relation_to_an_unknown_place_is_not_found(self, small: Session) -> None:
        answer = ask(small, "5 km north of Qrrwtz", country="SY")
        assert (answer.verdict, answer.candidates) == (NOT_FOUND, ())
        assert any("Qrrwtz" in note for note in answer.notes)

    def test_a_relation_to_an_ambiguous_place_is_ambiguous(self, small: Session) -> None:
        assert ask(small, "5 km north of Mansoura", country="SY").verdict is AMBIGUOUS

    @pytest.mark.parametrize("text", ["rural Syria", "border between Syria and Iraq"])
    def test_an_area_as_large_as_a_country_is_coarse(self, small: Session, text: str) -> None:
        assert ask(small, text).verdict is COARSE


class TestKeys:
    def test_a_key_names_one_entry(self, small: Session) -> None:
        answer = ask(small, "geonames:5")
        assert (answer.verdict, first(answer), len(answer.candidates)) == (SURE, "5", 1)
        assert answer.candidates[0].key == "geonames:5"
        assert (answer.lon, answer.lat) == (36.35, 35.15)

    def test_every_candidate_can_be_asked_for_by_its_key(self, small: Session) -> None:
        for found in ask(small, "Mansoura").candidates:
            again = ask(small, found.key)
            assert (again.lon, again.lat) == (found.lon, found.lat)
            assert again.radius_m == found.extent_m

    def test_the_key_of_a_unit_gives_its_area(self, small: Session) -> None:
        key = next(found.key for found in ask(small, "Homs governorate").candidates if found.kind is PlaceKind.ADM1)
        answer = ask(small, key)
        assert answer.precision is PrecisionLevel.ADM1
        assert answer.area is not None
        assert answer.area.bounds == (36.0, 33.6, 39.6, 34.9)

    @pytest.mark.parametrize("text", ["geonames:99999", "nobody:5", "geonames:", ":5", "geonames: 5"])
    def test_no_such_key_is_no_place_by_key(self, small: Session, text: str) -> None:
        answer = ask(small, text)
        assert answer.verdict is not SURE
        assert not any("named by its key" in found.reasons for found in answer.candidates)

    def test_a_withdrawn_place_is_gone(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="no such place") as session:
            withdraw_place(session, "geonames:6")
        with read_session(own_small) as session:
            gone = ask(session, "geonames:6")
            assert gone.verdict is NOT_FOUND
            assert "incidents place restore geonames:6" in gone.notes[0]
            answer = ask(session, "Mansoura", country="SY", admin1="Homs")
            assert answer.verdict is not SURE
            assert "6" not in {found.source_key for found in answer.candidates}

    def test_a_code_names_one_entry(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="a table of codes") as session:
            add_name(session, "geonames:5", "SY020003", kind=NameKind.CODE)
        with read_session(own_small) as session:
            answer = ask(session, "sy020003")
            assert (answer.verdict, first(answer)) == (SURE, "5")
            assert ask(session, "SY020004").verdict is not SURE

    def test_a_corrected_place_is_found_where_it_was_put(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="a map") as session:
            correct_place(session, "geonames:21", lon=36.9, lat=36.2)
        with read_session(own_small) as session:
            found = ask(session, "Al Jinah", country="SY", admin1="Aleppo").candidates[0]
            assert (found.lon, found.lat) == (36.9, 36.2)


class TestCoordinates:
    def test_coordinates_are_as_exact_as_their_digits(self, small: Session) -> None:
        square = ask(small, "37SDV780636")
        assert (square.verdict, square.method) == (SURE, LocationMethod.MGRS)
        assert distance_m(square.lon or 0, square.lat or 0, 38.757, 35.8167) < 100
        fine, rough = ask(small, "35.81629, 38.75647"), ask(small, "35.8, 38.8")
        assert (fine.lon, fine.lat) == (38.75647, 35.81629)
        assert fine.method is LocationMethod.SOURCE_COORDINATES
        assert (fine.radius_m or 0) < (square.radius_m or 0) < (rough.radius_m or 0)
        assert (fine.candidates, fine.precision) == ((), PrecisionLevel.EXACT)
        assert rough.precision is PrecisionLevel.NEAR_SETTLEMENT

    @pytest.mark.parametrize(
        ("context", "said"),
        [
            ({"country": "SY", "admin1": "Aleppo"}, None),
            ({"country": "SY", "admin1": "Aleppo", "admin2": "Atlantis"}, "no district 'Atlantis'"),
            ({"country": "SY", "admin1": "Homs"}, "km outside Homs"),
            ({"admin1": "Atlantis"}, "no governorate 'Atlantis'"),
            ({"country": "IQ"}, "The coordinates lie in Syria, not in IQ."),
        ],
        ids=["agrees", "district unknown", "elsewhere", "governorate unknown", "another country"],
    )
    def test_coordinates_that_do_not_fit_what_is_stated_are_told(
        self, small: Session, context: dict[str, str], said: str | None
    ) -> None:
        notes = ask(small, "36.1174, 36.8020", **context).notes[1:]
        assert (said is None and notes == ()) or (said is not None and said in " ".join(notes))

    @pytest.mark.parametrize("text", ["91, 191", "36.1", "37SDV78063", "37SDV780636 37SDV780637"])
    def test_malformed_coordinates_are_refused(self, small: Session, text: str) -> None:
        with pytest.raises(InputError) as caught:
            locate(small, text)
        assert caught.value.code


class TestShown:
    def test_a_limit_is_kept_and_changes_no_verdict(self, small: Session) -> None:
        whole = ask(small, "Mansoura")
        for limit in (1, 2, 3):
            some = ask(small, "Mansoura", limit=limit)
            assert some.candidates == whole.candidates[:limit]
            assert some.verdict is whole.verdict
        assert len(ask(small, "Mansoura", limit=0).candidates) == 1

    def test_names_are_shown_in_the_asked_language(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="Arabic names") as session:
            add_name(session, "geonames:25", "منبچ", language="ar")
            add_name(session, "geonames:25", "منبج الكبرى", language="ar", kind=NameKind.PREFERRED)
            add_name(session, "geonames:25", "بمبيج", language="ar")
        with read_session(own_small) as session:
            assert ask(session, "Manbij").candidates[0].name == "Manbij"
            assert ask(session, "Manbij", language="ar").candidates[0].name == "منبج الكبرى"
            assert ask(session, "Manbij", language="fr").candidates[0].name == "Manbij"

    def test_a_matched_name_carries_its_own_text(self, small: Session) -> None:
        found = ask(small, "منبج", country="SY", admin1="Aleppo").candidates[0]
        assert (found.name, found.matched) == ("Manbij", "منبج")

    def test_the_same_question_has_the_same_answer(self, small: Session) -> None:
        for text in ("Mansoura", "5 km north-east of Idlib", "Raqqa governorate"):
            assert ask(small, text) == ask(small, text)


HOSTILE = [
    "", " ", "a", "ا", "7", "77777", "x" * 10_000, "ا" * LONGEST, "ab " * 100, "\x00", "Raqqa\x00", "\ud800",
    "Raq\udcffqa", "\u202eRaqqa\u202c", "Raq\u200bqa", "Raqqa الرقة", "拉卡", ",", "; ; ;", "((((", "a/b/c/d/e/f",
    "'\"; DROP TABLE place", "%", "near", "between and", "5 km north of", "near " * 50 + "Raqqa", "the", "al-", "town",
    "governorate", "between Raqqa and Raqqa", "٠" * 200, "Raqqa" + "\u0301" * 290,
]  # fmt: skip


WORDS = [
    "Mansoura", "Raqqa", "Homs", "near", "between", "and", "5", "km", "north of", "rural", "west", "Syria", ",", "(",
    ")", "/", "school", "district", "المنصورة", "حلب", "غرب",
]  # fmt: skip


def _refused(session: Session, text: str, **context: Any) -> bool:
    """Whether the text is refused as coordinates; its answer is checked where it is not."""
    try:
        ask(session, text, **context)
    except InputError:
        return True
    return False


class TestTextsThatMeanNothing:
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:16]))
    @pytest.mark.parametrize("admin1", [None, "Homs"], ids=["bare", "in Homs"])
    def test_a_hostile_text_is_answered(self, small: Session, text: str, admin1: str | None) -> None:
        ask(small, text, admin1=admin1)

    @pytest.mark.parametrize("text", ["", "  \t ", "x" * (LONGEST + 1)], ids=["empty", "blank", "too long"])
    def test_what_is_not_read_is_said(self, small: Session, text: str) -> None:
        answer = ask(small, text, country="SY", admin1="Homs")
        assert (answer.verdict, answer.candidates, len(answer.notes)) == (NOT_FOUND, (), 1)

    @pytest.mark.parametrize("text", ["a", "7", "ا", "\ud800", "拉卡", "%", "Qrrwtz"])
    def test_noise_is_not_found(self, small: Session, text: str) -> None:
        assert ask(small, text).verdict is NOT_FOUND

    @pytest.mark.parametrize(
        "text", ["\u202eManbij\u202c", "Man\u200bbij", "Manbij\x00", "  MANBIJ.", "Mаnbij".replace("а", "a")]
    )
    def test_marks_and_case_change_nothing(self, small: Session, text: str) -> None:
        assert first(ask(small, text)) == first(ask(small, "Manbij"))

    @settings(max_examples=80)
    @given(
        st.text(st.characters(exclude_categories=()), max_size=60),
        st.sampled_from([None, "Homs", "Raqqa", "\ud800", ""]),
    )
    @example("between  and Raqqa", None)
    @example("://", None)
    def test_any_text_is_answered_or_refused_as_coordinates(
        self, small: Session, text: str, admin1: str | None
    ) -> None:
        may_be_a_point = any(character.isdigit() for character in text) or "://" in text
        assert _refused(small, text, admin1=admin1) <= may_be_a_point

    @settings(max_examples=60)
    @given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join))
    def test_any_phrase_of_known_words_is_answered(self, small: Session, text: str) -> None:
        assert _refused(small, text) <= ("5" in text)

    def test_an_empty_gazetteer_finds_nothing(self, database: Database) -> None:
        with read_session(database) as session:
            assert ask(session, "Raqqa").verdict is NOT_FOUND
            assert ask(session, "near Raqqa").verdict is NOT_FOUND
            answer = ask(session, "Raqqa", country="SY", admin1="Raqqa")
            assert (answer.verdict, len(answer.notes)) == (NOT_FOUND, 2)


def test_candidates_far_apart_share_one_probability(small: Session) -> None:
    for text in ("Mansoura", "Al Jinah", "Raqqa", "Tall"):
        found = ask(small, text).candidates
        for one, other in combinations(found, 2):
            if distance_m(one.lon, one.lat, other.lon, other.lat) > NEAR_M + 100:
                assert one.probability + other.probability <= 1.0 + 1e-6


class TestWhatIsNeverSure:
    @pytest.mark.parametrize("thing", ["Dam Lake", "oil field", "military base", "mountain"])
    def test_a_thing_that_lies_outside_of_the_place_it_is_called_after(self, small: Session, thing: str) -> None:
        town, outlying = (ask(small, text, country="SY", admin1="Aleppo") for text in ("Manbij", f"Manbij {thing}"))
        assert town.verdict is PlaceVerdict.SURE
        assert outlying.verdict is not PlaceVerdict.SURE

    def test_what_is_wrong_once_in_five_times(self, real: Session, shared_data: Path) -> None:
        lines = (shared_data / "geocoding" / "ucdp_sy.jsonl").read_text(encoding="utf-8").splitlines()
        sure = 0
        for row in [row for row in map(json.loads, lines) if row["split"] == "dev"][:150]:
            found = ask(real, row["text"], country="SY", admin1=row["admin1"], admin2=row["admin2"])
            if found.verdict is PlaceVerdict.SURE and found.candidates[0].place_id is not None:
                sure += 1
                assert found.candidates[0].probability >= LEAST_SURE
        assert sure > 50
