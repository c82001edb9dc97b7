"""Tasks of a process: exports through the product, and the same rows read and written as they come."""

from __future__ import annotations

import marshal
import sqlite3
from contextlib import closing
from pathlib import Path

from bench_gazetteer.clock import Clock, peak_rss_mb
from sqlalchemy.engine import make_url

from bench_scale.process import Figures

CHUNK = 2_000
EXPORTED = (
    "incident", "incident_name", "incident_code", "location", "claim", "attribution", "grading", "investigation",
    "investigation_step", "statement", "report", "organisation",
)  # fmt: skip
"""The tables that a default GeoJSON says everything of."""


def geojson(url: str, out: str, most: int | None = None) -> Figures:
    """The default GeoJSON of everything, or of the first ``most``, as ``incidents export`` writes it."""
    from db.engine import open_database
    from db.session import read_session
    from incidents.exports.geojson import write_geojson
    from incidents.exports.output import atomic_output
    from incidents.query import Query, find
    from incidents.tiers import Tier

    clock, before = Clock(), peak_rss_mb()
    with read_session(open_database(url)) as session:
        keys = find(session, Query(tier=Tier.PUBLIC)).packed_keys()[:most]
        with atomic_output(Path(out)) as stream:
            features = write_geojson(session, keys, stream)
    written = {"features": features, "bytes": Path(out).stat().st_size}
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "imports_mb": before} | written


def flat_csv(url: str, out: str, most: int) -> Figures:
    """The flat row of the first ``most`` incidents, as CSV."""
    from db.engine import open_database
    from db.session import read_session
    from incidents.exports.csvfile import write_incidents_csv
    from incidents.exports.output import atomic_output
    from incidents.query import Query, find
    from incidents.tiers import Tier

    clock = Clock()
    with read_session(open_database(url)) as session:
        keys = find(session, Query(tier=Tier.PUBLIC)).packed_keys()[:most]
        with atomic_output(Path(out)) as stream:
            rows = write_incidents_csv(session, keys, stream)
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "rows": rows}


def raw_sqlite(database: str, out: str) -> Figures:
    """Every row of the exported tables, read by sqlite3 and written without any formatting."""
    clock, rows = Clock(), 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as read, Path(out).open("wb") as stream:
        for table in EXPORTED:
            cursor = read.execute(f'SELECT * FROM "{table}" ORDER BY id')
            while len(found := cursor.fetchmany(CHUNK)) > 0:
                stream.write(marshal.dumps(found))
                rows += len(found)
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "rows": rows}


def raw_copy(url: str, out: str) -> Figures:
    """Every row of the exported tables, as ``COPY`` gives it."""
    import psycopg

    clock, rows = Clock(), 0
    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq) as read, read.cursor() as cursor, Path(out).open("wb") as stream:
        for table in EXPORTED:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for part in copy:
                    stream.write(part)
            rows += cursor.rowcount
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "rows": rows}
