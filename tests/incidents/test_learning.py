from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from sqlmodel import Session, select

from db.errors import InputError, NotFoundError
from db.tables import Incident, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind, PrecisionLevel
from incidents.learning import LEVELS, Learning, learn_places
from incidents.locations import withdraw_location
from incidents.records import IncidentEdit, edit_incident
from tests.incidents.factories import basics, incident, organisation, place, point, report

BLUETOWN = (38.5, 35.5)


def instant(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.fixture(autouse=True)
def gazetteer(session: Session) -> None:
    """Three sources, and a gazetteer of one town."""
    basics(session)
    place(session, "Bluetown", *BLUETOWN, country="SY")


def located(session: Session, code: str, name: str | None = "Blutun", **given: Any) -> Any:
    """An incident that the monitor puts in Bluetown, under another name unless told."""
    about = {key: given.pop(key) for key in ("start", "end", "visibility", "country") if key in given}
    lon, lat = given.pop("at", BLUETOWN)
    found = incident(session, code, **({"country": "SY"} | about))
    return point(session, found, lon, lat, place_name=name, **({"precision": "settlement"} | given))


def attested(session: Session) -> dict[str, str | None]:
    """The names that were learned, and where they were read."""
    query = select(PlaceName.name, PlaceName.source).where(PlaceName.kind == NameKind.ATTESTED)
    return dict(session.exec(query).all())


def tally(learned: Learning) -> tuple[int, int, int, int, int]:
    counts = learned.counts
    return counts.read, counts.named, counts.placed, learned.kept_back, learned.untimed


def test_the_name_that_a_source_uses_becomes_one_of_the_place_there(session: Session) -> None:
    located(session, "one")
    assert tally(learn_places(session)) == (1, 1, 0, 0, 0)
    assert attested(session) == {"Blutun": "Monitor"}
    assert learn_places(session).counts.known == 1


def test_a_place_that_is_not_there_is_added_with_the_licence_of_its_report(session: Session) -> None:
    report(session, "free", publisher="monitor", licence="CC BY 4.0")
    place(
        session,
        "Redland",
        38.0,
        35.0,
        kind=PlaceKind.ADM1,
        country="SY",
        admin1="07",
        polygon=shapely.box(38, 35, 40, 37),
    )
    located(session, "one", "Quite Elsewhere", at=(39.5, 36.5), report="free")
    assert tally(learn_places(session)) == (1, 0, 1, 0, 0)
    added = session.exec(select(Place).where(Place.source == "attested")).one()
    assert (added.name, added.lon, added.lat, added.licence) == ("Quite Elsewhere", 39.5, 36.5, "CC BY 4.0")
    assert added.country == "SY"
    assert added.admin1_name == "Redland"


@pytest.mark.input
@pytest.mark.parametrize("precision", [level for level in PrecisionLevel if level is not PrecisionLevel.UNKNOWN])
def test_only_a_settlement_or_finer_teaches(session: Session, precision: PrecisionLevel) -> None:
    located(session, "one", precision=precision.value)
    fine = ["exact", "within_100m", "landmark", "street", "neighbourhood", "settlement", "near_settlement"]
    assert learn_places(session).counts.read == (precision.value in fine)
    assert (precision in LEVELS) == (precision.value in fine)


@pytest.mark.parametrize(
    "given",
    [{"geoprivacy": "reduced", "public_decimals": 1}, {"visibility": "restricted"}, {"report": "kept-in"}],
    ids=["lowered place", "restricted incident", "report that may not be exported"],
)
def test_what_not_everybody_may_see_is_left_out_and_counted(session: Session, given: dict[str, Any]) -> None:
    report(session, "kept-in", publisher="monitor", may_export=False)
    located(session, "one", **given)
    assert tally(learn_places(session)) == (0, 0, 0, 1, 0)
    assert attested(session) == {}


def test_what_does_not_stand_any_more_teaches_nothing(session: Session) -> None:
    withdraw_location(session, located(session, "one", "Blutun").key)
    old = located(session, "two", "Blootoon")
    about = session.get_one(Incident, old.incident_id)
    point(session, about, *BLUETOWN, place_name="Bluetawn", precision="settlement", supersedes=old.key)
    located(session, "three", "Blootun")
    edit_incident(session, "three", IncidentEdit(withdrawn=True))
    located(session, "four", None)
    located(session, "five", "Middle", method="centroid")
    assert learn_places(session).counts.read == 1
    assert attested(session) == {"Bluetawn": "Monitor"}


def test_halves_by_date_share_no_incident(session: Session) -> None:
    located(session, "early", "Blutun", start="2017-03-17")
    located(session, "late", "Blootoon", start="2018-03-17")
    located(session, "across", "Bluetawn", start="2017-12-30", end="2018-01-02")
    located(session, "sometime", "Blootun", start=None)
    before = learn_places(session, before=instant(2018, 1, 1))
    assert tally(before) == (1, 1, 0, 0, 1)
    assert set(attested(session)) == {"Blutun"}
    after = learn_places(session, after=instant(2017, 12, 31))
    assert tally(after) == (1, 1, 0, 0, 1)
    assert set(attested(session)) == {"Blutun", "Blootoon"}
    both = learn_places(session, after=instant(2017, 1, 1), before=instant(2017, 6, 1))
    assert both.counts.read == 1
    assert learn_places(session).counts.read == 4


def test_one_source_is_learned_from_alone(session: Session) -> None:
    organisation(session, "other", name="The Other")
    report(session, "other-1", publisher="other")
    located(session, "one", "Blutun")
    located(session, "two", "Blootoon", source="other", report="other-1")
    assert learn_places(session, source="The Other").counts.read == 1
    assert attested(session) == {"Blootoon": "The Other"}


def test_what_cannot_be_asked_is_told(session: Session) -> None:
    with pytest.raises(NotFoundError) as unknown:
        learn_places(session, source="nobody")
    assert unknown.value.code == "unknown_organisation"
    with pytest.raises(InputError) as empty:
        learn_places(session, after=instant(2018, 1, 1), before=instant(2018, 1, 1))
    assert empty.value.code == "end_before_start"


def test_many_places_are_read_in_batches(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.learning.BATCH", 2)
    for number in range(5):
        located(session, f"one-{number}", f"Blutun {number}")
    assert learn_places(session).counts.read == 5
