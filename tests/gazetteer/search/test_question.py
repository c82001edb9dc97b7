"""A text and what is said beside it, made into something to look for."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from db.vocabulary import PlaceKind
from gazetteer.search.context import Context
from gazetteer.search.model import EVIDENCE
from gazetteer.search.question import Question, ask, best_point


def units(question: Question, numbers: frozenset[int]) -> set[str]:
    """The names of units by number."""
    return {question.index.name[question.index.rows_of_unit[unit][0]] for unit in numbers}


class TestUnits:
    @pytest.mark.parametrize(
        ("text", "country", "adm1", "adm2"),
        [
            ("Mansoura", None, set(), set()),
            ("Mansoura, Raqqa governorate", "SY", {"Ar-Raqqah"}, set()),
            ("Mansoura, Manbij district, Aleppo", "SY", {"Aleppo"}, {"Manbij"}),
            ("Mansoura, Aleppo province, Syria", "SY", {"Aleppo"}, set()),
            ("Mansoura in Nineveh, Iraq", "IQ", {"Nineveh"}, set()),
            ("المنصورة، الرقة", "SY", {"Ar-Raqqah"}, set()),
        ],
    )
    def test_units_that_the_text_names_are_taken(
        self, small: Session, text: str, country: str | None, adm1: set[str], adm2: set[str]
    ) -> None:
        question = ask(small, text)
        assert question.context.country == country
        assert units(question, question.context.adm1) == adm1
        assert units(question, question.context.adm2) == adm2
        assert question.notes == ()
        assert not question.unknown

    def test_what_is_given_comes_before_what_the_text_says(self, small: Session) -> None:
        question = ask(small, "Mansoura, Aleppo", country="SY", admin1="Homs")
        assert units(question, question.context.adm1) == {"Homs"}
        assert ask(small, "Mansoura, Iraq", country="SY").context.country == "SY"

    @pytest.mark.parametrize("admin1", [None, "", "  "], ids=["none", "empty", "blank"])
    def test_an_empty_unit_is_no_unit(self, small: Session, admin1: str | None) -> None:
        question = ask(small, "Mansoura", admin1=admin1)
        assert (question.context, question.notes, question.unknown) == (Context(), (), False)

    @pytest.mark.parametrize(
        ("context", "word"),
        [
            ({"country": "Atlantis"}, "country"),
            ({"admin1": "Atlantis"}, "governorate"),
            ({"admin2": "Atlantis"}, "district"),
        ],
        ids=["country", "governorate", "district"],
    )
    def test_an_unknown_unit_is_said(self, small: Session, context: dict[str, str], word: str) -> None:
        question = ask(small, "Mansoura", **context)
        assert question.unknown
        (note,) = question.notes
        assert word in note
        assert "'Atlantis'" in note

    def test_an_unknown_unit_in_the_text_is_said(self, small: Session) -> None:
        question = ask(small, "Mansoura, Atlantis province")
        assert question.unknown
        assert any("Atlantis" in note for note in question.notes)

    def test_a_district_of_another_governorate_is_not_taken(self, small: Session) -> None:
        question = ask(small, "Mansoura", admin1="Homs", admin2="Jebel Saman")
        assert question.context.adm2 == frozenset()
        assert question.unknown
        assert "in that governorate" in question.notes[0]

    def test_an_unknown_district_is_the_one_that_holds_its_town(self, small: Session) -> None:
        question = ask(small, "Mansoura", country="SY", admin1="Raqqa", admin2="At Tabqah")
        assert units(question, question.context.adm2) == {"Ath-Thawrah"}
        assert "Ath-Thawrah" in question.notes[0]
        assert not question.unknown

    def test_words_that_are_units_are_no_readings_of_the_name(self, small: Session) -> None:
        question = ask(small, "Omar mosque, Al Jinah, Aleppo")
        readings = question.wanted((*question.phrase.readings, *question.phrase.names), frozenset()).readings
        assert "Al Jinah" in readings
        assert "Aleppo" not in readings


class TestNeighbours:
    def test_a_point_is_a_neighbour(self, small: Session) -> None:
        assert ask(small, "Mansoura", near=(38, 35.5)).context.near == ((38.0, 35.5),)

    def test_names_are_neighbours_where_they_are_sure(self, small: Session) -> None:
        question = ask(small, "Mansoura", near=["Manbij", "Qrrwtz", "Idlib"])
        assert question.context.near == ((37.955, 36.528), (36.632, 35.934))
        assert question.unknown
        assert [note for note in question.notes if "Qrrwtz" in note] == list(question.notes)

    def test_two_names_are_no_point(self, small: Session) -> None:
        assert len(ask(small, "Mansoura", near=("Manbij", "Idlib")).context.near) == 2

    def test_one_name_need_not_be_in_a_list(self, small: Session) -> None:
        assert ask(small, "Mansoura", near="Manbij").context.near == ((37.955, 36.528),)

    def test_a_place_that_the_text_refers_to_is_a_neighbour_with_its_heading(self, small: Session) -> None:
        context = ask(small, "al Mansoura town west of Raqqa").context
        assert context.near == ((39.008, 35.953),)
        assert context.heading is not None
        assert context.heading[0] == 270.0

    def test_a_name_of_several_places_is_no_neighbour(self, small: Session) -> None:
        index = ask(small, "x").index
        assert best_point(small, index, Context(), "المنصورة") is None
        assert best_point(small, index, Context(), "Qrrwtz") is None
        row = best_point(small, index, Context(), "Manbij", frozenset({PlaceKind.SETTLEMENT}))
        assert row is not None
        assert index.source_key[row] == "25"


class TestEvidence:
    @pytest.mark.parametrize(
        ("context", "evidence"),
        [
            ({}, "none"), ({"country": "SY"}, "none"), ({"admin1": "Aleppo"}, "admin1"),
            ({"admin1": "Atlantis"}, "none"),
            ({"admin1": "Aleppo", "admin2": "Manbij"}, "admin2"), ({"admin2": "Manbij"}, "admin2"),
            ({"near": (38.0, 36.0)}, "admin1"), ({"near": ["Qrrwtz"]}, "none"),
        ],
    )  # fmt: skip
    def test_it_is_what_was_understood(self, small: Session, context: dict[str, str], evidence: str) -> None:
        found = ask(small, "Mansoura", **context).evidence
        assert found == evidence
        assert found in EVIDENCE


class TestWanted:
    def test_a_thing_in_the_place_is_marked(self, small: Session) -> None:
        for text, kinds, landmark in (
            ("Aleppo mosque", frozenset(), True),
            ("Aleppo", frozenset(), False),
            ("Aleppo", frozenset({PlaceKind.NEIGHBOURHOOD}), True),
        ):
            question = ask(small, text)
            assert question.wanted(question.phrase.names, kinds).landmark is landmark

    def test_a_thing_near_another_place_is_looked_up_by_its_own_name_too(self, small: Session) -> None:
        question = ask(small, "al-Badiya school near Raqqa")
        assert "al-Badiya school" in question.wanted(question.phrase.names, frozenset()).readings

    def test_words_are_those_of_the_text(self, small: Session) -> None:
        assert ask(small, "Aleppo Town").wanted(("Aleppo",), frozenset()).words == {"aleppo", "town"}
