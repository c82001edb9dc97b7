"""What is asked, and how each record answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.engine import Database
from db.errors import NotFoundError
from db.session import read_session
from db.vocabulary import Category
from incidents.attributions import AttributionInput, add_attribution
from incidents.ranges import Rule
from incidents.records import IncidentInput, add_incident
from incidents.relations import Disc
from incidents.same_event import JudgementInput, judge
from incidents.totals.breakdown import By, breakdown
from incidents.totals.facts import Facts
from incidents.totals.records import Sheet
from incidents.totals.scope import Asked, gather, time_fit
from incidents.totals.tally import Fit, Subject, tally
from incidents.windows import day_span
from tests.incidents.factories import basics, claim, incident, same

SYRIA = frozenset({"SY"})
MARCH = {"start": day_span("2017-03-01")[0], "end": day_span("2017-03-31")[1]}
COALITION = ("US-led Coalition",)


def sheet(session: Session, category: Category = Category.CIVILIAN, **asked: Any) -> Sheet:
    """The total that is asked for."""
    subject = Subject(category)
    found = gather(session, Asked(subject, **asked))
    return Sheet(found, tally(found.records(), found.links, subject))


def fits(session: Session, **asked: Any) -> dict[str, str]:
    """How each event answers that is not outside."""
    return {row["event"]: row["fit"] for row in sheet(session, **asked).event_records()}


def test_march_2017_in_syria_by_the_coalition(held: Session) -> None:
    found = sheet(held, countries=SYRIA, belligerents=COALITION, **MARCH)
    assert found.tally.total.text() == "≤31–482+"
    assert [row["records"] for row in found.event_records()] == [["al-jinah", "aleppo-mosque"], ["raqqa-school"]]


def test_by_an_actor_of_another_side_mosul_is_only_possibly_in_scope(held: Session) -> None:
    assert fits(held, belligerents=COALITION) == {
        "al-jinah": "surely", "raqqa-school": "surely", "mosul-2017-03-17": "possibly",
    }  # fmt: skip
    assert fits(held, belligerents=("Russian forces",)) == {}
    with pytest.raises(NotFoundError, match="unknown_organisation"):
        gather(held, Asked(Subject(Category.CIVILIAN), belligerents=("Nobody",)))


def test_an_event_is_in_scope_by_any_of_its_records(held: Session) -> None:
    """Only the record called Al Jinah is blamed on the Coalition; the figures of the other count with it."""
    row = sheet(held, belligerents=COALITION, countries=SYRIA).event_records(explain=True)[0]
    assert "seed-C044" in {claim["claim"] for claim in row["claims"]}


def test_a_disc_holds_surely_and_possibly(held: Session) -> None:
    assert fits(held, area=Disc(36.79, 36.11, 10_000.0)) == {"al-jinah": "surely"}
    assert fits(held, area=Disc(36.787080, 36.107721, 500.0)) == {"al-jinah": "possibly"}
    assert fits(held, area=Disc(30.0, 30.0, 500.0)) == {}


def test_a_record_without_place_or_time_is_apart(own: Session) -> None:
    add_incident(own, IncidentInput(code="nowhere", name="Nowhere", start="2017-03-17"))
    add_incident(own, IncidentInput(code="never", name="Never", country="SY"))
    assert fits(own, countries=SYRIA, **MARCH)["nowhere"] == "unknown"
    found = sheet(own, countries=SYRIA, **MARCH)
    assert (found.found.untimed, found.fits(Fit.UNKNOWN)) == (1, 1)
    assert found.tally.total.text() == sheet(own, countries=SYRIA, **MARCH).tally.total.text()


def test_a_link_brings_the_accusation_that_official_asks_for(session: Session) -> None:
    """The total rises from nothing known: whoever is accused in the one record spoke of the event in the other."""
    basics(session)
    blamed = incident(session, "blamed")
    incident(session, "told")
    given = AttributionInput(organisation="coalition", strength="likely", by="monitor", report="monitor-1")
    add_attribution(session, blamed, given)
    claim(session, "blamed", "10")
    claim(session, "told", "30", source="coalition")

    def text() -> str:
        subject = Subject(Category.CIVILIAN, rule=Rule.OFFICIAL)
        found = gather(session, Asked(subject))
        return tally(found.records(), found.links, subject).total.text()

    assert text() == "unknown"
    same(session, "blamed", "told")
    assert text() == "30"
    same(session, "blamed", "told", verdict="undecided")
    assert text() == "unknown"


def facts(start: str | None, end: str | None) -> Facts:
    """A record with a window of days."""
    first = None if start is None else day_span(start)[0]
    return Facts(1, "a", "A", None, first, None if end is None else day_span(end)[1], None)


@pytest.mark.parametrize(
    ("window", "fit"),
    [
        (("2017-03-01", "2017-03-31"), Fit.SURELY),
        (("2017-02-28", "2017-03-01"), Fit.POSSIBLY),  # straddles
        (("2017-04-01", "2017-04-01"), Fit.OUTSIDE),
        ((None, None), Fit.UNKNOWN),
    ],
)
def test_time(window: tuple[str | None, str | None], fit: Fit) -> None:
    assert time_fit(facts(*window), MARCH["start"], MARCH["end"]) is fit
    assert time_fit(facts(*window), None, None) is Fit.SURELY


def test_open_periods() -> None:
    moment = datetime(2017, 3, 17, tzinfo=UTC)
    assert time_fit(facts("2017-03-18", "2017-03-18"), moment, None) is Fit.SURELY
    assert time_fit(facts("2017-03-18", "2017-03-18"), None, moment) is Fit.OUTSIDE


def test_by_month_an_event_that_straddles_is_possibly_in_both(own: Session) -> None:
    add_incident(
        own, IncidentInput(code="night", name="Night", country="SY", edtf="[2017-03-31..2017-04-01]", tz="UTC")
    )
    parts = breakdown(own, sheet(own, countries=SYRIA).found, By.MONTH)
    counted = {part.label: [event.fit.value for event in part.tally.counted()] for part in parts}
    assert counted == {"2017-03": ["surely", "surely", "possibly"], "2017-04": ["possibly"]}


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        (By.AREA, {"SY": "≤31–482+"}),
        (By.BELLIGERENT, {"US-led Coalition": "≤31–482+", "United States": "≤31–482+"}),
        (By.GRADING, {"confirmed": "≤30–420", "fair": "1–62+"}),
    ],
)
def test_breakdowns(held: Session, by: By, labels: dict[str, str]) -> None:
    found = sheet(held, countries=SYRIA, belligerents=COALITION, **MARCH).found
    assert {part.label: part.tally.total.text() for part in breakdown(held, found, by)} == labels


def test_by_source_each_source_alone(held: Session) -> None:
    found = sheet(held, countries=SYRIA, belligerents=COALITION, **MARCH).found
    parts = {part.label: part.tally.total.text() for part in breakdown(held, found, By.SOURCE)}
    assert parts["Airwars"] == "77–482"
    assert parts["People on the ground in Aleppo province"] == "47+"
    assert parts["Syrian Observatory for Human Rights"] == "33"


def test_as_of_an_earlier_day(held: Session) -> None:
    found = sheet(held, countries=SYRIA, as_of=day_span("2017-03-23")[1], **MARCH)
    assert {row["event"]: row["text"] for row in found.event_records()} == {"al-jinah": "unknown", "raqqa-school": "33"}


def test_an_undone_judgement_restores_the_total(own: Session) -> None:
    before = sheet(own).total_record(explain=True)
    for verdict in ("unsure", "undecided", "different", "part_of", "undecided"):
        judge(own, JudgementInput.model_validate(
            {"first": "raqqa-school", "second": "mosul-2017-03-17", "verdict": verdict, "evidence": "A test."}
        ))  # fmt: skip
    assert sheet(own).total_record(explain=True) == before


def test_the_number_of_statements_does_not_depend_on_the_number_of_incidents(world: Database) -> None:
    counts = []
    for asked in ({"countries": SYRIA}, {}):
        said: list[str] = []
        with read_session(world) as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *row, said=said: said.append(row[2]))
            sheet(session, **asked)
        counts.append(len(said))
    assert counts[0] == counts[1] <= 12
