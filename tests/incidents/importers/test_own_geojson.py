"""Our own GeoJSON comes back whole, once, or not at all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import AtlasError, ConflictError, InputError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import (
    Claim,
    ImportRow,
    ImportRun,
    Incident,
    InvestigationStep,
    Judgement,
    Location,
    Organisation,
    Report,
)
from incidents.claims import ClaimInput, add_claim
from incidents.exports.geojson import write_geojson
from incidents.importers.own_geojson import import_geojson
from incidents.importers.rows import Outcome
from incidents.locations import LocationInput, add_location
from incidents.organisations import OrganisationInput, add_organisation
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from incidents.reports import ReportInput, add_report
from incidents.tiers import Tier

TABLES = (Organisation, Report, Incident, Location, Claim, InvestigationStep, Judgement)


def exported(database: Database, tier: Tier = Tier.INTERNAL, **options: Any) -> bytes:
    """All incidents that the tier may see, as the bytes of an export."""
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, Query(tier=tier)).keys(), out, tier=tier, **options)
    return out.getvalue()


def imported(database: Database, path: Path, **options: Any) -> Outcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_geojson(session, path, **options)


def counts(database: Database) -> list[int]:
    with read_session(database) as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in TABLES]


@pytest.fixture
def document(ledger: Database) -> dict[str, Any]:
    """The ledger's internal export, parsed."""
    found: dict[str, Any] = json.loads(exported(ledger))
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes a document (or bytes) to a file and gives its path."""

    def to_file(content: Any) -> Path:
        path = tmp_path / "in.geojson"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return to_file


def feature(document: dict[str, Any], code: str) -> dict[str, Any]:
    return next(found for found in document["features"] if found["id"] == code)


def test_progress_runs_to_the_whole_file(ledger: Database, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "all.geojson"
    path.write_bytes(exported(ledger))
    told: list[tuple[int, int]] = []
    imported(database, path, progress=lambda done, whole: told.append((done, whole)))
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size,) * 2


def test_an_internal_export_imported_and_exported_again_is_byte_equal(
    ledger: Database, database: Database, write: Callable[[Any], Path]
) -> None:
    before = exported(ledger)
    outcome = imported(database, write(before))
    assert exported(database) == before
    assert (outcome.added, outcome.unchanged, outcome.rejected) == (outcome.read, 0, ())


@pytest.mark.parametrize("areas", [False, True])
def test_what_is_imported_gives_the_same_public_export(
    ledger: Database, database: Database, write: Callable[[Any], Path], areas: bool
) -> None:
    imported(database, write(exported(ledger, areas=areas)))
    assert exported(database, Tier.PUBLIC) == exported(ledger, Tier.PUBLIC)


@pytest.mark.parametrize("tier", list(Tier))
def test_the_same_file_again_adds_and_changes_nothing(
    ledger: Database, database: Database, write: Callable[[Any], Path], tier: Tier
) -> None:
    path = write(exported(ledger, tier))
    imported(database, path)
    before = counts(database)
    outcome = imported(database, path)
    assert counts(database) == before
    assert (outcome.added, outcome.unchanged) == (0, outcome.read)


@pytest.mark.parametrize("tier", [Tier.INTERNAL, Tier.RESTRICTED])
def test_an_export_imported_where_it_came_from_adds_nothing(
    ledger: Database, write: Callable[[Any], Path], tier: Tier
) -> None:
    before = counts(ledger)
    outcome = imported(ledger, write(exported(ledger, tier)), partial=True)
    # Below internal one entry stands for all witnesses, and it is new where their names are known.
    assert outcome.added == (0 if tier is Tier.INTERNAL else 1)
    assert counts(ledger)[1:] == before[1:]


def test_places_of_a_public_export_stay_as_they_were_shown(
    ledger: Database, database: Database, write: Callable[[Any], Path]
) -> None:
    imported(database, write(exported(ledger, Tier.PUBLIC)))
    shown = feature(json.loads(exported(ledger, Tier.PUBLIC)), "shelter")
    again = feature(json.loads(exported(database, Tier.PUBLIC)), "shelter")
    assert again["geometry"] == shown["geometry"]
    assert again["properties"]["radius_m"] == shown["properties"]["radius_m"]


def _set(code: str, name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        feature(document, code)["properties"][name] = value

    return change


def _claim(number: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        feature(document, "market")["properties"]["claims"][number].update(values)

    return change


OTHER_CONTENT = {
    "name": (_set("road", "name", "Another road"), "name"),
    "kind": (_set("road", "kind", "shelling"), "kind"),
    "claim": (_claim(0, minimum=34), "claims 1, minimum"),
    "place": (lambda document: feature(document, "road")["properties"]["locations"].clear(), "locations"),
    "report": (lambda document: document["reports"][0].update(title="Another title"), "title"),
    "organisation": (lambda document: document["organisations"][0].update(kind="government"), "kind"),
    "total": (lambda document: document["claims"][0].update(minimum=91, maximum=91), "minimum"),
    "judgement": (lambda document: document["judgements"][0].update(verdict="unsure"), "verdict"),
}


@pytest.mark.input
@pytest.mark.parametrize("case", OTHER_CONTENT)
def test_the_same_code_with_other_content_is_a_conflict_that_names_the_field(
    ledger: Database, document: dict[str, Any], write: Callable[[Any], Path], case: str
) -> None:
    change, field = OTHER_CONTENT[case]
    change(document)
    before = exported(ledger)
    with pytest.raises(ConflictError, match="different_content") as caught:
        imported(ledger, write(document))
    assert field in str(caught.value)
    assert exported(ledger) == before


BAD = {
    "B14 unknown property": (_set("road", "colour", "red"), "unknown_field"),
    "B16 reversed range": (_claim(2, minimum=9, maximum=1), "range_reversed"),
    "B17 negative": (_claim(12, minimum=-1, maximum=-1), "negative_count"),
    "B19 huge": (_claim(12, minimum=10**30, maximum=10**30), "count_too_large"),
    "B21 true as a number": (_claim(12, minimum=True, maximum=True), "not_an_integer"),
    "B21 text as a number": (_claim(12, minimum="12", maximum="12"), "not_an_integer"),
    "B21 fraction as a number": (_claim(12, minimum=12.0, maximum=12.0), "not_an_integer"),
    "unknown bound": (_claim(0, bound="plenty"), "unknown_value"),
    "unknown source": (_claim(0, source="nobody"), "unknown_organisation"),
    "unknown report": (_claim(0, report="no-report"), "unknown_report"),
    "B30 end before start": (_set("market", "edtf", "2017-03-21/2017-03-20"), "end_before_start"),
    "edited window": (_set("market", "start_utc", "2017-03-18T22:00:00Z"), "derived_differs"),
    "edited point": (
        lambda document: feature(document, "market")["geometry"].update(coordinates=[36.125, 38.25]),
        "derived_differs",
    ),
    "id is not the code": (lambda document: feature(document, "road").update(id="rd"), "id_differs"),
    "array expected": (_set("road", "claims", {"code": "x"}), "wrong_type"),
    "grid missing": (
        lambda document: feature(document, "shelter")["properties"]["locations"][0].pop("public_decimals"),
        "missing_grid",
    ),
    "illegal move": (
        lambda document: feature(document, "market")["properties"]["investigations"][0]["steps"].pop(0),
        None,
    ),
}


@pytest.mark.input
@pytest.mark.parametrize("case", BAD)
def test_one_bad_feature_is_named_and_nothing_is_written(
    database: Database, document: dict[str, Any], write: Callable[[Any], Path], case: str
) -> None:
    change, code = BAD[case]
    change(document)
    with pytest.raises(InputError) as caught:
        imported(database, write(document))
    if code is not None:
        assert code in str(caught.value)
    assert "in.geojson, features " in str(caught.value)
    assert counts(database) == [0] * len(TABLES)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda document: document.pop("format"), "not_own_geojson", id="somebody else's GeoJSON"),
        pytest.param(
            lambda document: document.update(crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
            "unsupported_crs",
            id="B37 crs",
        ),
        pytest.param(lambda document: document.update(extra=1), "unknown_field", id="B14 unknown member"),
        pytest.param(lambda document: document.update(tier="secret"), "unknown_value", id="unknown tier"),
        pytest.param(lambda document: document.update(features={}), "wrong_type", id="features no array"),
    ],
)
def test_a_file_that_is_no_export_is_refused(
    database: Database,
    document: dict[str, Any],
    write: Callable[[Any], Path],
    change: Callable[[dict[str, Any]], None],
    code: str,
) -> None:
    change(document)
    with pytest.raises(InputError) as caught:
        imported(database, write(document))
    assert caught.value.code == code


def test_a_file_that_ends_in_the_middle_is_refused(ledger: Database, database: Database, write: Any) -> None:
    whole = exported(ledger)
    with pytest.raises(InputError, match="not_json"):
        imported(database, write(whole[: len(whole) // 2]))


def test_partial_takes_the_good_features_and_keeps_the_bad_ones(
    database: Database, document: dict[str, Any], write: Callable[[Any], Path]
) -> None:
    feature(document, "shelter")["properties"]["kind"] = "accident"
    outcome = imported(database, write(document), partial=True)
    # The judgement that joins the shelter to the market cannot stand without it.
    assert [one.error.code for one in outcome.rejected] == ["unknown_value", "unknown_incident"]
    with read_session(database) as session:
        codes = set(session.exec(select(Incident.code)).all())
        kept = [(row.reason, row.raw) for row in session.exec(select(ImportRow).order_by(col(ImportRow.id)))]
        run = session.get_one(ImportRun, outcome.run_id)
        assert (run.rows_read, run.rows_added, run.rows_rejected) == (outcome.read, outcome.added, 2)
        assert run.finished_at is not None
    assert codes == {"market", "clinic", "road", "secret"}
    assert [reason for reason, _ in kept] == ["unknown_value", "unknown_incident"]
    assert json.loads(kept[0][1])["id"] == "shelter"


def test_many_bad_rows_are_counted_and_the_first_twenty_are_listed(
    database: Database, document: dict[str, Any], write: Callable[[Any], Path]
) -> None:
    document["reports"] = [{"code": f"r{number}", "publisher": "nobody", "title": "T"} for number in range(25)]
    document |= {"features": [], "claims": [], "judgements": []}
    with pytest.raises(InputError) as caught:
        imported(database, write(document))
    text = str(caught.value)
    assert caught.value.code == "unknown_organisation"
    assert "25 of 30 rows are bad" in text
    assert "reports 20 (r19)" in text
    assert "reports 21" not in text
    assert "and 5 more" in text


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: any(sign.isalnum() for sign in text) and text == text.strip()
)
WORDS = st.sampled_from(["at least 3", "up to 0", "0", "unknown", "dozens", "none (denied)", "between 1 and 9", "~7"])
PLACES = st.fixed_dictionaries(
    {
        "lon": st.floats(-180, 180).filter(lambda lon: abs(lon) > 1e-3),
        "lat": st.floats(-84, 84),
        "radius_m": st.floats(1, 50_000),
        "geoprivacy": st.sampled_from(["exact", "reduced", "hidden"]),
        "public_decimals": st.integers(0, 4),
        "is_primary": st.booleans(),
    }
)
INCIDENTS = st.fixed_dictionaries(
    {
        "name": TEXTS,
        "names": st.lists(TEXTS, max_size=3, unique=True),
        "edtf": st.sampled_from(
            [None, "2017", "2017-03-2X", "2017-03-17T08:24", "[2017-03-01..2017-03-05]", "2016/2017"]
        ),
        "tz": st.sampled_from(["UTC", "Asia/Baghdad", "America/New_York"]),
        "visibility": st.sampled_from(["public", "restricted", "internal"]),
        "places": st.lists(PLACES, max_size=2),
        "words": st.lists(WORDS, max_size=3),
    }
)


def _record(session: Session, number: int, made: dict[str, Any]) -> None:
    names = [{"name": name} for name in made["names"]]
    own = {name: made[name] for name in ("name", "edtf", "tz", "visibility")} | {"names": names}
    incident = add_incident(session, IncidentInput.model_validate({"code": f"i{number}"} | own))
    cited = {"source": "s", "report": "r"}
    for place in made["places"]:
        usual = {"precision": "landmark", "method": "geolocated"} | cited
        add_location(session, incident, LocationInput.model_validate(usual | place))
    for words in made["words"]:
        about = {"incident": incident.code, "outcome": "killed", "category": "civilian", "words": words}
        add_claim(session, ClaimInput.model_validate(about | cited))


@settings(max_examples=8)
@given(made=st.lists(INCIDENTS, min_size=1, max_size=4))
def test_any_incidents_come_back_byte_equal(
    template: Path, tmp_path_factory: pytest.TempPathFactory, made: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    first, second = (SqliteDatabase(folder / name) for name in ("first.db", "second.db"))
    for database in (first, second):
        database.path.write_bytes(template.read_bytes())
    with write_session(first, who="tester", why="made") as session:
        add_organisation(session, OrganisationInput(code="s", name="S", kind="un_body"))
        add_report(session, ReportInput(code="r", publisher="s", title="R"))
        for number, one in enumerate(made):
            _record(session, number, one)
    before = exported(first)
    (folder / "in.geojson").write_bytes(before)
    imported(second, folder / "in.geojson")
    assert exported(second) == before
    assert exported(second, Tier.PUBLIC) == exported(first, Tier.PUBLIC)


def test_an_error_in_the_file_leaves_the_database_as_it_was(ledger: Database, write: Callable[[Any], Path]) -> None:
    before = exported(ledger)
    with pytest.raises(AtlasError):
        imported(ledger, write(b"{}"))
    assert exported(ledger) == before
