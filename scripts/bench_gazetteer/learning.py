"""What the gazetteer learns: half of GED by date as confirmed places, the other half before and after."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlmodel import Session

from bench_gazetteer.accuracy import both, judge
from bench_gazetteer.clock import Clock, progress
from bench_gazetteer.figures import Row, Section
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from gazetteer.attested import Attestation, attest_many

POINT_PRECISIONS = ("1", "2")
FILES = {"SY": "ged_syria.csv", "IQ": "ged_iraq.csv"}
MODE = "ctx"

_Event = dict[str, str]


def measure(database: Path, data: Path, evaluate: ModuleType) -> Section:
    """Learn from the earlier half of each file; the later half before and after. Changes the database."""
    section = Section(f"4. Learning: the later half of GED, within 10 km, % of distinct texts / of events, mode {MODE}")
    for country, name in FILES.items():
        earlier, later = halves(data / name)
        known = {event["where_coordinates"].strip().casefold() for event in earlier}
        groups = {"all": labels(later, country)}
        groups["seen in the earlier half"] = [row for row in groups["all"] if row["text"].strip().casefold() in known]
        groups["not seen"] = [row for row in groups["all"] if row["text"].strip().casefold() not in known]
        with read_session(SqliteDatabase(database)) as session:
            before = {title: judge(session, evaluate, rows, MODE)[1] for title, rows in groups.items()}
        clock = Clock()
        with write_session(SqliteDatabase(database), who="bench", why="half of GED") as session:
            counts = learn(session, earlier, country)
        seconds = clock.read()["seconds"]
        progress(f"learnt {len(earlier):,} events of {name} in {seconds:.1f} s: {counts}")
        with read_session(SqliteDatabase(database)) as session:
            after = {title: judge(session, evaluate, rows, MODE)[1] for title, rows in groups.items()}
        for title, rows in groups.items():
            old, new = both(before[title], "acc@10"), both(after[title], "acc@10")
            gain = [round(b - a, 1) for a, b in zip(old, new, strict=True)]
            what = f"{name} {title} (N {len(rows):,})"
            section.rows.append(Row(what, {"before": old, "after": new, "gain, points": gain}))
        section.notes.append(f"{name}: {counts}; {len(earlier) / seconds:,.0f} rows a second; "
                             f"the halves meet on {later[0]['date_start']}.")  # fmt: skip
    return section


def halves(file: Path) -> tuple[list[_Event], list[_Event]]:
    """The events with a point, by the day they start; the day in the middle goes to the later half as a whole."""
    with file.open(encoding="utf-8", newline="") as text:
        events = [row for row in csv.DictReader(text) if row["where_prec"] in POINT_PRECISIONS]
    events.sort(key=lambda row: (row["date_start"], int(row["id"])))
    middle = events[len(events) // 2]["date_start"]
    return [row for row in events if row["date_start"] < middle], [row for row in events if row["date_start"] >= middle]


def labels(events: list[_Event], country: str) -> list[dict[str, Any]]:
    """The distinct texts with context and point, as the labelled sets have them."""
    names = ("where_coordinates", "adm_1", "adm_2", "latitude", "longitude")
    found = Counter(tuple(event[name] for name in names) for event in events)
    return [
        {"text": text, "country": country, "admin1": admin1, "admin2": admin2, "lat": float(lat), "lon": float(lon),
         "n": count}
        for (text, admin1, admin2, lat, lon), count in found.items()
    ]  # fmt: skip


def learn(session: Session, events: list[_Event], country: str) -> str:
    """Take the events as places that a person confirmed; what became of them, in words."""
    counts = attest_many(session, [
        Attestation(
            event["where_coordinates"], float(event["longitude"]), float(event["latitude"]), "UCDP GED", country,
            event["adm_1"] or None,
        )
        for event in events
    ])  # fmt: skip
    names = ("read", "named", "placed", "known", "skipped", "rejected")
    return ", ".join(f"{name} {getattr(counts, name):,}" for name in names)
