"""Importing files of UCDP GED: what is recorded, refused and flagged."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from ged_files import FEW, claims_of, contents, incident, load_hama, locations_of, put, write_file
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.schema import problems
from db.session import read_session
from db.sqlite import SqliteDatabase
from db.tables import (
    Attribution,
    ChangeSet,
    Claim,
    ImportRow,
    ImportRun,
    IncidentReport,
    Organisation,
    Report,
)
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Bound,
    Category,
    LocationMethod,
    PrecisionLevel,
    RowVerdict,
    YesNoUnknown,
)
from incidents.importers.ged import import_ged
from incidents.importers.ged_batch import Source, Written, write_batch
from incidents.importers.ged_rows import Event

SYRIA, IRAQ = FEW / "syria_few.csv", FEW / "iraq_few.csv"


def test_a_file_of_41_columns_is_imported(database: Database) -> None:
    counts = put(database, SYRIA)
    assert (counts.read, counts.tags, counts.added, counts.rejected) == (7, 0, 7, 0)
    assert (counts.flagged, counts.flags) == (2, {"figure_order": 1, "article_date": 1})
    assert problems(database) == []


def test_a_file_of_45_columns_is_imported_and_its_tags_are_no_event(database: Database) -> None:
    counts = put(database, IRAQ)
    assert (counts.read, counts.tags, counts.added, counts.rejected) == (6, 1, 5, 0)
    assert counts.flags == {"articles_unparsed": 1, "no_article": 1}


def test_each_count_is_a_claim_of_its_own(database: Database) -> None:
    put(database, IRAQ)
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-238475")
        said = {end: (claim.category, claim.bound, claim.minimum, claim.maximum) for end, claim in claims.items()}
        assert said == {
            "best": (Category.TOTAL_PEOPLE, Bound.EXACT, 107, 107),
            "low": (Category.TOTAL_PEOPLE, Bound.AT_LEAST, 107, None),
            "high": (Category.TOTAL_PEOPLE, Bound.AT_MOST, None, 143),
            "civilians": (Category.CIVILIAN, Bound.EXACT, 105, 105),
            "unknown": (Category.UNDETERMINED_STATUS, Bound.EXACT, 0, 0),
            "side-a": (Category.COMBATANT, Bound.EXACT, 0, 0),
            "side-b": (Category.COMBATANT, Bound.EXACT, 2, 2),
        }
        wholes = {end: claim.subset_of_id for end, claim in claims.items()}
        best = claims["best"].id
        assert wholes == {"best": None, "low": None, "high": None} | dict.fromkeys(
            ["civilians", "unknown", "side-a", "side-b"], best
        )
        assert session.get_one(Organisation, claims["side-b"].side_id).code == "isis"
        assert {claim.locator for claim in claims.values()} == {"238475"}
        report = session.get_one(Report, claims["best"].report_id)
        assert (report.licence, session.get_one(Organisation, report.publisher_id).code) == ("CC BY 4.0", "ucdp")
        assert "Sundberg" in (report.citation or "")


def test_figures_out_of_order_stand_as_they_are(database: Database) -> None:
    put(database, SYRIA)
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-219459")
        assert (claims["low"].minimum, claims["best"].minimum, claims["high"].maximum) == (177, 142, 177)
        kept = session.exec(select(ImportRow).where(ImportRow.reason == "figure_order")).one()
        assert (kept.verdict, kept.line) == (RowVerdict.FLAGGED, 4)
        assert kept.raw.startswith("219459,")


def test_one_sided_violence_has_a_perpetrator_and_no_second_side(database: Database) -> None:
    put(database, IRAQ)
    with read_session(database) as session:
        row = incident(session, "ucdp-274540")
        assert row.civilian_harm_reported is YesNoUnknown.YES
        (found,) = session.exec(select(Attribution).where(Attribution.incident_id == row.id)).all()
        assert (found.role, found.strength) == (AttributionRole.PERPETRATOR, AttributionStrength.LIKELY)
        assert "side-b" not in claims_of(session, "ucdp-274540")
        assert session.exec(select(Organisation).where(Organisation.name == "Civilians")).first() is None


def test_both_sides_of_a_fight_are_sides_and_nobody_is_blamed(database: Database) -> None:
    put(database, SYRIA)
    with read_session(database) as session:
        row = incident(session, "ucdp-256413")
        found = session.exec(select(Attribution).where(Attribution.incident_id == row.id)).all()
        assert [(item.role, item.strength, item.note) for item in found] == [
            (AttributionRole.SIDE, AttributionStrength.ALLEGED, note) for note in ("side_a",) * 3 + ("side_b",)
        ]
        joint = session.get_one(Organisation, claims_of(session, "ucdp-256413")["side-a"].side_id)
        assert joint.name == "Ahrar al-Sham, HTS, Southern Front"


def test_articles_are_recorded_once_and_linked_to_each_event(database: Database, tmp_path: Path) -> None:
    put(database, write_file(tmp_path / "twice.csv", copies=2))
    with read_session(database) as session:
        first, second = (
            set(session.exec(select(IncidentReport.report_id).where(IncidentReport.incident_id == row.id)))
            for row in (incident(session, "ucdp-244276"), incident(session, "ucdp-1244276"))
        )
        assert len(first) == 10
        assert first == second


def test_free_text_of_articles_is_kept_in_the_note(database: Database) -> None:
    put(database, IRAQ)
    with read_session(database) as session:
        note = incident(session, "ucdp-139521").note or ""
        assert "source_article: AFP 15/7" in note
        assert "number_of_sources: -1" in note


def test_places_keep_the_code_and_the_words_of_the_source(database: Database) -> None:
    put(database, SYRIA)
    with read_session(database) as session:
        (place,) = locations_of(session, "ucdp-244276")
        assert (place.lon, place.lat, place.radius_m) == (36.802054, 36.117443, 5000.0)
        assert (place.public_lon, place.public_lat, place.public_radius_m) == (36.802054, 36.117443, 5000.0)
        assert (place.precision, place.method) == (PrecisionLevel.SETTLEMENT, LocationMethod.SOURCE_COORDINATES)
        assert (place.place_name, place.source_code) == ("Al Jinah village", "1")
        assert place.place_words == "Al Jinah village; Atarib district; Aleppo Governorate"
        (district,) = locations_of(session, "ucdp-214831")
        assert (district.precision, district.method) == (PrecisionLevel.ADM2, LocationMethod.CENTROID)
        assert (district.radius_m, district.area_id) == (95_000.0, None)


def test_a_loaded_boundary_of_the_name_that_holds_the_point_is_the_area(database: Database) -> None:
    area = load_hama(database)
    put(database, SYRIA)
    with read_session(database) as session:
        (place,) = locations_of(session, "ucdp-216112")
        assert (place.area_id, place.public_area_id, place.radius_m) == (area, area, None)
        assert (place.lon, place.lat) == (37.2, 35.233333)
        assert (place.west, place.south, place.east, place.north) == (36.0, 34.5, 38.0, 36.0)


def test_one_import_is_one_change_set_whatever_its_batches(database: Database) -> None:
    put(database, SYRIA, batch=2)
    with read_session(database) as session:
        (found,) = session.exec(select(ChangeSet)).all()
        assert (found.who, found.why) == ("tester", "Import of UCDP GED from syria_few.csv.")
        assert set(session.exec(select(Claim.change_set_id))) == {found.id}
        assert session.exec(select(ImportRun)).one().rows_added == 7


def test_batches_of_any_size_record_the_same(database: Database, tmp_path: Path, template: Path) -> None:
    other = SqliteDatabase(tmp_path / "other.db")
    other.path.write_bytes(template.read_bytes())
    put(database, SYRIA, batch=1)
    put(other, SYRIA, batch=1000)
    ours, theirs = contents(database), contents(other)
    for name in ("incident", "claim", "location", "report", "organisation"):
        assert len(ours[name]) == len(theirs[name])
    with read_session(database) as one, read_session(other) as two:
        query = select(Claim.code, Claim.minimum, Claim.maximum).order_by(col(Claim.code))
        assert one.exec(query).all() == two.exec(query).all()


def test_bad_rows_are_kept_with_line_reason_and_text_and_the_rest_is_imported(
    database: Database, tmp_path: Path
) -> None:
    changes = {
        "244276": {"latitude": "91"},
        "245091": {"best": "-1"},
        "219459": {"date_end": "2016-01-15"},
        "256413": {"id": "215274"},
        "214831": {"where_prec": "9"},
    }
    counts = put(database, write_file(tmp_path / "bad.csv", changes=changes))
    assert (counts.added, counts.rejected) == (2, 5)
    with read_session(database) as session:
        query = select(ImportRow).where(ImportRow.verdict == RowVerdict.REJECTED).order_by(col(ImportRow.line))
        kept = session.exec(query).all()
        assert [(row.line, row.reason) for row in kept] == [
            (2, "out_of_range"),
            (3, "negative_count"),
            (4, "end_before_start"),
            (6, "unknown_value"),
            (8, "duplicate_id"),
        ]
        assert kept[0].raw.startswith("244276,")
        assert "latitude" in kept[0].message.lower()


@pytest.mark.parametrize("end", [-60, -2000])  # inside the last cells; inside a quoted cell
def test_a_file_that_ends_in_mid_row_keeps_the_rows_before(database: Database, tmp_path: Path, end: int) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(write_file(tmp_path / "whole.csv", changes={}).read_bytes()[:end])
    counts = put(database, path)
    assert counts.rejected == 1
    assert counts.added == counts.read - 1
    assert set(counts.rejections) <= {"row_length", "unclosed_quote"}


def test_a_file_without_a_needed_column_is_refused_by_its_name(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "columns.csv"
    path.write_text(SYRIA.read_text("utf-8").replace("where_prec", "precision", 1), "utf-8")
    before = contents(database)
    with pytest.raises(InputError, match="where_prec") as caught:
        put(database, path)
    assert caught.value.code == "missing_column"
    assert contents(database) == before


@pytest.mark.parametrize(
    ("who", "batch", "code"),
    [(" ", 1000, "who_missing"), ("tester", 0, "out_of_range")],
)
def test_an_import_without_a_name_or_a_size_is_refused(database: Database, who: str, batch: int, code: str) -> None:
    with pytest.raises(InputError) as caught:
        import_ged(database, SYRIA, who=who, batch=batch)
    assert caught.value.code == code


def test_progress_is_told_in_bytes_after_each_batch(database: Database) -> None:
    told: list[tuple[int, int]] = []
    import_ged(database, SYRIA, who="tester", batch=3, progress=lambda done, total: told.append((done, total)))
    size = SYRIA.stat().st_size
    assert [total for _, total in told] == [size] * 3
    assert 0 < told[0][0] < told[1][0] < told[2][0] <= size


def test_a_batch_needs_no_more_queries_for_more_events(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[int] = []

    def counted(session: Session, events: list[Event], source: Source) -> list[Written]:
        found: list[str] = []
        bind = session.get_bind()
        sa.event.listen(bind, "before_cursor_execute", lambda *given: found.append(given[2]))
        try:
            return write_batch(session, events, source)
        finally:
            statements.append(len(found))

    monkeypatch.setattr("incidents.importers.ged.write_batch", counted)
    small, large = write_file(tmp_path / "small.csv"), write_file(tmp_path / "large.csv", copies=20)
    put(database, small)  # the organisations are recorded by it
    put(database, write_file(tmp_path / "other.csv", copies=2))
    put(database, large)
    assert statements[2] <= statements[1] + 2
