"""``incidents add``, ``edit`` and ``statement add``."""

from __future__ import annotations

from typing import Any

import pytest

ADD = ("add", "idlib-market", "--name", "Market in Idlib", "--why", "a test")


def test_an_incident_with_its_window_names_and_codes(there: Any) -> None:
    window = ("--start", "2017-04-04T06:40", "--tz", "Asia/Damascus", "--time-words", "at 6.40 in the morning")
    names = ("--alias", "سوق إدلب", "--alias", "the market", "--source-code", "airwars:CS1")
    assert there(*ADD, *window, *names, "--kind", "airstrike", "--country", "SY").stdout == "idlib-market: recorded\n"
    shown = there("show", "سوق إدلب").stdout
    assert "2017-04-04 06:40" in shown
    assert "“at 6.40 in the morning”" in shown
    assert "airwars CS1" in shown


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--start", "2017-02-30"), "impossible_date"),
        (("--start", "2017-03-21", "--end", "2017-03-20"), "end_before_start"),
        (("--start", "2017-03-21", "--edtf", "2017-03-21"), "two_windows"),
        (("--start", "2017-03-21", "--tz", "Asia/Nowhere"), "unknown_zone"),
        (("--source-code", "CS1"), "bad_source_code"),
    ],
)
def test_what_is_refused_is_not_recorded(there: Any, words: tuple[str, ...], code: str) -> None:
    assert there(*ADD, *words, exits=2).stderr.startswith(f"[{code}]")
    assert "[unknown_incident]" in there("show", "idlib-market", exits=2).stderr


def test_a_code_that_is_taken_is_refused(there: Any) -> None:
    assert "[duplicate_code]" in there("add", "al-jinah", "--name", "Another", "--why", "a test", exits=3).stderr


def test_an_edit_of_a_stale_version_is_refused(there: Any) -> None:
    edit = ("edit", "al-jinah", "--why", "a test", "--version", "1")
    assert there(*edit, "--note", "first").stdout == "al-jinah: now at version 2\n"
    result = there(*edit, "--note", "second", exits=3)
    assert result.stdout == ""
    assert "[stale_version] al-jinah: " in result.stderr
    assert "it is at version 2, the edit was made on 1" in result.stderr
    assert "note: first" in there("show", "al-jinah").stdout


def test_a_withdrawn_incident_leaves_the_answers_and_comes_back(there: Any) -> None:
    there("edit", "al-jinah", "--withdraw", "--why", "a test")
    assert "al-jinah" not in there("find").stdout.split()
    assert "[withdrawn]" in there("show", "al-jinah").stdout
    there("edit", "al-jinah", "--restore", "--why", "a test")
    assert "al-jinah" in there("find").stdout.split()


def test_an_edit_of_nothing_is_refused(there: Any) -> None:
    assert "[nothing_to_change]" in there("edit", "al-jinah", "--why", "a test", exits=2).stderr


def test_a_statement(there: Any) -> None:
    cited = ("--source", "CJTF-OIR", "--report", "cjtf-oir-briefing-2017-03-28", "--stated", "2017-03-28")
    words = ("--words", "It is being looked into.", "--uncertain-target", "--why", "a test")
    assert there("statement", "add", "al-jinah", *cited, *words).stdout == "al-jinah: statement by CJTF-OIR recorded\n"
    shown = " ".join(there("show", "al-jinah").stdout.split())
    assert "2017-03-28: It is being looked into. (it is not certain that this incident is meant)" in shown


@pytest.mark.parametrize("why", ["", "   "])
def test_a_blank_reason_is_refused(there: Any, why: str) -> None:
    result = there("add", "x", "--name", "X", "--why", why, exits=2)
    assert "[why_missing]" in result.stderr
    assert "--why" in result.stderr


def test_who_records_is_the_setting_unless_said(there: Any) -> None:
    there(*ADD)
    there("edit", "idlib-market", "--note", "x", "--why", "a test", "--by", "B. Editor")
    shown = there("history", "idlib-market").stdout
    assert "A. Recorder: added" in shown
    assert "B. Editor: 1 edited" in shown
