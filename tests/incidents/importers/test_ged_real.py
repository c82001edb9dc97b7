"""The real files of UCDP GED, each imported once: counts, known traps, and the named incidents' events."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from ged_files import claims_of, locations_of, put
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from db.engine import Database
from db.schema import problems
from db.session import read_session
from db.tables import Claim, ImportRow, ImportRun, Incident, IncidentReport, Location, Report
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.importers.ged import GedCounts
from incidents.query import Disc, Query, find
from incidents.tiers import Tier
from tests.editions import Edition

EVENTS = {"ged_syria.csv": 16_566, "ged_iraq.csv": 7_473}
YEAR = Query(start=datetime(2017, 1, 1, tzinfo=UTC), end=datetime(2018, 1, 1, tzinfo=UTC))

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("both files of GED")]


Counts = dict[str, GedCounts]
SAID: dict[str, Counts] = {}


def imported_in(edition: Edition, shared_data: Path) -> tuple[Database, Counts]:
    """A database with both files, and what became of each; nothing may be changed in it."""
    files = [shared_data / "ucdp_ged" / name for name in EVENTS]
    if not all(file.exists() for file in files):
        pytest.skip("../shared/data/ucdp_ged is not beside this checkout")

    def fill(database: Database) -> None:
        SAID[edition.name] = {file.name: put(database, file) for file in files}

    return edition.prepared("both files of GED", fill), SAID[edition.name]


@pytest.fixture(scope="module")
def imported(edition: Edition, shared_data: Path) -> tuple[Database, Counts]:
    """Both files in the edition at hand."""
    return imported_in(edition, shared_data)


def test_every_event_of_both_files_is_imported(imported: tuple[Database, Counts]) -> None:
    database, counts = imported
    assert {name: found.added for name, found in counts.items()} == EVENTS
    assert [found.rejected for found in counts.values()] == [0, 0]
    assert [found.tags for found in counts.values()] == [0, 1]
    with read_session(database) as session:
        assert session.exec(select(func.count()).select_from(Incident)).one() == sum(EVENTS.values())
        assert session.exec(select(func.count()).select_from(Location)).one() == sum(EVENTS.values())


def test_the_flags_are_those_that_the_data_are_known_for(imported: tuple[Database, Counts]) -> None:
    database, counts = imported
    assert counts["ged_syria.csv"].flags == {"figure_order": 101, "article_date": 26}
    assert counts["ged_iraq.csv"].flags == {
        "figure_order": 69,
        "article_date": 26,
        "articles_unparsed": 3_933,
        "no_article": 9,
    }
    with read_session(database) as session:
        kept = dict(session.exec(select(ImportRow.reason, func.count()).group_by(col(ImportRow.reason))).all())
        assert kept == {"figure_order": 170, "article_date": 52, "articles_unparsed": 3_933, "no_article": 9}
        assert all(run.finished_at is not None for run in session.exec(select(ImportRun)))


@pytest.mark.parametrize(
    ("code", "low", "best", "high", "civilians", "side_b", "articles"),
    [
        ("ucdp-244276", 50, 50, 62, 50, 0, 10),  # Al Jinah
        ("ucdp-245091", 40, 40, 40, 40, 0, 4),  # the school at Mansoura
        ("ucdp-238475", 107, 107, 143, 105, 2, 6),  # Mosul; one of its seven articles is listed twice
    ],
)
def test_the_named_incidents_have_the_figures_that_ucdp_gives(
    imported: tuple[Database, Counts],
    code: str, low: int, best: int, high: int, civilians: int, side_b: int, articles: int,
) -> None:  # fmt: skip
    with read_session(imported[0]) as session:
        claims = claims_of(session, code)
        assert (claims["low"].minimum, claims["low"].maximum) == (low, None)
        assert (claims["best"].minimum, claims["best"].maximum) == (best, best)
        assert (claims["high"].minimum, claims["high"].maximum) == (None, high)
        assert (claims["civilians"].minimum, claims["side-b"].minimum) == (civilians, side_b)
        linked = select(func.count()).select_from(IncidentReport).join(Incident).where(Incident.code == code)
        assert session.exec(linked).one() == articles


@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [
        ("ucdp-244276", 36.802054, 36.117443),
        ("ucdp-245091", 38.742877, 35.839168),
        ("ucdp-238475", 43.118889, 36.335),
    ],
)
def test_the_named_incidents_are_where_ucdp_puts_them(
    imported: tuple[Database, Counts], code: str, lon: float, lat: float
) -> None:
    with read_session(imported[0]) as session:
        (place,) = locations_of(session, code)
        assert (place.lon, place.lat, place.source_code) == (lon, lat, "1")


def test_the_1705_events_at_one_point_of_mosul_are_as_many_incidents(
    imported: tuple[Database, Counts],
) -> None:
    with read_session(imported[0]) as session:
        at_point = select(func.count()).select_from(Location).where(Location.lon == 43.118889, Location.lat == 36.335)
        assert session.exec(at_point).one() == 1_705


def test_no_claim_counts_more_than_its_row(imported: tuple[Database, Counts]) -> None:
    with read_session(imported[0]) as session:
        total = select(func.sum(Claim.minimum)).where(col(Claim.code).endswith("-best"))
        parts = select(func.sum(Claim.minimum)).where(col(Claim.subset_of_id).is_not(None))
        assert session.exec(total).one() == session.exec(parts).one()


def test_articles_are_not_recorded_twice(imported: tuple[Database, Counts]) -> None:
    with read_session(imported[0]) as session:
        codes = session.exec(select(Report.code)).all()
        assert len(codes) == len(set(codes))
        assert 14_000 < len(codes) < 25_000


def test_importing_again_changes_nothing_and_the_database_is_whole(
    imported: tuple[Database, Counts], shared_data: Path, edition: Edition
) -> None:
    copy = edition.copy(imported[0])
    found = put(copy, shared_data / "ucdp_ged" / "ged_iraq.csv")
    assert (found.added, found.unchanged, found.superseded) == (0, 7_473, 0)
    assert problems(copy) == []
    edition.remove(copy)


@pytest.fixture(scope="module")
def both(edition_named: Callable[[str], Edition], shared_data: Path) -> Iterator[tuple[Session, Session]]:
    """A read session on the file and one on the server."""
    file, server = (imported_in(edition_named(name), shared_data)[0] for name in ("sqlite", "postgresql"))
    with read_session(file) as first, read_session(server) as second:
        yield first, second


class TestBothEditions:
    """What is asked of the file and of the server is answered alike."""

    @pytest.mark.parametrize(
        ("write", "query", "least"),
        [
            pytest.param(write_geojson, Query(), sum(EVENTS.values()), id="GeoJSON of all, feature by feature"),
            # Tables are made of the same dossiers as features: a year of them shows what is theirs alone.
            pytest.param(write_incidents_csv, YEAR, 3_000, id="CSV"),
            pytest.param(write_claims_csv, YEAR, 3_000, id="CSV of claims"),
        ],
    )
    def test_every_export_is_equal_byte_for_byte(
        self, both: tuple[Session, Session], write: Any, query: Query, least: int, tmp_path: Path
    ) -> None:
        files = [tmp_path / name for name in ("file", "server")]
        for session, path in zip(both, files, strict=True):
            keys = find(session, query).keys()
            assert len(keys) >= least
            with path.open("wb") as stream:
                write(session, keys, stream)
        assert filecmp.cmp(*files, shallow=False)

    @settings(max_examples=40)
    @given(
        lon=st.floats(35, 49), lat=st.floats(29, 38), size=st.floats(0.001, 4), wide=st.booleans(),
        window=st.none() | st.tuples(st.integers(0, 9_000), st.integers(0, 900)), tier=st.sampled_from(Tier),
    )  # fmt: skip
    def test_every_area_and_window_is_answered_alike(
        self, both: tuple[Session, Session], lon: float, lat: float, size: float, wide: bool,
        window: tuple[int, int] | None, tier: Tier,
    ) -> None:  # fmt: skip
        area = shapely.box(lon, lat, lon + size, lat + size / 2) if wide else Disc(lon, lat, size * 60_000)
        start = end = None
        if window is not None:
            start = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=window[0])
            end = start + timedelta(days=window[1])
        query = Query(area=area, start=start, end=end, tier=tier)
        first, second = (find(session, query) for session in both)
        assert first.keys(unlocated=True) == second.keys(unlocated=True)
        assert first.match_of() == second.match_of()

    @pytest.mark.parametrize("text", ["aleppo", "Mosul town", "حلب", "mad", "x'%_", "2014"])
    def test_every_text_is_found_alike(self, both: tuple[Session, Session], text: str) -> None:
        first, second = (find(session, Query(text=text)).keys() for session in both)
        assert first == second
