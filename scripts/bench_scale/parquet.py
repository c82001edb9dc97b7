"""Tasks of a process: GeoParquet through the product, and the same table through DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench_gazetteer.clock import Clock, peak_rss_mb

from bench_scale.process import Figures


def ours(url: str, out: str) -> Figures:
    """The GeoParquet of everything, as ``incidents export`` writes it."""
    from db.engine import open_database
    from db.session import read_session
    from incidents.exports.geoparquet import write_geoparquet
    from incidents.exports.output import atomic_output
    from incidents.exports.selection import Selection
    from incidents.query import Query, find
    from incidents.tiers import Tier

    clock, before = Clock(), peak_rss_mb()
    with read_session(open_database(url)) as session:
        keys = find(session, Query(tier=Tier.PUBLIC)).keys()
        with atomic_output(Path(out)) as stream:
            rows = write_geoparquet(Selection(session, keys), stream)
    written = {"rows": rows, "bytes": Path(out).stat().st_size}
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "imports_mb": before} | written


def fill(parquet: str, database: str) -> Figures:
    """Put the rows of our file into a table of DuckDB, geometry as its own type."""
    with _connect(database) as peer:
        peer.execute("CREATE TABLE incident AS SELECT * FROM read_parquet(?)", [parquet])
        (rows,) = peer.execute("SELECT count(*) FROM incident").fetchone()
    return {"rows": rows}


def duckdb(database: str, out: str) -> Figures:
    """``COPY`` of the table into GeoParquet with the same compression."""
    with _connect(database) as peer:
        clock = Clock()
        peer.execute(f"COPY incident TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
        figures = clock.read()
    return {**figures, "peak_rss_mb": peak_rss_mb(), "bytes": Path(out).stat().st_size}


def _connect(database: str) -> Any:
    """A connection with the extension for geometries, from the package that ships it: nothing is downloaded."""
    import duckdb as library
    import duckdb_extension_spatial as package

    (extension,) = Path(package.__file__).parent.glob(f"extensions/v{library.__version__}/spatial.duckdb_extension")
    connection = library.connect(database)
    connection.execute(f"LOAD '{extension}'")
    return connection
