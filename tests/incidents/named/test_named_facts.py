"""The named incidents as the sources have them: figures, times, places, names, investigations, judgement."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyproj import Geod, Transformer
from sqlmodel import Session, col, select

from db.tables import (
    Attribution,
    Claim,
    GradingRow,
    Investigation,
    InvestigationStep,
    Judgement,
    JudgementReport,
    Location,
    Organisation,
    Report,
)
from db.vocabulary import Bound, Category, Grading, InvestigationState, PrecisionLevel, Process, StepKind
from incidents.claims import find_claim
from incidents.dossiers import dossier
from incidents.investigations import state_on, steps_of
from incidents.organisations import find_organisation, with_parts
from incidents.ranges import Rule, death_range
from incidents.records import find_incident
from incidents.same_event import events
from incidents.tiers import Tier

GEOD = Geod(ellps="WGS84")
FOUR = {"mosul-2017-03-17", "raqqa-school", "al-jinah", "aleppo-mosque"}


def steps(session: Session, incident: str, authority: str, process: Process) -> list[InvestigationStep]:
    query = select(Investigation).where(
        Investigation.incident_id == find_incident(session, incident).key,
        Investigation.authority_id == find_organisation(session, authority).key,
        Investigation.process == process,
    )
    return steps_of(session, session.exec(query).one().key)


def end_of(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+00:00")


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


@pytest.mark.parametrize(
    ("incident", "official"),
    [
        ("mosul-2017-03-17", "105"),  # Central Command's finding is that of a part of an accused belligerent
        ("raqqa-school", "40"),  # the denial of March 2017 is superseded
        ("al-jinah", "0–1"),  # one civilian, beside the Pentagon's denial recorded under the other name
    ],
)
def test_what_the_accused_belligerents_say_of_civilians(named: Session, incident: str, official: str) -> None:
    found = dossier(named, find_incident(named, incident).key, tier=Tier.INTERNAL)
    assert found is not None
    assert death_range(found.event_claims, category=Category.CIVILIAN, rule=Rule.OFFICIAL).text() == official


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


def point(session: Session, incident: str, source: str) -> tuple[float, float]:
    """The point of a source, longitude first."""
    query = select(Location).where(
        Location.incident_id == find_incident(session, incident).key,
        Location.source_id == find_organisation(session, source).key,
        Location.precision != PrecisionLevel.UNKNOWN,
    )
    row = session.exec(query).one()
    assert row.lon is not None
    assert row.lat is not None
    return row.lon, row.lat


@pytest.mark.parametrize(
    ("incident", "first", "second", "metres", "within"),
    [
        ("raqqa-school", "airwars", "cjtf-oir", 70, 1.5),  # to the middle of the Coalition's square
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
    ("square", "easting", "northing"),
    [
        ("37SDV780636", 478_000, 3_963_600),  # the school, as the Coalition gave it
        ("37SCV022991", 302_200, 3_999_100),  # Al Jinah, as the US military gave it
    ],
)
def test_a_square_of_100_metres_is_kept_as_a_circle_that_covers_it(
    named: Session, square: str, easting: int, northing: int
) -> None:
    row = named.exec(select(Location).where(Location.place_words == square)).one()
    assert row.lon is not None
    assert row.lat is not None
    assert row.radius_m is not None
    to_degrees = Transformer.from_crs("EPSG:32637", "EPSG:4326", always_xy=True)
    corners = [to_degrees.transform(easting + x, northing + y) for x in (0, 100) for y in (0, 100)]
    distances = [GEOD.inv(row.lon, row.lat, *corner)[2] for corner in corners]
    assert max(distances) <= row.radius_m
    assert row.radius_m < 72


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
