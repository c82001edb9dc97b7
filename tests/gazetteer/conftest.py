"""Gazetteers to search in: a small one made by hand, the one that comes with the product, and the real one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import PlaceKind
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import load_embedded
from gazetteer.sources.geonames import import_geonames
from tests.editions import Edition

Box: TypeAlias = tuple[float, float, float, float]

# Name, country, other name, west, south, east, north: a chequered Syria and Iraq.
COUNTRIES: list[tuple[str, str, str, Box]] = [
    ("Syria", "SY", "سوريا", (35.8, 33.0, 42.4, 37.4)),
    ("Iraq", "IQ", "العراق", (42.4, 33.0, 46.0, 37.4)),
]
GOVERNORATES: list[tuple[str, str, str, Box]] = [
    ("Aleppo", "SY", "حلب", (36.4, 36.0, 38.4, 37.0)),
    ("Idlib", "SY", "إدلب", (36.0, 35.4, 37.2, 36.0)),
    ("Hama", "SY", "حماة", (36.0, 34.9, 38.0, 35.4)),
    ("Homs", "SY", "حمص", (36.0, 33.6, 39.6, 34.9)),
    ("Ar-Raqqah", "SY", "الرقة", (38.4, 35.3, 39.8, 37.0)),
    ("Al-Hasakah", "SY", "الحسكة", (39.8, 35.3, 42.4, 37.3)),
    ("Deir ez-Zor", "SY", "دير الزور", (39.6, 34.0, 41.4, 35.3)),
    ("Nineveh", "IQ", "نينوى", (42.4, 35.3, 44.0, 37.3)),
    ("Baghdad", "IQ", "بغداد", (44.0, 33.0, 45.0, 34.0)),
]
DISTRICTS: list[tuple[str, str, str, Box]] = [
    ("Ath-Thawrah", "SY", "الثورة", (38.4, 35.3, 38.9, 37.0)),
    ("Ar-Raqqa", "SY", "الرقة", (38.9, 35.3, 39.8, 37.0)),
    ("Jebel Saman", "SY", "جبل سمعان", (36.4, 36.0, 37.6, 37.0)),
    ("Manbij", "SY", "منبج", (37.6, 36.0, 38.4, 37.0)),
]
# GeoNames id, name, further names, longitude, latitude, feature code, country, population.
PLACES: list[tuple[int, str, str, float, float, str, str, int]] = [
    (1, "Al Manşūrah", "Mansoura,Al Mansurah,المنصورة", 38.743, 35.839, "PPL", "SY", 0),
    (2, "Al Manşūrah", "المنصورة", 37.250, 36.350, "PPL", "SY", 0),
    (3, "Al Manşūrah", "المنصورة", 41.000, 36.500, "PPL", "SY", 0),
    (4, "Al Manşūrah", "المنصورة", 42.170, 37.180, "PPL", "SY", 0),
    (5, "Al Manşūrah", "المنصورة", 36.350, 35.150, "PPL", "SY", 0),
    (6, "Al Manşūrah", "المنصورة", 37.000, 34.300, "PPL", "SY", 0),
    (7, "Al Manşūrah", "المنصورة", 36.500, 35.550, "PPL", "SY", 0),
    (8, "Al Manşūrah", "المنصورة", 43.000, 35.900, "PPL", "IQ", 0),
    (10, "Ar Raqqah", "Raqqa,Rakka,Racca,الرقة", 39.008, 35.953, "PPLA", "SY", 177_636),
    (11, "Aleppo", "Halab,Alep,حلب", 37.161, 36.201, "PPLA", "SY", 1_602_264),
    (12, "Idlib", "Edlib,إدلب", 36.632, 35.934, "PPLA", "SY", 128_840),
    (13, "Homs", "Hims,حمص", 36.726, 34.724, "PPLA", "SY", 775_404),
    (14, "Hama", "Hamah,حماة", 36.758, 35.132, "PPLA", "SY", 460_602),
    (15, "Al Ḩasakah", "Hassakeh,الحسكة", 40.748, 36.502, "PPLA", "SY", 188_160),
    (16, "Deir ez-Zor", "Dayr az Zawr,دير الزور", 40.141, 35.250, "PPLA", "SY", 242_565),
    (17, "Mosul", "Al Mawsil,الموصل", 43.119, 36.335, "PPLA", "IQ", 1_739_800),
    (18, "Baghdad", "بغداد", 44.400, 33.341, "PPLC", "IQ", 7_216_000),
    (20, "Al Mawşil al Jadīdah", "Mosul al-Jadida,الموصل الجديدة", 43.106, 36.333, "PPLX", "IQ", 0),
    (21, "Al Jīnah", "الجينة", 36.802, 36.117, "PPL", "SY", 0),
    (22, "Al Jannā", "الجنة", 40.728, 35.714, "PPL", "SY", 0),
    (23, "Tall Rif‘at", "Tel Rifaat,تل رفعت", 37.095, 36.472, "PPL", "SY", 25_658),
    (24, "Kafr Nubl", "Kafranbel,كفر نبل", 36.565, 35.614, "PPL", "SY", 45_652),
    (25, "Manbij", "Menbij,منبج", 37.955, 36.528, "PPL", "SY", 99_497),
    (26, "Ath Thawrah", "Tabqa,At Tabqah,الطبقة", 38.549, 35.837, "PPL", "SY", 84_000),
    (27, "Tall ‘Abţah", "تل عبطة", 42.575, 35.930, "PPL", "IQ", 0),
    (28, "Qal‘at an Nahr", "قلعة النهر", 37.900, 34.500, "PPLQ", "SY", 0),
    (29, "Khān Shaykhūn", "خان شيخون", 36.651, 35.441, "PPL", "SY", 40_000),
    (30, "Bīr ash Shams ash Sharqī", "", 38.000, 36.100, "PPL", "SY", 0),
    (31, "Bīr ash Shams al Gharbī", "", 37.960, 36.100, "PPL", "SY", 0),
]


@pytest.fixture(scope="session")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the small gazetteer."""
    folder = tmp_path_factory.mktemp("small")
    for name, units in (("countries", COUNTRIES), ("governorates", GOVERNORATES), ("districts", DISTRICTS)):
        features = [_feature(f"{name}-{number}", *unit) for number, unit in enumerate(units, start=1)]
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    (folder / "places.txt").write_text("".join(map(dump_row, PLACES)), encoding="utf-8")
    return folder


def _feature(key: str, name: str, country: str, arabic: str, box: Box) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"id": key, "name": name, "name_ara": arabic, "concordances": {"iso:code": country}}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def dump_row(place: tuple[int, str, str, float, float, str, str, int]) -> str:
    """A line of a GeoNames dump: 19 columns apart by tabs."""
    key, name, names, lon, lat, code, country, people = place
    cells = [str(key), name, "", names, str(lat), str(lon), "P", code, country, *[""] * 5, str(people), "", "0", "", ""]
    return "\t".join(cells) + "\n"


@pytest.fixture(scope="session")
def small_database(edition: Edition, small_files: Path) -> Database:
    """A database with the small gazetteer; to be copied before it is written to."""

    def fill(database: Database) -> None:
        with write_session(database, who="tester", why="a gazetteer") as session:
            _load_small(session, small_files)

    return edition.prepared("small gazetteer", fill)


def _load_small(session: Session, folder: Path) -> None:
    import_areas(session, folder / "countries.geojson", level=PlaceKind.COUNTRY)
    import_areas(session, folder / "governorates.geojson", level=PlaceKind.ADM1)
    import_areas(session, folder / "districts.geojson", level=PlaceKind.ADM2)
    import_geonames(session, folder / "places.txt")


@pytest.fixture(scope="session")
def embedded_file(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with what comes with the product; to be copied before it is written to."""
    return _built(template, tmp_path_factory.mktemp("embedded") / "embedded.db", load_embedded)


@pytest.fixture(scope="session")
def real_file(embedded_file: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the units of Syria and Iraq and the places of Syria, from the shared data."""
    return _built(
        embedded_file, tmp_path_factory.mktemp("real") / "real.db",
        lambda session: _load_real(session, shared_data / "gazetteer"),
    )  # fmt: skip


def _load_real(session: Session, folder: Path) -> None:
    for country in ("sy", "iq"):
        for level, name in ((PlaceKind.COUNTRY, "country"), (PlaceKind.ADM1, "region"), (PlaceKind.ADM2, "county")):
            import_areas(session, folder / f"{country}_{name}.geojson", level=level)
    import_geonames(session, folder / "SY.txt")


def _built(base: Path, path: Path, load: Callable[[Session], object]) -> Path:
    shutil.copy(base, path)
    with write_session(SqliteDatabase(path), who="tester", why="a gazetteer") as session:
        load(session)
    return path


@pytest.fixture(scope="module")
def small(small_database: Database) -> Iterator[Session]:
    """A read session on the small gazetteer, the same for a whole module."""
    with read_session(small_database) as session:
        yield session


@pytest.fixture(scope="module")
def embedded(embedded_file: Path) -> Iterator[Session]:
    """A read session on what comes with the product."""
    with read_session(SqliteDatabase(embedded_file)) as session:
        yield session


@pytest.fixture(scope="module")
def real(real_file: Path) -> Iterator[Session]:
    """A read session on the real gazetteer."""
    with read_session(SqliteDatabase(real_file)) as session:
        yield session


@pytest.fixture
def own_small(small_database: Database, edition: Edition) -> Iterator[Database]:
    """A small gazetteer of this test's own, to write to."""
    copy = edition.copy(small_database)
    yield copy
    edition.remove(copy)


@pytest.fixture(scope="session")
def small_places() -> Sequence[tuple[int, str, str, float, float, str, str, int]]:
    """The rows of the small gazetteer's dump."""
    return PLACES
