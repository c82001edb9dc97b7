"""Relative dates that do not fit: "last week" by the day of the claim, "a week before" by the day of another event."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from gazetteer.folding import fold
from incidents.contradictions.clash import Clash, Kind
from incidents.phrases import local_day
from incidents.totals.facts import Counted, Facts
from incidents.windows import day_span

Days = tuple[date, date]
"""The first and the last day that are possible."""

_WEEK = re.compile(r"\b(?:the )?(last|previous) week\b", re.IGNORECASE)
_AWAY = re.compile(
    r"\b(?P<count>a|one|two|three|four|five|six|seven|[0-9]{1,3}) (?P<unit>day|week)s? (?P<way>before|after) "
    r"(?P<what>.+)",
    re.IGNORECASE,
)
_ROUGH = re.compile(r"\b(?:about|almost|around|less than|more than|nearly|over|roughly|some)\s+$", re.IGNORECASE)
_COUNTS = {word: number for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven"), 1)}
UNIT_DAYS = {"day": 1, "week": 7}
SLACK = 1
"""Days: whether the first or the last counts is seldom told, nor whether a night belongs to the day before."""
COMMON = frozenset({"airstrike", "attack", "bombing", "incident", "raid", "strike"})
"""Words for an event that name none."""


def of_days(events: Sequence[Sequence[Facts]]) -> Iterator[Clash]:
    """The relative dates that do not fit.

    Args:
        events: the records of each event, the first recorded first.
    """
    days = [days_of(records) for records in events]
    told: dict[str, set[int]] = defaultdict(set)
    for number, records in enumerate(events):
        for one in _figures(records):
            told[one.report].add(number)
    for number, records in enumerate(events):
        here = days[number]
        for one in _figures(records):
            if here is not None and one.period_words is not None:
                yield from _last_week(records, one, here)
                others = [other for other in sorted(told[one.report] - {number}) if days[other] is not None]
                yield from _from_another(records, one, here, [(events[other], days[other]) for other in others])


def _figures(records: Sequence[Facts]) -> Iterator[Counted]:
    return (figure for record in records for figure in record.figures)


def days_of(records: Sequence[Facts]) -> Days | None:
    """The local days of an event by its finest window, since one record may know it to the week only."""
    timed = [(one.end - one.start, one.start, one.end, one.tz) for one in records if one.start and one.end]
    if len(timed) == 0:
        return None
    _, start, end, tz = min(timed, key=lambda window: window[0])
    return date.fromisoformat(local_day(start, tz)), date.fromisoformat(local_day(end, tz))


def _last_week(records: Sequence[Facts], one: Counted, here: Days) -> Iterator[Clash]:
    said = _week_of(one)
    if said is not None and (said[1] < here[0] or here[1] < said[0]):
        why = f"“{one.period_words}” said {one.counted_from} is {said[0]} to {said[1]}; the event is of {_told(here)}"
        yield Clash(Kind.DATE_DIFFERS, records[0].code, why, (one.code,))


def _week_of(one: Counted) -> Days | None:
    """The days that "last week" may mean from the claim's day; "the previous week" may be the one before that too."""
    found, day = _WEEK.search(one.period_words or ""), one.counted_from
    span: tuple[datetime | None, datetime | None] = (None, None) if day is None else day_span(day, allow_open=False)
    first, last = span
    if found is None or first is None or last is None:
        return None
    weeks = 2 if found[1].lower() == "previous" else 1
    begins = first - timedelta(days=first.weekday() + 7 * weeks)
    ends = last - timedelta(days=last.weekday() + 1)
    return begins.date(), ends.date()


def _from_another(
    records: Sequence[Facts], one: Counted, here: Days, others: Sequence[tuple[Sequence[Facts], Days | None]]
) -> Iterator[Clash]:
    """Days before or after another event that the same report tells of, where its words name just one."""
    found = _AWAY.search(one.period_words or "")
    if found is None or _ROUGH.search((one.period_words or "")[: found.start()]) is not None:
        return
    named = [(other, days) for other, days in others if days is not None and _names(found["what"], other)]
    if len(named) != 1:
        return
    other, there = named[0]
    count = _COUNTS.get(found["count"].lower()) or (1 if found["count"].lower() == "a" else int(found["count"]))
    said = count * UNIT_DAYS[found["unit"].lower()]
    ahead = (there[0] - here[1]).days, (there[1] - here[0]).days
    behind = (-ahead[1], -ahead[0])
    least, most = ahead if found["way"].lower() == "before" else behind
    if said + SLACK < least or most < said - SLACK:
        way, (least, most) = ("before", ahead) if ahead[1] >= behind[1] else ("after", behind)
        gap = str(least) if least == most else f"{least} to {most}"
        why = f"“{one.period_words}”: {_told(here)} is {gap} days {way} {_told(there)} ({other[0].code})"
        yield Clash(Kind.DATE_DIFFERS, records[0].code, why, (one.code,))


def _names(words: str, records: Sequence[Facts]) -> bool:
    """Whether words share one with the names of an event, but for those that name none."""
    names = {word for record in records for word in fold(f"{record.name} {record.code}").split()}
    return not (set(fold(words).split()) - COMMON).isdisjoint(names)


def _told(days: Days) -> str:
    return f"{days[0]}" if days[0] == days[1] else f"{days[0]} to {days[1]}"
