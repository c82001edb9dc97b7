"""What MAVERICK's reports of one event have in common: the facts that the windows and the ranges are made for."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from gazetteer.geodesy import distance_m
from incidents.suggestions.maverick import read_maverick
from incidents.suggestions.pairs import PairFinder

Rows = list[dict[str, str]]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def reports(shared_data: Path) -> Path:
    path = shared_data / "maverick" / "reports.csv"
    if not path.is_file():
        pytest.skip("../shared/data/maverick/reports.csv is not beside this checkout")
    return path


@pytest.fixture(scope="module")
def several(reports: Path) -> list[Rows]:
    """The reports of each event that has more than one."""
    by_event: dict[str, Rows] = defaultdict(list)
    with reports.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_event[row["event_id"]].append(row)
    return [rows for rows in by_event.values() if len(rows) > 1]


def dead(rows: Rows) -> list[float]:
    return [float(row["deaths_best"]) for row in rows]


def furthest_km(rows: Rows) -> float | None:
    """Between any two of the points; None where there are none."""
    points = {(float(row["longitude"]), float(row["latitude"])) for row in rows if row["latitude"]}
    away = [distance_m(*one, *other) / 1000 for one, other in combinations(sorted(points), 2)]
    return None if len(points) == 0 else max(away, default=0.0)


def test_45_per_cent_of_the_events_with_several_reports_disagree_on_the_dead(several: list[Rows]) -> None:
    assert len(several) == 407
    disagree = sum(len(set(dead(rows))) > 1 for rows in several)
    assert (disagree, round(100 * disagree / 407, 1)) == (185, 45.5)


def test_the_most_dead_are_1_63_times_the_fewest_and_of_a_tenth_7_times(several: list[Rows]) -> None:
    """Of the 262 events of which some report names dead; a report that names none is taken for one."""
    ratios = [max(dead(rows)) / max(min(dead(rows)), 1) for rows in several if max(dead(rows)) > 0]
    assert len(ratios) == 262
    assert float(np.median(ratios)) == pytest.approx(1.63, abs=0.005)
    assert float(np.quantile(ratios, 0.9)) == 7.0


def test_57_per_cent_have_one_first_day_and_nine_tenths_are_within_13_days(several: list[Rows]) -> None:
    days = [[date.fromisoformat(row["date_start"]) for row in rows] for rows in several]
    one_day = sum(len(set(found)) == 1 for found in days)
    assert (one_day, round(100 * one_day / 407, 1)) == (231, 56.8)
    assert float(np.quantile([(max(found) - min(found)).days for found in days], 0.9)) == 13


def test_59_per_cent_have_one_point_and_nine_tenths_are_within_11_5_km(several: list[Rows]) -> None:
    """To ten metres; five events have no point at all."""
    away = [found for rows in several if (found := furthest_km(rows)) is not None]
    one_point = sum(found <= 0.01 for found in away)
    assert (len(away), one_point, round(100 * one_point / 407, 1)) == (402, 241, 59.2)
    assert float(np.quantile(away, 0.9)) == pytest.approx(11.5, abs=0.05)


def test_the_windows_reach_98_per_cent_of_the_pairs_of_one_event(reports: Path) -> None:
    """Before the first look makes 20 candidates a report of them (docs/same-event.md)."""
    accounts, events = read_maverick(reports)
    reached = sum(int((events[left] == events[right]).sum()) for left, right in PairFinder.of(accounts).all())
    assert reached / 3251 >= 0.98
