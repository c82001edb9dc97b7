"""``incidents status``: the whole path of the school on a fresh incident, and moves that are refused."""

from __future__ import annotations

from typing import Any

import pytest

PATH = [
    # date, state, words of the answer
    ("2017-03-22", "open", "opened → open"),
    ("2017-07-07", "non_credible", "concluded → non_credible"),
    ("2018-05-01", "open", "reopened → open"),
    ("2018-06-28", "credible", "concluded → credible"),
]


@pytest.fixture
def step(there: Any) -> Any:
    """Records a step of the fresh incident ``schoolhouse``."""
    there("add", "schoolhouse", "--name", "A schoolhouse", "--start", "2017-03-20", "--why", "a test")

    def _step(state: str, date: str, *more: str, exits: int = 0) -> Any:
        words = ("--authority", "CJTF-OIR", "--state", state, "--date", date, "--why", "as stated", *more)
        return there("status", "set", "schoolhouse", *words, exits=exits)

    return _step


def test_the_path_of_the_school(there: Any, step: Any) -> None:
    assert there("status", "history", "schoolhouse").stdout == "schoolhouse: not assessed by anybody\n"
    for date, state, answer in PATH:
        assert f"schoolhouse: {answer} on {date} (step #" in step(state, date).stdout
    lines = there("status", "history", "schoolhouse").stdout.splitlines()
    assert lines[0].endswith("credibility_assessment: credible")
    assert [date for date, _, _ in PATH] == [line.split()[1] for line in lines if " → " in line]
    assert "recorded by A. Recorder, " in lines[-1]


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2017-03-21", None),  # before anything
        ("2017-03-22", "open"),  # the day itself counts
        ("2017-08-01", "non_credible"),
        ("2018-05-30", "open"),
        ("2018-06-28", "credible"),
    ],
)
def test_where_it_stood_on_a_day(there: Any, step: Any, day: str, state: str | None) -> None:
    for date, after, _ in PATH:
        step(after, date)
    shown = there("status", "history", "schoolhouse", "--as-of", day).stdout
    if state is None:
        assert shown == f"schoolhouse: not assessed by anybody by {day}\n"
    else:
        assert shown.splitlines()[0].endswith(f": {state}")


def test_the_named_school_was_non_credible_in_august_2017(there: Any) -> None:
    shown = there("status", "history", "raqqa-school", "--as-of", "2017-08-01").stdout
    assert "credibility_assessment: non_credible" in shown
    assert "2018-06-28" not in shown


def test_an_illegal_move_names_the_legal_ones_and_records_nothing(there: Any, step: Any) -> None:
    result = step("credible", "2018-06-28", exits=2)
    assert result.stdout == ""
    assert "[illegal_move]" in result.stderr
    assert "Legal from not_assessed: received to reported; opened to open" in result.stderr
    assert "not assessed by anybody" in there("status", "history", "schoolhouse").stdout


def test_a_correction_names_the_step_it_restates(there: Any, step: Any) -> None:
    step("open", "2017-03-22")
    number = step("non_credible", "2017-07-07").stdout.rpartition("#")[2].rstrip(")\n")
    answer = step("inconclusive", "2017-07-08", "--corrects", number).stdout
    assert "corrected → inconclusive" in answer
    shown = there("status", "history", "schoolhouse").stdout
    assert f"corrects #{number}" in shown
    assert "concluded → non_credible" in shown, "the corrected step stays"


def test_two_processes_of_one_authority_stand_side_by_side(there: Any, step: Any) -> None:
    step("open", "2017-03-22")
    step("open", "2017-03-23", "--process", "command_investigation")
    shown = there("status", "history", "schoolhouse").stdout
    assert "credibility_assessment: open" in shown
    assert "command_investigation: open" in shown


def test_an_unknown_authority_is_told(there: Any) -> None:
    words = ("--authority", "Nobody", "--state", "open", "--date", "2017-03-22", "--why", "a test")
    assert "[unknown_organisation]" in there("status", "set", "al-jinah", *words, exits=2).stderr


def test_a_reason_is_needed(there: Any) -> None:
    result = there("status", "set", "al-jinah", "--authority", "CJTF-OIR", "--state", "open", "--date", "2017", exits=2)
    assert "Missing option '--why'" in result.stderr
