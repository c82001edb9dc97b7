"""The record batches: every column typed and described, and the kinds of nothing apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
import shapely

from incidents.exports import arrow
from incidents.exports.arrow import claim_batches, claim_schema, incident_batches, incident_schema
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Column, Role, named
from incidents.exports.csvfile import write_incidents_csv
from incidents.exports.kinds import CLAIM_TYPES, INCIDENT_TYPES, Kind, Typed
from incidents.exports.selection import Selection
from incidents.query import Match
from incidents.ranges import Rule
from incidents.tiers import Tier

Wanted = Callable[..., Selection]
Expected = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(("types", "columns"), [(INCIDENT_TYPES, INCIDENT_COLUMNS), (CLAIM_TYPES, CLAIM_COLUMNS)])
def test_the_columns_are_those_of_the_csv_and_numbers_are_no_text(
    types: tuple[Typed, ...], columns: tuple[Column, ...]
) -> None:
    assert [typed.column.name for typed in types] == named(columns, Role.CARRIED, Role.DERIVED)
    assert [typed.column.name for typed in types if not typed.column.text and typed.kind is Kind.TEXT] == []
    assert all(typed.unit is not None for typed in types if typed.kind in {Kind.WHOLE, Kind.REAL, Kind.INSTANT})


def test_every_field_says_what_it_holds_and_in_which_unit(wanted: Wanted) -> None:
    schema = incident_schema(wanted())
    assert all(field.metadata[b"description"] != b"" for field in [*schema, *claim_schema(wanted())])
    assert schema.field("killed_civilian_low").metadata == {
        b"description": b"lowest number; null is unknown, 0 is zero",
        b"unit": b"people",
    }
    assert schema.field("radius_m").metadata[b"unit"] == b"metres"
    assert b'"tier":"public"' in schema.metadata[b"incident_atlas"]


def test_unknown_zero_ranges_and_denied_stay_apart(expected: Expected) -> None:
    market = next(row for row in expected() if row["code"] == "market")
    assert (market["killed_child_low"], market["killed_child_high"], market["killed_child_denied"]) == (0, 0, False)
    assert (market["killed_woman_low"], market["killed_woman_text"]) == (None, "unknown")
    assert (market["killed_combatant_low"], market["killed_combatant_denied"]) == (None, True)
    assert (market["killed_civilian_low"], market["killed_civilian_low_open"]) == (30, True)
    assert (market["killed_undetermined_status_low"], market["killed_undetermined_status_denied"]) == (None, None)
    assert market["start_utc"] == datetime(2017, 3, 19, 22, tzinfo=UTC)
    assert market["names"].count(" | ") == 2


@pytest.mark.parametrize("tier", list(Tier))
def test_the_texts_are_those_of_the_csv(wanted: Wanted, expected: Expected, tier: Tier) -> None:
    out = io.BytesIO()
    chosen = wanted(tier=tier)
    write_incidents_csv(chosen.session, chosen.keys, out, tier=tier)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    found = expected(tier=tier)
    assert len(rows) == len(found)
    for row, other in zip(rows, found, strict=True):
        for typed in INCIDENT_TYPES:
            text, value = row[typed.column.name], other[typed.column.name]
            assert (text in {"", "''"}) == (value in {None, ""}), typed
            if typed.kind is Kind.WHOLE and value is not None:
                assert int(text) == value
            if typed.kind is Kind.TEXT and value is not None:
                assert text.removeprefix("'") == value


@pytest.mark.parametrize("areas", [False, True])
def test_the_geometry_is_the_point_or_the_area(expected: Expected, areas: bool) -> None:
    shapes = {row["code"]: row["geometry"] for row in expected(areas=areas)}
    assert shapes["road"] is None
    market = shapely.from_wkb(shapes["market"])
    assert market.geom_type == ("MultiPolygon" if areas else "Point")
    assert areas or shapely.get_coordinates(market).tolist() == [[38.25, 36.125]]


def test_how_it_answered_a_place_query_is_a_column(wanted: Wanted) -> None:
    keys = wanted().keys
    (batch,) = incident_batches(wanted(matches={keys[0]: Match.POSSIBLY}))
    assert batch["match"].to_pylist() == ["possibly"] + [None] * (batch.num_rows - 1)


def test_claims_have_typed_numbers_and_days(wanted: Wanted) -> None:
    chosen = wanted(tier=Tier.INTERNAL)
    rows = {row["code"]: row for row in pa.Table.from_batches(claim_batches(chosen), claim_schema(chosen)).to_pylist()}
    assert (rows["market-c1"]["minimum"], rows["market-c1"]["maximum"]) == (33, None)
    assert rows["taken-back"]["withdrawn_on"] == date(2018, 2, 3)
    assert rows["both"]["incidents"] == "clinic | market"
    assert rows["sealed-count"]["superseded_by"] is not None


def test_a_batch_is_not_larger_than_promised(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "BATCH", 2)
    assert [batch.num_rows for batch in incident_batches(wanted())] == [2, 1, 2], "the third is not public"
    assert [batch.num_rows for batch in incident_batches(wanted(rule=Rule.OFFICIAL))] == [2, 2, 1]
