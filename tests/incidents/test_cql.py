"""CQL2: what each operator finds on both databases, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import cql2
import pytest
from sqlmodel import Session, select

from db.engine import Database
from db.errors import InputError
from db.session import read_session
from db.tables import Incident
from incidents.cql import QUERYABLES, Language, cql_condition
from incidents.query import Query, find
from incidents.tiers import Tier
from tests.editions import Edition
from tests.incidents.conftest import fill

PUBLIC = Query(tier=Tier.PUBLIC)


@pytest.fixture(scope="module")
def reading(edition: Edition) -> Iterator[Session]:
    """The ledger, which these tests only read."""
    database: Database = edition.prepared("ledger", fill)
    with read_session(database) as session:
        yield session


def found(session: Session, text: str, language: Language = Language.TEXT, query: Query = PUBLIC) -> set[str]:
    condition = cql_condition(session, text, language, query)
    keys = find(session, replace(query, where=condition)).keys()
    return set(session.exec(select(Incident.code).where(Incident.id.in_(keys))).all())  # type: ignore[union-attr]


ALL = {"market", "shelter", "clinic", "road"}
CASES = [
    ("kind = 'airstrike'", {"market"}),
    ("kind <> 'airstrike'", {"shelter", "clinic", "road"}),
    ("NOT kind = 'airstrike'", {"shelter", "clinic", "road"}),
    ("country IS NULL", {"shelter", "clinic", "road"}),
    ("country IS NOT NULL AND kind = 'airstrike'", {"market"}),
    # three values: what is unknown is neither equal nor unequal
    ("country <> 'SY'", set()),
    ("country = 'SY' OR code = 'road'", {"market", "road"}),
    ("code IN ('road', 'clinic', 'secret')", {"road", "clinic"}),
    ("code NOT IN ('road', 'clinic')", {"market", "shelter"}),
    ("code > 'market'", {"shelter", "road"}),
    ("name LIKE 'The %'", {"shelter", "clinic", "road"}),
    ("name LIKE 'the %'", set()),
    ("CASEI(name) LIKE CASEI('THE %')", {"shelter", "clinic", "road"}),
    ("CASEI(name) = CASEI('the ROAD')", {"road"}),
    ("name LIKE 'The _oad'", {"road"}),
    ("name LIKE '=Market <img%'", {"market"}),
    ("name LIKE '%.*%' OR name LIKE '%*%' OR name LIKE '%[a-z]%' OR name LIKE '?he road'", set()),
    ("name LIKE 'The \\_oad'", set()),
    ("name LIKE '%\\<img%'", {"market"}),
    ("name = 'Robert''; DROP TABLE incident; --'", set()),
    ("name = 'السوق'", set()),
    ("start >= DATE('2017-03-20')", {"shelter"}),
    ("start > DATE('2017-03-20')", {"shelter"}),
    ("start <= TIMESTAMP('2017-03-19T22:00:00Z')", {"market", "clinic"}),
    ("start < DATE('2017-03-01')", set()),
    ("start = DATE('2017-03-01')", {"clinic"}),
    ("end < DATE('2017-03-31')", {"market", "shelter"}),
    ("start IS NULL", {"road"}),
    ("T_INTERSECTS(datetime, INTERVAL('2017-03-30', '..'))", {"clinic"}),
    ("T_INTERSECTS(datetime, INTERVAL('..', '2017-03-01'))", {"clinic"}),
    ("T_INTERSECTS(datetime, DATE('2017-03-21'))", {"market", "shelter", "clinic"}),
    ("T_DURING(INTERVAL(start, end), INTERVAL('2017-03-19', '2017-03-25'))", {"market", "shelter"}),
    ("T_AFTER(datetime, DATE('2017-03-20'))", {"shelter"}),
    ("T_BEFORE(datetime, TIMESTAMP('2017-03-21T22:00:00Z'))", {"market", "shelter"}),
    ("T_CONTAINS(datetime, DATE('2017-03-10'))", {"clinic"}),
    ("T_DISJOINT(datetime, DATE('2017-03-10'))", {"market", "shelter"}),
    ("S_INTERSECTS(geometry, BBOX(37.95, 36.12, 38.25, 36.6))", {"market", "shelter"}),
    ("S_WITHIN(geometry, BBOX(37.95, 36.12, 38.25, 36.6))", set()),
    ("S_WITHIN(geometry, POLYGON((37 35.5, 39.5 35.5, 39.5 37.5, 37 37.5, 37 35.5)))", {"market", "shelter"}),
    ("S_DISJOINT(geometry, BBOX(0, 0, 1, 1))", {"market", "shelter"}),
    ("NOT S_INTERSECTS(geometry, BBOX(38.15, 36, 39, 36.3))", {"shelter", "clinic", "road"}),
    ("S_INTERSECTS(geometry, BBOX(38.15, 36, 39, 36.3)) AND status = 'credible'", {"market"}),
    ("status = 'credible'", {"market"}),
    ("NOT status = 'credible'", {"shelter", "clinic", "road"}),
    ("status IN ('open', 'reported')", {"market"}),
    ("grading = 'confirmed'", {"market"}),
    ("category = 'woman' OR category = 'civilian'", {"market", "clinic"}),
    ("source = 'echo'", {"market"}),
    ("belligerent = 'The Coalition'", {"market"}),
    ("killed >= 100", {"market"}),
    ("killed > 5", {"market"}),
    ("killed >= 5", {"market", "clinic"}),
    # what only a restricted report says is not there for the public
    ("killed >= 77771", set()),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_it_finds_what_it_says(reading: Session, text: str, expected: set[str]) -> None:
    assert found(reading, text) == expected
    as_json = json.dumps(cql2.parse_text(text).to_json())
    assert found(reading, as_json, Language.JSON) == expected


def test_the_tier_is_that_of_the_query(reading: Session) -> None:
    assert found(reading, "killed >= 77771", query=Query()) == {"market", "secret"}
    assert found(reading, "code = 'secret'") == set()
    assert found(reading, "NOT code = 'secret'") == ALL


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_filter"),
        ("kind = ", "bad_filter"),
        ("'a'", "bad_filter"),
        ("start BETWEEN DATE('2017-03-19') AND DATE('2017-03-31')", "bad_filter"),  # the standard has it for numbers
        ("visibility = 'internal'", "unknown_queryable"),
        ("note LIKE '%'", "unknown_queryable"),
        ("id = 1", "unknown_queryable"),
        ("killed = 1", "unsupported_filter"),
        ("killed >= 1.5", "unsupported_filter"),
        ("killed >= 99999999999999999999", "out_of_range"),
        ("code + 1 = 2", "unsupported_filter"),
        ("pg_sleep(10) = 1", "unsupported_filter"),
        ("status = 'unknown'", "unknown_value"),
        ("status LIKE 'o%'", "unsupported_filter"),
        ("source = 'nobody'", "unknown_organisation"),
        ("start > DATE('2017-02-30')", None),
        ("S_INTERSECTS(geometry, POINT(1 1))", "unsupported_filter"),
        ("S_CROSSES(geometry, BBOX(0, 0, 1, 1))", "unsupported_filter"),
        ("S_INTERSECTS(geometry, BBOX(1, 0, 0, 1))", "bad_bbox"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "self_intersecting"),
        ("(" * 4000 + "1=1" + ")" * 4000, "bad_filter"),  # the parser would overflow its stack, and end the process
        ("NOT " * 2000 + "kind = 'x'", "bad_filter"),
        ("kind = 'x' OR " * 2000 + "kind = 'x'", "bad_filter"),
    ],
)
def test_anything_else_is_refused(reading: Session, text: str, code: str | None) -> None:
    with pytest.raises(InputError) as refused:
        cql_condition(reading, text, Language.TEXT, PUBLIC)
    assert code is None or refused.value.code == code


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"op":"="}', '{"op":"nope","args":[]}', '"x"', "null", '{"op":"and","args":[]}']
)
def test_json_that_is_no_filter_is_refused(reading: Session, text: str) -> None:
    with pytest.raises(InputError):
        cql_condition(reading, text, Language.JSON, PUBLIC)


def test_every_queryable_is_described() -> None:
    assert all(found.about.endswith(".") for found in QUERYABLES.values())
