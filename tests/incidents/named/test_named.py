"""The named incidents as they are loaded: complete, cited, dated and placed as the sources say."""

from __future__ import annotations

import csv
from collections import Counter
from copy import deepcopy
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import mgrs
import pytest
from pyproj import Geod
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import AtlasError
from db.session import write_session
from db.tables import (
    Attribution,
    Claim,
    ClaimIncident,
    GradingRow,
    Incident,
    IncidentReport,
    Investigation,
    InvestigationStep,
    Judgement,
    JudgementReport,
    Location,
    Organisation,
    Report,
    Statement,
)
from db.vocabulary import Bound, Grading, InvestigationState, LocationMethod, PrecisionLevel, Process, Scope, StepKind
from incidents import named as package
from incidents.claims import find_claim, withdraw_claim
from incidents.investigations import state_on, steps_of
from incidents.named import File, NamedCounts, data_files, load_named
from incidents.organisations import find_organisation, with_parts
from incidents.records import find_incident
from incidents.same_event import JudgementInput, events, judge

CLAIMS = Path(__file__).parents[4] / "shared" / "seeds" / "claims.csv"
GEOD = Geod(ellps="WGS84")
FOUR = {"mosul-2017-03-17", "raqqa-school", "al-jinah", "aleppo-mosque"}

INCIDENTS = {  # the names of the table of claims
    "Mosul 17 March 2017": "mosul-2017-03-17",
    "Raqqa school (al-Mansoura)": "raqqa-school",
    "Al Jinah": "al-jinah",
    "Al Jinah (not named on this line)": "al-jinah",
    "the Aleppo mosque (= Al Jinah)": "aleppo-mosque",
    "the Aleppo mosque (= Al Jinah, see report)": "aleppo-mosque",
}
FIGURES = (
    "killed", "injured", "displaced", "casualties", "incidents", "massacres", "attacks_on_facilities",
)  # fmt: skip
BOUNDS = {"up_to": Bound.AT_MOST, "as_many_as": Bound.AT_MOST}


def seed_rows() -> list[dict[str, str]]:
    """The table of the seeds' claims, or a skip."""
    if not CLAIMS.is_file():
        pytest.skip("../shared/seeds/claims.csv is not beside this checkout")
    with CLAIMS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> int | None:
    return None if cell == "" else int(cell)


def steps(session: Session, incident: str, authority: str, process: Process) -> list[InvestigationStep]:
    query = select(Investigation).where(
        Investigation.incident_id == find_incident(session, incident).key,
        Investigation.authority_id == find_organisation(session, authority).key,
        Investigation.process == process,
    )
    return steps_of(session, session.exec(query).one().key)


def end_of(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+00:00")


# Loading


def test_the_load_adds_every_row_of_the_data_files(loaded: tuple[Database, NamedCounts]) -> None:
    expected: Counter[str] = Counter(incidents=4)
    for file in data_files():
        for kind, rows in file.content.items():
            if kind != "incident":
                expected[kind] += len(rows)
    assert asdict(loaded[1]) == {"names": 0, **expected}
    assert min(expected.values()) >= 1


def test_the_four_incidents_are_recorded_as_they_were_named(named: Session) -> None:
    assert set(named.exec(select(Incident.code))) == FOUR


def test_a_second_load_adds_nothing(own_named: Session) -> None:
    assert load_named(own_named).total == 0


def test_a_newer_file_adds_what_is_new_in_it(own_named: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = deepcopy(data_files())
    school = next(file for file in newer if file.name == "raqqa-school.toml").content
    school["incident"]["names"].append({"name": "Mansoura shelter"})
    school["incident"]["codes"].append({"scheme": "other", "code": "X1"})
    school["claims"].append(school["claims"][-1] | {"code": "school-un-later", "stated": "2018-04"})
    school["statements"].append(school["statements"][0] | {"words": "Something else."})
    organisations = next(file for file in newer if file.name == "organisations.toml").content
    organisations["organisations"][0]["aliases"].append("Anti-ISIS coalition")
    monkeypatch.setattr(package, "data_files", lambda: newer)
    assert load_named(own_named) == NamedCounts(names=3, claims=1, statements=1)
    assert find_incident(own_named, "X1").code == "raqqa-school"
    assert find_organisation(own_named, "anti-isis coalition").code == "us-led-coalition"


def test_a_load_leaves_what_people_did_since(own_named: Session) -> None:
    withdraw_claim(own_named, "jinah-fact-75", on="2018-01-01", why="taken back")
    judge(own_named, JudgementInput(first="al-jinah", second="aleppo-mosque", verdict="undecided", evidence="a doubt"))
    own_named.flush()
    assert load_named(own_named).total == 0
    assert find_claim(own_named, "jinah-fact-75").withdrawn
    assert events(own_named) == {}


def test_an_error_names_the_file_and_the_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = deepcopy(data_files())
    next(file for file in broken if file.name == "al-jinah.toml").content["claims"][2]["minimum"] = -1
    monkeypatch.setattr(package, "data_files", lambda: broken)
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.where is not None
    assert caught.value.where.startswith("al-jinah.toml, claims 3")


def test_a_misspelt_label_names_the_file_and_the_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = deepcopy(data_files())
    next(file for file in broken if file.name == "al-jinah.toml").content["locations"][-1]["supersedes"] = "nowhere"
    monkeypatch.setattr(package, "data_files", lambda: broken)
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.code == "unknown_label"
    assert caught.value.where == "al-jinah.toml, locations 5"


def test_what_is_said_of_an_incident_needs_a_file_about_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = {"statements": [{"by": "sohr", "report": "seed-000", "words": "Something."}]}
    monkeypatch.setattr(package, "data_files", lambda: [*data_files_once, File("stray.toml", stray)])
    data_files_once = data_files()
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.code == "no_incident"


# The seeds' table of claims


def test_every_seed_figure_of_a_named_incident_is_a_claim_of_it(named: Session) -> None:
    rows = [row for row in seed_rows() if row["incident"] in INCIDENTS]
    assert len(rows) == 11
    for row in rows:
        claim = find_claim(named, f"seed-{row['claim_id']}")
        denied = row["claim_id"] == "C046"  # the Pentagon's denial is an explicit zero
        bound = Bound.NONE_DENIED if denied else BOUNDS.get(row["bound"]) or Bound(row["bound"])
        incident = find_incident(named, INCIDENTS[row["incident"]])
        report = named.get(Report, claim.report_id)
        assert (claim.incident_id, claim.scope) == (incident.key, Scope.INCIDENT), row["claim_id"]
        assert (claim.minimum, claim.maximum) == (number(row["value_min"]), number(row["value_max"])), row["claim_id"]
        assert (claim.bound, claim.outcome.value) == (bound, row["metric"]), row["claim_id"]
        assert report is not None
        assert report.code == f"seed-{row['seed_file'][:3]}"
        assert claim.locator == f"line {row['seed_line']}"


def test_every_other_seed_figure_is_a_claim_of_a_period_or_a_set(named: Session) -> None:
    rows = [row for row in seed_rows() if row["incident"] not in INCIDENTS and row["metric"].startswith(FIGURES)]
    assert len(rows) == 63
    for row in rows:
        claim = find_claim(named, f"seed-{row['claim_id']}")
        assert claim.incident_id is None, row["claim_id"]
        assert (claim.minimum, claim.maximum) == (number(row["value_min"]), number(row["value_max"])), row["claim_id"]
        assert claim.bound is (BOUNDS.get(row["bound"]) or Bound(row["bound"])), row["claim_id"]
        whole = None if claim.subset_of_id is None else named.get(Claim, claim.subset_of_id)
        assert ("" if whole is None else whole.code) == (row["subset_of"] and f"seed-{row['subset_of']}")
        assert (claim.period is None) == (row["period_start"] == row["period_end"] == ""), row["claim_id"]


def test_rows_that_are_no_figure_are_left_out_and_listed(named: Session) -> None:
    text = Path(package.__file__).with_name("seeds.toml").read_text("utf-8").split("[[reports]]")[0]
    left = {row["claim_id"] for row in seed_rows() if not row["metric"].startswith(FIGURES)}
    recorded = {code.removeprefix("seed-") for code in named.exec(select(Claim.code)) if code.startswith("seed-")}
    assert len(left) == 18
    assert left.isdisjoint(recorded)
    assert all(f"{code}," in text or f"{code}:" in text for code in left)


@pytest.mark.parametrize(
    ("code", "incidents"),
    [
        ("seed-C011", {"mosul-2017-03-17"}),  # "around 200" in several strikes, that of 17 March among them
        ("seed-C034", {"mosul-2017-03-17"}),  # "as many as 200", the same
        ("seed-C031", set()),  # the related headline: which strikes it does not say
        ("school-and-market-hrw-84", {"raqqa-school"}),  # the school and the Tabqa market together
    ],
)
def test_a_total_of_several_strikes_is_no_claim_of_one(named: Session, code: str, incidents: set[str]) -> None:
    claim = find_claim(named, code)
    listed = select(Incident.code).join(ClaimIncident).where(ClaimIncident.claim_id == claim.key)
    assert (claim.scope, claim.incident_id) == (Scope.INCIDENT_SET, None)
    assert set(named.exec(listed)) == incidents


def test_no_period_claim_is_attached_to_an_incident(named: Session) -> None:
    period = select(Claim).where(Claim.scope == Scope.PERIOD)
    found = named.exec(period).all()
    assert len(found) == 60
    assert all(claim.incident_id is None for claim in found)
    assert named.exec(select(ClaimIncident).join(Claim).where(Claim.scope == Scope.PERIOD)).all() == []


def test_the_statement_with_two_possible_targets_stands_on_both(named: Session) -> None:
    query = select(Incident.code).join(Statement).where(col(Statement.uncertain_target).is_(True))
    assert sorted(named.exec(query)) == ["aleppo-mosque", "raqqa-school"]


# Claims of the named incidents


@pytest.mark.parametrize(
    ("codes", "source"),
    [
        (["jinah-sohr-42", "jinah-sohr-46", "jinah-sohr-49"], "sohr"),
        (["jinah-civil-defence-35", "jinah-civil-defence-38"], "syria-civil-defence"),
        (["jinah-us-several", "jinah-us-dozens", "jinah-us-fighters-24"], "us-centcom"),
        (["school-cjtf-oir-civilians-denied", "school-cjtf-oir-civilians-40"], "cjtf-oir"),
    ],
)
def test_one_source_corrects_itself_in_a_chain(named: Session, codes: list[str], source: str) -> None:
    chained = [find_claim(named, code) for code in codes]
    assert [claim.supersedes_id for claim in chained] == [None, *(claim.key for claim in chained[:-1])]
    assert {claim.source_id for claim in chained} == {find_organisation(named, source).key}
    dates = [claim.stated_end for claim in chained if claim.stated_end is not None]
    assert dates == sorted(dates)
    assert len(dates) == len(codes)


def test_a_repeated_first_figure_does_not_pass_for_the_latest(named: Session) -> None:
    """Seeds 000 and 001 of April repeat SOHR's 42 of 16 March, after SOHR had said 49."""
    last = find_claim(named, "jinah-sohr-49").stated_start
    assert last is not None
    for code in ("seed-C014", "seed-C037"):
        stated = find_claim(named, code).stated_end
        assert stated is not None
        assert stated < last


@pytest.mark.parametrize(
    ("code", "bound", "minimum", "maximum", "words"),
    [
        ("school-cjtf-oir-civilians-denied", Bound.NONE_DENIED, 0, 0, "no civilians"),
        ("seed-C046", Bound.NONE_DENIED, 0, 0, "denied that there were any"),
        ("school-cjtf-oir-civilians-40", Bound.EXACT, 40, 40, "40 civilians, unintentionally"),
        ("school-cjtf-oir-fighters-30", Bound.AROUND, 30, 30, "30 or so"),
        ("school-airwars-killed", Bound.BETWEEN, 40, 420, "40 to 420"),
        ("mosul-us-civilians-105", Bound.EXACT, 105, 105, "105 civilians"),
        ("mosul-ucdp-high", Bound.AT_MOST, None, 143, "high 143"),
        ("mosul-ucdp-low", Bound.AT_LEAST, 107, None, "low 107"),
        ("mosul-civil-defence-137", Bound.AT_LEAST, 137, None, "at least 137"),
        ("mosul-travelwirenews-300", Bound.ALMOST, None, 300, "nearly 300 bodies"),
        ("jinah-us-several", Bound.UNQUANTIFIED, None, None, "several terrorists"),
        ("jinah-us-civilian-1", Bound.EXACT, 1, 1, "one civilian"),
        ("jinah-airwars-killed", Bound.BETWEEN, 37, 62, "37 to 62"),
    ],
)
def test_a_figure_keeps_its_bound_and_words(
    named: Session, code: str, bound: Bound, minimum: int | None, maximum: int | None, words: str
) -> None:
    claim = find_claim(named, code)
    assert (claim.bound, claim.minimum, claim.maximum, claim.words) == (bound, minimum, maximum, words)


def ucdp_row(shared_data: Path, event: str) -> dict[str, str]:
    """The row of UCDP GED with the id ``event``."""
    for name in ("ged_syria.csv", "ged_iraq.csv"):
        with (shared_data / "ucdp_ged" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["id"] == event:
                    return row
    pytest.fail(f"UCDP GED has no event {event}")


@pytest.mark.parametrize(
    ("incident", "event", "best", "low", "high", "sides"),
    [
        ("mosul-2017-03-17", "238475", 107, 107, 143, (0, 2, 105, 0)),
        ("raqqa-school", "245091", 40, 40, 40, (0, 0, 40, 0)),
        ("al-jinah", "244276", 50, 50, 62, (0, 0, 50, 0)),
    ],
)
def test_the_claims_of_ucdp_are_those_of_its_row(
    named: Session, shared_data: Path, incident: str, event: str, best: int, low: int, high: int, sides: tuple[int, ...]
) -> None:
    names = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
    row = ucdp_row(shared_data, event)
    assert tuple(int(row[name]) for name in ("best", "low", "high", *names)) == (best, low, high, *sides)
    query = select(Claim).where(Claim.locator == f"event {event}")
    found = {claim.words: (claim.minimum, claim.maximum) for claim in named.exec(query)}
    plain = {f"{name} {value}": (value, value) for name, value in zip(names, sides, strict=True)}
    assert found == plain | {
        f"best {best}": (best, best), f"low {low}": (low, None), f"high {high}": (None, high)
    }  # fmt: skip
    assert {claim.incident_id for claim in named.exec(query)} == {find_incident(named, incident).key}


# Time, place and names


@pytest.mark.parametrize(
    ("incident", "start", "end"),
    [
        ("mosul-2017-03-17", (17, 5, 24, 0), (17, 5, 24, 59)),  # 08:24 in Baghdad, UTC+3
        ("al-jinah", (16, 16, 55, 0), (16, 17, 30, 59)),  # 18:55 to 19:30 in Damascus, UTC+2
        ("raqqa-school", (19, 22, 0, 0), (21, 21, 59, 59)),  # two local days
        ("aleppo-mosque", (12, 22, 0, 0), (26, 21, 59, 59)),  # two local weeks
    ],
)
def test_the_windows_are_right_in_utc(
    named: Session, incident: str, start: tuple[int, int, int, int], end: tuple[int, int, int, int]
) -> None:
    row = find_incident(named, incident)
    assert row.start_utc == datetime(2017, 3, *start, tzinfo=UTC)
    assert row.end_utc == datetime(2017, 3, *end, tzinfo=UTC)
    assert row.window_kind is not None
    assert row.window_kind.value == "moment_in_window"


def test_the_window_of_the_school_keeps_its_edtf_text(named: Session) -> None:
    assert find_incident(named, "raqqa-school").edtf == "[2017-03-20..2017-03-21]"


def corner(square: str) -> tuple[float, float]:
    """South-west corner of an MGRS square, longitude first."""
    lat, lon = mgrs.MGRS().toLatLon(square)
    return lon, lat


def point(session: Session, incident: str, source: str) -> tuple[float, float]:
    """The point of a source; of an MGRS square its south-west corner, as the field study measured."""
    query = select(Location).where(
        Location.incident_id == find_incident(session, incident).key,
        Location.source_id == find_organisation(session, source).key,
        Location.precision != PrecisionLevel.UNKNOWN,
    )
    row = session.exec(query).one()
    if row.method is LocationMethod.MGRS:
        return corner(row.place_words or "")
    assert row.lon is not None
    assert row.lat is not None
    return row.lon, row.lat


@pytest.mark.parametrize(
    ("incident", "first", "second", "metres", "within"),
    [
        ("raqqa-school", "airwars", "cjtf-oir", 70, 1),
        ("raqqa-school", "airwars", "ucdp", 2820, 2),
        ("mosul-2017-03-17", "airwars", "ucdp", 1197, 2),
        ("al-jinah", "bellingcat", "airwars", 1730, 5),  # the field study rounds to 1.73 km
        ("al-jinah", "bellingcat", "ucdp", 1730, 5),
    ],
)
def test_rival_places_are_as_far_apart_as_the_field_study_says(
    named: Session, incident: str, first: str, second: str, metres: float, within: float
) -> None:
    distance = GEOD.inv(*point(named, incident, first), *point(named, incident, second))[2]
    assert distance == pytest.approx(metres, abs=within)


@pytest.mark.parametrize(
    ("incident", "source", "lon", "lat"),
    [
        ("raqqa-school", "cjtf-oir", 38.75702, 35.81674),
        ("al-jinah", "us-centcom", 36.80281, 36.11690),
    ],
)
def test_an_mgrs_square_has_the_corner_of_the_field_study_and_is_kept_by_its_centre(
    named: Session, incident: str, source: str, lon: float, lat: float
) -> None:
    south_west = point(named, incident, source)
    assert south_west == pytest.approx((lon, lat), abs=1e-5)
    row = named.exec(select(Location).where(Location.place_words == {38.75702: "37SDV780636"}.get(lon, "37SCV022991")))
    kept = row.one()
    assert kept.radius_m == pytest.approx(70.8, abs=0.2)
    assert kept.lon is not None
    assert kept.lat is not None
    assert GEOD.inv(*south_west, kept.lon, kept.lat)[2] == pytest.approx(70.7, abs=0.5)


@pytest.mark.parametrize("incident", sorted(FOUR - {"aleppo-mosque"}))
def test_one_place_of_each_located_incident_is_primary_and_no_city_point_is(named: Session, incident: str) -> None:
    query = select(Location).where(Location.incident_id == find_incident(named, incident).key)
    primary = [row for row in named.exec(query) if row.is_primary]
    assert len(primary) == 1
    assert primary[0].precision in {PrecisionLevel.EXACT, PrecisionLevel.WITHIN_100M}


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        ("mosul-2017-03-17", "al-Resala"),
        ("raqqa-school", "south of Mansoura"),
        ("al-jinah", "Idlib"),
        ("aleppo-mosque", "Aleppo province"),
    ],
)
def test_a_place_that_is_only_words_has_no_point(named: Session, incident: str, words: str) -> None:
    query = select(Location).where(
        Location.place_words == words, Location.incident_id == find_incident(named, incident).key
    )
    row = named.exec(query).one()
    assert (row.precision, row.lon, row.lat, row.radius_m) == (PrecisionLevel.UNKNOWN, None, None, None)


def test_the_place_that_central_command_corrected_is_superseded(named: Session) -> None:
    idlib = named.exec(select(Location).where(Location.place_words == "Idlib")).one()
    later = named.exec(select(Location).where(Location.supersedes_id == idlib.id)).one()
    assert later.place_words == "37SCV022991"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("الموصل الجديدة", "mosul-2017-03-17"),
        ("New Mosul", "mosul-2017-03-17"),
        ("CI550", "mosul-2017-03-17"),
        ("AlBadiah school", "raqqa-school"),
        ("S526", "raqqa-school"),  # Airwars' former code
        ("CS598", "raqqa-school"),
        ("الجينة", "al-jinah"),
        ("al-jinah", "al-jinah"),
        ("Al-Jīnah", "al-jinah"),
        ("Umar ibn al-Khattab mosque", "al-jinah"),
        ("S511", "al-jinah"),
        ("CS578", "al-jinah"),
        ("the aleppo mosque", "aleppo-mosque"),
        ("Aleppo mosque", "aleppo-mosque"),
    ],
)
def test_an_incident_is_found_by_its_names_and_codes(named: Session, text: str, code: str) -> None:
    assert find_incident(named, text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Central American Command", "us-centcom"),
        ("the Pentagon", "us-pentagon"),
        ("Syrian Observatory of Human Rights", "sohr"),
        ("المرصد السوري لحقوق الإنسان", "sohr"),
        ("داعش", "isis"),
        ("CJTF-OIR", "cjtf-oir"),
        ("التحالف الدولي", "us-led-coalition"),
    ],
)
def test_an_organisation_is_found_by_its_aliases(named: Session, text: str, code: str) -> None:
    text = text.removeprefix("the ")
    assert find_organisation(named, text).code == code


def test_the_united_states_act_alone_and_with_the_coalition(named: Session) -> None:
    united_states, coalition = (find_organisation(named, code) for code in ("united-states", "us-led-coalition"))
    assert find_organisation(named, "us-centcom").key in with_parts(named, united_states)
    assert find_organisation(named, "cjtf-oir").key in with_parts(named, coalition)
    assert united_states.key not in with_parts(named, coalition)
    query = select(Organisation.code).join(Attribution, col(Attribution.organisation_id) == col(Organisation.id)).where(
        Attribution.incident_id == find_incident(named, "al-jinah").key, Attribution.role == "perpetrator"
    )  # fmt: skip
    assert set(named.exec(query)) == {"united-states", "us-led-coalition"}


# Investigations, gradings, judgement


def test_the_status_path_of_the_school(named: Session) -> None:
    found = steps(named, "raqqa-school", "cjtf-oir", Process.CREDIBILITY_ASSESSMENT)
    assert [(step.kind, step.state, step.taken) for step in found] == [
        (StepKind.OPENED, InvestigationState.OPEN, "2017-03-22"),
        (StepKind.CONCLUDED, InvestigationState.NON_CREDIBLE, "2017-07-07"),
        (StepKind.REOPENED, InvestigationState.OPEN, "2017-09-24/2018-06-28"),
        (StepKind.CONCLUDED, InvestigationState.CREDIBLE, "2018-06-28"),
    ]
    assert found[2].reason == "new_evidence"


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2017-03-21", InvestigationState.NOT_ASSESSED),
        ("2017-03-28", InvestigationState.OPEN),  # the informal denial is no conclusion
        ("2017-08-01", InvestigationState.NON_CREDIBLE),
        ("2018-06-27", InvestigationState.NON_CREDIBLE),  # reopened by then perhaps, but it is not certain
        ("2018-06-28", InvestigationState.CREDIBLE),
    ],
)
def test_the_state_of_the_school_on_a_day(named: Session, day: str, state: InvestigationState) -> None:
    found = steps(named, "raqqa-school", "cjtf-oir", Process.CREDIBILITY_ASSESSMENT)
    assert state_on(found, end_of(day)) is state


def test_two_processes_run_at_once_at_al_jinah(named: Session) -> None:
    both = (Process.CREDIBILITY_ASSESSMENT, Process.COMMAND_INVESTIGATION)
    threads = [steps(named, "al-jinah", "us-centcom", process) for process in both]
    assert [state_on(found, end_of("2017-04-01")) for found in threads] == [InvestigationState.OPEN] * 2
    assert [state_on(found, None) for found in threads] == [InvestigationState.OPEN, InvestigationState.CREDIBLE]


def test_the_un_commission_is_a_thread_of_its_own(named: Session) -> None:
    found = steps(named, "al-jinah", "un-coi-syria", Process.UN_COMMISSION)
    assert state_on(found, end_of("2017-08-31")) is InvestigationState.NOT_ASSESSED
    assert state_on(found, end_of("2017-09-30")) is InvestigationState.CREDIBLE


def test_the_finding_on_mosul_names_the_secondary_explosion(named: Session) -> None:
    found = steps(named, "mosul-2017-03-17", "us-centcom", Process.COMMAND_INVESTIGATION)
    assert (found[-1].state, found[-1].reason) == (InvestigationState.CREDIBLE, "secondary_explosion")
    assert state_on(found, end_of("2017-05-24")) is InvestigationState.OPEN


@pytest.mark.parametrize(
    ("incident", "grading"),
    [
        ("mosul-2017-03-17", Grading.CONFIRMED),
        ("raqqa-school", Grading.CONFIRMED),
        ("al-jinah", Grading.FAIR),
    ],
)
def test_the_gradings_are_those_of_airwars(named: Session, incident: str, grading: Grading) -> None:
    query = select(GradingRow).where(GradingRow.incident_id == find_incident(named, incident).key)
    row = named.exec(query).one()
    assert (row.grading, row.by_id) == (grading, find_organisation(named, "airwars").key)


def test_four_incidents_are_three_events(named: Session) -> None:
    jinah, mosque = (find_incident(named, code).key for code in ("al-jinah", "aleppo-mosque"))
    found = events(named)
    assert set(found) == {jinah, mosque}
    assert {event.code for event in found.values()} == {"al-jinah"}


def test_the_judgement_states_five_pieces_of_evidence_and_cites_them(named: Session) -> None:
    row = named.exec(select(Judgement)).one()
    assert all(f"({piece})" in row.evidence for piece in range(1, 6))
    query = select(Report.code).join(JudgementReport).where(JudgementReport.judgement_id == row.key)
    assert {"airwars-aleppo-mosque-exclusive", "fifth-column-aleppo-mosque", "bellingcat-2017-03-16", "seed-002",
            "airwars-cs578"} <= set(named.exec(query))  # fmt: skip


# Citation


def test_every_row_of_the_data_files_cites_a_report_and_organisations_by_code() -> None:
    files = data_files()
    reports = {row["code"] for file in files for row in file.content.get("reports", [])}
    organisations = {row["code"] for file in files for row in file.content.get("organisations", [])}
    for file in files:
        for kind in ("locations", "claims", "attributions", "gradings", "statements", "steps"):
            for row in file.content.get(kind, []):
                assert row["report"] in reports, (file.name, kind, row)
                names = {
                    row.get(field) for field in ("source", "by", "organisation", "authority", "perpetrator", "side")
                }
                assert names - {None} <= organisations, (file.name, kind, row)


def test_every_step_and_grading_that_is_stored_has_its_report(named: Session) -> None:
    assert named.exec(select(InvestigationStep).where(col(InvestigationStep.report_id).is_(None))).all() == []
    assert named.exec(select(GradingRow).where(col(GradingRow.report_id).is_(None))).all() == []


def test_every_report_is_cited_by_something(named: Session) -> None:
    cited: set[int | None] = set()
    for column in (
        Claim.report_id, Location.report_id, Attribution.report_id, Statement.report_id, InvestigationStep.report_id,
        JudgementReport.report_id,
    ):  # fmt: skip
        cited |= set(named.exec(select(column)))
    uncited = {row.code for row in named.exec(select(Report)) if row.id not in cited}
    assert uncited == set()


def test_the_reports_of_an_incident_are_linked_to_it(named: Session) -> None:
    query = select(Report.code).join(IncidentReport).where(
        IncidentReport.incident_id == find_incident(named, "raqqa-school").key
    )  # fmt: skip
    assert {"airwars-cs598", "hrw-2017-09-24", "cjtf-oir-2018-06-28"} <= set(named.exec(query))
