"""What the database itself refuses, whoever writes: bad words, figures, places, times and texts."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from db.tables import UNLIMITED, Organisation, Recorded, metadata

pytestmark = pytest.mark.sqlite

Insert = Callable[..., None]
NewRow = Callable[..., dict[str, Any]]
EARLY, LATE = "2017-03-17 00:00:00.000000", "2017-03-18 00:00:00.000000"
COLUMNS = [
    (table.name, column)
    for table in metadata.sorted_tables
    for column in table.columns
    if table.name not in {"change", "change_set", "open_change_set"}
]
ENUMS = [(table, column) for table, column in COLUMNS if isinstance(column.type, sa.Enum)]
FLAGS = [(table, column.name) for table, column in COLUMNS if isinstance(column.type, sa.Boolean)]
TEXTS = [
    (table, column.name, column.type.length)
    for table, column in COLUMNS
    if isinstance(column.type, sa.String)
    and not isinstance(column.type, sa.Enum)
    and f"{table}.{column.name}" not in UNLIMITED
]


def ids(cases: list[Any]) -> list[str]:
    return [f"{case[0]}.{getattr(case[1], 'name', case[1])}" for case in cases]


def refuse(raw: sqlite3.Connection, insert: Insert, table: str, row: dict[str, Any], constraint: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=constraint):
        insert(raw, table, row)


def test_every_text_declares_how_long_it_may_be() -> None:
    assert len(TEXTS) > 50
    assert all(length is not None for _, _, length in TEXTS)


def test_every_constraint_is_named_and_no_name_is_used_twice() -> None:
    names = [str(constraint.name) for table in metadata.tables.values() for constraint in table.constraints]
    assert "None" not in names
    assert len(names) == len(set(names))


def test_every_foreign_key_to_a_claim_report_or_incident_is_indexed() -> None:
    for table in metadata.tables.values():
        first = {next(iter(index.columns)).name for index in table.indexes}
        first |= {next(iter(c.columns)).name for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
        for key in table.foreign_keys:
            if key.column.table.name in {"incident", "report", "claim"}:
                assert key.parent.name in first, f"{table.name}.{key.parent.name}"


@pytest.mark.parametrize(("table", "column"), ENUMS, ids=ids(ENUMS))
def test_a_word_outside_its_list_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str, column: sa.Column[Any]
) -> None:
    assert isinstance(column.type, sa.Enum)
    assert column.type.enum_class is not None
    for bad in ("nonsense", "", " unknown", next(iter(column.type.enum_class)).name):
        with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: ck_{table}_|illegal_move"):
            insert(opened, table, new_row(table, **{column.name: bad}))


@pytest.mark.parametrize(("table", "column"), FLAGS, ids=ids(FLAGS))
def test_a_truth_value_is_zero_or_one(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str, column: str
) -> None:
    for bad in (2, -1, "yes"):
        refuse(opened, insert, table, new_row(table, **{column: bad}), f"ck_{table}_{column}_boolean")


@pytest.mark.parametrize(("table", "column", "length"), TEXTS, ids=ids(TEXTS))
def test_a_text_that_is_too_long_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str, column: str, length: int
) -> None:
    for bad in ("x" * (length + 1), "ب" * (length + 1), "x" + " " * length):
        refuse(opened, insert, table, new_row(table, **{column: bad}), f"ck_{table}_{column}_length")
    if column not in {"sha256", "script"} or length > 64:
        insert(opened, table, new_row(table, **{column: "ب" * length}))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("organisation", "code"),
        ("organisation", "name"),
        ("report", "title"),
        ("incident", "code"),
        ("incident", "name"),
        ("incident_name", "name"),
        ("statement", "words"),
        ("judgement", "evidence"),
        ("investigation_step", "why"),
        ("place", "name"),
        ("claim", "code"),
    ],
)
def test_a_blank_text_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str, column: str
) -> None:
    for bad in ("", "   "):
        refuse(opened, insert, table, new_row(table, **{column: bad}), f"ck_{table}_{column}_length")


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        pytest.param({"minimum": 9, "maximum": 3}, "figure_order", id="min above max"),
        pytest.param({"minimum": -1}, "minimum_count", id="negative"),
        pytest.param({"bound": "at_most", "minimum": None, "maximum": -1}, "maximum_count", id="negative maximum"),
        pytest.param({"minimum": 2.5}, "minimum_count", id="fraction"),
        pytest.param({"maximum": 9.5}, "maximum_count", id="fraction above"),
        pytest.param({"maximum": math.inf}, "maximum_count", id="infinite"),
        pytest.param({"maximum": 1e30}, "maximum_count", id="beyond 64 bits"),
        pytest.param({"bound": "at_least", "maximum": None, "minimum": "dozens"}, "minimum_count", id="words"),
        pytest.param({"bound": "at_least", "maximum": None, "minimum": b"3"}, "minimum_count", id="bytes"),
        pytest.param({"minimum": math.nan}, "bound_and_figures", id="NaN is stored as NULL"),
        pytest.param({"bound": "exact"}, "bound_and_figures", id="exact with two figures"),
        pytest.param({"bound": "exact", "minimum": 3, "maximum": None}, "bound_and_figures", id="exact and open"),
        pytest.param({"bound": "at_least"}, "bound_and_figures", id="at least with an end"),
        pytest.param(
            {"bound": "at_least", "minimum": None, "maximum": 3}, "bound_and_figures", id="at least, upside down"
        ),
        pytest.param({"bound": "more_than"}, "bound_and_figures", id="more than with an end"),
        pytest.param({"bound": "at_most"}, "bound_and_figures", id="at most with a start"),
        pytest.param({"bound": "less_than"}, "bound_and_figures", id="less than with a start"),
        pytest.param({"bound": "almost"}, "bound_and_figures", id="almost with a start"),
        pytest.param({"bound": "around", "maximum": None}, "bound_and_figures", id="around and open"),
        pytest.param({"bound": "between", "minimum": None}, "bound_and_figures", id="between and open"),
        pytest.param({"bound": "none_denied"}, "bound_and_figures", id="denied with dead"),
        pytest.param(
            {"bound": "none_denied", "minimum": None, "maximum": None}, "bound_and_figures", id="denied, no zero"
        ),
        pytest.param({"bound": "unknown"}, "bound_and_figures", id="unknown with figures"),
        pytest.param({"bound": "unknown", "minimum": 0, "maximum": 0}, "bound_and_figures", id="unknown is not zero"),
        pytest.param({"bound": "unquantified"}, "bound_and_figures", id="unquantified with figures"),
        pytest.param({"scope": "period"}, "scope_and_incident", id="a period total on an incident"),
        pytest.param({"scope": "incident_set"}, "scope_and_incident", id="a set total on an incident"),
        pytest.param({"incident_id": None}, "scope_and_incident", id="an incident claim without one"),
        pytest.param({"id": 9, "subset_of_id": 9}, "not_itself", id="part of itself"),
        pytest.param({"id": 9, "supersedes_id": 9}, "not_itself", id="supersedes itself"),
        pytest.param({"stated_start": LATE, "stated_end": EARLY}, "stated_order", id="stated backwards"),
        pytest.param({"as_of_start": LATE, "as_of_end": EARLY}, "as_of_order", id="as of backwards"),
        pytest.param({"period_start": LATE, "period_end": EARLY}, "period_order", id="period backwards"),
        pytest.param({"incident_id": 77}, "FOREIGN KEY", id="no such incident"),
    ],
)
def test_a_claim_that_contradicts_itself_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, changed: dict[str, Any], constraint: str
) -> None:
    refuse(opened, insert, "claim", new_row("claim", **changed), constraint)


@pytest.mark.parametrize(
    ("bound", "minimum", "maximum"),
    [
        ("exact", 0, 0),
        ("exact", 41, 41),
        ("at_least", 33, None),
        ("more_than", 34, None),
        ("at_most", None, 30),
        ("less_than", None, 29),
        ("almost", None, 40),
        ("around", 30, 30),
        ("between", 30, 40),
        ("unquantified", None, None),
        ("none_denied", 0, 0),
        ("unknown", None, None),
    ],
)
def test_zero_denied_unknown_and_open_figures_are_kept_apart(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, bound: str, minimum: int | None, maximum: int | None
) -> None:
    insert(opened, "claim", new_row("claim", id=9, bound=bound, minimum=minimum, maximum=maximum))
    row = opened.execute("SELECT bound, minimum, maximum FROM claim WHERE id = 9").fetchone()
    assert row == (bound, minimum, maximum)


def test_a_period_claim_stands_without_an_incident(opened: sqlite3.Connection, insert: Insert, new_row: NewRow) -> None:
    insert(opened, "claim", new_row("claim", scope="period", incident_id=None, area="Raqqa", period="2017-06/2017-10"))


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        pytest.param({"lon": 180.5}, "lon_range", id="longitude"),
        pytest.param({"lat": 91.0}, "lat_range", id="latitude"),
        pytest.param({"lat": -90.1}, "lat_range", id="latitude south"),
        pytest.param({"lon": math.inf}, "lon_range", id="infinite"),
        pytest.param({"lat": -math.inf}, "lat_range", id="minus infinite"),
        pytest.param({"lon": math.nan}, "point_whole|located", id="NaN is stored as NULL"),
        pytest.param({"lon": math.nan, "lat": math.nan}, "located", id="two NaN"),
        pytest.param({"lon": "36,8"}, "lon_range", id="decimal comma"),
        pytest.param({"lon": b"36.8"}, "lon_range", id="bytes"),
        pytest.param({"lat": None}, "point_whole", id="half a point"),
        pytest.param({"radius_m": None}, "extent_known", id="a bare point"),
        pytest.param({"radius_m": -1.0}, "radius_m_range", id="negative radius"),
        pytest.param({"radius_m": math.inf}, "radius_m_range", id="infinite radius"),
        pytest.param({"precision": "unknown"}, "located", id="unknown with a point"),
        pytest.param({"west": None}, "box_present", id="no west"),
        pytest.param({"east": None}, "box_present", id="no east"),
        pytest.param({"south": math.nan}, "box_present", id="NaN south"),
        pytest.param({"north": math.nan}, "box_present", id="NaN north"),
        pytest.param({"west": 37.0}, "box_order", id="west of east"),
        pytest.param({"south": 37.0}, "box_order", id="south of north"),
        pytest.param({"east": math.inf}, "box_order", id="infinite box"),
        pytest.param({"public_lon": 36.8}, "public_point_whole", id="half a public point"),
        pytest.param({"public_lon": 181.0, "public_lat": 36.0}, "public_lon_range", id="public longitude"),
        pytest.param({"public_lon": 36.0, "public_lat": 91.0}, "public_lat_range", id="public latitude"),
        pytest.param({"public_radius_m": -5.0}, "public_radius_m_range", id="public radius"),
    ],
)
def test_a_location_that_is_no_place_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, changed: dict[str, Any], constraint: str
) -> None:
    refuse(opened, insert, "location", new_row("location", **changed), constraint)


def test_an_unlocated_row_has_neither_point_nor_box(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow
) -> None:
    empty = dict.fromkeys(("lon", "lat", "radius_m", "west", "south", "east", "north"))
    insert(opened, "location", new_row("location", precision="unknown", **empty))


@pytest.mark.parametrize(
    ("table", "changed", "constraint"),
    [
        ("incident", {"start_utc": LATE, "end_utc": EARLY, "time_precision": "day"}, "window_order"),
        ("incident", {"start_utc": EARLY, "time_precision": "day"}, "window_ends"),
        ("incident", {"start_utc": EARLY, "end_utc": LATE}, "window_precision"),
        ("report", {"published_start": LATE, "published_end": EARLY}, "published_order"),
        ("report", {"sha256": "abc"}, "sha256_length"),
        ("statement", {"stated_start": LATE, "stated_end": EARLY}, "stated_order"),
        ("attribution", {"stated_start": LATE, "stated_end": EARLY}, "stated_order"),
        ("grading", {"graded_start": LATE, "graded_end": EARLY}, "graded_order"),
        ("organisation_membership", {"start_date": "2018-01-01", "end_date": "2017-01-01"}, "date_order"),
        ("organisation_membership", {"member_id": 1, "group_id": 1}, "not_itself"),
        ("judgement", {"low_id": 2, "high_id": 1}, "pair_order"),
        ("judgement", {"low_id": 1, "high_id": 1}, "pair_order"),
        ("investigation_step", {"taken_start": LATE, "taken_end": EARLY}, "taken_order"),
        ("investigation_step", {"corrects_id": 1}, "correction_names_step"),
        ("area", {"west": math.nan}, "NOT NULL"),
        ("area", {"west": 38.0}, "box_order"),
        ("area", {"north": math.inf}, "box_order"),
        ("area", {"sha256": "abc"}, "sha256_length"),
        ("place", {"lon": math.nan}, "NOT NULL"),
        ("place", {"lat": 90.5}, "lat_range"),
        ("place", {"lon": -181.0}, "lon_range"),
        ("place", {"radius_m": -1.0}, "radius_m_range"),
        ("place", {"population": -1}, "population_count"),
        ("place", {"population": 1.5}, "population_count"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    opened: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str, changed: dict[str, Any], constraint: str
) -> None:
    refuse(opened, insert, table, new_row(table, **changed), constraint)


def test_a_row_has_no_key_before_it_is_stored() -> None:
    assert issubclass(Organisation, Recorded)
    with pytest.raises(ValueError, match="Organisation has no id"):
        _ = Organisation(code="a", name="A").key
