from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, col, select

from db.errors import InputError
from db.tables import Attribution, GradingRow, Incident
from db.vocabulary import AttributionRole, AttributionStrength, Grading
from incidents.attributions import ACCUSING, AttributionInput, GradingInput, add_attribution, add_grading
from incidents.inputs import validated
from tests.incidents.factories import basics, end_of, incident


@pytest.fixture
def school(session: Session) -> Incident:
    basics(session)
    return incident(session, "school")


def blame(session: Session, about: Incident, **given: Any) -> Attribution:
    data = {"organisation": "coalition", "strength": "alleged", "by": "monitor", "report": "monitor-1"} | given
    return add_attribution(session, about, validated(AttributionInput, data, where="attribution"))


def grade(session: Session, about: Incident, **given: Any) -> GradingRow:
    data = {"grading": "fair", "by": "monitor", "why": "Two sources."} | given
    return add_grading(session, about, validated(GradingInput, data, where="grading"))


def test_rival_attributions_stand_side_by_side(session: Session, school: Incident) -> None:
    blame(session, school, stated="2017-03-22")
    blame(session, school, by="coalition", report="coalition-1", strength="denied")
    rows = session.exec(select(Attribution).order_by(col(Attribution.id))).all()
    assert [(row.role, row.strength) for row in rows] == [
        (AttributionRole.PERPETRATOR, AttributionStrength.ALLEGED),
        (AttributionRole.PERPETRATOR, AttributionStrength.DENIED),
    ]
    assert rows[0].stated_end == end_of("2017-03-22")


def test_a_denial_and_a_strike_nobody_is_named_for_accuse_nobody() -> None:
    assert set(AttributionStrength) - ACCUSING == {AttributionStrength.DENIED, AttributionStrength.UNATTRIBUTED}


@pytest.mark.parametrize("word", ["discounted", "disproved", "Disproved", " تم دحضها "])
def test_what_airwars_calls_disproved_is_discounted(session: Session, school: Incident, word: str) -> None:
    assert grade(session, school, grading=word).grading is Grading.DISCOUNTED


def test_every_grading_of_a_body_stays(session: Session, school: Incident) -> None:
    grade(session, school, graded="2017-04")
    grade(session, school, grading="confirmed", graded="2018-06-28", report="monitor-1")
    rows = session.exec(select(GradingRow).order_by(col(GradingRow.id))).all()
    assert [(row.grading, row.graded) for row in rows] == [
        (Grading.FAIR, "2017-04"),
        (Grading.CONFIRMED, "2018-06-28"),
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"organisation": "nobody"}, "unknown_organisation"),
        ({"by": "nobody"}, "unknown_organisation"),
        ({"report": "no-report"}, "unknown_report"),
        ({"strength": "proven"}, "unknown_value"),
        ({"role": "victim"}, "unknown_value"),
        ({"stated": "2017-02-30"}, "impossible_date"),
    ],
)
def test_a_bad_attribution_is_refused(session: Session, school: Incident, given: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        blame(session, school, **given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"grading": "certain"}, "unknown_value"),
        ({"grading": 3}, "unknown_value"),
        ({"why": ""}, "blank"),
        ({"by": "nobody"}, "unknown_organisation"),
        ({"report": "no-report"}, "unknown_report"),
    ],
)
def test_a_bad_grading_is_refused(session: Session, school: Incident, given: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        grade(session, school, **given)
    assert caught.value.code == code
