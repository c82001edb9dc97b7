"""Units by any of their spellings, and how far places lie from what a search is told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.vocabulary import PlaceKind
from gazetteer.corrections import add_name
from gazetteer.geodesy import distance_m
from gazetteer.search.context import UnitNames, country_of_text, distance_km, distance_outside_km
from gazetteer.search.index import PlaceIndex, memory_of
from gazetteer.search.question import unit_names

# The code of each governorate in GeoNames, and spellings of it in sources.
SYRIA = {
    "01": "Al-Hasakah|Al Hasakah Governorate|Hassakeh|Al-Hassakah|Hasaka|Hasakeh|Al Ḩasakah|الحسكة",
    "02": "Latakia|Lattakia|Al Ladhiqiyah|Latakia Governorate|اللاذقية",
    "03": "Quneitra|Al Qunaytirah|Qunaitra|Quneitra Governorate|القنيطرة",
    "04": "Raqqa|Ar-Raqqah|Ar Raqqah Governorate|Al-Raqqa|Rakka|Raqqah province|الرقة",
    "05": "As-Suweida|As Suwayda Governorate|As-Suwayda|Sweida|Suwaida|السويداء",
    "06": "Daraa|Dara'a|Dar'a|Daraa Governorate|Dar‘ā|درعا",
    "07": "Deir ez-Zor|Deir Ezzor|Dayr az Zawr|Deir ez Zor Governorate|Deir-ez-Zor|Deir Al-Zour|دير الزور",
    "08": "Rif Dimashq|Rif Dimashq Governorate|Rural Damascus|Reef Dimashq|ريف دمشق",
    "09": "Aleppo|Halab|Aleppo Governorate|Aleppo province|حلب|محافظة حلب",
    "10": "Hama|Hamah|Hamah Governorate|حماة",
    "11": "Homs|Hims|Homs Governorate|حمص",
    "12": "Idlib|Edlib|Idleb|Idlib Governorate|إدلب|ادلب",
    "13": "Damascus|Dimashq|Damascus Governorate|دمشق",
    "14": "Tartus|Tartous|Tartus Governorate|طرطوس",
}  # fmt: skip
IRAQ = {
    "01": "Al Anbar|Anbar|Al Anbār province|الأنبار",
    "02": "Basra|Al Basrah|Basrah|Al Başrah  province|البصرة",
    "05": "Sulaymaniyah|As Sulaymānīyah province|Sulaimaniya|السليمانية",
    "06": "Babil|Bābil province|Babylon|بابل",
    "07": "Baghdad|Baghdād province|بغداد",
    "08": "Duhok|Dahuk|Dahūk province|Dohuk|دهوك",
    "10": "Diyala|Diyālá province|ديالى",
    "11": "Erbil|Arbil|Arbīl province|Irbil|أربيل",
    "12": "Karbala|Karbalā’ province|Kerbala|كربلاء",
    "13": "Kirkuk|Kirkūk province|At-Ta'mim province|Ta'mim|كركوك",
    "14": "Maysan|Maysān  province|Missan|ميسان",
    "15": "Nineveh|Ninewa|Ninawa|Nīnawá province|نينوى",
    "16": "Wasit|Wāsiţ province|واسط",
    "17": "Najaf|An Najaf province|An-Najaf|النجف",
    "18": "Salah ad Din|Salahaddin|Şalāḩ ad Dīn province|Salah al-Din|صلاح الدين",
}  # fmt: skip


def codes(units: UnitNames, found: frozenset[int]) -> set[str | None]:
    """The codes of units by number."""
    index = units.index
    return {index.admin1[row] for unit in found for row in index.rows_of_unit[unit] if index.admin1[row] is not None}


@pytest.fixture(scope="module")
def syria(embedded: Session) -> UnitNames:
    """The units of Syria that come with the product."""
    return UnitNames(PlaceIndex(embedded, "SY"))


@pytest.fixture(scope="module")
def iraq(embedded: Session) -> UnitNames:
    """The units of Iraq that come with the product."""
    return UnitNames(PlaceIndex(embedded, "IQ"))


@pytest.fixture(scope="module")
def units(small: Session) -> UnitNames:
    """The units of the small gazetteer."""
    return UnitNames(PlaceIndex(small))


def _spellings(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, spelling) for code, spellings in table.items() for spelling in spellings.split("|")]


class TestGovernorates:
    @pytest.mark.parametrize(("code", "spelling"), _spellings(SYRIA))
    def test_a_syrian_governorate_is_known_in_any_spelling(self, syria: UnitNames, code: str, spelling: str) -> None:
        assert codes(syria, syria.find(spelling, PlaceKind.ADM1)) == {code}

    @pytest.mark.parametrize(("code", "spelling"), _spellings(IRAQ))
    def test_an_iraqi_governorate_is_known_in_any_spelling(self, iraq: UnitNames, code: str, spelling: str) -> None:
        assert codes(iraq, iraq.find(spelling, PlaceKind.ADM1)) == {code}

    @pytest.mark.parametrize(
        "text", ["Atlantis", "Qrrwtz", "", " ", "governorate", "7", "\ud800", "x" * 10_000, "Cairo"]
    )
    def test_what_is_no_governorate_is_none(self, syria: UnitNames, text: str) -> None:
        assert syria.find(text, PlaceKind.ADM1) == frozenset()

    def test_every_spelling_of_the_event_data_is_one_governorate(
        self, syria: UnitNames, iraq: UnitNames, shared_data: Path
    ) -> None:
        found: dict[tuple[str, str], set[str | None]] = {}
        for country, name in sorted(_event_units(shared_data)):
            units = {"SY": syria, "IQ": iraq}[country]
            found[country, name] = codes(units, units.find(name, PlaceKind.ADM1))
        assert len(found) > 30
        assert {pair: code for pair, code in found.items() if len(code) != 1} == {}
        assert len({next(iter(code)) for (country, _), code in found.items() if country == "SY"}) == 14

    def test_real_boundary_files_leave_each_spelling_one_unit(self, real: Session, shared_data: Path) -> None:
        for country in ("SY", "IQ"):
            units = UnitNames(PlaceIndex(real, country))
            for owner, name in sorted(_event_units(shared_data)):
                assert owner != country or len(units.find(name, PlaceKind.ADM1)) == 1, name


def _event_units(shared_data: Path) -> set[tuple[str, str]]:
    """Country and first-order unit as UCDP writes them."""
    pairs: set[tuple[str, str]] = set()
    for file in ("ged_syria", "ged_iraq"):
        with (shared_data / "ucdp_ged" / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["country"] in ("Syria", "Iraq") and row["adm_1"] != "":
                    pairs.add(({"Syria": "SY", "Iraq": "IQ"}[row["country"]], row["adm_1"]))
    for country in ("sy", "iq"):
        lines = (shared_data / "geocoding" / f"ucdp_{country}.jsonl").read_text(encoding="utf-8").splitlines()
        pairs |= {(row["country"], row["admin1"]) for row in map(json.loads, lines) if row["admin1"]}
    return pairs


class TestDistricts:
    def test_a_district_is_found_within_its_governorate(self, units: UnitNames) -> None:
        aleppo = units.find("Halab", PlaceKind.ADM1)
        homs = units.find("Homs", PlaceKind.ADM1)
        manbij = units.find("Menbij district", PlaceKind.ADM2, within=aleppo)
        assert len(manbij) == 1
        assert units.find("Menbij", PlaceKind.ADM2) == manbij
        assert units.find("Menbij", PlaceKind.ADM2, within=homs) == frozenset()

    def test_words_for_units_do_not_matter(self, units: UnitNames) -> None:
        plain = units.find("Manbij", PlaceKind.ADM2)
        for text in (
            "Manbij district",
            "Mintaqat Manbij",
            "Markaz Manbij",
            "قضاء منبج",
            "Manbij Sub-District",
            "Rural Manbij",
        ):
            assert units.find(text, PlaceKind.ADM2) == plain, text

    def test_levels_are_kept_apart(self, units: UnitNames) -> None:
        assert units.find("Manbij", PlaceKind.ADM1) == frozenset()
        governorate, district = (units.find("Raqqa", kind) for kind in (PlaceKind.ADM1, PlaceKind.ADM2))
        assert len(governorate) == len(district) == 1
        assert governorate != district

    def test_a_governorate_within_itself_is_found(self, units: UnitNames) -> None:
        aleppo = units.find("Aleppo", PlaceKind.ADM1)
        assert units.find("Aleppo", PlaceKind.ADM1, within=aleppo) == aleppo

    def test_an_answer_is_the_same_when_asked_again(self, units: UnitNames) -> None:
        assert units.find("Ar Raqqa", PlaceKind.ADM1) is units.find("Ar Raqqa", PlaceKind.ADM1)

    def test_names_of_units_are_gathered_once_for_an_index(self, units: UnitNames) -> None:
        assert unit_names(units.index) is unit_names(units.index)

    @given(st.text(st.characters(exclude_categories=()), max_size=40))
    def test_any_text_may_be_asked_for(self, units: UnitNames, text: str) -> None:
        found = units.find(text, PlaceKind.ADM1)
        assert all(0 <= unit < len(units.index.rows_of_unit) for unit in found)


class TestCountries:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("SY", "SY"),
            ("sy", "SY"),
            (" iq ", "IQ"),
            ("Syria", "SY"),
            ("IRAQ", "IQ"),
            ("سوريا", "SY"),
            ("العراق", "IQ"),
        ],
    )
    def test_a_country_is_known_by_code_and_name(self, small: Session, text: str, code: str) -> None:
        assert country_of_text(small, memory_of(small), text) == code

    @pytest.mark.parametrize("text", ["ZZ", "Atlantis", "", " ", "Aleppo", "\ud800", "سو"])
    def test_what_is_no_country_is_none(self, small: Session, text: str) -> None:
        assert country_of_text(small, memory_of(small), text) is None


class TestDistances:
    def test_a_place_inside_is_not_outside(self, small: Session, units: UnitNames) -> None:
        homs = units.find("Homs", PlaceKind.ADM1)
        lon, lat = np.array([36.726, 39.6, 38.0]), np.array([34.724, 33.6, 35.8993])
        inside, edge, north = distance_outside_km(small, units.index, homs, lon, lat)
        assert inside == edge == 0
        assert north == pytest.approx(distance_m(38.0, 34.9, 38.0, 35.8993) / 1000, rel=0.1)

    def test_the_nearest_of_several_units_counts(self, small: Session, units: UnitNames) -> None:
        homs, aleppo = (units.find(name, PlaceKind.ADM1) for name in ("Homs", "Aleppo"))
        lon, lat = np.array([37.0, 36.726]), np.array([36.3, 34.724])
        assert distance_outside_km(small, units.index, homs | aleppo, lon, lat).tolist() == [0.0, 0.0]
        assert distance_outside_km(small, units.index, homs, lon, lat)[0] > 100

    def test_without_polygons_nothing_is_outside(self, embedded: Session, syria: UnitNames) -> None:
        homs = syria.find("Homs", PlaceKind.ADM1)
        assert distance_outside_km(embedded, syria.index, homs, np.array([0.0]), np.array([0.0])).tolist() == [0.0]
        assert distance_outside_km(embedded, syria.index, frozenset(), np.zeros(2), np.zeros(2)).tolist() == [0, 0]
        assert len(distance_outside_km(embedded, syria.index, homs, np.zeros(0), np.zeros(0))) == 0

    @given(st.floats(35, 46), st.floats(32, 38), st.floats(35, 46), st.floats(32, 38))
    def test_rough_distances_are_near_the_exact_ones(self, lon: float, lat: float, lon2: float, lat2: float) -> None:
        rough = float(distance_km(np.array([lon]), np.array([lat]), (lon2, lat2))[0])
        exact = distance_m(lon, lat, lon2, lat2) / 1000
        assert rough == pytest.approx(exact, rel=0.05, abs=0.01)


class TestFurtherNames:
    def test_a_further_name_that_a_district_has_is_rather_the_district(self, own_small: Database) -> None:
        with write_session(own_small, who="tester", why="as some say") as session:
            add_name(session, "areas:id:governorates-1", "Menbij")
        with read_session(own_small) as session:
            units = UnitNames(PlaceIndex(session))
            aleppo = units.find("Aleppo", PlaceKind.ADM1)
            assert units.find("Menbij", PlaceKind.ADM1) == aleppo
            assert units.is_rather("Menbij", PlaceKind.ADM2, aleppo)
            assert not units.is_rather("Aleppo", PlaceKind.ADM2, aleppo)

    @pytest.mark.parametrize("text", ["Raqqa", "Ar-Raqqah governorate", "الرقة", "Rakka"])
    def test_the_main_name_in_any_spelling_is_the_governorate(self, units: UnitNames, text: str) -> None:
        assert not units.is_rather(text, PlaceKind.ADM2, units.find(text, PlaceKind.ADM1))
