"""The geopy face of the gazetteer: geopy's own habits, and nothing picked silently."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from geopy.distance import geodesic
from geopy.exc import GeocoderQueryError, GeocoderUnavailable
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders.base import Geocoder
from geopy.point import Point
from shapely.geometry import box
from sqlmodel import Session

from db.engine import Database
from db.errors import InputError, NotFoundError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import LocationMethod, PlaceKind, PrecisionLevel
from gazetteer.geocoder import GazetteerGeocoder
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from gazetteer.sources.areas import import_areas, store_area
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.store import PlaceRecord, PlaceWriter
from gazetteer.units import refresh_units

JINAH = Candidate(
    place_id=1, source="geonames", source_key="170063", name="Al Jinah", kind=PlaceKind.SETTLEMENT, lon=36.8, lat=36.0,
    radius_m=2_000.0, extent_m=1_000.0, precision=PrecisionLevel.SETTLEMENT, matched="الجينة", language="ar",
    hierarchy=("Syria", "Aleppo"), country="SY", population=900, score=3.5, probability=0.97,
    reasons=("spelled exactly",),
)  # fmt: skip
JANNA = replace(
    JINAH, source_key="2", place_id=None, name="Al Janna", lon=38.0, lat=35.0, probability=0.2, reasons=("by sound",)
)
ALEPPO = replace(
    JINAH, source_key="3", place_id=None, name="Aleppo", kind=PlaceKind.ADM1, lon=37.3, lat=36.2, radius_m=110_000.0,
    precision=PrecisionLevel.ADM1, hierarchy=("Syria",), probability=0.9, area_id=1,
)  # fmt: skip
SURE = Answer(
    "الجينة", PlaceVerdict.SURE, (JINAH, JANNA), 36.8, 36.0, 2_500.0, None, PrecisionLevel.SETTLEMENT,
    LocationMethod.GAZETTEER, notes=("read as a village",),
)  # fmt: skip
COARSE = Answer(
    "rural Aleppo", PlaceVerdict.COARSE, (ALEPPO, JINAH), 37.3, 36.2, 112_000.0, box(36, 35, 39, 37),
    PrecisionLevel.ADM1, LocationMethod.GAZETTEER,
)  # fmt: skip
AMBIGUOUS = Answer("Al Jinah", PlaceVerdict.AMBIGUOUS, (JINAH, JANNA))
NOTHING = Answer("Xyz", PlaceVerdict.NOT_FOUND, ())


class Told:
    """Stands in for the search: answers as told and keeps what it was asked."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, session: Session, text: str, **context: Any) -> Answer:
        self.asked.append((text, context))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def told(database: Database, answer: Answer | Exception) -> GazetteerGeocoder:
    return GazetteerGeocoder(database, locate_with=Told(answer))


@pytest.fixture
def syria(database: Database) -> Database:
    """Two villages in one governorate of a country, all squares."""
    with write_session(database, who="tester", why="a small gazetteer") as session:
        country, governorate = store_area(session, box(35, 32, 42, 37)), store_area(session, box(36, 35, 38, 37))
        unit = {"source": "areas", "country": "SY", "licence": "CC0"}
        village = {"source": "geonames", "country": "SY", "licence": "CC BY 4.0 (GeoNames)", "radius_m": 2_000.0}
        PlaceWriter(session).write([
            PlaceRecord(source_key="170063", name="Al Jinah", kind=PlaceKind.SETTLEMENT, lon=36.8, lat=36.0,
                        admin1="09", admin1_name="Aleppo", names=["الجينة"], **village),
            PlaceRecord(source_key="2", name="Kafr Halab", kind=PlaceKind.SETTLEMENT, lon=36.9, lat=36.1, admin1="09",
                        **village),
            PlaceRecord(source_key="SY", name="Syria", kind=PlaceKind.COUNTRY, lon=38.5, lat=34.5, area_id=country,
                        **unit),
            PlaceRecord(source_key="SY.09", name="Aleppo", kind=PlaceKind.ADM1, lon=37.0, lat=36.0, admin1="09",
                        area_id=governorate, **unit),
        ])  # fmt: skip
        refresh_units(session)
    return database


class TestGeocode:
    def test_a_sure_answer_is_a_location_with_everything_in_raw(self, syria: Database) -> None:
        found = told(syria, SURE).geocode("الجينة")
        assert found.address == "Al Jinah, Aleppo, Syria"
        assert (found.latitude, found.longitude) == (36.0, 36.8)
        assert found.point == Point(36.0, 36.8)
        raw = found.raw
        assert (raw["verdict"], raw["probability"], raw["radius_m"]) == ("sure", 0.97, 2_500.0)
        assert (raw["precision"], raw["method"], raw["kind"]) == ("settlement", "gazetteer", "settlement")
        assert raw["hierarchy"] == ["Syria", "Aleppo"]
        assert (raw["key"], raw["source"], raw["source_key"]) == ("geonames:170063", "geonames", "170063")
        assert (raw["matched"], raw["language"]) == ("الجينة", "ar")
        assert (raw["reasons"], raw["notes"]) == (["spelled exactly"], ["read as a village"])
        assert raw["licence"] == "CC BY 4.0 (GeoNames)"
        assert raw["attribution"] == "geonames: CC BY 4.0 (GeoNames)"
        assert json.loads(json.dumps(raw)) == raw

    def test_a_location_can_be_pickled_and_taken_apart_as_geopys_can(self, syria: Database) -> None:
        found = told(syria, SURE).geocode("الجينة")
        address, (latitude, longitude) = found
        assert (address, latitude, longitude) == (found.address, 36.0, 36.8)
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 (it was pickled here)

    def test_a_coarse_answer_is_the_unit_with_its_radius(self, syria: Database) -> None:
        found = told(syria, COARSE).geocode("rural Aleppo")
        assert found.address == "Aleppo, Syria"
        assert (found.raw["verdict"], found.raw["precision"], found.raw["radius_m"]) == ("coarse", "adm1", 112_000.0)
        assert found.raw["bounds"] == [36.0, 35.0, 39.0, 37.0]

    def test_a_coarse_answer_takes_no_name_of_a_place_inside(self, syria: Database) -> None:
        geocoder = told(syria, replace(COARSE, candidates=(JINAH, JANNA)))
        found = geocoder.geocode("rural Aleppo")
        assert (found.address, found.raw["probability"], found.raw["source_key"]) == ("rural Aleppo", None, None)
        everything = geocoder.geocode("rural Aleppo", exactly_one=False)
        assert [one.address for one in everything] == [
            "rural Aleppo", "Al Jinah, Aleppo, Syria", "Al Janna, Aleppo, Syria",
        ]  # fmt: skip

    @pytest.mark.parametrize("answer", [AMBIGUOUS, NOTHING], ids=["ambiguous", "not found"])
    def test_what_is_not_settled_is_none(self, syria: Database, answer: Answer) -> None:
        assert told(syria, answer).geocode("x") is None

    def test_all_candidates_are_given_when_asked_for(self, syria: Database) -> None:
        found = told(syria, AMBIGUOUS).geocode("Al Jinah", exactly_one=False)
        assert [(one.address, one.raw["probability"]) for one in found] == [
            ("Al Jinah, Aleppo, Syria", 0.97), ("Al Janna, Aleppo, Syria", 0.2),
        ]  # fmt: skip
        assert {one.raw["verdict"] for one in found} == {"ambiguous"}
        assert len(told(syria, AMBIGUOUS).geocode("Al Jinah", exactly_one=False, limit=1)) == 1
        assert told(syria, NOTHING).geocode("Al Jinah", exactly_one=False) is None

    def test_context_language_and_limit_are_passed_on(self, syria: Database) -> None:
        search = Told(SURE)
        GazetteerGeocoder(syria, locate_with=search).geocode(
            "Al Jinah", country="SY", admin1="Aleppo", admin2="Jarablus", language="ar", limit=3, timeout=1
        )
        context = {"country": "SY", "admin1": "Aleppo", "admin2": "Jarablus", "language": "ar", "limit": 3}
        assert search.asked == [("Al Jinah", context)]

    # A structured query as geopy's Nominatim takes it, and the text, country, governorate and district asked for.
    @pytest.mark.parametrize(
        ("query", "asked"),
        [
            ({"city": "Al Jinah", "state": "Aleppo", "country": "SY"}, ("Al Jinah", "SY", "Aleppo", None)),
            ({"city": "Al Jinah", "county": "Harim", "state": "Idlib"}, ("Al Jinah", None, "Idlib", "Harim")),
            ({"state": "Raqqa", "country": "Syria"}, ("Raqqa governorate", "Syria", None, None)),
            ({"state": "محافظة حلب"}, ("محافظة حلب", None, None, None)),
            ({"county": "Harim", "state": "Idlib"}, ("Harim district", None, "Idlib", None)),
            ({"country": "Iraq", "city": " "}, ("Iraq", None, None, None)),
            ({"city": "Homs", "state": None, "country": float("nan")}, ("Homs", None, None, None)),
        ],
    )
    def test_a_structured_query_is_a_name_with_its_units(
        self, syria: Database, query: dict[str, Any], asked: tuple[str | None, ...]
    ) -> None:
        search = Told(SURE)
        GazetteerGeocoder(syria, locate_with=search).geocode(query)
        ((text, context),) = search.asked
        assert (text, context["country"], context["admin1"], context["admin2"]) == asked

    @pytest.mark.parametrize("query", [None, "", "  ", float("nan"), {}, {"city": ""}], ids=repr)
    def test_an_empty_cell_is_none_and_is_not_looked_up(self, syria: Database, query: Any) -> None:
        search = Told(SURE)
        assert GazetteerGeocoder(syria, locate_with=search).geocode(query) is None
        assert search.asked == []

    @pytest.mark.parametrize(
        ("query", "options"),
        [
            ({"city": "Homs", "postalcode": "1"}, {}),
            ({"city": "Homs", "state": "Homs"}, {"admin1": "Aleppo"}),
            (7, {}),
            (["Homs"], {}),
            ("Homs", {"limit": 0}),
        ],
    )
    def test_what_cannot_be_asked_is_geopys_query_error(
        self, syria: Database, query: Any, options: dict[str, Any]
    ) -> None:
        with pytest.raises(GeocoderQueryError):
            told(syria, SURE).geocode(query, **options)

    def test_wrong_input_is_geopys_query_error_and_a_missing_database_is_not(
        self, syria: Database, tmp_path: Any
    ) -> None:
        with pytest.raises(GeocoderQueryError, match="unknown_context"):
            told(syria, NotFoundError("unknown_context", "There is no such unit.")).geocode("x", admin1="Narnia")
        absent = GazetteerGeocoder(SqliteDatabase(tmp_path / "none.db"), locate_with=Told(SURE))
        with pytest.raises(InputError) as error:
            RateLimiter(absent.geocode)("x")
        assert error.value.code == "no_database"


class TestGeopysHabits:
    def test_it_is_a_geocoder_that_reaches_no_network(self, syria: Database) -> None:
        geocoder = told(syria, SURE)
        assert isinstance(geocoder, Geocoder)
        for ask in (geocoder.adapter.get_json, geocoder.adapter.get_text):
            with pytest.raises(GeocoderUnavailable):
                ask("https://example.org", timeout=1, headers={})

    def test_one_session_serves_a_with_block(self, syria: Database) -> None:
        opened: list[int] = []

        def factory() -> Any:
            opened.append(1)
            return read_session(syria)

        geocoder = GazetteerGeocoder(factory, locate_with=Told(SURE))
        with geocoder as same:
            assert same is geocoder
            assert [geocoder.geocode("x") is not None for _ in range(3)] == [True] * 3
        assert len(opened) == 1
        assert geocoder.geocode("x") is not None
        assert len(opened) == 2

    def test_it_works_behind_a_rate_limiter(self, syria: Database) -> None:
        geocode = RateLimiter(told(syria, SURE).geocode, min_delay_seconds=0)
        assert geocode("الجينة").address == "Al Jinah, Aleppo, Syria"

    def test_the_recipe_for_data_frames_works(self, syria: Database) -> None:
        """As geopy's documentation has it: ``apply(geocode)``, then ``apply(lambda loc: tuple(loc.point))``."""
        names = ["الجينة", None, "Al Jinah"]
        with told(syria, SURE) as geocoder:
            geocode: Callable[[Any], Any] = RateLimiter(geocoder.geocode, min_delay_seconds=0)
            locations = list(map(geocode, names))
        assert [tuple(one.point) if one else None for one in locations] == [(36.0, 36.8, 0.0), None, (36.0, 36.8, 0.0)]


class TestReverse:
    # The same point as geopy lets it be given: latitude first in pairs.
    @pytest.mark.parametrize(
        "query",
        [
            Point(36.01, 36.8), Point(36.01, 36.8, 2.0), (36.01, 36.8), [36.01, 36.8], (36.01, 36.8, 0.0),
            "36.01, 36.8", "36.01,36.8", "36°00'36\"N 36°48'00\"E", "N36.01 E36.8",
        ],
        ids=repr,
    )  # fmt: skip
    def test_every_form_of_a_point_has_the_latitude_first(self, syria: Database, query: Any) -> None:
        found = GazetteerGeocoder(syria).reverse(query)
        assert found.address == "1.1 km north of Al Jinah, Aleppo, Syria"
        assert (found.latitude, found.longitude) == (pytest.approx(36.01), pytest.approx(36.8))

    def test_the_answer_is_of_the_asked_point_and_says_what_is_near_and_around(self, syria: Database) -> None:
        raw = GazetteerGeocoder(syria).reverse((36.01, 36.8)).raw
        assert raw["nearest"]["name"] == "Al Jinah"
        assert raw["nearest"]["distance_m"] == pytest.approx(1_109.7, abs=0.5)
        assert raw["units"]["governorate"]["name"] == "Aleppo"
        assert (raw["units"]["district"], raw["hierarchy"]) == (None, ["Syria", "Aleppo"])
        assert raw["attribution"] == ["areas: CC0", "geonames: CC BY 4.0 (GeoNames)"]
        assert json.loads(json.dumps(raw)) == raw

    def test_all_that_is_known_is_the_settlement_and_the_chain_of_units(self, syria: Database) -> None:
        found = GazetteerGeocoder(syria).reverse((36.01, 36.8), exactly_one=False)
        assert [one.address for one in found[1:]] == ["Al Jinah, Aleppo, SY", "Aleppo, SY", "Syria, SY"]
        assert [one.raw["kind"] for one in found[1:]] == ["settlement", "adm1", "country"]
        assert (found[1].latitude, found[1].longitude) == (36.0, 36.8)

    def test_a_point_of_which_nothing_is_known_is_none(self, syria: Database) -> None:
        geocoder = GazetteerGeocoder(syria)
        assert geocoder.reverse((-40.0, -120.0)) is None
        assert geocoder.reverse((-40.0, -120.0), exactly_one=False) is None

    @pytest.mark.parametrize("query", [None, (float("nan"), 1.0)], ids=repr)
    def test_an_empty_cell_is_none(self, syria: Database, query: Any) -> None:
        assert GazetteerGeocoder(syria).reverse(query) is None

    # geopy's own reader takes the first of these for 7 degrees north, 8 east.
    def test_degrees_with_blanks_are_never_taken_for_other_degrees(self, syria: Database) -> None:
        found = GazetteerGeocoder(syria).reverse("36 20 6 N, 37 7 8 E")
        assert (found.latitude, found.longitude) == (pytest.approx(36.335), pytest.approx(37.118889, abs=1e-6))

    @pytest.mark.parametrize(
        "query", ["Aleppo", "91, 36", "", (91.0, 36.0), (36.0,), (1, 2, 3, 4), ("36", "37"), 36.0, {"lat": 1}], ids=repr
    )
    def test_what_is_no_point_on_earth_is_geopys_query_error(self, syria: Database, query: Any) -> None:
        with pytest.raises(GeocoderQueryError):
            GazetteerGeocoder(syria).reverse(query)


@pytest.mark.xdist_group("geocoder")
class TestTheRealSearch:
    """Nothing stands in: the search itself, on a small gazetteer and on that of Syria."""

    def test_a_name_is_found_among_few(self, syria: Database) -> None:
        found = GazetteerGeocoder(syria).geocode("الجينة", admin1="Aleppo", country="SY", exactly_one=False)
        assert found[0].address == "Al Jinah, Aleppo, Syria"
        assert found[0].raw["key"] == "geonames:170063"
        assert found[0].raw["licence"] == "CC BY 4.0 (GeoNames)"
        assert 0.0 < found[0].raw["probability"] <= 1.0
        assert json.loads(json.dumps(found[0].raw)) == found[0].raw

    def test_coordinates_as_text_are_their_own_point(self, syria: Database) -> None:
        found = GazetteerGeocoder(syria).geocode("36 20 6 N, 37 7 8 E")
        assert (found.latitude, found.longitude) == (pytest.approx(36.335), pytest.approx(37.118889, abs=1e-6))
        assert found.raw["verdict"] == "sure"
        assert found.raw["radius_m"] < 100

    def test_coordinates_that_cannot_be_are_geopys_query_error(self, syria: Database) -> None:
        with pytest.raises(GeocoderQueryError):
            GazetteerGeocoder(syria).geocode("95.0 N, 37.0 E")

    def test_a_unit_is_answered_by_its_area_and_never_by_a_town(self, real_syria: Database) -> None:
        found = GazetteerGeocoder(real_syria).geocode("Aleppo governorate")
        assert (found.raw["verdict"], found.raw["precision"]) == ("coarse", "adm1")
        assert found.raw["radius_m"] > 80_000
        west, south, east, north = found.raw["bounds"]
        assert west < 37.0 < east
        assert south < 36.0 < north

    def test_a_name_of_many_places_is_none_and_its_candidates_are_listed(self, real_syria: Database) -> None:
        with GazetteerGeocoder(real_syria) as geocoder:
            assert geocoder.geocode("Al Mansura") is None
            found = geocoder.geocode("Al Mansura", exactly_one=False)
        assert len(found) >= 5
        assert {one.raw["verdict"] for one in found} == {"ambiguous"}
        assert any("places are called so" in note for note in found[0].raw["notes"])

    def test_a_village_with_its_governorate_comes_first(self, real_syria: Database) -> None:
        found = GazetteerGeocoder(real_syria).geocode("Al Jinah, Aleppo province", exactly_one=False)
        assert "Aleppo" in found[0].address
        assert geodesic(found[0].point, (36.123, 36.825)).km < 10

    def test_a_point_lies_in_its_district_and_governorate(self, real_syria: Database) -> None:
        found = GazetteerGeocoder(real_syria).reverse("35.95, 39.01")
        assert found.address.endswith("Syria")
        assert found.raw["units"]["governorate"]["name"] == "Ar-Raqqah"
        assert found.raw["nearest"]["distance_m"] < 5_000


@pytest.fixture(scope="module")
def real_syria(
    shared_data: Path, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Database:  # fmt: skip
    """The places, codes, governorates and districts of Syria from the shared data."""
    path = tmp_path_factory.mktemp("syria") / "incidents.db"
    shutil.copy(template, path)
    folder = shared_data / "gazetteer"
    with write_session(SqliteDatabase(path), who="tester", why="Syria") as session:
        for name in ("SY.txt", "admin1CodesASCII.txt"):
            import_geonames(session, folder / name)
        for name, level in (("country", PlaceKind.COUNTRY), ("region", PlaceKind.ADM1), ("county", PlaceKind.ADM2)):
            import_areas(session, folder / f"sy_{name}.geojson", level=level, licence="CC0 (Who's On First)")
    return SqliteDatabase(path)
