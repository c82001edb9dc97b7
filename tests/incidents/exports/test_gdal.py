"""What goes through GDAL comes back as it was, and an error of ours is not taken for one of GDAL's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyogrio.raw import open_arrow

from db.errors import ResourceError
from incidents.exports.gdal import write_layer

SCHEMA = pa.schema(
    [
        pa.field("text", pa.string(), metadata={"description": "a text"}),
        pa.field("low", pa.int64()),
        pa.field("high", pa.int64()),
        pa.field("denied", pa.bool_()),
        pa.field("radius_m", pa.float64()),
        pa.field("start_utc", pa.timestamp("ms", tz="UTC")),
        pa.field("geometry", pa.binary()),
    ]
)
NUMBER = st.none() | st.integers(min_value=0, max_value=2**53)
ROW = st.fixed_dictionaries(
    {
        # No NUL: C strings end there, and no text of the database holds one.
        "text": st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        "low": NUMBER,
        "high": NUMBER,
        "denied": st.none() | st.booleans(),
        "radius_m": st.none() | st.floats(min_value=0, max_value=1e7),
    }
)


@settings(max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=5))
def test_unknown_and_zero_and_any_number_come_back(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / "any.gpkg"
    path.unlink(missing_ok=True)
    batch = pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
    assert write_layer([batch], SCHEMA, path, driver="GPKG", areas=False, options={}) == len(rows)
    with open_arrow(path, use_pyarrow=True) as (_, reader):
        found = reader.read_all().select(list(ROW_NAMES)).to_pylist()
    assert found == rows


ROW_NAMES = ("text", "low", "high", "denied", "radius_m")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ResourceError("locked", "Another program holds it.")])
def test_an_error_of_the_batches_is_the_one_that_is_raised(tmp_path: Path, error: Any) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pylist([{"text": "one"}], schema=SCHEMA)
        raise error

    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else ResourceError) as raised:
        write_layer(broken(), SCHEMA, tmp_path / "all.gpkg", driver="GPKG", areas=False, options={})
    assert raised.value is error or raised.type is KeyboardInterrupt


def test_what_gdal_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="cannot_write") as raised:
        write_layer([], SCHEMA, tmp_path / "no" / "all.gpkg", driver="GPKG", areas=False, options={})
    assert "GDAL" in str(raised.value)
    assert pyogrio.__gdal_version__ >= (3, 6)
