"""What a measured process of its own does; it prints one JSON object.

    child.py cold DATABASE COUNTRY|- TEXT        from opening the database to the first answer
    child.py answers DATABASE QUESTIONS MODE     every question once; QUESTIONS holds one JSON object a line
    child.py keys DATABASE QUESTIONS             names looked up by their exact sound key
    child.py import DATABASE FILE                a GeoNames dump

Nothing is imported before it is needed: a library that the door does not need must not count as its memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_gazetteer.clock import Clock, peak_rss_mb

START = time.perf_counter()


def cold(database: str, country: str, text: str) -> dict[str, Any]:
    """Seconds of the imports, of the first answer and of the second, and the peak memory then."""
    from db.session import read_session
    from db.sqlite import SqliteDatabase
    from gazetteer.locate import locate

    imported = time.perf_counter()
    where = None if country == "-" else country
    with read_session(SqliteDatabase(Path(database))) as session:
        answer = locate(session, text, country=where)
        first = time.perf_counter()
        locate(session, text + " town", country=where)
        second = time.perf_counter()
    if len(answer.candidates) == 0:
        sys.exit(f"{text} was not found: nothing was measured.")
    return {
        "import_seconds": imported - START,
        "first_seconds": first - imported,
        "second_seconds": second - first,
        "peak_rss_mb": peak_rss_mb(),
    }


def questions(file: str, mode: str) -> list[dict[str, Any]]:
    """The arguments of `locate` for each line, in a mode of the evaluation (none, ctx, ctx2)."""
    rows = [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]
    given = {"none": (), "ctx": ("country", "admin1"), "ctx2": ("country", "admin1", "admin2")}[mode]
    return [{"text": row["text"]} | {name: row[name] for name in given if row.get(name)} for row in rows]


def answers(database: str, file: str, mode: str) -> dict[str, Any]:
    """Answers a second, after one that reads the index, by wall clock and by processor time."""
    from db.session import read_session
    from db.sqlite import SqliteDatabase
    from gazetteer.locate import locate

    asked = questions(file, mode)
    with read_session(SqliteDatabase(Path(database))) as session:
        locate(session, "Aleppo")
        clock = Clock()
        for question in asked:
            locate(session, **question)
        spent = clock.read()
    return {
        "per_s": len(asked) / spent["seconds"],
        "per_cpu_s": len(asked) / spent["cpu_seconds"],
        "peak_rss_mb": peak_rss_mb(),
    }


def keys(database: str, file: str) -> dict[str, Any]:
    """Exact look-ups a second: the names of a text by its sound key, key made and key given, and by SQL."""
    import sqlalchemy as sa

    from db.session import read_session
    from db.sqlite import SqliteDatabase
    from gazetteer.folding import fold, strip_feature_words
    from gazetteer.search.index import index_of, memory_of
    from gazetteer.search.sound import sound_key

    texts = [question["text"] for question in questions(file, "none")]
    with read_session(SqliteDatabase(Path(database))) as session:
        index = index_of(session, memory_of(session))
        index.names_sounding(["a"])
        sound_key.cache_clear()
        clock = Clock()
        found = sum(len(index.names_sounding([sound_key(text).replace(" ", "")])) for text in texts)
        made = clock.read()["seconds"]
        sounds = [sound_key(text) for text in texts]
        clock = Clock()
        for sound in sounds:
            index.names_sounding([sound.replace(" ", "")])
        given = clock.read()["seconds"]
        query = sa.text("SELECT place_id FROM place_name WHERE folded = :folded AND NOT withdrawn")
        clock = Clock()
        for text in texts:
            session.connection().execute(query, {"folded": strip_feature_words(fold(text))}).fetchall()
        stored = clock.read()["seconds"]
    per_s = {name: len(texts) / spent for name, spent in (("made", made), ("given", given), ("sql", stored))}
    return per_s | {"names_each": found / len(texts)}


def import_file(database: str, file: str) -> dict[str, Any]:
    """The import of a GeoNames dump into a database, made where it is not there."""
    from db.schema import upgrade
    from db.session import write_session
    from db.sqlite import SqliteDatabase
    from gazetteer.sources.geonames import import_geonames

    path = Path(database)
    if not path.exists():
        upgrade(SqliteDatabase(path))
    clock = Clock()
    with write_session(SqliteDatabase(path), who="bench", why="a measurement") as session:
        log = import_geonames(session, Path(file))
        rows = log.rows_read
    return {"rows": rows, **clock.read(), "peak_rss_mb": peak_rss_mb(), "database_mb": path.stat().st_size / 1e6}


if __name__ == "__main__":
    tasks: dict[str, Callable[..., dict[str, Any]]]
    tasks = {"cold": cold, "answers": answers, "keys": keys, "import": import_file}
    print(json.dumps(tasks[sys.argv[1]](*sys.argv[2:])))
