"""Data frames out of queries: typed, documented, and the same after a way through a file."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pandas as pd
import pytest

from db.engine import Database
from db.session import read_session
from incidents.frames import to_arrow, to_dataframe, to_geodataframe
from incidents.query import Disc, Query
from incidents.tiers import Tier

PUBLIC = Query(tier=Tier.PUBLIC)


def frame_of(database: Database, query: Query = PUBLIC, **options: bool) -> geopandas.GeoDataFrame:
    with read_session(database) as session:
        return to_geodataframe(session, query, **options)


def test_numbers_and_flags_are_nullable_and_no_floats(ledger: Database) -> None:
    frame = frame_of(ledger).set_index("code")
    assert frame.crs == "EPSG:4326"
    assert str(frame.killed_civilian_low.dtype) == "Int64"
    assert str(frame.killed_civilian_denied.dtype) == "boolean"
    market = frame.loc["market"]
    assert (market.killed_civilian_low, market.killed_child_low) == (30, 0)
    assert market.killed_woman_low is pd.NA
    assert market.killed_combatant_low is pd.NA
    assert market.killed_combatant_denied
    assert market.start_utc == pd.Timestamp("2017-03-19T22:00Z")
    assert (market.geometry.x, market.geometry.y) == (38.25, 36.125)
    assert frame.attrs["columns"]["radius_m"]["unit"] == "metres"
    assert set(frame.attrs["columns"]) == {"code", *frame.columns}


def test_a_place_query_says_how_each_answers_and_may_list_the_unlocated(ledger: Database) -> None:
    query = Query(area=Disc(38.25, 36.125, 5_000), tier=Tier.PUBLIC)
    assert frame_of(ledger, query)[["code", "match"]].values.tolist() == [["market", "possibly"]]
    everything = frame_of(ledger, query, unlocated=True)
    assert set(everything.match) == {"possibly", "unlocated"}
    assert frame_of(ledger, query, areas=True).geom_type.tolist() == ["MultiPolygon"]


def test_the_tier_of_the_query_decides_what_is_seen(ledger: Database) -> None:
    assert "secret" not in frame_of(ledger).code.tolist()
    assert "secret" in frame_of(ledger, Query()).code.tolist()


def test_claims_are_a_table_of_their_own(ledger: Database) -> None:
    with read_session(ledger) as session:
        frame = to_dataframe(session, PUBLIC).set_index("code")
        table = to_arrow(session, PUBLIC, claims=True)
    assert frame.loc["market-c1"].minimum == 33
    assert frame.loc["market-c1"].maximum is pd.NA
    assert table.num_rows == len(frame)
    assert table.schema.field("minimum").metadata[b"unit"] == b"people"
    assert frame.attrs["columns"]["words"]["description"].startswith("the source's words")


@pytest.mark.parametrize("suffix", ["gpkg", "parquet"])
def test_a_frame_keeps_unknown_zero_and_ranges_apart_through_a_file(
    ledger: Database, tmp_path: Path, suffix: str
) -> None:
    frame, path = frame_of(ledger), tmp_path / f"frame.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
        back = geopandas.read_parquet(path)
    else:
        frame.to_file(path, use_arrow=True)
        back = geopandas.read_file(path, use_arrow=True, arrow_to_pandas_kwargs={"types_mapper": nullable})
    for name in frame.columns.drop("geometry"):
        assert [plain(value) for value in back[name]] == [plain(value) for value in frame[name]], name
    assert back.geometry.to_wkb().tolist() == frame.geometry.to_wkb().tolist()


def nullable(kind: object) -> object | None:
    return {"int64": pd.Int64Dtype(), "bool": pd.BooleanDtype()}.get(str(kind))


def plain(value: object) -> object | None:
    return None if pd.isna(value) else value
