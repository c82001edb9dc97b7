"""``incidents same``: joining, undoing, and what contradicts."""

from __future__ import annotations

import json
from typing import Any

WHY = ("--why", "a test")


def events(there: Any) -> str:
    """The count of events in the table."""
    return str(there("find").stdout.splitlines()[-1].split(", ")[1].partition(".")[0])


def test_a_judgement_is_undone_and_made_again(there: Any) -> None:
    assert events(there) == "3 events"
    done = there("same", "judge", "al-jinah", "aleppo-mosque", "--verdict", "undecided", *WHY)
    assert done.stdout == "al-jinah and aleppo-mosque: undecided\n"
    assert events(there) == "4 events"
    there("same", "judge", "aleppo-mosque", "al-jinah", *WHY, "--report", "bellingcat-2017-04")
    assert events(there) == "3 events"
    assert "1 judgement" in there("history", "al-jinah").stdout


def test_a_contradiction_is_refused_with_the_chain(there: Any) -> None:
    there("same", "judge", "raqqa-school", "aleppo-mosque", "--verdict", "different", *WHY)
    result = there("same", "judge", "raqqa-school", "al-jinah", *WHY, exits=3)
    assert result.stdout == ""
    assert "[contradicting_judgement]" in result.stderr
    assert " – al-jinah – " in result.stderr or "al-jinah – aleppo-mosque" in result.stderr
    assert events(there) == "3 events"


def test_a_record_is_not_judged_against_itself(there: Any) -> None:
    assert "[same_record]" in there("same", "judge", "raqqa-school", "CS598", *WHY, exits=2).stderr


def test_pairs_are_suggested_as_a_table_and_as_json_with_reasons(there: Any) -> None:
    there("same", "judge", "al-jinah", "aleppo-mosque", "--verdict", "undecided", *WHY)
    shown = there("same", "suggest", "al-jinah", "--least", "0", "--reasons").stdout
    assert "aleppo-mosque" in shown
    assert "None is joined" in shown
    found = json.loads(there("same", "suggest", "aleppo-mosque", "--least", "0", "--json").stdout)
    assert {"al-jinah", "aleppo-mosque"} in [{one["first"], one["second"]} for one in found]
    assert all(0 <= one["probability"] <= 1 and len(one["reasons"]) > 0 for one in found)
    assert events(there) == "4 events"


def test_a_review_records_answers_one_by_one_and_skips_and_ends(there: Any) -> None:
    there("same", "judge", "al-jinah", "aleppo-mosque", "--verdict", "undecided", *WHY)
    queue = json.loads(there("same", "suggest", "--least", "0", "--limit", "99", "--json").stdout)
    answers = "".join("what\nu\na look at both\n" if number == 0 else "k\n" for number in range(len(queue)))
    shown = there("same", "review", "--least", "0", feed=answers).stdout
    assert "1 judgement recorded." in shown
    left = json.loads(there("same", "suggest", "--least", "0", "--limit", "99", "--json").stdout)
    assert len(left) == len(queue) - 1
    assert "0 judgements recorded." in there("same", "review", "--least", "0", feed="q\n").stdout
