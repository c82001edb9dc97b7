"""From a name to the places that it may mean, and the numbers that describe each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.vocabulary import PlaceKind
from gazetteer.attested import attest
from gazetteer.search.candidates import (
    COLUMN,
    FEATURES,
    MOST_CANDIDATES,
    NO_NAME,
    Found,
    Wanted,
    find_candidates,
    namesakes,
)
from gazetteer.search.context import Context
from gazetteer.search.index import NO_UNIT, PlaceIndex
from gazetteer.search.question import unit_names

SETTLEMENTS = frozenset({PlaceKind.SETTLEMENT})


@pytest.fixture(scope="module")
def index(small: Session) -> PlaceIndex:
    """The small gazetteer."""
    return PlaceIndex(small)


def unit(index: PlaceIndex, name: str, kind: PlaceKind = PlaceKind.ADM1) -> frozenset[int]:
    return unit_names(index).find(name, kind)


def find(
    session: Session, index: PlaceIndex, name: str, context: Context | None = None,
    kinds: frozenset[PlaceKind] = frozenset(),
) -> Found:  # fmt: skip
    wanted = Wanted((name,), frozenset(name.lower().split()), kinds)
    return find_candidates(session, index, wanted, context or Context())


def keys(index: PlaceIndex, rows: Iterable[int]) -> list[str]:
    return [index.source_key[row] for row in rows]


def feature(found: Found, index: PlaceIndex, name: str, key: str) -> float:
    """A feature of the place with this key."""
    return float(found.features[keys(index, found.rows).index(key), COLUMN[name]])


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("Mansoura", "1"), ("المنصورة", "1"), ("Er Rakka", "10"), ("Tel Ref'at", "23"), ("Kafranbel", "24"),
            ("Khan Cheikhoun", "29"), ("alraqqa", "10"), ("Manbj", "25"), ("Mambij", "25"), ("Idlip", "12"),
            ("Al-Jineh", "21"), ("Al Tabqa city", "26"), ("مدينة منبج", "25"),
        ],
    )  # fmt: skip
    def test_a_place_is_found_as_people_write_it(self, small: Session, index: PlaceIndex, text: str, key: str) -> None:
        assert key in keys(index, find(small, index, text).rows)

    @pytest.mark.parametrize("text", ["", " ", "-", "拉卡", "\ud800", "7"])
    def test_nothing_sounds_like_nothing(self, small: Session, index: PlaceIndex, text: str) -> None:
        found = find(small, index, text)
        assert len(found.rows) == 0
        assert found.features.shape == (1, len(FEATURES))
        assert found.features[-1, COLUMN["nothing"]] == 1

    def test_the_likest_name_of_a_place_counts(self, small: Session, index: PlaceIndex) -> None:
        found = find(small, index, "Mansoura")
        names = {keys(index, [row])[0]: index.text[name] for row, name in zip(found.rows, found.names, strict=True)}
        assert names["1"] == "Mansoura"
        assert names["2"] == "Al Manşūrah"

    def test_a_country_is_no_candidate(self, small: Session, index: PlaceIndex) -> None:
        assert not any(index.kind[row] == PlaceKind.COUNTRY for row in find(small, index, "Syria").rows)

    def test_the_stated_country_binds(self, small: Session, index: PlaceIndex) -> None:
        found = find(small, index, "Mansoura", Context(country="IQ"))
        assert keys(index, found.rows) == ["8"]

    def test_kinds_that_the_text_says_bind(self, small: Session, index: PlaceIndex) -> None:
        towns = find(small, index, "Raqqa", kinds=SETTLEMENTS)
        assert all(index.unit[row] == NO_UNIT for row in towns.rows)
        units = find(small, index, "Raqqa", kinds=frozenset({PlaceKind.ADM1}))
        assert {index.kind[row] for row in units.rows} == {PlaceKind.ADM1}

    def test_a_place_is_not_the_unit_that_it_is_in(self, small: Session, index: PlaceIndex) -> None:
        raqqa = unit(index, "Raqqa")
        found = find(small, index, "Raqqa", Context(adm1=raqqa))
        assert not any(int(index.unit[row]) in raqqa for row in found.rows)
        assert "10" in keys(index, found.rows)

    def test_the_main_town_of_the_stated_unit_is_a_candidate_without_a_name(
        self, small: Session, index: PlaceIndex
    ) -> None:
        found = find(small, index, "Qrrwtz", Context(adm1=unit(index, "Aleppo")))
        assert "11" in keys(index, found.rows)
        position = keys(index, found.rows).index("11")
        assert found.names[position] == NO_NAME
        assert found.features[position, COLUMN["main_town_admin1"]] == 1
        assert found.features[position, COLUMN["same_sound"]] == 0

    def test_there_are_only_so_many(self, real: Session) -> None:
        index = PlaceIndex(real, "SY")
        adm1 = unit(index, "Aleppo")
        found = find(real, index, "Tell", Context(country="SY", adm1=adm1))
        assert len(found.rows) <= MOST_CANDIDATES + 2
        assert len(set(found.rows.tolist())) == len(found.rows)


class TestFeatures:
    def test_every_feature_has_one_column(self) -> None:
        assert len(set(FEATURES)) == len(FEATURES)
        assert [COLUMN[name] for name in FEATURES] == list(range(len(FEATURES)))

    def test_spelling_and_sound(self, small: Session, index: PlaceIndex) -> None:
        found = find(small, index, "Mansoura")
        for name, first, second in (
            ("same_spelling", 1, 0), ("same_sound", 1, 1), ("main_name", 1, 1), ("main_spelling", 1, 0),
        ):  # fmt: skip
            assert feature(found, index, name, "1") == first, name
            assert feature(found, index, name, "2") == second, name
        assert feature(found, index, "letters_apart", "1") <= feature(found, index, "letters_apart", "2") < 0.06

    def test_the_farther_the_letters_the_larger_the_numbers(self, small: Session, index: PlaceIndex) -> None:
        values = [
            [feature(find(small, index, text), index, name, "25") for text in ("Manbij", "Manbej", "Mambidj")]
            for name in ("letters_apart", "letters_apart_squared", "share_apart")
        ]
        for row in values:
            assert row == sorted(row)
            assert row[0] < row[-1]

    def test_units(self, small: Session, index: PlaceIndex) -> None:
        found = find(
            small,
            index,
            "Mansoura",
            Context(adm1=unit(index, "Raqqa"), adm2=unit(index, "Ath-Thawrah", PlaceKind.ADM2)),
        )
        for level in ("admin1", "admin2"):
            assert feature(found, index, f"in_{level}", "1") == 1
            assert feature(found, index, f"outside_{level}", "1") == 0
            assert feature(found, index, f"in_{level}", "2") == 0
            assert feature(found, index, f"outside_{level}", "2") > 4  # log(1 + 100 km) is 4.6
            assert found.features[-1, COLUMN[f"nothing_{level}"]] == 1

    def test_without_context_the_numbers_of_context_are_zero(self, small: Session, index: PlaceIndex) -> None:
        found = find(small, index, "Mansoura")
        for name in (
            "in_admin1",
            "outside_admin1",
            "in_admin2",
            "outside_admin2",
            "near",
            "off_heading",
            "nothing_admin1",
        ):
            assert not found.features[:, COLUMN[name]].any(), name

    def test_a_neighbour_and_a_heading(self, small: Session, index: PlaceIndex) -> None:
        raqqa = (39.008, 35.953)
        west = find(small, index, "Mansoura", Context(near=(raqqa,), heading=(270.0, 45.0)))
        assert feature(west, index, "near", "1") < feature(west, index, "near", "2")
        assert west.features[-1, COLUMN["near"]] > 0
        assert feature(west, index, "off_heading", "1") == 0
        assert feature(west, index, "off_heading", "3") == 1
        east = find(small, index, "Mansoura", Context(near=(raqqa,), heading=(90.0, 45.0)))
        assert feature(east, index, "off_heading", "1") == 1
        assert feature(east, index, "off_heading", "3") == 0

    def test_what_kind_of_place(self, small: Session, index: PlaceIndex) -> None:
        assert feature(find(small, index, "Raqqa"), index, "seat", "10") == 1
        assert feature(find(small, index, "Mansoura"), index, "seat", "1") == 0
        assert feature(find(small, index, "Qalat an Nahr"), index, "minor", "28") == 1
        assert feature(find(small, index, "Mosul al-Jadida"), index, "neighbourhood", "20") == 1
        assert feature(find(small, index, "Raqqa"), index, "population", "10") == pytest.approx(5.2495, abs=1e-3)

    def test_an_attested_name_is_marked(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="an incident") as session:
            attest(session, "Bluetown", lon=38.0, lat=36.5, source="a report", place_key="geonames:25")
        with read_session(own_small) as session:
            index = PlaceIndex(session)
            assert feature(find(session, index, "Bluetown"), index, "attested", "25") == 1
            assert feature(find(session, index, "Manbij"), index, "attested", "25") == 0

    def test_namesakes_are_those_of_the_same_sound(self, small: Session, index: PlaceIndex) -> None:
        found = find(small, index, "Mansoura")
        assert sorted(keys(index, found.rows[namesakes(found)])) == [str(number) for number in range(1, 9)]
        assert found.features[-1, COLUMN["nothing_namesakes"]] == pytest.approx(np.log1p(8))
        none = find(small, index, "Qrrwtz", Context(adm1=unit(index, "Aleppo")))
        assert len(namesakes(none)) == 0

    @settings(max_examples=60)
    @given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40), st.booleans())
    def test_any_text_gives_numbers(self, small: Session, index: PlaceIndex, text: str, in_homs: bool) -> None:
        context = Context(adm1=unit(index, "Homs"), near=((37.0, 35.0),)) if in_homs else Context()
        found = find(small, index, text, context)
        assert found.features.shape == (len(found.rows) + 1, len(FEATURES))
        assert len(found.names) == len(found.rows)
        assert np.isfinite(found.features).all()
        assert not found.features[:-1, COLUMN["nothing"]].any()
