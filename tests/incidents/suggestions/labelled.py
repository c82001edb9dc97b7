"""Made-up reports of known events in the columns of MAVERICK, for the tests of learning and measuring."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

COUNTRIES = (("Kenya", 36.8, -1.3), ("Ivory Coast", -4.0, 5.4))
FIRST_DAY = date(2009, 1, 5)
QUARTERS = 8


def reports(events: int = 600, seed: int = 0) -> list[dict[str, object]]:
    """Rows of events, half of which two or three reports tell of: nearly one place, day and number of dead."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for event in range(events):
        country, lon, lat = COUNTRIES[event % 2]
        town = int(random.integers(0, 5))
        began = FIRST_DAY + timedelta(days=91 * int(random.integers(0, QUARTERS)) + int(random.integers(0, 60)))
        dead = int(random.integers(0, 12))
        for telling in range(1 + event // 2 % 2 * int(random.integers(1, 3))):
            day = began + timedelta(days=int(random.integers(0, 2)))
            number = dead + int(random.integers(0, 2))
            rows.append({
                "id": f"r{event}-{telling}", "event_id": f"e{event}", "country": country, "date_start": day,
                "date_end": day, "city": f"Town {town}", "location": "", "latitude": lat + town / 10,
                "longitude": lon + town / 10, "geo_precision": 3, "actor1": f"Group {event % 7}",
                "actor1_type": "Political actor", "event_context": "Clash", "target": "Citizens",
                "deaths_best": number, "deaths_low": number, "deaths_high": number, "injuries_low": event % 9,
                "injuries_high": event % 9, "source": f"Paper {telling} ({day}) {number} killed in clash {event}",
                "source_author": f"Paper {telling}", "source_type": "News",
            })  # fmt: skip
    return rows


def written(file: Path, rows: list[dict[str, object]]) -> Path:
    """The rows as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file
