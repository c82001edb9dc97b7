"""Tasks of a process: a point table in PostGIS as somebody would write it by hand, and its queries."""

from __future__ import annotations

from typing import Any

import psycopg
import sqlalchemy as sa
from bench_gazetteer.clock import Clock

from bench_scale.asking import LOCATED, PAGE, median_ms
from bench_scale.process import Figures
from bench_scale.regions import Question
from db.engine import open_database
from db.session import read_session

TABLE = """
    CREATE TABLE spot_by_hand (
        incident_id bigint NOT NULL, start_utc timestamp, end_utc timestamp, lon float8 NOT NULL, lat float8 NOT NULL,
        geom geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED)
"""
INDEXES = (
    "CREATE INDEX ON spot_by_hand USING gist (geom)",
    "CREATE INDEX ON spot_by_hand USING gist ((geom::geography))",
    "CREATE INDEX ON spot_by_hand (start_utc, incident_id)",
)
COLUMNS = ("incident_id", "start_utc", "end_utc", "lon", "lat")


def fill(url: str, server: str, name: str) -> Figures:
    """Make the table from every current place of the database ``url``."""
    clock, rows = Clock(), 0
    with read_session(open_database(url)) as session, connect(server, name) as peer:
        peer.execute("CREATE EXTENSION postgis")
        peer.execute(TABLE)
        read = session.connection(execution_options={"yield_per": 10_000}).execute(sa.text(LOCATED))
        with peer.cursor() as cursor, cursor.copy(f"COPY spot_by_hand ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in read:
                copy.write_row([getattr(row, column) for column in COLUMNS])
                rows += 1
        for index in INDEXES:
            peer.execute(index)
        peer.commit()
        peer.autocommit = True
        peer.execute("VACUUM ANALYZE spot_by_hand")
    return {**clock.read(), "rows": rows}


def connect(server: str, name: str) -> psycopg.Connection[Any]:
    """A connection over the socket in the folder ``server``; plans are made for the values, and JIT is off."""
    options = "-c plan_cache_mode=force_custom_plan -c jit=off"
    return psycopg.connect(host=server, user="postgres", dbname=name, options=options)


def ask(server: str, name: str, questions: list[Question], repeat: int) -> Figures:
    """Milliseconds of all ids and of an ordered page, and the number of ids, by question."""
    found: Figures = {}
    with connect(server, name) as peer:
        for question in questions:
            where, values = _where(question)
            ids = f"SELECT incident_id FROM spot_by_hand WHERE {where}"
            page = f"{ids} ORDER BY start_utc, incident_id LIMIT {PAGE}"

            def fetch(sql: str, values: list[Any] = values) -> list[Any]:
                return peer.execute(sql, values).fetchall()

            found[question["name"]] = {
                "ids_ms": median_ms(repeat, lambda sql=ids, fetch=fetch: fetch(sql)),
                "page_ms": median_ms(repeat, lambda sql=page, fetch=fetch: fetch(sql)),
                "count": len({row[0] for row in fetch(ids)}),
            }
    return {"by": found}


def _where(question: Question) -> tuple[str, list[Any]]:
    if "wkt" in question:
        where, values = "ST_Intersects(geom, ST_GeomFromText(%s, 4326))", [question["wkt"]]
    else:
        where = "ST_DWithin(geom::geography, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s)"
        values = [question["lon"], question["lat"], question["radius_m"]]
    if "start" in question:
        where += " AND end_utc >= %s::timestamptz::timestamp AND start_utc <= %s::timestamptz::timestamp"
        values += [question["start"], question["end"]]
    return where, values
