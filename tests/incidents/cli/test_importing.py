"""``incidents import`` and ``incidents load``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incidents.importers.plain import Plain
from incidents.importers.plain_incidents import IncidentRows
from tests.conftest import ROOT

GED = ROOT / "tests" / "fixtures" / "ged"


def test_the_named_incidents_are_loaded_once(there: Any) -> None:
    assert there("load", "named").stdout == "named incidents: nothing new\n"


def test_the_first_load_says_what_it_added(run: Any, elsewhere: Path) -> None:
    run("db", "upgrade")
    said = run("load", "named").stdout
    assert "4 incidents" in said
    assert "1 judgement added" in said
    assert elsewhere.exists()


def test_csv_of_incidents_and_claims(there: Any, tmp_path: Path) -> None:
    incidents, claims = tmp_path / "incidents.csv", tmp_path / "claims.csv"
    incidents.write_text("code,Title,start\nshelter,A shelter,2017-03-20\n", encoding="utf-8")
    claims.write_text(
        "incident,source,report,category,words\nshelter,SOHR,sohr-2017-03-22,civilian,at least 5\n", encoding="utf-8"
    )
    words = ("import", "csv", incidents, "--claims", claims, "--column", "name=Title")
    first = there(*words).stdout.splitlines()
    assert first == [
        "incidents.csv: 1 row read, 1 added, 0 unchanged, 0 rejected",
        "claims.csv: 1 row read, 1 added, 0 unchanged, 0 rejected",
    ]
    assert all("0 added, 1 unchanged" in line for line in there(*words).stdout.splitlines())
    assert "5 or more “at least 5”" in there("show", "shelter", "--explain").stdout
    assert "A. Recorder: added" in there("history", "shelter").stdout
    assert "import of incidents.csv and claims.csv" in there("history", "shelter").stdout


def test_a_bad_row_keeps_everything_out_unless_partial(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "incidents.csv"
    file.write_text("code,name,start\nshelter,A shelter,2017-03-20\nbroken,Broken,2017-02-30\n", encoding="utf-8")
    result = there("import", "csv", file, exits=2)
    assert "line 3" in result.stderr
    assert "[unknown_incident]" in there("show", "shelter", exits=2).stderr
    kept = there("import", "csv", file, "--partial").stdout
    assert "2 rows read, 1 added, 0 unchanged, 1 rejected (kept aside: incidents import log " in kept
    number = kept.rpartition("log ")[2].rstrip(")\n")
    assert there("import", "log", number).stdout.startswith("line 3  rejected  impossible_date: ")


def test_an_interrupted_import_says_so_and_keeps_nothing(
    there: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "incidents.csv"
    file.write_text("code,name\nshelter,A shelter\ncamp,A camp\n", encoding="utf-8")
    monkeypatch.setattr("incidents.importers.csv_file.BATCH", 1)
    monkeypatch.setattr(IncidentRows, "read", _second(IncidentRows.read))
    result = there("import", "csv", file, exits=130)
    assert "Interrupted; what was not finished was not kept." in result.stderr
    assert "[unknown_incident]" in there("show", "shelter", exits=2).stderr


def _second(read: Callable[[IncidentRows, Plain], None]) -> Callable[[IncidentRows, Plain], None]:
    """``read``, interrupted when it is called again."""
    calls: list[Plain] = []

    def interrupted(self: IncidentRows, plain: Plain) -> None:
        calls.append(plain)
        if len(calls) > 1:
            raise KeyboardInterrupt
        read(self, plain)

    return interrupted


def test_an_encoding_is_named_never_guessed(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "incidents.csv"
    file.write_bytes("code,name\nshelter,ملجأ\n".encode("cp1256"))
    result = there("import", "csv", file, exits=2)
    assert "--encoding cp1256" in result.stderr
    there("import", "csv", file, "--encoding", "cp1256")
    assert there("show", "ملجأ").stdout.startswith("shelter")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "nothing_to_read"),
        (["missing.csv"], "file_not_found"),
        (["missing.csv", "--column", "name"], "bad_column"),
    ],
)
def test_what_cannot_be_read_is_told(there: Any, words: list[str], code: str) -> None:
    assert there("import", "csv", *words, exits=2).stderr.startswith(f"[{code}]")


def test_ged_events_are_imported_and_the_log_keeps_the_rows(there: Any) -> None:
    file = min(GED.glob("*.csv"))
    first = there("import", "ged", file).stdout
    assert first.startswith(f"{file.name}: ")
    assert " rejected" in first
    assert there("import", "ged", file).stdout.partition(" read, ")[2].startswith("0 added")
    runs = there("import", "log").stdout.splitlines()
    assert [run.split()[:2] for run in runs] == [["1", "ucdp_ged"], ["2", "ucdp_ged"]]
    assert "[unknown_run]" in there("import", "log", "999", exits=2).stderr


def test_a_progress_bar_is_for_terminals_only(there: Any) -> None:
    assert there("import", "ged", min(GED.glob("*.csv"))).stderr == ""


def test_airwars_is_tried_without_keeping_anything_then_taken(there: Any) -> None:
    file = ROOT / "tests" / "fixtures" / "airwars" / "made_up.json"
    tried = there("import", "airwars", file, "--dry-run").stdout
    assert tried.splitlines() == [
        "made_up.json: dry run, nothing was kept: 2 rows read, 2 to add, 0 unchanged, 0 to reject",
        "  new: 2 incidents, 6 claims, 3 locations, 3 attributions, 2 gradings, 2 statements, 1 investigation, "
        "3 reports",
    ]
    assert "[unknown_incident]" in there("show", "airwars-CS9001", exits=2).stderr
    assert "2 rows read, 2 added" in there("import", "airwars", file).stdout
    assert there("show", "CS9002").stdout.startswith("airwars-CS9001")


def test_a_newer_file_says_what_it_changed_and_what_it_lacks(there: Any, tmp_path: Path) -> None:
    for number, rows in enumerate(["CS9009,4,A name\nCS9010,1,A name\n", "CS9009,5,A name\n"]):
        file = tmp_path / f"{number}.csv"
        file.write_text(f"code,civilian_non_combatants_killed_min,victims\n{rows}", encoding="utf-8")
        tried, taken = (there("import", "airwars", file, *more).stdout for more in (["--dry-run"], []))
    assert "0 to add, 0 unchanged, 1 to change, 0 to reject" in tried
    assert "1 row read, 0 added, 0 unchanged, 1 superseded, 0 rejected" in taken
    for said in (tried, taken):
        assert "  new: 1 claim, 1 report" in said
        assert "neither read nor kept, they may name private persons: victims" in said
        assert "1 recorded earlier are not in this file, and stay: airwars-CS9010" in said


def test_a_dry_run_says_which_rows_would_be_refused(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "incidents.csv"
    file.write_text("code,date\nCS9009,2017-03-09\nCS9010,2017-02-30\n", encoding="utf-8")
    tried = there("import", "airwars", file, "--dry-run").stdout.splitlines()
    assert "1 to add, 0 unchanged, 1 to reject" in tried[0]
    assert "line 3" in "".join(tried[2:])
    assert there("import", "log").stdout == ""


def test_acled_is_for_internal_use(there: Any) -> None:
    file = ROOT / "tests" / "fixtures" / "acled_made_up.csv"
    assert "3 to add" in there("import", "acled", file, "--dry-run").stdout
    assert "3 rows read, 3 added" in there("import", "acled", file, "--column", "event_date=event_date").stdout
    assert "acled-" not in there("export", "-").stdout
    assert there("export", "-", "--tier", "internal").stdout.count('"id":"acled-') == 3


def test_a_template_is_written_for_any_list(there: Any, tmp_path: Path) -> None:
    said = there("import", "template", tmp_path / "list").stdout.splitlines()
    assert [Path(line.partition(": ")[0]).name for line in said] == ["incidents.csv", "claims.csv"]
    assert "[file_exists]" in there("import", "template", tmp_path / "list", exits=3).stderr


@pytest.mark.parametrize("partial", [(), ("--partial",)])
def test_a_csv_is_tried_without_keeping_anything(there: Any, tmp_path: Path, partial: tuple[str, ...]) -> None:
    file = tmp_path / "incidents.csv"
    file.write_text("code,name,start\nshelter,A shelter,2017-03-20\nbroken,Broken,2017-02-30\n", encoding="utf-8")
    tried = there("import", "csv", file, "--dry-run", *partial).stdout.splitlines()
    assert tried[0] == "incidents.csv: dry run, nothing was kept: 2 rows read, 1 to add, 0 unchanged, 1 to reject"
    assert "line 3" in tried[1]
    assert "[unknown_incident]" in there("show", "shelter", exits=2).stderr
    assert there("import", "log").stdout == ""


def test_a_geojson_is_tried_without_keeping_anything(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "all.geojson"
    there("export", file, "--tier", "internal")
    before = there("import", "log").stdout
    assert ", 0 to add, " in there("import", "geojson", file, "--dry-run").stdout
    assert there("import", "log").stdout == before
