"""The acceptance list of contradictions: section 4 of the notes on the named incidents, item by item."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.engine import Database
from db.session import read_session
from incidents.claims import ClaimInput, add_claim
from incidents.contradictions.clash import Clash, Kind
from incidents.contradictions.listing import contradictions
from incidents.locations import LocationInput, add_location
from incidents.organisations import find_organisation
from incidents.records import find_incident
from incidents.reports import ReportInput, add_report
from incidents.tiers import Tier


@pytest.fixture(scope="module")
def found(world: Database) -> list[Clash]:
    """All of the data as loaded."""
    with read_session(world) as session:
        return contradictions(session)


def with_claims(found: list[Clash], kind: Kind, *claims: str) -> list[Clash]:
    """The clashes of a kind that list all of ``claims``."""
    return [one for one in found if one.kind is kind and set(claims) <= set(one.claims)]


def total(session: Session, **fields: Any) -> None:
    """Record one more total of SNHR in seed 004."""
    usual = {"source": "snhr", "report": "seed-004", "outcome": "killed", "category": "civilian", "scope": "period",
             "area": "Syria", "perpetrator": "us-led-coalition"}  # fmt: skip
    add_claim(session, ClaimInput.model_validate(usual | fields))


def test_school_up_to_30_and_at_least_33(found: list[Clash]) -> None:
    assert len(with_claims(found, Kind.NUMBERS_EXCLUDE, "seed-C013", "seed-C036", "school-sohr-33")) == 1
    # "At least 33" people does not exclude "up to 30" civilians, unless all of them were.
    (mixed,) = with_claims(found, Kind.PEOPLE_AND_CIVILIANS, "seed-C013", "seed-C036", "seed-C047")
    assert "unless the rest were none" in mixed.reason


def test_al_jinah_42_people_47_civilians_and_a_denial(found: list[Clash]) -> None:
    assert len(with_claims(found, Kind.MORE_THAN_ALL, "seed-C014", "seed-C037", "seed-C044")) == 1
    (denied,) = with_claims(found, Kind.DENIED, "seed-C046", "seed-C044")
    assert denied.about == "al-jinah"  # one event, though the denial names the mosque
    assert "seed-C045" not in {code for one in found for code in one.claims}  # "dozens" excludes no number


def test_mosul_scope_decides_not_the_number(found: list[Clash]) -> None:
    for several in ("seed-C011", "seed-C034"):
        assert len(with_claims(found, Kind.SCOPE_MISTAKEN, "seed-C049", several)) == 1
    # "More than 100 in one hit" and 200 in several do not clash.
    for single in ("seed-C012", "seed-C035"):
        assert with_claims(found, Kind.SCOPE_MISTAKEN, single) == []
    clashing = {code for one in found if one.kind is Kind.NUMBERS_EXCLUDE for code in one.claims}
    assert clashing.isdisjoint({"seed-C011", "seed-C031", "seed-C034"})


def test_march_total_is_a_series_and_its_unit_differs(found: list[Clash]) -> None:
    (series,) = with_claims(found, Kind.SERIES, "seed-C015", "seed-C038", "seed-C041", "seed-C026")
    assert "almost 1,000 (2017-03-24); 1,257 (2017-03-31); 1,472 casualties (2017-04-03)" in series.reason
    assert "the unit differs: killed and casualties" in series.reason
    assert with_claims(found, Kind.RIVAL_TOTALS, "seed-C015", "seed-C026") == []


def test_sohr_19_are_missing(found: list[Clash]) -> None:
    (missing,) = with_claims(found, Kind.PARTS_MISS, "seed-C060", "seed-C057", "seed-C064", "seed-C065")
    assert "4,624; 19 of" in missing.reason


def test_syria_18_months_380_and_519(found: list[Clash]) -> None:
    assert len(with_claims(found, Kind.RIVAL_TOTALS, "seed-C057", "seed-C063")) == 1
    assert len(with_claims(found, Kind.RIVAL_TOTALS, "seed-C056", "seed-C063")) == 1
    assert with_claims(found, Kind.RIVAL_TOTALS, "seed-C056", "seed-C057") == []  # "almost 400" is the 380


def test_admitted_on_different_days_and_299_matches_no_report(found: list[Clash]) -> None:
    (series,) = with_claims(found, Kind.SERIES, "seed-C061", "seed-C054", "seed-C091", "total-cjtf-oir-2017-04-30")
    assert "only 21 (2016-03-31); roughly 220 (2017-03-27)" in series.reason
    (slip,) = with_claims(found, Kind.UNMATCHED_FIGURE, "seed-C091")
    assert "is none of 229 (2017-04-01), 352 (2017-04-30); one digit from 229" in slip.reason
    assert [one.claims[0] for one in found if one.kind is Kind.UNMATCHED_FIGURE] == ["seed-C091"]


@pytest.mark.parametrize("code", ["seed-C068", "seed-C072"])
def test_1000_days_are_955(found: list[Clash], code: str) -> None:
    (length,) = with_claims(found, Kind.LENGTH_DIFFERS, code)
    assert "955 days; 1,000 days end on 2017-06-19" in length.reason


def test_snhr_2017_bounds_and_places_of_massacres(found: list[Clash]) -> None:
    assert len(with_claims(found, Kind.BOUND_DIFFERS, "seed-C069", "seed-C073")) == 1
    (unplaced,) = with_claims(found, Kind.PARTS_MISS, "seed-C080", "seed-C081", "seed-C083")
    assert "34 + 12 are 46; 5 of" in unplaced.reason
    # 80% is 79.5, 67% is 66.7; 46 bridges are among the 106.
    assert [one for one in found if one.kind is Kind.SHARE_DIFFERS] == []
    assert with_claims(found, Kind.PARTS_EXCEED) == []


def test_a_share_that_its_figures_do_not_give_is_told(own: Session) -> None:
    share_of = {"code": "share", "outcome": "context", "category": "other", "subset_of": "seed-C073"}
    said = {"words": "90 per cent", "bound": "exact", "minimum": 90, "maximum": 90, "locator": "line 32"}
    total(own, **share_of, **said, period="2016-01-01/2017-05")
    (share,) = with_claims(contradictions(own), Kind.SHARE_DIFFERS, "share", "seed-C077", "seed-C073")
    assert "998 of 1,256 are 79.5 per cent" in share.reason


def test_snhr_march_114_by_parties_the_articles_leave_out(found: list[Clash]) -> None:
    (missing,) = with_claims(found, Kind.PARTS_MISS, "total-snhr-2017-03", "seed-C004", "seed-C023")
    assert "417 + 260 + 119 + 224 are 1,020; 114 of “1,134”" in missing.reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("seed-C058", "seed-C087"),  # 99 children: SOHR in 2016, SNHR in Raqqa 2017
        ("seed-C080", "seed-C088"),  # 51 massacres and 51 women
    ],
)
def test_the_same_figure_by_coincidence_is_not_told(found: list[Clash], one: str, other: str) -> None:
    assert [clash for clash in found if {one, other} <= set(clash.claims)] == []


def test_dates_that_do_not_fit(found: list[Clash]) -> None:
    """“Last week”, “the previous week”, “just a week before”: the real gaps are 4 to 5 days."""
    (last,) = with_claims(found, Kind.DATE_DIFFERS, "seed-C036")
    assert "2017-03-27 to 2017-04-02; the event is of 2017-03-20 to 2017-03-21" in last.reason
    (previous,) = with_claims(found, Kind.DATE_DIFFERS, "seed-C037")
    assert "“The previous week” said 2017-04-03" in previous.reason
    (before,) = with_claims(found, Kind.DATE_DIFFERS, "seed-C014")
    assert before.about == "al-jinah"
    assert before.reason == (
        "“just a week before the Raqqa strike”: 2017-03-16 is 4 to 5 days before 2017-03-20 to 2017-03-21 "
        "(raqqa-school)"
    )
    # "Last week" of the mosque, said between 24 and 27 March, and "in the last week" of the three fit.
    assert len([one for one in found if one.kind is Kind.DATE_DIFFERS]) == 3


def test_read_day_first_seed_001_would_be_older_than_its_month(own: Session, found: list[Clash]) -> None:
    assert with_claims(found, Kind.DATE_DIFFERS, "seed-C023") == []
    add_report(own, ReportInput(code="day-first", publisher="the-independent", title="T", published="2017-03-04"))
    total(own, code="early", report="day-first", words="260", period="2017-03-01/2017-03-31")
    assert len(with_claims(contradictions(own), Kind.DATE_DIFFERS, "early")) == 1


def test_names_lead_to_one_organisation(held: Session) -> None:
    assert find_organisation(held, "Central American Command").code == "us-centcom"
    assert find_organisation(held, "Syrian Observatory of Human Rights").code == "sohr"


def test_places_apart_by_more_than_their_radii(found: list[Clash]) -> None:
    (apart,) = [one for one in found if one.kind is Kind.PLACES_APART]
    assert apart.about == "al-jinah"  # Bellingcat's point and the US military's square
    assert "1,745 m apart" in apart.reason


def test_raqqa_its_rural_area_and_near_raqqa_are_three_precisions_of_one_place(found: list[Clash]) -> None:
    assert [one for one in found if one.kind is Kind.PLACES_APART and one.about == "raqqa-school"] == []


@pytest.mark.parametrize(
    ("west", "away"),
    [
        (43.2, "8,4"),  # 0.0941 degrees of longitude at 36.3 north: a radius of 100 m does not reach it
        (43.1, None),  # the point lies in it
        (43.1065, None),  # 54 m off, which the radius reaches
    ],
)
def test_places_that_are_areas_are_apart_where_no_radius_reaches_them(
    own: Session, west: float, away: str | None
) -> None:
    """Mosul al-Jadida is at 43.1059, 36.33256 by Airwars, within 100 m."""
    ring = [[west, 36.3], [43.4, 36.3], [43.4, 36.4], [west, 36.4], [west, 36.3]]
    place = {"source": "hrw", "report": "hrw-area", "precision": "adm3", "method": "geolocated"}
    add_report(own, ReportInput(code="hrw-area", publisher="hrw", title="T", published="2017-04-01"))
    area = {"area": {"type": "Polygon", "coordinates": [ring]}}
    add_location(own, find_incident(own, "mosul-2017-03-17"), LocationInput.model_validate(place | area))
    reasons = [
        one.reason for one in contradictions(own) if one.kind is Kind.PLACES_APART and one.about == "mosul-2017-03-17"
    ]
    told = [reason for reason in reasons if "Airwars (#" in reason and "an area of" in reason]
    assert (len(told) == 1) == (away is not None)
    assert away is None or f"lie {away}" in told[0]


def test_the_statement_with_an_uncertain_target_is_no_contradiction(found: list[Clash]) -> None:
    assert all("C048" not in code for one in found for code in one.claims)


def test_parts_that_exceed_their_whole(own: Session) -> None:
    # One alone is refused when it is recorded; two parties of one month are found only together.
    for code, words, party in (("a", "700", "us-led-coalition"), ("b", "600", "isis")):
        total(own, code=code, report="seed-000", words=words, period="2017-03", perpetrator=party, source="sohr")
    total(own, code="all", report="seed-000", words="1,000", period="2017-03", perpetrator=None, source="sohr")
    (clash,) = with_claims(contradictions(own), Kind.PARTS_EXCEED, "a", "b", "all")
    assert "700 + 600 are 1300, more than “1,000”" in clash.reason


def test_books_that_do_not_add_up_or_follow(own: Session, found: list[Clash]) -> None:
    assert [one for one in found if one.kind is Kind.BOOKS_DIFFER] == []
    for code, outcome, words, day in (
        ("x1", "reports_open", "39", "2017-05-01"), ("x2", "reports_received", "5", None),
        ("x3", "reports_closed", "4", None), ("x4", "reports_open", "41", "2017-05-31"),
    ):  # fmt: skip
        total(own, code=code, source="cjtf-oir", outcome=outcome, category="report", words=words, period="2017-05",
              **({} if day is None else {"as_of": day}))  # fmt: skip
    reasons = [one.reason for one in contradictions(own) if one.kind is Kind.BOOKS_DIFFER]
    assert reasons == [
        "2017-05: 39 open + 5 received - 4 closed is 40, not 41 open",
        "2017-04 leaves 38 open, 2017-05 begins with 39",
    ]


def test_what_a_tier_may_not_see_clashes_with_nothing(own: Session) -> None:
    add_report(own, ReportInput(code="kept", publisher="hrw", title="T", visibility="restricted"))
    add_claim(
        own,
        ClaimInput(incident="al-jinah", source="hrw", report="kept", outcome="killed", category="woman", words="99"),
    )
    claims = {code for one in contradictions(own, tier=Tier.PUBLIC) for code in one.claims}
    assert not any(
        "99" in one.reason and "Human Rights Watch" in one.reason for one in contradictions(own, tier=Tier.PUBLIC)
    )
    assert len(claims) > 20
    assert len(with_claims(contradictions(own), Kind.NUMBERS_EXCLUDE, "jinah-airwars-woman")) == 1


def test_the_number_of_statements_does_not_depend_on_the_number_of_incidents(world: Database) -> None:
    said: list[str] = []
    with read_session(world) as session:
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *row: said.append(row[2]))
        contradictions(session)
    assert len(said) <= 14
