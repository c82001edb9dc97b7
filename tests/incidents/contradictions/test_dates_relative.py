"""Days before and after another event of one report, and the last week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.vocabulary import Bound, Category, Outcome
from incidents.contradictions.dates import of_days
from incidents.totals.facts import Counted, Facts


def told(key: int, code: str, day: int, words: str | None, *, nights: int = 0, report: str = "r1") -> list[Facts]:
    """An event of a day of March 2017, and what a report that was published on 3 April says of when it was."""
    start = datetime(2017, 3, day, tzinfo=UTC)
    figure = Counted(
        key, f"c{key}", Outcome.KILLED, Category.CIVILIAN, Bound.EXACT, 1, 1, "1", "S", 1, 1, "g", None,
        official=False, report=report, period_words=words, counted_from="2017-04-03",
    )  # fmt: skip
    end = start + timedelta(days=nights + 1, microseconds=-1)
    return [Facts(key, code, code.title(), "SY", start, end, "UTC", [figure])]


def reasons(*events: list[Facts]) -> list[str]:
    return [clash.reason for clash in of_days(events)]


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("a week before the Raqqa strike", False),
        ("four days before the strike at Raqqa", True),
        ("6 days before the Raqqa strike", True),  # a day either way
        ("7 days before the Raqqa strike", False),
        ("two days before the Raqqa strike", False),
        ("nearly a week before the Raqqa strike", True),  # rough words exclude nothing
        ("four days after the Raqqa strike", False),  # it was before
        ("a week before the strike", True),  # names no event
        ("a week before the Mosul strike", True),  # names none of this report
        ("before the Raqqa strike", True),
    ],
)
def test_days_from_another_event(words: str, fits: bool) -> None:
    found = reasons(told(1, "jinah", 16, words), told(2, "raqqa", 20, None, nights=1))
    assert (found == []) == fits
    assert fits or "2017-03-16 is 4 to 5 days before 2017-03-20 to 2017-03-21 (raqqa)" in found[0]


def test_days_after() -> None:
    assert reasons(told(1, "jinah", 16, None), told(2, "raqqa", 20, "four days after Jinah")) == []
    (late,) = reasons(told(1, "jinah", 16, None), told(2, "raqqa", 20, "a week after Jinah"))
    assert "2017-03-20 is 4 days after 2017-03-16 (jinah)" in late


def test_two_events_of_that_name_or_another_report_settle_nothing() -> None:
    jinah = told(1, "jinah", 16, "a week before the Raqqa strike")
    assert reasons(jinah, told(2, "raqqa-school", 20, None), told(3, "raqqa-bridge", 21, None)) == []
    assert reasons(jinah, told(2, "raqqa", 20, None, report="r2")) == []


@pytest.mark.parametrize(
    ("words", "day", "fits"),
    [
        ("last week", 27, True),  # 3 April 2017 is a Monday
        ("last week", 26, False),
        ("the previous week", 20, True),
        ("the previous week", 19, False),
        ("recently", 1, True),
    ],
)
def test_the_last_week_is_counted_from_the_day_of_the_claim(words: str, day: int, fits: bool) -> None:
    assert (reasons(told(1, "jinah", day, words)) == []) == fits


def test_an_event_without_a_time_is_compared_with_nothing() -> None:
    (untimed,) = told(1, "jinah", 16, "last week")
    untimed.start = untimed.end = None
    assert reasons([untimed], told(2, "raqqa", 20, "a week before Jinah")) == []
