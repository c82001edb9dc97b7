"""Files that nobody meant: whatever is in them, an import ends with this product's error or with all of it.

Random bytes, and good files with bytes, cells or members changed. Nothing but an `AtlasError` comes out, and of a
file that is refused nothing stays.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from db.errors import AtlasError, ConflictError, InputError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import PlaceKind
from gazetteer.geometry import area_from_file
from gazetteer.sources.areas import import_areas
from gazetteer.sources.geonames import import_geonames
from incidents.exports.geojson import write_geojson
from incidents.importers.ged import import_ged
from incidents.importers.own_csv import import_csv
from incidents.importers.own_geojson import import_geojson
from incidents.query import Query, find
from incidents.tiers import Tier
from tests.bad.desk import GEONAMES, digest, geonames_line
from tests.bad.doors import SQUARE, polygon
from tests.incidents.conftest import build_ledger

GED = Path(__file__).parent / "fixtures" / "ged" / "syria_few.csv"
Reader = Callable[[Session, Path], Any]
READERS: dict[str, Reader] = {
    "csv": lambda session, path: import_csv(session, path),
    "claims": lambda session, path: import_csv(session, None, path, create_sources=True),
    "geojson": lambda session, path: import_geojson(session, path),
    "geonames": lambda session, path: import_geonames(session, path),
    "areas": lambda session, path: import_areas(session, path, level=PlaceKind.ADM2),
    "polygon": lambda session, path: area_from_file(path),
}
INCIDENTS = [
    ["code", "name", "start", "tz", "lon", "lat", "precision", "location_source", "location_report", "names"],
    ["school", "The school", "2017-03-17", "Asia/Damascus", "37.1", "36.1", "exact", "monitor", "monitor-1", "a | b"],
    ["shop", "دكان", "2017-03-17T08:24", "Asia/Baghdad", "", "", "", "", "", ""],
]
CLAIMS = [
    ["incident", "source", "report", "category", "words", "bound", "minimum", "maximum", "stated"],
    ["market", "monitor", "monitor-1", "civilian", "at least 33", "", "", "", "2017-03-22"],
    ["clinic", "echo", "monitor-1", "child", "", "between", "3", "7", "2017-03"],
]
AREAS = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {"name": "A", "country": "SY"}, "geometry": polygon(SQUARE)}],
}
NASTY = st.sampled_from([
    "", " ", "0", "-1", "1e999", "NaN", "9" * 5_000, "1_000", "٣٤", "2017-02-30", "9999-12-31", "0001", "a\0b", "=1+1",
    "\u202e", "\ud800", "'", "|", "\\", "a" * 30_000, "[..]", "2017-03-17/..", "http://[", "\n", '"', "null", "../x",
])  # fmt: skip
TEXTS = NASTY | st.text(max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def ledger(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds an invented ledger; no test writes to it."""
    path = tmp_path_factory.mktemp("fuzz") / "ledger.db"
    shutil.copy(template, path)
    with write_session(SqliteDatabase(path), who="tester", why="an invented ledger") as session:
        build_ledger(session)
    return path


@pytest.fixture(scope="module")
def exported(ledger: Path) -> dict[str, Any]:
    """The ledger as our own GeoJSON."""
    out = io.BytesIO()
    with read_session(SqliteDatabase(ledger)) as session:
        write_geojson(session, find(session, Query(tier=Tier.INTERNAL)).keys(), out, tier=Tier.INTERNAL)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def taken(ledger: Path, tmp_path: Path) -> Callable[[str, bytes], AtlasError | None]:
    """Reads a file of some format into a copy of the ledger; returns the error, after which nothing is changed."""
    path = tmp_path / "ledger.db"
    shutil.copy(ledger, path)
    before = digest(path)

    def take(name: str, content: bytes) -> AtlasError | None:
        file = tmp_path / "given"
        file.write_bytes(content)
        try:
            with write_session(SqliteDatabase(path), who="tester", why="a file") as session:
                READERS[name](session, file)
        except AtlasError as error:
            found = error
        else:
            shutil.copy(ledger, path)
            return None
        assert isinstance(found, InputError | ConflictError), found
        assert str(found).startswith(f"[{found.code}] ")
        assert digest(path) == before
        return found

    return take


Taken = Callable[[str, bytes], AtlasError | None]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40)
@given(content=st.binary(max_size=300))
@example(content=b"")
@example(content=b"\xff\xfe")
@example(content=b"\xff\xfe\x00\xd8")
@example(content=b"[" * 10_000)
@example(content=b'"' * 1_000)
@example(content=b"code,name\n" + b"," * 10_000)
def test_random_bytes_are_refused_or_read_whole(taken: Taken, name: str, content: bytes) -> None:
    taken(name, content)


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


GOOD = {
    "csv": as_csv(INCIDENTS),
    "claims": as_csv(CLAIMS),
    "geonames": "".join(geonames_line(*place) for place in GEONAMES).encode(),
    "areas": json.dumps(AREAS).encode(),
    "polygon": json.dumps(polygon(SQUARE)).encode(),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_files_that_are_changed_below_are_good(taken: Taken, name: str) -> None:
    assert taken(name, GOOD[name]) is None


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60)
@given(data=st.data())
def test_a_good_file_with_bytes_changed_is_refused_or_read_whole(taken: Taken, name: str, data: st.DataObject) -> None:
    content = GOOD[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    taken(name, content[:start] + data.draw(st.binary(max_size=8)) + content[end:])


@pytest.mark.parametrize(("name", "rows"), [("csv", INCIDENTS), ("claims", CLAIMS)])
@settings(max_examples=80)
@given(data=st.data())
def test_a_csv_with_cells_changed_is_refused_or_read_whole(
    taken: Taken, name: str, rows: list[list[str]], data: st.DataObject
) -> None:
    changed = copy.deepcopy(rows)
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.integers(0, len(rows) - 1))
        changed[row][data.draw(st.integers(0, len(rows[0]) - 1))] = data.draw(TEXTS)
    taken(name, as_csv(changed))


def places_in(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any, Any]]:
    """Every member of every object and array in ``value``: its path without numbers, the container and the key."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    found = []
    for key in keys:
        here = (*path, key if isinstance(key, str) else "*")
        found += [(here, value, key), *places_in(value[key], here)]
    return found


def a_place_in(document: Any, data: st.DataObject) -> tuple[Any, Any]:
    """A container in ``document`` and a key in it; each kind of member is as likely as any other."""
    kinds: dict[tuple[str, ...], list[tuple[Any, Any]]] = {}
    for path, container, key in places_in(document):
        kinds.setdefault(path, []).append((container, key))
    if len(kinds) == 0:
        return {}, "none"
    found: tuple[Any, Any] = data.draw(st.sampled_from(kinds[data.draw(st.sampled_from(sorted(kinds)))]))
    return found


def changed_json(document: Any, data: st.DataObject) -> bytes:
    """``document`` with one to three members taken away or given another value."""
    changed = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = a_place_in(changed, data)
        if data.draw(st.booleans()):
            container[key] = data.draw(VALUES)
        elif isinstance(container, list) or key in container:
            del container[key]
    return json.dumps(changed).encode()


@settings(max_examples=120)
@given(data=st.data())
def test_our_own_geojson_with_members_changed_is_refused_or_read_whole(
    taken: Taken, exported: dict[str, Any], data: st.DataObject
) -> None:
    taken("geojson", changed_json(exported, data))


@settings(max_examples=80)
@given(data=st.data())
def test_boundaries_with_members_changed_are_refused_or_read_whole(taken: Taken, data: st.DataObject) -> None:
    taken("areas", changed_json(AREAS, data))


@settings(max_examples=80)
@given(data=st.data())
def test_a_polygon_with_members_changed_is_refused_or_read(taken: Taken, data: st.DataObject) -> None:
    taken("polygon", changed_json(AREAS, data))


@settings(max_examples=25)
@given(data=st.data())
def test_a_file_of_ged_with_cells_changed_ends_without_a_traceback(
    ledger: Path, tmp_path: Path, data: st.DataObject
) -> None:
    with GED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for _ in range(data.draw(st.integers(1, 4))):
        rows[data.draw(st.integers(0, len(rows) - 1))][data.draw(st.integers(0, len(rows[0]) - 1))] = data.draw(TEXTS)
    path, given_file = tmp_path / "ledger.db", tmp_path / "ged.csv"
    shutil.copy(ledger, path)
    before = digest(path)
    given_file.write_bytes(as_csv(rows))
    try:
        counts = import_ged(SqliteDatabase(path), given_file, who="tester")
    except (InputError, ConflictError):
        assert digest(path) == before
    else:
        assert counts.read == counts.tags + counts.added + counts.unchanged + counts.superseded + counts.rejected
