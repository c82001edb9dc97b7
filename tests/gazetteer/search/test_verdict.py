"""From weighed candidates to an answer."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box
from sqlmodel import Session

from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.geodesy import distance_m
from gazetteer.search.answer import PlaceVerdict
from gazetteer.search.candidates import NO_NAME, find_candidates
from gazetteer.search.model import NEAR_M
from gazetteer.search.question import Question, ask
from gazetteer.search.verdict import (
    CREDIBLE,
    NOWHERE_M,
    PRECISION_OF_KIND,
    Weighed,
    answer_of,
    extent_m,
    judge,
    reach_m,
    shown,
    weigh,
)


def weighed_of(session: Session, text: str, **context: object) -> tuple[Question, Weighed]:
    question = ask(session, text, **context)  # the context is given by name, as to locate
    wanted = question.wanted((*question.phrase.readings, *question.phrase.names), question.phrase.kinds)
    return question, weigh(question, find_candidates(session, question.index, wanted, question.context))


TEXTS = [
    ("Mansoura", {}), ("Mansoura", {"admin1": "Homs"}), ("Raqqa", {}), ("Qrrwtz", {"admin1": "Aleppo"}),
    ("Mosul al-Jadida", {"country": "IQ"}), ("Tall Rifat", {"admin1": "Aleppo", "admin2": "Jebel Saman"}),
    ("Mansoura", {"near": (38.7, 35.8)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "context"), TEXTS, ids=[f"{text} {list(context)}" for text, context in TEXTS])
class TestWeighed:
    def test_probabilities_are_probabilities(self, small: Session, text: str, context: dict[str, object]) -> None:
        _, weighed = weighed_of(small, text, **context)
        assert sorted(weighed.order.tolist()) == list(range(len(weighed.found.rows)))
        assert np.all((weighed.probability >= 0) & (weighed.probability <= 1))
        assert np.all(weighed.own >= 0)
        assert weighed.own.sum() <= 1 + 1e-9  # "none of these" has the rest
        assert np.all(weighed.mass >= weighed.own - 1e-12)

    def test_what_is_far_from_the_first_shares_what_the_first_leaves(
        self, small: Session, text: str, context: dict[str, object]
    ) -> None:
        _, weighed = weighed_of(small, text, **context)
        first = weighed.order[0]
        far = weighed.apart[first] > NEAR_M
        assert np.all(weighed.probability[far] <= 1 - weighed.probability[first] + 1e-9)

    def test_a_candidate_says_what_speaks_for_it(self, small: Session, text: str, context: dict[str, object]) -> None:
        question, weighed = weighed_of(small, text, **context)
        for found in shown(small, question, weighed, 10):
            assert len(found.reasons) > 0
            assert all(found.reasons)
            assert found.precision is PRECISION_OF_KIND[found.kind]
            assert found.radius_m >= found.extent_m
            if found.probability >= CREDIBLE:
                assert found.radius_m == found.extent_m
            if "admin1" in context:
                assert any("the stated governorate" in reason for reason in found.reasons)
            if "near" in context:
                assert any("km from the neighbour" in reason for reason in found.reasons)


class TestShown:
    def test_places_of_little_probability_are_left_out_but_never_all(self, small: Session) -> None:
        question, weighed = weighed_of(small, "Qrrwtz", admin1="Aleppo")
        assert len(shown(small, question, weighed, 10)) >= 1
        assert len(shown(small, question, weighed, 1)) == 1
        assert shown(small, question, weighed, 0) == ()

    def test_a_main_town_that_was_not_named_says_so(self, small: Session) -> None:
        question, weighed = weighed_of(small, "Qrrwtz", admin1="Aleppo")
        (position,) = np.flatnonzero(weighed.found.names == NO_NAME)
        town = next(found for found in shown(small, question, weighed, 50) if found.source_key == "11")
        assert weighed.found.rows[position] == question.index.row_of_place(town.place_id or 0)
        assert (town.matched, town.language) == ("", None)
        assert "the name itself is not known" in town.reasons[0]

    def test_another_entry_of_the_same_place_is_left_out(self, real: Session) -> None:
        question, weighed = weighed_of(real, "Aleppo", country="SY")
        found = shown(real, question, weighed, 50)
        for number, one in enumerate(found):
            for other in found[:number]:
                close = distance_m(one.lon, one.lat, other.lon, other.lat) < 1_900
                assert not (close and one.kind is other.kind and one.source != other.source)
        governorates = [one for one in found if one.kind is PlaceKind.ADM1 and one.name == "Aleppo"]
        assert len(governorates) <= 1

    def test_the_radius_reaches_the_other_candidates(self, small: Session) -> None:
        question, weighed = weighed_of(small, "المنصورة", country="SY")
        first, *others = shown(small, question, weighed, 10)
        assert first.probability < CREDIBLE
        nearest = min(distance_m(first.lon, first.lat, other.lon, other.lat) for other in others)
        assert first.radius_m >= min(nearest, NOWHERE_M)


class TestVerdict:
    @pytest.mark.parametrize(
        ("text", "context", "verdict"),
        [
            ("Mansoura", {}, PlaceVerdict.AMBIGUOUS),
            ("Mansoura", {"admin1": "Raqqa"}, PlaceVerdict.SURE),
            ("Mansoura", {"admin1": "Hasakah"}, PlaceVerdict.AMBIGUOUS),
            ("Qrrwtz", {"admin1": "Homs"}, PlaceVerdict.COARSE),
            ("Qrrwtz", {}, PlaceVerdict.NOT_FOUND),
            ("Homs governorate", {}, PlaceVerdict.COARSE),
        ],
    )
    def test_it_says_how_far_the_text_settles_it(
        self, small: Session, text: str, context: dict[str, object], verdict: PlaceVerdict
    ) -> None:
        question, weighed = weighed_of(small, text, **context)
        assert judge(question, weighed)[0] is verdict
        assert answer_of(small, question, weighed, 5).verdict is verdict

    def test_a_name_of_a_town_and_of_its_governorate_is_not_sure(self, small: Session) -> None:
        question, weighed = weighed_of(small, "Raqqa")
        verdict, notes = judge(question, weighed)
        assert verdict is PlaceVerdict.AMBIGUOUS
        assert any("say town, city, district or governorate" in note for note in notes)

    @pytest.mark.parametrize("text", ["Manbij district", "Tall Rifat subdistrict"])
    def test_a_district_is_never_surely_the_town_of_its_name(self, small: Session, text: str) -> None:
        answer = answer_of(small, *weighed_of(small, text, country="SY", admin1="Aleppo"), 5)
        assert not (answer.verdict is PlaceVerdict.SURE and answer.candidates[0].kind is PlaceKind.SETTLEMENT)

    def test_namesakes_are_counted(self, small: Session) -> None:
        _, notes = judge(*weighed_of(small, "Mansoura"))
        assert any("8 places" in note for note in notes)

    def test_what_was_not_understood_forbids_sure(self, small: Session) -> None:
        # Sure without the unknown unit, as the case before it shows.
        sure, _ = judge(*weighed_of(small, "Mansoura", admin1="Raqqa"))
        not_sure, notes = judge(*weighed_of(small, "Mansoura", admin1="Raqqa", admin2="Atlantis"))
        assert sure is PlaceVerdict.SURE
        assert not_sure is not PlaceVerdict.SURE
        assert any("nothing is sure" in note for note in notes)

    def test_the_area_of_a_coarse_answer_is_the_finest_stated_unit(self, small: Session) -> None:
        question, weighed = weighed_of(small, "Qrrwtz", admin1="Aleppo", admin2="Manbij")
        answer = answer_of(small, question, weighed, 5)
        assert (answer.verdict, answer.precision) == (PlaceVerdict.COARSE, PrecisionLevel.ADM2)
        assert answer.area is not None
        assert answer.area.equals(box(37.6, 36.0, 38.4, 37.0))

    def test_a_unit_without_polygon_has_the_default_radius(self, embedded: Session) -> None:
        question, weighed = weighed_of(embedded, "Qrrwtz", country="SY", admin1="Homs")
        answer = answer_of(embedded, question, weighed, 5)
        assert (answer.verdict, answer.area, answer.precision) == (PlaceVerdict.COARSE, None, PrecisionLevel.ADM1)
        assert answer.radius_m is not None
        assert answer.radius_m > 50_000


class TestExtent:
    def test_a_city_is_larger_than_a_village(self, small: Session) -> None:
        index = ask(small, "x").index
        extents = {key: extent_m(small, index, index.source_key.index(key)) for key in ("1", "11", "20", "21")}
        assert extents["20"] < extents["21"] == extents["1"] < extents["11"]

    def test_a_governorate_reaches_to_its_corner(self, small: Session) -> None:
        index = ask(small, "x").index
        row = next(row for row in range(len(index)) if (index.name[row], index.kind[row]) == ("Homs", PlaceKind.ADM1))
        lon, lat = float(index.lon[row]), float(index.lat[row])
        corners = [(36.0, 33.6), (39.6, 33.6), (36.0, 34.9), (39.6, 34.9)]
        assert extent_m(small, index, row) == pytest.approx(
            max(distance_m(lon, lat, *corner) for corner in corners), abs=2
        )

    def test_the_reach_is_that_of_the_farthest_corner(self) -> None:
        assert reach_m(box(0, 0, 1, 1), 0, 0) == pytest.approx(distance_m(0, 0, 1, 1), abs=1)
        assert reach_m(box(0, 0, 1, 1), 0, 0) >= distance_m(0, 0, 1, 1)
