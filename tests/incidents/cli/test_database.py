"""``incidents db``: making the file, checking it, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.engine import Database
from db.migrations import HEAD
from db.schema import upgrade
from db.sqlite import SqliteDatabase
from tests.editions import Edition
from tests.incidents.cli.conftest import use


@pytest.mark.parametrize("command", ["find", "show x", "db check", "db info", "export -", "import log"])
def test_a_missing_database_names_the_remedy_and_is_not_made(run: Any, elsewhere: Path, command: str) -> None:
    result = run(*command.split(), exits=2)
    assert result.stdout == ""
    assert "incidents db upgrade" in result.stderr
    assert str(elsewhere) in result.stderr
    assert not elsewhere.exists()


def test_upgrade_check_and_info(run: Any, elsewhere: Path) -> None:
    assert run("db", "upgrade").stdout == f"{elsewhere}: schema none → {HEAD}\n"
    assert run("db", "upgrade").stdout == f"{elsewhere}: schema {HEAD} already\n"
    assert run("db", "check").stdout == f"{elsewhere}: whole\n"
    lines = run("db", "info").stdout.splitlines()
    assert lines[0].startswith(f"{elsewhere}  ")
    assert f"schema {HEAD}" in lines[0]
    assert ["incident", "0"] in [line.split() for line in lines[1:]]


def test_an_empty_database_answers(run: Any, elsewhere: Path) -> None:
    run("db", "upgrade")
    assert run("find").stdout.splitlines()[-1].startswith("0 incidents, 0 events.")


def test_a_file_that_is_no_database_is_left_untouched(run: Any, elsewhere: Path) -> None:
    elsewhere.write_text("a diary")
    for command in ("find", "db upgrade"):
        assert run(*command.split(), exits=4).stderr.startswith("[not_a_database]")
    assert elsewhere.read_text() == "a diary"


def test_damage_is_told(there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.cli.database.problems", lambda _: ["a trigger is missing"])
    result = there("db", "check", exits=4)
    assert "a trigger is missing" in result.stderr
    assert result.stdout == ""


def test_warnings_of_info_go_to_standard_error(there: Any) -> None:
    result = there("db", "info")
    assert "note:" not in result.stdout


def test_an_upgrade_finds_the_units_that_an_older_schema_did_not_keep(run: Any, elsewhere: Path) -> None:
    upgrade(SqliteDatabase(elsewhere), "0001")
    lines = run("db", "upgrade").stdout.splitlines()
    assert lines == [f"{elsewhere}: schema 0001 → {HEAD}", "units of 0 places found from the boundaries"]


def test_a_copy_tells_what_it_holds(run: Any, edition: Edition, world: Database, tmp_path: Path) -> None:
    source, target = edition.url(world), f"sqlite:///{tmp_path / 'copy.db'}"
    lines = run("db", "copy", source, target).stdout.splitlines()
    assert lines[0] == f"{world.where} → {tmp_path / 'copy.db'}"
    counts = dict(line.split() for line in lines[1:-1])
    assert counts["incident"] == "4"
    assert lines[-1].startswith("equal in both: ")
    assert run("db", "copy", source, target, exits=2).stderr.startswith("[target_not_empty]")


def test_an_interrupted_copy_is_continued(
    run: Any, edition: Edition, world: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("db", "copy", edition.url(world), f"sqlite:///{tmp_path / 'copy.db'}")
    with monkeypatch.context() as patched:
        patched.setattr("db.inventory.Inventory.differences", lambda *_: ["claim: a row is missing"])
        assert run(*words, exits=4).stderr.startswith("[copy_differs]")
    for _ in use(words[3], tmp_path, monkeypatch):
        assert run("find", exits=4).stderr.startswith("[copy_unfinished]")
        assert "went on where that one stopped" in run(*words).stderr
        assert run("db", "check").stdout.endswith(": whole\n")


def test_a_url_that_cannot_be_used_is_named_by_its_place(run: Any, elsewhere: Path) -> None:
    refused = run("db", "copy", f"sqlite:///{elsewhere}", "mysql://host/incidents", exits=2)
    assert refused.stderr.startswith("[unsupported_database] TARGET: ")
