"""``incidents reconcile``: the command's words and numbers; what it works out is tested where it is worked out."""

from __future__ import annotations

import csv
import io
import json

from db.engine import Database
from tests.incidents.cli.conftest import Run

SNHR = ("reconcile", "--source", "SNHR", "--period", "2017-03", "--belligerent", "US-led Coalition")
SEEDS = ("--report", "seed-000", "--report", "seed-001", "--report", "seed-002")


def test_260_against_72_to_80(world: Database, run: Run) -> None:
    out = run(*SNHR, *SEEDS).stdout
    assert "260 killed civilian by US-led Coalition, Syria, 2017-03-01/2017-03-31 – seed-C004 [seed-000]" in out
    assert "Itemised here, by the figures of civilian and of people: ≤72–80+" in out
    assert "  by the figures of civilian alone: ≤77–77+" in out
    assert "Short: 180 to 188 not itemised here (open: some figure names no least or no most)" in out


def test_csv_and_json(world: Database, run: Run) -> None:
    (row,) = csv.DictReader(io.StringIO(run(*SNHR, *SEEDS, "--format", "csv").stdout))
    assert (row["total"], row["verdict"], row["rest_low"], row["rest_high"]) == ("seed-C004", "short", "180", "188")
    (found,) = json.loads(run(*SNHR, *SEEDS, "--format", "json", "--explain").stdout)
    assert found["claims"] == ["seed-C004", "seed-C023"]
    assert found["splits"][0]["rest_low"] == 156
    assert {claim["claim"] for event in found["events"] for claim in event["claims"]} >= {"seed-C014", "seed-C047"}


def test_sohr_and_all_parties(world: Database, run: Run) -> None:
    everybody = run("reconcile", "--source", "SNHR", "--period", "2017-03").stdout
    assert "= 1,020; 114 in none of them" in everybody
    whole = ("--source", "SOHR", "--period", "2014-09/..", "--category", "total_people")
    assert "= 4,624; 19 in none of them" in run("reconcile", *whole, "--belligerent", "US-led Coalition").stdout


def test_an_area_that_cannot_be_taken_over(world: Database, run: Run) -> None:
    suburbs = (
        "reconcile",
        "--source",
        "SNHR",
        "--period",
        "2017-02-04/2017-05-05",
        "--belligerent",
        "us-led-coalition",
    )
    assert "Scope differs: “al Raqqa governorate (suburbs), Syria”" in run(*suburbs).stdout
    assert "Consistent" in run(*suburbs, "--in", "Syria").stdout
