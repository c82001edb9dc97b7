"""Import runs: one line each, and the rows they kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.engine import Database
from db.errors import InputError, NotFoundError
from db.import_log import start_import
from db.session import read_session, write_session
from incidents.importers.runs import find_run, kept_rows, list_runs, summary


@pytest.fixture
def runs(database: Database, tmp_path: Path) -> Database:
    """Two finished runs, the second with a flagged and a rejected row, and one that was killed."""
    for number, name in enumerate(("good.csv", "bad.csv", "killed.csv")):
        file = tmp_path / name
        file.write_text(f"{number}\n")
        with write_session(database, who="tester", why="a test") as session:
            log = start_import(session, "ged", file)
            log.read, log.added = 1200, 1100
            if name == "bad.csv":
                log.reject(9, InputError("bad_id", "No number.", where="bad.csv, line 9"), "x")
                log.flag(3, "parts_sum", "They do not add up.", "y")
            if name != "killed.csv":
                log.finish(session)
    return database


def test_a_run_on_one_line(runs: Database) -> None:
    with read_session(runs) as session:
        good, bad, killed = (summary(run) for run in list_runs(session))
    assert good == "good.csv: 1,200 read, 1,100 added, 0 unchanged, 0 superseded, 0 flagged, 0 rejected"
    assert bad.endswith("1 flagged, 1 rejected (see: incidents import log 2)")
    assert "not finished; run it again" in killed
    assert "not finished" not in good + bad


def test_kept_rows_are_in_the_order_of_the_file(runs: Database) -> None:
    with read_session(runs) as session:
        rows = kept_rows(session, 2)
        assert [(row.line, row.verdict.value, row.reason) for row in rows] == [
            (3, "flagged", "parts_sum"),
            (9, "rejected", "bad_id"),
        ]
        assert kept_rows(session, 1) == []
        assert find_run(session, 2).file_name == "bad.csv"


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_run_that_is_not_there_names_the_remedy(runs: Database, number: int) -> None:
    with read_session(runs) as session:
        for ask in (find_run, kept_rows):
            with pytest.raises(NotFoundError, match="unknown_run") as caught:
                ask(session, number)
            assert "incidents import log" in str(caught.value)
