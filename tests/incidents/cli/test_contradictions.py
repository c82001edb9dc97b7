"""``incidents contradictions`` and ``ledger``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from db.engine import Database
from tests.incidents.cli.conftest import Run


def test_a_table_with_the_number_of_each_kind(world: Database, run: Run) -> None:
    out = run("contradictions").stdout
    assert (
        "contradictions: 5 numbers_exclude, 2 more_than_all, 3 people_and_civilians, 1 denied, 4 scope_mistaken" in out
    )
    assert "seed-C068" in out


def test_one_kind_and_one_event(world: Database, run: Run) -> None:
    found = json.loads(run("contradictions", "--kind", "parts_miss", "--format", "json").stdout)
    assert [one["kind"] for one in found] == ["parts_miss"] * 3
    school = json.loads(run("contradictions", "--about", "raqqa-school", "--format", "json").stdout)
    assert {one["about"] for one in school} == {"raqqa-school"}
    rows = list(csv.DictReader(io.StringIO(run("contradictions", "--format", "csv").stdout)))
    assert {tuple(row) for row in rows} == {("kind", "about", "reason", "claims")}
    assert "; " in rows[0]["claims"]


@pytest.mark.sqlite
def test_nothing_recorded_clashes_with_nothing(elsewhere: Path, run: Run) -> None:
    run("db", "upgrade")
    assert elsewhere.is_file()
    assert run("contradictions").stdout.endswith("0 contradictions\n")
    assert json.loads(run("ledger", "--format", "json").stdout) == []


def test_the_five_months_of_the_coalition_hold(world: Database, run: Run) -> None:
    out = run("ledger").stdout
    assert out.count("holds") == 5
    assert "28 (9 credible, 17 non_credible, 2 duplicate)" in out
    rows = list(csv.DictReader(io.StringIO(run("ledger", "--format", "csv").stdout)))
    assert [(row["period"], row["before"], row["received"], row["closed"], row["after"]) for row in rows] == [
        ("2017-02", "19", "41", "17", "43"),
        ("2017-03", "43", "27", "28", "42"),
        ("2017-04", "42", "43", "47", "38"),
        ("2018-11", "194", "15", "25", "184"),
        ("2019-08", "97", "2", "20", "79"),
    ]
