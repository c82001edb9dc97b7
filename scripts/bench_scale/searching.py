"""Tasks of a process: text queries through the product, and by hand on the same index tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from bench_scale.asking import PAGE, median_ms, page
from bench_scale.process import Figures
from db.engine import open_database
from db.session import read_session
from gazetteer.folding import fold
from incidents.query import Query, find

INTERNAL = 4
"""The bit of the tier that sees everything, in the column ``tiers``."""

IDS = "SELECT i.id FROM {source} WHERE {condition} AND NOT i.withdrawn"
ORDERED = " ORDER BY i.start_utc IS NULL, i.start_utc, i.id LIMIT {page}"
SQLITE = {
    "source": "search_words w JOIN incident i ON i.id = w.rowid >> 3",
    "condition": f"w.search_words MATCH ? AND w.rowid & {INTERNAL} <> 0",
}
"""The id of a text is eight times that of the incident plus its tiers."""
POSTGRESQL = {
    "source": "search_text t JOIN incident i ON i.id = t.incident_id",
    "condition": f"array_to_tsvector(string_to_array(t.words, ' ')) @@ %s::tsquery AND t.tiers & {INTERNAL} <> 0",
}


def ask(url: str, texts: list[str], repeat: int) -> Figures:
    """Milliseconds of all ids and of a page, and the ids, by text."""
    found: Figures = {}
    with read_session(open_database(url)) as session:
        for text in texts:
            query = Query(text=text)
            found[text] = {
                "ids_ms": median_ms(repeat, lambda query=query: find(session, query).keys()),
                "page_ms": median_ms(repeat, lambda query=query: page(session, query)),
                "ids": find(session, query).keys(),
                "page": page(session, query),
            }
    return {"by": found}


def raw_sqlite(path: str, texts: list[str], repeat: int) -> Figures:
    """The same in SQL on the FTS5 table."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as peer:

        def fetch(sql: str, text: str) -> list[int]:
            return [row[0] for row in peer.execute(sql, [" ".join(f'"{word}" *' for word in fold(text).split())])]

        return {"by": {text: _measured(fetch, SQLITE, text, repeat) for text in texts}}


def raw_gin(url: str, texts: list[str], repeat: int) -> Figures:
    """The same in SQL on the GIN index."""
    import psycopg
    from sqlalchemy.engine import make_url

    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq, options="-c plan_cache_mode=force_custom_plan -c jit=off") as peer:

        def fetch(sql: str, text: str) -> list[int]:
            words = " & ".join(f"'{word}':*" for word in fold(text).split())
            return [row[0] for row in peer.execute(sql, [words]).fetchall()]

        return {"by": {text: _measured(fetch, POSTGRESQL, text, repeat) for text in texts}}


def _measured(fetch: Any, parts: dict[str, str], text: str, repeat: int) -> Figures:
    ids = IDS.format(**parts)
    ordered = ids + ORDERED.format(page=PAGE)
    return {
        "ids_ms": median_ms(repeat, lambda: fetch(ids, text)),
        "page_ms": median_ms(repeat, lambda: fetch(ordered, text)),
        "ids": fetch(ids, text),
        "page": fetch(ordered, text),
    }
