"""Tasks of a process: place queries through the product, and by comparing every place that is recorded."""

from __future__ import annotations

import functools
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from bench_gazetteer.clock import Clock, peak_rss_mb
from sqlmodel import Session

from bench_scale.process import Figures
from bench_scale.regions import Question
from db.engine import open_database
from db.session import read_session
from incidents.columns import Columns
from incidents.query import Disc, Query, find
from incidents.query import page as first_page
from incidents.relations import QueryArea, relate

PAGE = 100
QUICK_S, MORE = 0.02, 10
"""What takes fewer seconds is run up to so many times as often."""
LOCATED = """
    SELECT l.incident_id, l.lon, l.lat, l.radius_m, a.wkb, i.start_utc, i.end_utc
    FROM location l JOIN incident i ON i.id = l.incident_id LEFT JOIN area a ON a.id = l.area_id
    WHERE l.lon IS NOT NULL AND NOT l.withdrawn AND NOT i.withdrawn
      AND NOT EXISTS (SELECT 1 FROM location n WHERE n.supersedes_id = l.id)
"""
"""Every current place, without any index or read model."""


def query_of(question: Question) -> Query:
    """The question as the product is asked it."""
    times = {name: datetime.fromisoformat(question[name]) for name in ("start", "end") if name in question}
    return Query(area=area_of(question), **times)


def area_of(question: Question) -> QueryArea:
    """The area of a question."""
    if "wkt" in question:
        return shapely.from_wkt(question["wkt"])
    return Disc(question["lon"], question["lat"], question["radius_m"])


def median_ms(times: int, work: Callable[[], Any]) -> float:
    """The median of ``times`` runs or more, in milliseconds, after one that is not counted."""
    work()
    runs: list[float] = []
    # A quick one is run more often: a median of five is unsteady where one run takes a fraction of a millisecond.
    while len(runs) < times or (sum(runs) < times * QUICK_S and len(runs) < times * MORE):
        started = time.perf_counter()
        work()
        runs.append(time.perf_counter() - started)
    return 1_000 * statistics.median(runs)


def ask(url: str, questions: list[Question], repeat: int, answers: str, *, in_memory: bool) -> Figures:
    """Milliseconds of all ids and of a page, by question; the ids go into the file ``answers`` (npz).

    With ``in_memory`` the places are held in columns of this process, as a server does; reading them is timed apart.
    """
    database, clock = open_database(url), Clock()
    columns = Columns(database) if in_memory else None
    if columns is not None:
        columns.spots()
    read_ms = 1_000 * clock.read()["seconds"]
    found: Figures = {}
    ids: dict[str, Any] = {}
    with read_session(database) as session:
        for number, question in enumerate(questions):
            query = query_of(question)
            all_ids = functools.partial(_all_ids, session, query, columns)
            first = functools.partial(page, session, query, columns)
            found[question["name"]] = {"ids_ms": median_ms(repeat, all_ids), "page_ms": median_ms(repeat, first)}
            ids |= {f"ids{number}": all_ids(), f"page{number}": first()}
    if columns is not None:
        columns.close()
    np.savez(answers, **{name: np.array(keys, dtype=np.int64) for name, keys in ids.items()})
    return {"by": found, "read_ms": read_ms, "peak_rss_mb": peak_rss_mb()}


def _all_ids(session: Session, query: Query, columns: Columns | None) -> list[int]:
    return find(session, query, columns=columns).keys()


def page(session: Session, query: Query, columns: Columns | None = None) -> list[int]:
    """The ids of the first page."""
    return [hit.key for hit in first_page(session, query, PAGE, columns=columns).hits]


def compare_all(url: str, questions: list[Question], answers: str) -> Figures:
    """The ids by comparing every recorded place with each question, sorted; they go into the file ``answers``."""
    database, clock = open_database(url), Clock()
    with read_session(database) as session:
        rows = session.execute(sa.text(LOCATED).columns(start_utc=sa.DateTime, end_utc=sa.DateTime)).all()
        found = {f"ids{number}": _overlapping(rows, question) for number, question in enumerate(questions)}
    np.savez(answers, **found)
    return {**clock.read(), "places": len(rows)}


def _overlapping(rows: list[Any], question: Question) -> np.ndarray:
    _, overlap = relate(area_of(question), rows)
    query, keys = query_of(question), defaultdict(bool)
    for row, touches in zip(rows, overlap.tolist(), strict=True):
        if touches and _in_time(row, query):
            keys[row.incident_id] = True
    return np.array(sorted(keys), dtype=np.int64)


def _in_time(row: Any, query: Query) -> bool:
    if query.start is None or query.end is None:
        return True
    if row.start_utc is None:
        return False
    # The rows hold UTC without a zone.
    return row.end_utc >= query.start.replace(tzinfo=None) and row.start_utc <= query.end.replace(tzinfo=None)


def differences(ours: str, others: str, questions: list[Question]) -> Figures:
    """By question: how many ids only one of two files has, how many there are, and whether the page is the start."""
    with np.load(Path(ours)) as first, np.load(Path(others)) as second:
        return {
            question["name"]: {
                "differ": len(np.setxor1d(first[f"ids{number}"], second[f"ids{number}"])),
                "count": len(first[f"ids{number}"]),
                "page_is_start": bool(np.array_equal(first[f"page{number}"], first[f"ids{number}"][:PAGE])),
            }
            for number, question in enumerate(questions)
        }
