"""``incidents total``: the table, CSV and JSON of a total, and each claim behind it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from db.engine import Database
from tests.incidents.cli.conftest import Run

MARCH = (
    "total", "--in", "Syria", "--from", "2017-03-01", "--to", "2017-03-31", "--belligerent", "US-led Coalition",
)  # fmt: skip
SEEDS = ("--report", "seed-000", "--report", "seed-001", "--report", "seed-002")


def test_a_table_says_how_many_and_how_surely(world: Database, run: Run) -> None:
    out = run(*MARCH, "--category", "civilian", "--rule", "envelope").stdout
    assert out.startswith("Killed civilian, by envelope, each event once: ≤31–482+\n")
    assert "2 events surely and 0 possibly in scope, of 3 records; 0 without a figure" in out
    assert "al-jinah, aleppo-mosque" in out


def test_categories_are_not_mixed(world: Database, run: Run) -> None:
    """42 "people, most of whom were civilians" is no civilian minimum."""
    assert "each event once: ≤77–77+" in run(*MARCH, *SEEDS).stdout
    assert "each event once: 75+" in run(*MARCH, *SEEDS, "--category", "total_people").stdout


def test_explain_prints_each_claim(world: Database, run: Run) -> None:
    out = run(*MARCH, *SEEDS, "--explain").stdout
    assert "  used      civilian 30 or fewer “up to 30” – Unattributed reports in the press [seed-000] seed-C013" in out
    assert "seed-C046 – a denial, shown beside the range" in out


def test_csv_has_a_row_for_each_event(world: Database, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run(*MARCH, "--format", "csv").stdout)))
    assert [(row["event"], row["records"], row["low"], row["high"]) for row in rows] == [
        ("al-jinah", "al-jinah; aleppo-mosque", "1", "62"), ("raqqa-school", "raqqa-school", "30", "420"),
    ]  # fmt: skip
    assert (rows[0]["high_open"], rows[1]["low_open"]) == ("true", "true")


def test_json_has_everything(world: Database, run: Run) -> None:
    found = json.loads(run(*MARCH, "--format", "json", "--explain", "--by", "source").stdout)
    assert found["total"] == {"low": 31, "high": 482, "low_open": True, "high_open": True, "text": "≤31–482+"}
    assert {part["label"] for part in found["parts"]} >= {"Airwars", "Syrian Observatory for Human Rights"}
    assert found["events"][0]["claims"][0]["use"] == "used"


def test_undecided_pairs_are_told_with_what_they_make(world: Database, run: Run) -> None:
    run("same", "judge", "al-jinah", "aleppo-mosque", "--verdict", "unsure", "--why", "a test")
    out = run(*MARCH, "--belligerent", "United States", *SEEDS, "--category", "total_people").stdout
    assert "1 undecided pair: as one event 75+, as two 75+ (al-jinah and aleppo-mosque)" in out


@pytest.mark.parametrize("by", ["month", "area", "belligerent", "source", "grading"])
def test_by(world: Database, run: Run, by: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run(*MARCH, "--by", by, "--format", "csv").stdout)))
    assert len(rows) >= 1
    assert all(row["label"] and row["text"] for row in rows)
    assert by.capitalize() in run(*MARCH, "--by", by).stdout


@pytest.mark.parametrize(
    ("more", "exits", "why"),
    [
        (["--belligerent", "Nobody"], 2, "unknown_organisation"),
        (["--report", "none"], 2, "unknown_report"),
        (["--source", "Nobody"], 2, "unknown_organisation"),
        (["--from", "2017-13-01"], 2, "impossible_date"),
    ],
)
def test_what_is_not_recorded_is_said(world: Database, run: Run, more: list[str], exits: int, why: str) -> None:
    assert why in run("total", *more, exits=exits).stderr
