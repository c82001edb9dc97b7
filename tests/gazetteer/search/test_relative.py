"""Texts that name a place only to describe another."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.corrections import add_place
from gazetteer.geodesy import distance_m, geod
from gazetteer.inputs import PlaceInput
from gazetteer.search.answer import Answer, PlaceVerdict
from gazetteer.search.phrases import Relation
from gazetteer.search.question import ask
from gazetteer.search.relative import relative_answer

MANBIJ = (37.955, 36.528)
BEARINGS = {"north": 0, "north-east": 45, "east": 90, "south-east": 135, "south": 180, "south-west": 225, "west": 270}


def answer(session: Session, text: str, limit: int = 5, **context: object) -> Answer:
    question = ask(session, text, **context)
    assert question.phrase.relation is not Relation.AT
    return relative_answer(session, question, limit)


@pytest.mark.parametrize(("word", "bearing"), BEARINGS.items())
def test_an_offset_lies_where_the_text_says(small: Session, word: str, bearing: int) -> None:
    found = answer(small, f"10 km {word} of Manbij city", country="SY", admin1="Aleppo")
    lon, lat, _ = geod().fwd(*MANBIJ, bearing, 10_000.0)
    first = found.candidates[0]
    assert distance_m(first.lon, first.lat, lon, lat) < 1_500
    assert first.radius_m >= 3_000
    assert found.relation == "offset"
    assert "geonames:25" in first.source_key


def test_a_described_place_is_computed_and_carries_its_named_one(small: Session) -> None:
    found = answer(small, "north of Manbij city", country="SY", admin1="Aleppo").candidates[0]
    assert (found.place_id, found.source, found.kind, found.area_id) == (None, "computed", PlaceKind.OTHER, None)
    assert (found.name, found.matched) == ("north of Manbij city", "Manbij")
    assert found.hierarchy[0] == "Syria"
    assert 0 < found.probability <= 1


@pytest.mark.parametrize(
    ("text", "name"), [("rural Homs", "Homs"), ("Aleppo countryside", "Aleppo"), ("ريف حماة", "Hama")]
)
def test_the_country_around_a_unit_is_the_unit(small: Session, text: str, name: str) -> None:
    found = answer(small, text)
    assert (found.verdict, found.precision) == (PlaceVerdict.COARSE, PrecisionLevel.ADM1)
    assert found.area is not None
    assert (found.candidates[0].name, found.candidates[0].matched) == (text, name)


def test_between_two_places_is_half_way(small: Session) -> None:
    found = answer(small, "between Hama and Homs", country="SY").candidates[0]
    hama, homs = (36.758, 35.132), (36.726, 34.724)
    assert distance_m(found.lon, found.lat, *hama) == pytest.approx(distance_m(found.lon, found.lat, *homs), rel=0.05)
    assert found.source_key == "geonames:14+geonames:13"


def test_of_namesakes_the_pair_that_is_near_comes_first(small: Session) -> None:
    found = answer(small, "between المنصورة and Khan Shaykhun", country="SY")
    assert found.verdict is PlaceVerdict.AMBIGUOUS
    keys = [candidate.source_key for candidate in found.candidates]
    assert set(keys[:2]) == {"geonames:7+geonames:29", "geonames:5+geonames:29"}  # 19 and 42 km apart
    assert all(key.endswith("geonames:29") for key in keys)


def test_an_unsettled_named_place_leaves_the_area_unsettled(small: Session) -> None:
    found = answer(small, "near Mansoura", country="SY")
    assert found.verdict is PlaceVerdict.AMBIGUOUS
    assert (found.lon, found.lat, found.area) == (None, None, None)
    assert len(found.candidates) > 1
    assert [one.probability for one in found.candidates] == sorted(
        (one.probability for one in found.candidates), reverse=True
    )


def test_a_limit_is_kept(small: Session) -> None:
    assert len(answer(small, "near Mansoura", limit=2, country="SY").candidates) == 2


@pytest.mark.parametrize(
    "text", ["5 km north of Qrrwtz", "between Qrrwtz and Homs", "rural Qrrwtz", "between Homs and Homs"]
)
def test_without_its_named_places_it_is_not_found(small: Session, text: str) -> None:
    found = answer(small, text, country="SY")
    assert found.verdict is PlaceVerdict.NOT_FOUND
    assert found.candidates == ()
    assert len(found.notes) > 0


def test_a_text_that_the_gazetteer_has_as_a_name_is_that_place(own_small: Database) -> None:
    with write_session(own_small, who="tester", why="a suburb") as session:
        assert answer(session, "Eastern Manbij", country="SY").relation == "part"
        place = PlaceInput(name="Eastern Manbij", kind=PlaceKind.SETTLEMENT, lon=38.0, lat=36.53, country="SY")
        add_place(session, place)
    with read_session(own_small) as session:
        found = answer(session, "Eastern Manbij", country="SY")
        assert (found.relation, found.candidates[0].name) == ("", "Eastern Manbij")
        assert found.candidates[0].place_id is not None


def test_the_governorate_binds_the_named_place(small: Session) -> None:
    found = answer(small, "5 km north of Mansoura", country="SY", admin1="Homs").candidates[0]
    assert distance_m(found.lon, found.lat, 37.0, 34.3) < 10_000


def test_an_unknown_governorate_is_said_and_nothing_is_sure(small: Session) -> None:
    found = answer(small, "5 km north of Manbij", country="SY", admin1="Atlantis")
    assert any("Atlantis" in note for note in found.notes)
    assert found.verdict is not PlaceVerdict.SURE
