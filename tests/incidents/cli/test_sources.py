"""``incidents report`` and ``incidents organisation``."""

from __future__ import annotations

from typing import Any

ADD = ("organisation", "add", "night-watch", "--name", "Night Watch", "--kind", "local_media", "--why", "a test")


def test_an_organisation_is_found_by_its_names(there: Any) -> None:
    assert there(*ADD, "--alias", "حارس الليل", "--alias", "NW").stdout == "night-watch: recorded\n"
    assert there("organisation", "list", "--text", "watch").stdout.count("night-watch  Night Watch  (local_media)") == 1
    done = there("report", "add", "nw-1", "--publisher", "حارس الليل", "--title", "A report", "--why", "a test")
    assert done.stdout == "nw-1: recorded\n"


def test_members_and_parts_are_recorded(there: Any) -> None:
    there(*ADD, "--part-of", "airwars", "--member-of", "us-led-coalition", exits=0)
    assert (
        "[unknown_organisation]" in there(*ADD[:2], "x", "--name", "X", *ADD[5:], "--part-of", "nobody", exits=2).stderr
    )


def test_a_code_that_is_taken_is_refused(there: Any) -> None:
    there(*ADD)
    assert "[duplicate_code]" in there(*ADD, exits=3).stderr


def test_reports_are_listed_with_their_dates(there: Any) -> None:
    lines = there("report", "list", "--text", "ucdp").stdout.splitlines()
    assert lines == [line for line in lines if line.startswith("ucdp-ged  undated  ")]
    assert len(lines) == 1
    assert len(there("report", "list").stdout.splitlines()) > 40


def test_what_cites_a_report_that_is_kept_in_stays_in(there: Any) -> None:
    there("report", "add", "kept", "--publisher", "SOHR", "--title", "Kept", "--keep-in", "--why", "a test")
    there("add", "schoolhouse", "--name", "A schoolhouse", "--why", "a test")
    cited = ("--source", "SOHR", "--report", "kept", "--category", "civilian", "--words", "777", "--why", "a test")
    there("claim", "add", "schoolhouse", *cited)
    assert "777" in there("find", "--text", "schoolhouse").stdout
    assert "777" not in there("find", "--text", "schoolhouse", "--format", "csv").stdout


def test_a_bad_address_is_refused(there: Any) -> None:
    words = ("report", "add", "x", "--publisher", "SOHR", "--title", "X", "--url", "javascript:alert(1)", "--why", "t")
    assert "[bad_url]" in there(*words, exits=2).stderr
