"""Measures GeoParquet beside DuckDB writing the same table."""

from __future__ import annotations

import functools

from bench_gazetteer.clock import progress

from bench_scale.case import Case
from bench_scale.figures import Measure, Rule
from bench_scale.process import child, repeated

NAME = "geoparquet"
BAR = 2.0


def geoparquet(case: Case) -> list[Measure]:
    """The GeoParquet of everything; the peer holds the same columns and geometries in its own file."""
    out, theirs = case.folder / "ours.parquet", case.folder / "theirs.parquet"
    database = case.folder / f"peer-{case.edition}.duckdb"
    database.unlink(missing_ok=True)
    ours = functools.partial(child, "parquet:ours", url=case.url, out=str(out))
    first = ours()
    rows = first["rows"]
    held = child("parquet:fill", parquet=str(out), database=str(database))["rows"]
    if held != rows:
        raise ValueError(f"the peer holds {held} rows, ours wrote {rows}")
    peer = functools.partial(child, "parquet:duckdb", database=str(database), out=str(theirs))
    mine, other = repeated(case.loads, ours, peer, first=first)
    progress(f"{case.size:,} {case.edition}: GeoParquet in {mine['seconds']:.2f} s, DuckDB {other['seconds']:.2f} s")
    for path in (out, theirs, database):
        path.unlink()
    size, other_size = (f"{one['bytes'] / 1e6:,.1f} MB" for one in (mine, other))
    shared = {"size": case.size, "edition": case.edition, "runs": case.loads}
    return [
        Measure(
            NAME, "GeoParquet export", ours=mine["seconds"], unit="s", peer="DuckDB COPY of the same table",
            theirs=other["seconds"], bar=BAR, processor=case.processor(mine, other), **shared,
            notes=[f"{rows / mine['seconds']:,.0f} rows/s, {size}; DuckDB writes {other_size}, with all processors"],
        ),
        Measure(
            NAME, "GeoParquet export: peak memory", ours=mine["peak_rss_mb"], unit="MB", peer="DuckDB",
            theirs=other["peak_rss_mb"], rule=Rule.WITHIN, **shared,
            notes=[f"{mine['imports_mb']:.0f} MB of it are Python and the imported libraries"],
        ),
    ]  # fmt: skip
