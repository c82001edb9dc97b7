"""FlatGeobuf: nothing is left out, and the index is there where there can be one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pytest

from incidents.exports.flatgeobuf import write_flatgeobuf
from incidents.exports.selection import Selection

pytestmark = pytest.mark.sqlite  # the rows are those of test_arrow.py, whatever database they come from

Wanted = Callable[..., Selection]
Expected = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize("areas", [False, True])
def test_those_without_a_place_are_in_it_too(wanted: Wanted, expected: Expected, tmp_path: Path, areas: bool) -> None:
    path = tmp_path / "all.fgb"
    assert write_flatgeobuf(wanted(areas=areas), path) == 5
    # Row by row: GDAL's own Arrow reader of this format trips over rows without a geometry.
    frame = pyogrio.read_dataframe(path, datetime_as_string=True)
    rows = {row["code"]: row for row in expected(areas=areas)}
    assert len(frame) == len(rows)
    for found in frame.itertuples():
        row = rows[found.code]
        assert (None if found.geometry is None else found.geometry.wkb) == row["geometry"]
        for name in ("killed_child_low", "killed_woman_low", "killed_civilian_low", "killed_combatant_denied"):
            value = getattr(found, name)
            assert (None if pd.isna(value) else value) == row[name]
    assert not pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]


def test_an_answer_to_a_place_query_is_indexed(wanted: Wanted, expected: Expected, tmp_path: Path) -> None:
    chosen = wanted()
    rows = expected()
    placed = [key for key, row in zip(chosen.keys, rows, strict=False) if row["geometry"] is not None]
    path = tmp_path / "some.fgb"
    count = write_flatgeobuf(Selection(chosen.session, placed), path)
    assert pyogrio.read_info(path)["features"] == count > 0
    assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]
