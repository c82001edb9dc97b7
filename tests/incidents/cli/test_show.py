"""``incidents show`` and ``incidents history``."""

from __future__ import annotations

from typing import Any

import pytest


def test_one_incident_whole(there: Any) -> None:
    shown = there("show", "raqqa-school").stdout
    for part in (
        "raqqa-school  The Raqqa school",
        "codes: airwars CS598, airwars S526 (former)",
        "Places (longitude, latitude)",
        "m from #",
        "Ranges (rule envelope: ",
        "contradiction: ",
        "Gradings",
        "Investigations",
        "reopened → open",
    ):
        assert part in shown, part
    assert "used      " not in shown


def test_explain_lists_claims_used_and_left_out_and_why(there: Any) -> None:
    shown = there("show", "raqqa-school", "--explain").stdout
    assert "    used      33 " in shown
    assert "superseded by school-cjtf-oir-civilians-40" in " ".join(shown.split())
    assert "Reports" in shown


def test_lines_are_wrapped_but_addresses_stay_whole(there: Any) -> None:
    lines = there("show", "raqqa-school", "--explain").stdout.splitlines()
    assert [line for line in lines if len(line) > 110 and len(line.split()) > 1] == []


@pytest.mark.parametrize("name", ["CS598", "S526", "مدرسة البادية", "al-badiya SCHOOL"])
def test_an_incident_is_found_by_any_code_or_name(there: Any, name: str) -> None:
    assert there("show", name).stdout.startswith("raqqa-school")


def test_a_name_that_is_not_there_suggests_the_nearest(there: Any) -> None:
    result = there("show", "raqa-school", exits=2)
    assert result.stdout == ""
    assert "[unknown_incident]" in result.stderr
    assert "raqqa-school" in result.stderr


def test_as_of_says_so(there: Any) -> None:
    shown = there("show", "raqqa-school", "--as-of", "2017-08-01").stdout
    assert shown.startswith("As of 2017-08-01: only what was certainly said by then.")
    assert "credibility_assessment: non_credible" in shown
    assert "2018-06-28" not in shown


def test_a_lower_tier_does_not_see_a_restricted_incident(there: Any) -> None:
    there("edit", "al-jinah", "--visibility", "restricted", "--why", "asked for")
    assert "[unknown_incident]" in there("show", "al-jinah", "--tier", "public", exits=2).stderr
    assert there("show", "al-jinah", "--tier", "restricted").stdout.startswith("al-jinah")


def test_the_event_of_two_records_is_named(there: Any) -> None:
    assert "same event as: aleppo-mosque" in there("show", "al-jinah").stdout


def test_history_tells_who_changed_what_when_and_why(there: Any) -> None:
    there("edit", "al-jinah", "--country", "SY", "--note", "checked", "--why", "a second look", "--by", "B. Editor")
    lines = there("history", "al-jinah").stdout.splitlines()
    assert "tester: added " in lines[0]
    assert lines[1] == "    why: the named incidents"
    assert lines[-3].endswith("B. Editor: 1 edited")
    assert lines[-2] == "    why: a second look"
    assert "incident " in lines[-1]
    assert "→ 'checked'" in lines[-1]
