"""MAVERICK's reports of election violence with its own clusters: each event once."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from db.vocabulary import Bound, Category, Outcome
from incidents.ranges import Figure
from incidents.totals.tally import Links, Record, Subject, tally


def reports(shared_data: Path) -> list[tuple[str, int]]:
    """The event and the best figure of the dead of each report."""
    path = shared_data / "maverick" / "reports.csv"
    if not path.is_file():
        pytest.skip("../shared/data/maverick/reports.csv is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["event_id"], int(float(row["deaths_best"]))) for row in csv.DictReader(file)]


def test_3105_to_5010_where_a_naive_sum_says_11795(shared_data: Path) -> None:
    """The column deaths_best of each report; the reports of one event_id are judged to be one event."""
    rows = reports(shared_data)
    assert (len(rows), len({event for event, _ in rows})) == (3287, 2200)
    records, same = [], set()
    by_event: dict[str, list[int]] = {}
    for key, (event, dead) in enumerate(rows, start=1):
        figure = Figure(
            key, f"c{key}", Outcome.KILLED, Category.TOTAL_PEOPLE, Bound.EXACT, dead, dead, None, f"s{key}", key, key,
            f"g{key}", None, official=False,
        )  # fmt: skip
        records.append(Record(key, (figure,)))
        by_event.setdefault(event, []).append(key)
    for keys in by_event.values():
        same.update(pairwise(keys))
    subject = Subject(Category.TOTAL_PEOPLE)
    assert tally(records, Links(), subject).total.text() == "11795"  # as if every report were an event
    found = tally(records, Links(same=frozenset(same)), subject)
    assert len(found.counted()) == 2200
    assert found.total.text() == "3105–5010"
    # Undecided instead of judged, the clusters widen the range both ways.
    unsure = tally(records, Links(unsure=frozenset(same)), subject)
    assert (unsure.total.text(), len(unsure.unsure)) == ("3105–11795", len(same))
