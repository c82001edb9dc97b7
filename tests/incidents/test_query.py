from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from db.derived import is_fresh, refresh_touched
from db.errors import InputError, NotFoundError
from db.session import write_session
from db.tables import Incident, Touched
from db.vocabulary import Category, Grading, InvestigationState
from gazetteer.geodesy import circle, distance_m, geod
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import withdraw_claim
from incidents.locations import withdraw_location
from incidents.query import Answer, Disc, Hit, Match, Query, find, page
from incidents.records import IncidentEdit, edit_incident, find_incident
from incidents.tiers import Tier
from tests.editions import Edition
from tests.incidents.factories import (
    basics,
    claim,
    end_of,
    incident,
    location,
    organisation,
    point,
    report,
    same,
    step,
)

CENTRE = (36.8, 36.1)
HERE = Disc(*CENTRE, 10_000)


@pytest.fixture
def ledger(session: Session) -> Session:
    basics(session)
    report(session, "closed", visibility="restricted")
    report(session, "kept", may_export=False)
    report(session, "undated", published=None)
    report(session, "late", published="2018-06-28")
    return session


def codes_of(session: Session, found: Answer) -> list[str]:
    return [code_of(session, hit.key) for hit in found.hits]


def code_of(session: Session, key: int) -> str:
    row = session.get(Incident, key)
    assert row is not None
    return row.code


def both(session: Session, query: Query) -> Answer:
    """The answer, found to be the same from the locations themselves, from the spots and in pages."""
    if is_fresh(session):
        session.execute(sa.insert(Touched).values(incident_id=1))
    compared = find(session, query)
    from_locations = (compared.hits, compared.unlocated, compared.untimed)
    refresh_touched(session)
    found = find(session, query)
    assert (found.hits, found.unlocated, found.untimed) == from_locations
    for limit in (1, 2, 100):
        assert tuple(paged(session, query, limit)) == found.hits
    return found


def paged(session: Session, query: Query, limit: int) -> Iterator[Hit]:
    after = None
    while True:
        part = page(session, query, limit, after)
        yield from part.hits
        assert len(part.hits) == limit or part.next is None
        if part.next is None:
            return
        after = part.next


def ask(session: Session, **asked: Any) -> list[str]:
    return codes_of(session, both(session, Query(**asked)))


def matches(session: Session, area: Any, **asked: Any) -> dict[str, Match]:
    found = both(session, Query(area=area, **asked))
    return {code_of(session, hit.key): hit.match for hit in (*found.hits, *found.unlocated)}


def away(metres: float, azimuth: float = 90.0) -> tuple[float, float]:
    """The point so far from the centre, degrees."""
    lon, lat, _ = geod().fwd(*CENTRE, azimuth, metres)
    return lon, lat


def ring(shape: Any) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shape))


@pytest.mark.parametrize(
    ("distance", "radius", "match"),
    [
        pytest.param(0, 100, Match.SURELY, id="at the centre"),
        pytest.param(9_000, 1_000, Match.SURELY, id="touching the edge from inside"),
        pytest.param(9_000, 1_001, Match.POSSIBLY, id="a metre over the edge"),
        pytest.param(11_000, 1_001, Match.POSSIBLY, id="a metre inside"),
        pytest.param(11_000, 999, None, id="a metre outside"),
        pytest.param(0, 50_000, Match.POSSIBLY, id="wider than the area"),
    ],
)
@pytest.mark.parametrize("azimuth", [0, 45, 90, 200])
def test_a_disc_lies_surely_inside_as_a_whole_and_possibly_where_it_overlaps(
    ledger: Session, distance: float, radius: float, azimuth: float, match: Match | None
) -> None:
    # A micrometre against the rounding of the two geodesics at the very edge.
    point(ledger, incident(ledger, "one"), *away(distance, azimuth), radius_m=radius - 1e-6 if radius > 500 else radius)
    expected = {} if match is None else {"one": match}
    assert matches(ledger, HERE) == expected


@pytest.mark.parametrize(
    ("box", "match"),
    [
        pytest.param((36.75, 36.05, 36.85, 36.15), Match.SURELY, id="inside"),
        pytest.param((36.7, 36.0, 36.9, 36.2), Match.SURELY, id="the area itself, edges included"),
        pytest.param((36.7, 36.0, 36.9001, 36.2), Match.POSSIBLY, id="over the edge"),
        pytest.param((36.9, 36.2, 37.0, 36.3), Match.POSSIBLY, id="touching a corner"),
        pytest.param((36.91, 36.0, 37.0, 36.2), None, id="beside it"),
    ],
)
def test_an_area_in_a_polygon_counts_its_edge(
    ledger: Session, box: tuple[float, float, float, float], match: Match | None
) -> None:
    location(ledger, incident(ledger, "one"), area=ring(shapely.box(*box)), precision="adm3")
    assert matches(ledger, shapely.box(36.7, 36.0, 36.9, 36.2)) == ({} if match is None else {"one": match})


@pytest.mark.parametrize(
    ("second", "match"),
    [(away(2_000), Match.SURELY), (away(50_000), Match.POSSIBLY), (away(10_000), Match.POSSIBLY)],
)
def test_rival_places_are_surely_inside_only_all_together(
    ledger: Session, second: tuple[float, float], match: Match
) -> None:
    about = incident(ledger, "one")
    point(ledger, about, *CENTRE)
    point(ledger, about, *second, source="coalition")
    assert matches(ledger, HERE) == {"one": match}


def test_a_place_that_was_withdrawn_or_replaced_no_longer_matches(ledger: Session) -> None:
    about = incident(ledger, "one")
    old = point(ledger, about, *CENTRE)
    point(ledger, about, *away(50_000), supersedes=old.key)
    gone = point(ledger, about, *CENTRE, source="coalition")
    withdraw_location(ledger, gone.key)
    assert matches(ledger, HERE) == {}


def test_incidents_without_a_place_are_listed_apart(ledger: Session) -> None:
    incident(ledger, "nowhere")
    location(ledger, incident(ledger, "words"), precision="unknown", place_words="the road")
    point(ledger, incident(ledger, "here"), *CENTRE)
    point(ledger, incident(ledger, "far"), *away(90_000))
    found = both(ledger, Query(area=HERE))
    assert codes_of(ledger, found) == ["here"]
    assert [(code_of(ledger, hit.key), hit.match) for hit in found.unlocated] == [
        ("nowhere", Match.UNLOCATED),
        ("words", Match.UNLOCATED),
    ]


def test_without_an_area_every_incident_is_anywhere(ledger: Session) -> None:
    incident(ledger, "one")
    found = both(ledger, Query())
    assert [hit.match for hit in found.hits] == [Match.ANYWHERE]
    assert found.unlocated == ()


def test_a_disc_too_wide_to_draw_is_refused_and_a_place_too_wide_is_possible(ledger: Session) -> None:
    with pytest.raises(InputError):
        Disc(*CENTRE, 3_000_000)
    with pytest.raises(InputError):
        Disc(0, 89.9, 50_000)
    point(ledger, incident(ledger, "one"), 30.0, 88.9, radius_m=20_000, geoprivacy="reduced")
    assert matches(ledger, shapely.box(29, 88, 31, 90)) == {"one": Match.POSSIBLY}


def test_a_place_over_the_antimeridian_is_found_from_both_sides(ledger: Session) -> None:
    point(ledger, incident(ledger, "one"), 179.99, 0.5, radius_m=5_000)
    assert matches(ledger, Disc(-179.99, 0.5, 1_000)) == {"one": Match.POSSIBLY}
    assert matches(ledger, Disc(179.9, 0.5, 50_000)) == {"one": Match.SURELY}
    assert matches(ledger, shapely.box(-180, 0, -179.9, 1)) == {"one": Match.POSSIBLY}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        pytest.param(None, None, True, id="no window asked for"),
        pytest.param("2017-03-21T20:59:59Z", None, True, id="from its last second"),
        pytest.param("2017-03-21T21:00:00Z", None, False, id="from the second after it"),
        pytest.param(None, "2017-03-16T21:00:00Z", True, id="to its first second"),
        pytest.param(None, "2017-03-16T20:59:59Z", False, id="to the second before it"),
        pytest.param("2017-03-18T00:00:00Z", "2017-03-18T00:00:00Z", True, id="one moment inside it"),
        pytest.param("2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z", True, id="all of it"),
    ],
)
def test_a_window_overlaps_with_both_ends_included(
    ledger: Session, start: str | None, end: str | None, *, found: bool
) -> None:
    incident(ledger, "one", start="2017-03-17", end="2017-03-21", tz="Asia/Baghdad")
    asked = {"start": start and at(start), "end": end and at(end)}
    assert ask(ledger, **asked) == (["one"] if found else [])


def test_answers_come_by_time_then_as_recorded_and_those_without_a_time_last(ledger: Session) -> None:
    for code, start in (("d", None), ("c", "2017-03-18"), ("b", "2017-03-17"), ("a", "2017-03-18"), ("e", None)):
        point(ledger, incident(ledger, code, start=start), *CENTRE)
    assert ask(ledger) == ask(ledger, area=HERE) == ["b", "c", "a", "d", "e"]


def test_those_without_a_time_are_counted_apart_by_a_query_for_one(ledger: Session) -> None:
    incident(ledger, "dated", start="2017-03-17")
    for code in ("undated", "undated-too"):
        incident(ledger, code, start=None)
    edit_incident(ledger, "undated-too", IncidentEdit(withdrawn=True))
    asked = both(ledger, Query(start=at("2017-03-01T00:00:00+00:00")))
    assert (len(asked.hits), asked.untimed) == (1, 1)
    assert both(ledger, Query()).untimed == 0


def test_a_withdrawn_incident_is_not_found(ledger: Session) -> None:
    incident(ledger, "one")
    edit_incident(ledger, "one", IncidentEdit(withdrawn=True))
    assert ask(ledger) == []


@pytest.mark.parametrize(
    ("day", "state", "found"),
    [
        (None, "credible", True),
        (None, "open", False),
        ("2017-08-01", "non_credible", True),
        ("2017-08-01", "credible", False),
        ("2017-12-01", "non_credible", True),  # reopened some day until June 2018
        ("2017-12-01", "open", False),
        ("2017-03-21", "not_assessed", False),  # nobody had recorded anything
    ],
)
def test_a_status_is_that_of_the_day_asked_for(ledger: Session, day: str | None, state: str, *, found: bool) -> None:
    about = incident(ledger, "one")
    step(ledger, about, "open", "2017-03-22")
    step(ledger, about, "non_credible", "2017-07-07")
    step(ledger, about, "open", "2017-09-24/2018-06-28")
    step(ledger, about, "credible", "2018-06-28")
    asked = {"status": InvestigationState(state), "as_of": None if day is None else end_of(day)}
    assert ask(ledger, **asked) == (["one"] if found else [])


def test_a_status_of_any_thread_is_found_and_a_hidden_step_is_not_seen(ledger: Session) -> None:
    about = incident(ledger, "one")
    step(ledger, about, "open", "2017-03-22")
    step(ledger, about, "open", "2017-03-22", process="court")
    step(ledger, about, "credible", "2017-07-07", process="court", report="closed")
    assert ask(ledger, status=InvestigationState.CREDIBLE) == ["one"]
    assert ask(ledger, status=InvestigationState.OPEN) == ["one"]
    assert ask(ledger, status=InvestigationState.CREDIBLE, tier=Tier.PUBLIC) == []


def grade(session: Session, code: str, grading: str, **given: Any) -> None:
    data = {"grading": grading, "by": "monitor", "why": "Its method."} | given
    add_grading(session, find_incident(session, code), GradingInput.model_validate(data))
    session.flush()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"grading": Grading.CONFIRMED}, True),
        ({"grading": Grading.FAIR}, False),
        ({"grading": Grading.WEAK}, True),  # of another body
        ({"grading": Grading.FAIR, "as_of": end_of("2017-08-01")}, True),
        ({"grading": Grading.CONFIRMED, "as_of": end_of("2017-08-01")}, False),
        ({"grading": Grading.CONFIRMED, "tier": Tier.PUBLIC}, True),
        ({"grading": Grading.DISCOUNTED, "tier": Tier.PUBLIC}, False),
    ],
)
def test_a_grading_is_the_last_of_a_body_on_the_day(ledger: Session, asked: dict[str, Any], *, found: bool) -> None:
    incident(ledger, "one")
    grade(ledger, "one", "confirmed", report="late")
    grade(ledger, "one", "fair", graded="2017-04-01")
    grade(ledger, "one", "weak", by="observatory")
    grade(ledger, "one", "discounted", by="coalition", report="closed")
    assert ask(ledger, **asked) == (["one"] if found else [])


def test_a_source_is_found_by_what_it_claims_now(ledger: Session) -> None:
    incident(ledger, "one")
    incident(ledger, "two")
    claim(ledger, "one", "33", source="observatory")
    claim(ledger, "two", "33")
    claim(ledger, None, "84", source="observatory", scope="incident_set", incidents=["two"])
    assert ask(ledger, source="Observatory") == ["one"]
    withdraw_claim(ledger, "one-c1", on="2017-05-01", why="Twice.")
    assert ask(ledger, source="observatory") == []
    assert ask(ledger, source="observatory", as_of=end_of("2017-04-01")) == ["one"]
    with pytest.raises(NotFoundError):
        ask(ledger, source="nobody")


def test_a_category_is_one_that_some_source_speaks_of(ledger: Session) -> None:
    incident(ledger, "one")
    incident(ledger, "two")
    claim(ledger, "one", "33")
    claim(ledger, "two", "5", category="child")
    assert ask(ledger, category=Category.CIVILIAN) == ["one"]
    assert ask(ledger, category=Category.CHILD) == ["two"]
    assert ask(ledger, category=Category.CHILD, killed_min=6) == []


@pytest.mark.parametrize(
    ("number", "found"),
    [(0, ["up-to", "at-least", "denied"]), (30, ["up-to", "at-least"]), (33, ["at-least"]), (34, [])],
)
def test_killed_min_finds_where_some_source_names_that_number(ledger: Session, number: int, found: list[str]) -> None:
    for code, words in (
        ("up-to", "up to 30"),
        ("at-least", "at least 33"),
        ("denied", "none (denied)"),
        ("vague", "dozens"),
    ):
        incident(ledger, code)
        claim(ledger, code, words)
    claim(ledger, "vague", "99", outcome="injured")
    assert ask(ledger, killed_min=number) == found


def test_a_claim_counts_until_its_successor_and_the_tiers_see_their_own(ledger: Session) -> None:
    incident(ledger, "one")
    claim(ledger, "one", "49", code="first", stated="2017-03-17")
    claim(ledger, "one", "12", code="second", supersedes="first", report="late")
    assert ask(ledger, killed_min=40) == []
    assert ask(ledger, killed_min=40, as_of=end_of("2017-08-01")) == ["one"]
    claim(ledger, "one", "99", source="observatory", report="closed")
    claim(ledger, "one", "98", source="coalition", code="shown")
    claim(ledger, "one", "1", source="coalition", report="closed", supersedes="shown")
    assert ask(ledger, killed_min=99) == ["one"]
    assert ask(ledger, killed_min=99, tier=Tier.PUBLIC) == []
    assert ask(ledger, killed_min=98, tier=Tier.PUBLIC) == ["one"], "the successor is not public"
    assert ask(ledger, source="observatory", tier=Tier.PUBLIC) == []


@pytest.fixture
def actors(ledger: Session) -> Session:
    organisation(ledger, "us", belongs_to=[{"group": "coalition"}])
    organisation(ledger, "centcom", belongs_to=[{"group": "us", "kind": "part"}])
    for code in ("coalition", "us", "centcom"):
        incident(ledger, f"by-{code}")
        blame(ledger, f"by-{code}", code)
    return ledger


def blame(session: Session, code: str, actor: str, **given: Any) -> None:
    data = {"organisation": actor, "strength": "alleged", "by": "monitor", "report": "monitor-1"} | given
    add_attribution(session, find_incident(session, code), AttributionInput.model_validate(data))
    session.flush()


@pytest.mark.parametrize(
    ("actor", "found"),
    [("coalition", ["by-coalition"]), ("us", ["by-us", "by-centcom"]), ("centcom", ["by-centcom"])],
)
def test_the_parts_of_a_belligerent_count_and_its_members_do_not(actors: Session, actor: str, found: list[str]) -> None:
    assert ask(actors, belligerent=actor) == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"role": "side"}, True),
        ({"role": "target"}, False),
        ({"strength": "denied"}, False),
        ({"strength": "unattributed"}, False),
        ({"strength": "disputed"}, True),
    ],
)
def test_a_belligerent_is_one_that_some_source_names(actors: Session, given: dict[str, str], *, found: bool) -> None:
    incident(actors, "other")
    blame(actors, "other", "centcom", **given)
    assert ("other" in ask(actors, belligerent="centcom")) is found


def test_an_accusation_counts_for_its_day_and_tier(actors: Session) -> None:
    incident(actors, "other")
    blame(actors, "other", "centcom", report="closed", stated="2018-01-01")
    assert "other" in ask(actors, belligerent="centcom")
    assert "other" not in ask(actors, belligerent="centcom", tier=Tier.PUBLIC)
    assert "other" not in ask(actors, belligerent="centcom", as_of=end_of("2017-08-01"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("al-JINAH", True),
        ("jina", True),
        ("الجينة", True),
        ("جينه", True),
        ("mosque", True),
        ("CS578", True),
        ("CS57", False),  # a source's code is searched whole
        ("one", True),
        ("school", False),
        ("100%", False),
        ("_", False),
        ("؟", False),
        ("Atarib", True),  # a place name
        ("اتارب", True),
    ],
)
def test_text_is_searched_in_codes_names_and_places_in_folded_form(ledger: Session, text: str, *, found: bool) -> None:
    codes = [{"scheme": "airwars", "code": "CS578"}]
    row = incident(ledger, "one", name="Al Jinah", names=[{"name": "الجينة"}, {"name": "Aleppo mosque"}], codes=codes)
    point(ledger, row, *CENTRE, place_name="Al-Atārib")
    point(ledger, row, *CENTRE, place_name="الأتارب")
    assert ask(ledger, text=text) == (["one"] if found else [])


def test_a_blank_text_is_refused(ledger: Session) -> None:
    with pytest.raises(InputError):
        ask(ledger, text="  ")


@pytest.mark.parametrize(
    "given", [{"geoprivacy": "reduced"}, {"geoprivacy": "hidden"}, {"report": "closed"}, {"report": "kept"}]
)
def test_the_name_of_a_place_that_is_not_shown_finds_nothing(ledger: Session, given: dict[str, Any]) -> None:
    point(ledger, incident(ledger, "one"), *CENTRE, place_name="Atarib", **given)
    assert ask(ledger, text="Atarib") == ["one"]
    assert ask(ledger, text="Atarib", tier=Tier.PUBLIC) == []


def test_a_hidden_incident_is_found_inside_only(ledger: Session) -> None:
    point(ledger, incident(ledger, "one", visibility="restricted"), *CENTRE)
    assert {tier: ask(ledger, area=HERE, tier=tier) for tier in Tier} == {
        Tier.PUBLIC: [],
        Tier.RESTRICTED: ["one"],
        Tier.INTERNAL: ["one"],
    }


@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.RESTRICTED])
def test_the_true_place_of_a_hidden_one_finds_nothing(ledger: Session, tier: Tier) -> None:
    point(ledger, incident(ledger, "one"), *CENTRE, geoprivacy="hidden")
    assert matches(ledger, HERE, tier=tier) == {"one": Match.UNLOCATED}
    assert matches(ledger, HERE) == {"one": Match.SURELY}


def test_a_lowered_place_is_matched_by_what_is_public_of_it_only(ledger: Session) -> None:
    row = point(ledger, incident(ledger, "one"), 36.81, 36.11, geoprivacy="reduced")
    near = Disc(36.81, 36.11, 500)
    assert matches(ledger, near) == {"one": Match.SURELY}
    assert matches(ledger, near, tier=Tier.PUBLIC) == {"one": Match.POSSIBLY}
    other_side = Disc(36.89, 36.19, 500)
    assert matches(ledger, other_side, tier=Tier.PUBLIC) == {"one": Match.POSSIBLY}
    assert matches(ledger, other_side) == {}
    wide = Disc(row.public_lon or 0, row.public_lat or 0, (row.public_radius_m or 0) + 1)
    assert matches(ledger, wide, tier=Tier.PUBLIC) == {"one": Match.SURELY}


@pytest.mark.parametrize("cited", ["closed", "kept"])
def test_a_place_of_a_report_that_is_not_shown_is_no_place(ledger: Session, cited: str) -> None:
    point(ledger, incident(ledger, "one"), *CENTRE, report=cited)
    assert matches(ledger, HERE, tier=Tier.PUBLIC) == {"one": Match.UNLOCATED}


def test_as_of_a_place_counts_from_its_report_and_one_without_a_date_always(ledger: Session) -> None:
    about = incident(ledger, "one")
    old = point(ledger, about, *CENTRE, report="undated")
    point(ledger, about, *away(90_000), report="late", supersedes=old.key)
    assert matches(ledger, HERE, as_of=end_of("2017-08-01")) == {"one": Match.SURELY}
    assert matches(ledger, HERE) == {}


def test_every_part_narrows_the_answer(ledger: Session) -> None:
    for code in ("one", "two"):
        point(ledger, incident(ledger, code), *CENTRE)
        claim(ledger, code, "33")
    step(ledger, find_incident(ledger, "one"), "open", "2017-03-22")
    same(ledger, "one", "two")
    assert ask(ledger, area=HERE, killed_min=30) == ["one", "two"]
    assert ask(ledger, area=HERE, killed_min=30, status=InvestigationState.OPEN) == ["one"]


@pytest.fixture(scope="module")
def scattered(edition: Edition) -> Iterator[Session]:
    """Discs of all sizes round one point, and polygons among them; every third incident has two places."""
    with write_session(edition.empty(), who="tester", why="scattered") as opened:
        basics(opened)
        for number in range(120):
            about = incident(opened, f"n{number}")
            for turn in range(2 if number % 3 == 0 else 1):
                lon, lat, _ = geod().fwd(*CENTRE, (number * 47 + turn * 90) % 360, (number * 7_919) % 60_000)
                radius = float((number * 3_571) % 20_000 + 25)
                if number % 4 == 0:
                    box = shapely.box(lon, lat, lon + radius / 200_000, lat + radius / 100_000)
                    location(opened, about, area=ring(box), precision="adm3", source=("monitor", "coalition")[turn])
                else:
                    point(opened, about, lon, lat, radius_m=radius, source=("monitor", "coalition")[turn])
        yield opened


def places_of(session: Session) -> dict[str, list[tuple[float, float, float | None, Any]]]:
    """Every place by the code of its incident, read row by row."""
    sql = (
        "SELECT i.code, l.lon, l.lat, l.radius_m, a.wkb FROM location l JOIN incident i ON i.id = l.incident_id "
        "LEFT JOIN area a ON a.id = l.area_id"
    )
    found: dict[str, list[tuple[float, float, float | None, Any]]] = {}
    for code, lon, lat, radius, wkb in session.connection().exec_driver_sql(sql):
        found.setdefault(code, []).append((lon, lat, radius, None if wkb is None else shapely.from_wkb(wkb)))
    return found


def corners_m(area: Any, lon: float, lat: float) -> list[float]:
    """Distances in metres from (lon, lat) to points along the outline of ``area``."""
    return [distance_m(x, y, lon, lat) for x, y in shapely.get_coordinates(shapely.segmentize(area, 0.005))]


DISCS = st.tuples(st.floats(0, 360), st.floats(0, 70_000), st.floats(50, 80_000))


@settings(max_examples=25)
@given(DISCS)
def test_a_disc_query_agrees_with_measuring_every_place(scattered: Session, drawn: tuple[float, float, float]) -> None:
    azimuth, metres, radius = drawn
    lon, lat, _ = geod().fwd(*CENTRE, azimuth, metres)
    found = matches(scattered, Disc(lon, lat, radius))
    for code, places in places_of(scattered).items():
        inside, overlap, certain = True, False, True
        for x, y, own, area in places:
            away_m = distance_m(x, y, lon, lat)
            if area is None:
                inside &= away_m + (own or 0) <= radius
                overlap |= away_m - (own or 0) <= radius
                continue
            outline = corners_m(area, lon, lat)
            holds = area.covers(shapely.Point(lon, lat))
            inside &= max(outline) <= radius
            overlap |= holds or min(outline) <= radius
            # Polygons are compared with polygons drawn round and into the disc: a hair's breadth is left open.
            certain &= abs(max(outline) / radius - 1) > 0.002 and (holds or abs(min(outline) / radius - 1) > 0.02)
        if found.get(code) is Match.SURELY:
            assert inside
        if certain:
            expected = Match.SURELY if inside else Match.POSSIBLY if overlap else None
            assert found.get(code) is expected, code


BOXES = st.tuples(st.floats(36.0, 37.6), st.floats(35.4, 36.8), st.floats(0.01, 1.2), st.floats(0.01, 1.0))


@settings(max_examples=25)
@given(BOXES)
def test_a_polygon_query_agrees_with_comparing_every_place(
    scattered: Session, drawn: tuple[float, float, float, float]
) -> None:
    west, south, width, height = drawn
    asked = shapely.box(west, south, west + width, south + height)
    found = matches(scattered, asked)
    for code, places in places_of(scattered).items():
        shapes = [circle(x, y, own or 0) if area is None else area for x, y, own, area in places]
        inside = all(asked.covers(shape) for shape in shapes)
        overlap = any(asked.intersects(shape) for shape in shapes)
        assert found.get(code) is (Match.SURELY if inside else Match.POSSIBLY if overlap else None), code


@settings(max_examples=25)
@given(BOXES, st.integers(3, 9))
def test_a_smaller_area_never_finds_more(
    scattered: Session, drawn: tuple[float, float, float, float], part: int
) -> None:
    west, south, width, height = drawn
    wide = matches(scattered, shapely.box(west, south, west + width, south + height))
    narrow = matches(scattered, shapely.box(west, south, west + width / part, south + height / part))
    assert set(narrow) <= set(wide)
    assert all(wide[code] is Match.SURELY for code, match in narrow.items() if match is Match.SURELY)
