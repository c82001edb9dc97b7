"""Our own CSV comes back, and a template that anyone filled goes in, once, or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import ConflictError, InputError, NotFoundError
from db.session import read_session, write_session
from db.tables import Claim, ImportRow, Incident, Location, Organisation, Report
from db.vocabulary import Bound, Geoprivacy, PrecisionLevel
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Role, named
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.importers.own_csv import CsvOutcome, import_csv, write_templates
from incidents.organisations import OrganisationInput, add_organisation
from incidents.query import Query, find
from incidents.reports import ReportInput, add_report
from incidents.tiers import Tier

TABLES = (Organisation, Report, Incident, Location, Claim)
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a text to a file of a name and gives its path."""

    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return to_file


@pytest.fixture
def known(database: Database) -> Database:
    """An empty database that knows one source and one report."""
    with write_session(database, who="tester", why="sources") as session:
        add_organisation(session, OrganisationInput(code="monitor", name="The Monitor", kind="casualty_monitor"))
        add_report(session, ReportInput(code="monitor-1", publisher="monitor", title="Found"))
    return database


def exported(database: Database) -> tuple[str, str]:
    texts = []
    with read_session(database) as session:
        keys = find(session, Query()).keys()
        for write_file in (write_incidents_csv, write_claims_csv):
            out = io.BytesIO()
            write_file(session, keys, out, tier=Tier.INTERNAL)
            texts.append(out.getvalue().decode())
    return texts[0], texts[1]


def imported(database: Database, *paths: Path | None, **options: Any) -> CsvOutcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_csv(session, *paths, **options)


def counts(database: Database) -> list[int]:
    with read_session(database) as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in TABLES]


def carried(text: str, columns: Any) -> list[dict[str, str]]:
    names = named(columns, Role.CARRIED)
    return [{name: row[name] for name in names} for row in csv.DictReader(io.StringIO(text, newline=""))]


def one(session: Session, code: str) -> Incident:
    return session.exec(select(Incident).where(Incident.code == code)).one()


def test_every_carried_column_comes_back_equal(ledger: Database, database: Database, write: Write) -> None:
    before = exported(ledger)
    paths = write("incidents.csv", before[0]), write("claims.csv", before[1])
    outcome = imported(database, *paths, create_sources=True)
    after = exported(database)
    assert carried(after[0], INCIDENT_COLUMNS) == carried(before[0], INCIDENT_COLUMNS)
    assert carried(after[1], CLAIM_COLUMNS) == carried(before[1], CLAIM_COLUMNS)
    assert outcome.incidents is not None
    assert "killed_civilian_low" in outcome.incidents.ignored
    assert "status" in outcome.incidents.ignored


def test_the_same_files_again_change_nothing(ledger: Database, database: Database, write: Write) -> None:  # B63
    before = exported(ledger)
    paths = write("incidents.csv", before[0]), write("claims.csv", before[1])
    imported(database, *paths, create_sources=True)
    held, rows = exported(database), counts(database)
    again = imported(database, *paths, create_sources=True)
    assert (exported(database), counts(database)) == (held, rows)
    for outcome in (again.incidents, again.claims):
        assert outcome is not None
        assert (outcome.added, outcome.unchanged) == (0, outcome.read)


def test_an_export_imported_where_it_came_from_adds_nothing(ledger: Database, write: Write) -> None:
    before, held = exported(ledger), counts(ledger)
    imported(ledger, write("incidents.csv", before[0]), write("claims.csv", before[1]))
    assert counts(ledger) == held


TEMPLATE = (
    "code,name,start,tz,lon,lat,radius_m,precision,kind,location_source,location_report\n"
    "a,The bridge,2017-03-17T08:24,Asia/Baghdad,43.1,36.3,250,landmark,airstrike,monitor,monitor-1\n"
    "b,The bakery,,,,,,,,,\n"
)
COUNTS = (
    "incident,source,report,category,words,minimum,maximum,bound\n"
    "a,monitor,monitor-1,civilian,at least 33,,,\n"
    "a,The Monitor,monitor-1,child,,٣,٤,between\n"
)


def test_a_filled_template_is_recorded(known: Database, write: Write) -> None:
    imported(known, write("i.csv", TEMPLATE), write("c.csv", COUNTS))
    with read_session(known) as session:
        bridge, bakery = one(session, "a"), one(session, "b")
        assert bridge.edtf == "2017-03-17T08:24"
        assert bakery.start_utc is None
        place = session.exec(select(Location)).one()
        assert (place.lon, place.lat, place.radius_m, place.precision) == (43.1, 36.3, 250.0, PrecisionLevel.LANDMARK)
        claims = session.exec(select(Claim).order_by(Claim.code)).all()
        assert [(claim.code, claim.bound, claim.minimum, claim.maximum) for claim in claims] == [
            ("a-c1", Bound.AT_LEAST, 33, None),
            ("a-c2", Bound.BETWEEN, 3, 4),
        ]


def test_a_filled_template_again_changes_nothing(known: Database, write: Write) -> None:
    paths = write("i.csv", TEMPLATE), write("c.csv", COUNTS)
    imported(known, *paths)
    held = counts(known)
    imported(known, *paths)
    assert counts(known) == held


def test_progress_tells_the_bytes_of_both_files(known: Database, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.importers.csv_file.BATCH", 1)
    paths = write("i.csv", TEMPLATE), write("c.csv", COUNTS)
    told: list[tuple[int, int]] = []
    imported(known, *paths, progress=lambda done, whole: told.append((done, whole)))
    whole = sum(path.stat().st_size for path in paths)
    assert len(told) == 4
    assert told == sorted(told)
    assert {of for _, of in told} == {whole}


def test_only_code_and_name_are_needed(database: Database, write: Write) -> None:
    imported(database, write("i.csv", "name;code\nالمخبز;b\n"))
    with read_session(database) as session:
        assert one(session, "b").name == "المخبز"


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("name", "The bridge", "The tower"),
        ("kind", "airstrike", "shelling"),
        ("start_utc", "T08:24", "T08:25"),
        ("lon", "43.1", "43.2"),
        ("radius_m", "250", "300"),
    ],
)
def test_the_same_code_with_other_content_is_a_conflict_that_names_the_column(
    known: Database, write: Write, column: str, old: str, new: str
) -> None:
    imported(known, write("i.csv", TEMPLATE))
    with pytest.raises(ConflictError, match="different_content") as caught:
        imported(known, write("i2.csv", TEMPLATE.replace(old, new)))
    assert f"i2.csv, line 2, {column}" in str(caught.value)


def test_a_claim_of_a_code_with_another_figure_is_a_conflict(known: Database, write: Write) -> None:
    imported(known, write("i.csv", TEMPLATE))
    row = "code,incident,source,report,category,words\nc,a,monitor,monitor-1,civilian,{}\n"
    imported(known, None, write("c.csv", row.format(33)))
    with pytest.raises(ConflictError, match="different_content") as caught:
        imported(known, None, write("c.csv", row.format(34)))
    assert "c.csv, line 2, minimum" in str(caught.value)


BAD_INCIDENTS = {
    "B14 unknown column": ("code,name,colour\na,A,red\n", "unknown_field"),
    "needed column missing": ("code\na\n", "missing_column"),
    "B07 column twice": ("code,name,name\na,A,B\n", "duplicate_column"),
    "B01 header only": ("code,name\n", "empty_file"),
    "B08 short row": ("code,name\na\n", "row_length"),
    "unknown kind": ("code,name,kind\na,A,flood\n", "unknown_value"),
    "B26 no such day": ("code,name,start\na,A,2017-02-30\n", None),
    "two windows": ("code,name,start,edtf\na,A,2017-02-03,2017-02-03\n", "two_windows"),
    "words of a time without a time": ("code,name,time_words\na,A,at night\n", "missing_time"),
    "B25 decimal comma": (
        'code,name,lon,lat,precision,location_source,location_report\na,A,"43,1",36,exact,monitor,monitor-1\n',
        "decimal_comma",
    ),
    "number that is none": (
        "code,name,lon,lat,precision,location_source,location_report\na,A,NaN,36,exact,monitor,monitor-1\n",
        "not_finite",
    ),
    "B34 latitude": (
        "code,name,lon,lat,precision,location_source,location_report\na,A,43,95,exact,monitor,monitor-1\n",
        None,
    ),
    "point without precision": (
        "code,name,lon,lat,location_source,location_report\na,A,43,36,monitor,monitor-1\n",
        "missing_precision",
    ),
    "point without source": ("code,name,lon,lat,precision\na,A,43,36,exact\n", "missing_source"),
    "reduced without grid": (
        "code,name,lon,lat,precision,location_source,location_report,geoprivacy\n"
        "a,A,43,36,exact,monitor,monitor-1,reduced\n",
        "missing_grid",
    ),
    "code of another without a scheme": ("code,name,codes\na,A,CS1\n", "bad_code"),
    "code twice in the file": ("code,name\na,A\na,B\n", "different_content"),
}


@pytest.mark.input
@pytest.mark.parametrize("case", BAD_INCIDENTS)
def test_a_bad_incident_is_named_and_nothing_is_written(known: Database, write: Write, case: str) -> None:
    text, code = BAD_INCIDENTS[case]
    held = counts(known)
    with pytest.raises((InputError, ConflictError)) as caught:
        imported(known, write("i.csv", text))
    assert "i.csv" in str(caught.value)
    if code is not None:
        assert caught.value.code == code
    assert counts(known) == held


BAD_CLAIMS = {
    "B23 words in a number": ("b,monitor,monitor-1,civilian,at_most,,up to 30", "words_in_number_cell"),
    "B16 reversed": ("b,monitor,monitor-1,civilian,between,9,1", "range_reversed"),
    "B17 negative": ("b,monitor,monitor-1,civilian,exact,-1,-1", "negative_count"),
    "number without a bound": ("b,monitor,monitor-1,civilian,,3,3", "missing_bound"),
    "nothing said": ("b,monitor,monitor-1,civilian,,,", "missing_count"),
    "unknown incident": ("z,monitor,monitor-1,civilian,exact,3,3", "unknown_incident"),
    "no incident": (",monitor,monitor-1,civilian,exact,3,3", "scope_needs_incident"),
    "no source": ("b,,monitor-1,civilian,exact,3,3", "missing_field"),
    "B18 large and not confirmed": ("b,monitor,monitor-1,civilian,exact,100000,100000", "large_count_unconfirmed"),
}


@pytest.mark.input
@pytest.mark.parametrize("case", BAD_CLAIMS)
def test_a_bad_claim_is_named_and_nothing_is_written(known: Database, write: Write, case: str) -> None:
    row, code = BAD_CLAIMS[case]
    imported(known, write("i.csv", TEMPLATE))
    held = counts(known)
    with pytest.raises(InputError) as caught:
        imported(known, None, write("c.csv", f"incident,source,report,category,bound,minimum,maximum\n{row}\n"))
    assert caught.value.code == code
    assert "c.csv, line 2" in str(caught.value)
    assert counts(known) == held


def test_an_unknown_source_names_the_remedy_and_can_be_created(known: Database, write: Write) -> None:
    imported(known, write("i.csv", TEMPLATE))
    address = "https://news.example/" + "x" * 120
    path = write("c.csv", f"incident,source,report,category,words\nb,Nobody's News,{address},civilian,7\n")
    with pytest.raises(NotFoundError, match="--create-sources"):
        imported(known, None, path)
    imported(known, None, path, create_sources=True)
    with read_session(known) as session:
        report = session.exec(select(Report).where(Report.url == address)).one()
        publisher = session.get_one(Organisation, report.publisher_id)
        assert (publisher.name, publisher.kind.value) == ("Nobody's News", "unknown")
    imported(known, None, path)  # found now


def test_unknown_columns_are_kept_in_the_note_where_that_is_asked_for(known: Database, write: Write) -> None:
    incidents = write("i.csv", "id,name,colour,note,size\na,A,red,Mine.,\nb,B,,, '=2 \nc, C ,blue,,\n")
    claims = write("c.csv", "incident,source,report,category,words,page\na,monitor,monitor-1,civilian,33,7\n")
    for added in (3, 0):
        found = imported(known, incidents, claims, mapping={"id": "code"}, keep_unknown=True)
        assert found.incidents is not None
        assert found.claims is not None
        assert (found.incidents.added, found.incidents.kept, found.claims.kept) == (
            added,
            ("colour", "size"),
            ("page",),
        )
    with read_session(known) as session:
        assert [one(session, code).note for code in "abc"] == ["Mine.\ncolour: red", "size: =2", "colour: blue"]
        assert session.exec(select(Claim.note)).one() == "page: 7"


def test_a_column_of_another_name_is_mapped(known: Database, write: Write) -> None:
    path = write("i.csv", "id,title\na,The bridge\n")
    imported(known, path, mapping={"id": "code", "title": "name"})
    with read_session(known) as session:
        assert one(session, "a").name == "The bridge"
    with pytest.raises(InputError, match="unknown_field"):
        imported(known, path, mapping={"id": "code", "title": "titel"})


def test_partial_keeps_the_bad_rows_with_line_reason_and_text(known: Database, write: Write) -> None:
    text = "code,name,kind\na,A,airstrike\nb,B,flood\nc\n"
    outcome = imported(known, write("i.csv", text), partial=True).incidents
    assert outcome is not None
    assert [(bad.line, bad.error.code) for bad in outcome.rejected] == [(3, "unknown_value"), (4, "row_length")]
    with read_session(known) as session:
        kept = [(row.line, row.reason, row.raw) for row in session.exec(select(ImportRow).order_by(col(ImportRow.id)))]
        assert kept == [(3, "unknown_value", "b,B,flood"), (4, "row_length", "c")]
        assert one(session, "a").name == "A"


def test_a_formula_in_our_export_comes_back_without_the_apostrophe(known: Database, write: Write) -> None:  # B15
    imported(known, write("i.csv", "code,name\na,'=1+1\nb,-2\n"))
    with read_session(known) as session:
        assert (one(session, "a").name, one(session, "b").name) == ("=1+1", "-2")


def test_a_reduced_place_keeps_its_grid(ledger: Database, database: Database, write: Write) -> None:
    imported(database, write("incidents.csv", exported(ledger)[0]), create_sources=True)

    def shown(found: Database) -> tuple[float | None, float | None]:
        with read_session(found) as session:
            place = session.exec(select(Location).where(Location.geoprivacy == Geoprivacy.REDUCED)).one()
            return place.public_lon, place.public_lat

    assert shown(database) == shown(ledger)


def test_another_encoding_is_read_only_where_it_is_named(known: Database, tmp_path: Path) -> None:  # B04
    path = tmp_path / "i.csv"
    path.write_bytes("code,name\na,المخبز\n".encode("cp1256"))
    with pytest.raises(InputError, match="not_utf8"):
        imported(known, path)
    imported(known, path, encoding="cp1256")
    with read_session(known) as session:
        assert one(session, "a").name == "المخبز"


def test_a_filled_template_is_read(database: Database, tmp_path: Path) -> None:
    incidents, claims = write_templates(tmp_path / "list")
    said = (
        {"code": "shelter", "name": "A shelter", "start": "2017-03-20"},
        {"incident": "shelter", "source": "A monitor", "report": "a-list", "category": "civilian", "words": "up to 5"},
    )
    for file, cells in zip((incidents, claims), said, strict=True):
        with file.open("a+", encoding="utf-8", newline="") as opened:
            opened.seek(0)
            header = next(csv.reader(opened))
            csv.DictWriter(opened, header).writerow(cells)
    outcome = imported(database, incidents, claims, create_sources=True)
    assert [None if one is None else one.added for one in (outcome.incidents, outcome.claims)] == [1, 1]
    with read_session(database) as session:
        claim = session.exec(select(Claim)).one()
        assert (claim.bound, claim.minimum, claim.maximum) == ("at_most", None, 5)


def test_a_template_is_never_written_over(tmp_path: Path) -> None:
    incidents, claims = write_templates(tmp_path)
    incidents.unlink()
    with pytest.raises(ConflictError, match="file_exists"):
        write_templates(tmp_path)
    assert not incidents.exists()
    assert claims.exists()
