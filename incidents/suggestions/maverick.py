"""MAVERICK's reports of election violence, the labelled data that the scores are learned from and measured on.

Van Baalen and others, CC BY 4.0. Reports with one ``event_id`` are of one event.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import numpy as np

from db.errors import InputError
from incidents.suggestions.accounts import EPOCH, Account, Accounts, Rows

RADIUS_KM = {2: 40.0, 3: 6.0, 4: 2.5, 5: 1.0, 6: 0.3}
"""By ``geo_precision``: region, town, part of a town, place in it, exact; 1 is the country, which has no point."""
_SOURCE = re.compile(r"^(?P<publisher>.*?)\s*\((?P<day>\d{4}-\d\d-\d\d)\)\s*(?P<title>.*)$", re.DOTALL)
_NEEDED = ("id", "event_id", "country", "date_start", "date_end", "deaths_best", "source")


def read_maverick(file: Path) -> tuple[Accounts, Rows]:
    """The reports of ``file`` and, for each, the number of its event.

    Raises:
        InputError: ``missing_column``, ``bad_row``.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if len(missing) > 0:
            raise InputError(
                "missing_column", f"The file has no column {', '.join(missing)}.", where=str(file),
                fix="Give the reports of MAVERICK as a CSV file with its own column names.",
            )  # fmt: skip
        accounts, events = [], []
        for row in reader:
            try:
                accounts.append(_account(row))
            except ValueError as error:
                raise InputError("bad_row", f"{error}.", where=f"{file}, line {reader.line_num}") from error
            events.append(row["event_id"])
    return Accounts(accounts), np.unique(np.array(events), return_inverse=True)[1].astype(np.int64)


def _account(row: dict[str, str]) -> Account:
    start, end = (float(date.fromisoformat(row[name]).toordinal() - EPOCH) for name in ("date_start", "date_end"))
    source = _SOURCE.match(row["source"])
    place = [row.get(name, "").strip() for name in ("location", "city")]
    point = [row.get(name, "").strip() for name in ("longitude", "latitude")]
    lon, lat = (float(text) if all(point) else None for text in point)
    precision = int(float(row.get("geo_precision") or 1))
    return Account(
        code=row["id"],
        start=start,
        end=max(start, end),  # ten rows end years before they start: a slip of the year
        lon=lon,
        lat=lat,
        radius_km=None if lon is None else RADIUS_KM.get(precision, 40.0),
        country=row["country"],
        places=tuple(text for text in place if text),
        spot=place[0] or place[1],
        actors=tuple(text for number in "123" if (text := row.get(f"actor{number}", ""))),
        sorts=tuple(
            row.get(f"actor{number}_subtype") or row.get(f"actor{number}_type", "")
            for number in "123"
            if row.get(f"actor{number}")
        ),
        target=_known(row.get("target", "")),
        kind=_known(row.get("event_context", "")),
        title="" if source is None else source["title"],
        killed=(float(row["deaths_low"]), float(row["deaths_high"])),
        injured=(float(row["injuries_low"]), float(row["injuries_high"])),
        document=row["source"],
        publisher=row.get("source_author") or None,
        press="news" in row.get("source_type", "").lower(),
        published=None if source is None else float(date.fromisoformat(source["day"]).toordinal() - EPOCH),
    )


def _known(text: str) -> str | None:
    return None if text in ("", "Unknown", "Other", "Other context") else text
