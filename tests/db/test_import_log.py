"""The record of an import."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError, NotFoundError
from db.import_log import file_sha256, start_import
from db.session import write_session
from db.tables import ChangeSet, ImportRow, ImportRun
from db.vocabulary import RowVerdict


def test_a_file_is_known_by_its_bytes_and_its_name_alone(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "SY.txt"
    path.write_bytes(b"rows")
    log = start_import(session, "geonames", path)
    run = session.get_one(ImportRun, log.run_id)
    assert (run.file_format, run.file_name, run.sha256) == ("geonames", "SY.txt", hashlib.sha256(b"rows").hexdigest())
    assert run.finished_at is None, "An interrupted run must not look finished."


@pytest.mark.parametrize(("name", "error"), [("missing", NotFoundError), (".", InputError)])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        file_sha256(tmp_path / name)


def test_a_log_goes_on_in_another_session_of_the_same_change_set(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n")
    with write_session(database, who="tester", why="import") as session:
        log = start_import(session, "csv", path)
        log.read, log.added = 2, 1
        log.reject(2, InputError("bad_row", "The row is bad.", got="x"), "raw\r\n")
        log.save_counts(session)
        change_set = session.get_one(ImportRun, log.run_id).change_set_id
    with write_session(database, who="tester", why="import", continues=change_set) as session:
        log.read, log.added = 3, 2
        log.flag(3, "odd", "The row is odd.", "raw" * 100_000)
        assert log.finish(session).finished_at is not None
    with Session(database.reader()) as session:
        run = session.exec(select(ImportRun)).one()
        assert (run.rows_read, run.rows_added, run.rows_rejected, run.rows_flagged) == (3, 2, 1, 1)
        first, second = session.exec(select(ImportRow).order_by(col(ImportRow.line))).all()
        assert (first.line, first.verdict, first.reason, first.raw) == (2, RowVerdict.REJECTED, "bad_row", "raw")
        assert first.message == "The row is bad. Got: x"
        assert (second.verdict, len(second.raw)) == (RowVerdict.FLAGGED, 100_000)
        assert len(session.exec(select(ChangeSet)).all()) == 1
