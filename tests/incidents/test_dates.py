"""One written date: what is read, what is refused and with which remedy (rows B26 to B33)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import TimePrecision
from incidents.dates import FORMATS, DayOrder, iso_day, read, written, zone, zone_names
from incidents.windows import day_span, window

DAMASCUS = "Asia/Damascus"  # UTC+2 until midnight of 31 March 2017, then UTC+3
TODAY = date(2026, 5, 6)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def code_of(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*args, **named)
    return caught.value.code


@pytest.mark.parametrize("reader", [window, day_span])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2017-02-30", "impossible_date"),  # B26
        ("2017-13-01", "impossible_date"),  # B26
        ("2017-00-10", "impossible_date"),
        ("2017-03-00", "impossible_date"),
        ("2017-02-29", "impossible_date"),  # no leap year
        ("0001-01-01", "year_out_of_range"),  # B27
        ("9999-12-31", "year_out_of_range"),  # B27
        ("1899-12-31", "year_out_of_range"),  # B27
        ("17/03/2017", "slashed_date"),  # B28
        ("03/04/2017", "slashed_date"),  # B28
        ("17.03.2017", "slashed_date"),  # B28
        ("1489708800", "epoch_number"),  # B29
        ("0", "epoch_number"),  # B29
        ("-1", "epoch_number"),
        (1489708800, "epoch_number"),  # B29 as a JSON number
        (0, "epoch_number"),  # B29
        ("2026-05-08", "future_date"),  # B32: the day after tomorrow
        ("2026-05-08T00:00Z", "future_date"),  # B32
        ("2026-06", "future_date"),  # B32
        ("2027", "future_date"),  # B32
        ("20170317", "compact_date"),  # B33
        ("2017-W11-5", "week_date"),  # B33
        ("2017W115", "week_date"),  # B33
        ("2017-076", "bad_date"),  # an ordinal date
        ("2017-3-17", "bad_date"),
        ("2017-03-17 08:24", "bad_date"),
        ("2017-03-17T0824", "bad_date"),
        ("2017-03-17T08:24:00.5", "bad_date"),
        ("2017-03-17T08", "bad_date"),
        ("2017-03-17T24:00", "impossible_time"),
        ("2017-03-17T08:60", "impossible_time"),
        ("2017-03-17T08:24:60", "impossible_time"),
        ("2017-03-17T08:24+25:00", "bad_date"),
        ("2017-03Z", "bad_date"),
        ("٢٠١٧-٠٣-١٧", "bad_date"),
        ("2017-03-1X", "bad_date"),
        ("2017-03-17~", "bad_date"),
        ("17 March 2017", "bad_date"),
        ("2017-03-17\x00", "bad_date"),
        ("", "bad_date"),
    ],
)
def test_text_that_is_no_plain_date_is_refused(reader: Any, text: Any, code: str) -> None:
    if reader is day_span and not isinstance(text, str):
        text = str(text)
    assert code_of(reader, text, tz="UTC", today=TODAY) == code


def test_slashed_date_names_both_readings() -> None:
    with pytest.raises(InputError) as caught:
        window("03/04/2017", tz="UTC")
    assert "Write YYYY-MM-DD: 2017-03-04 or 2017-04-03;" in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("03/04/2017", DayOrder.DMY, "2017-04-03"),
        ("03/04/2017", DayOrder.MDY, "2017-03-04"),
        (" 3.4.2017 ", DayOrder.DMY, "2017-04-03"),
        ("17/03/2017", DayOrder.MDY, "2017-17-03"),  # no such month: refused when it is read
        ("2017-03-17", DayOrder.MDY, "2017-03-17"),
        ("2017-03-17/2017-03-18", DayOrder.DMY, "2017-03-17/2017-03-18"),
    ],
)
def test_a_day_is_turned_round_by_the_order_that_was_said(text: str, order: DayOrder, day: str) -> None:
    assert iso_day(text, order) == day


@pytest.mark.parametrize("zone", ["Asia/Damscus", "Asia", "+03:00", "", "../etc/passwd", "localtime", "asia/damascus"])
def test_unknown_zone_is_refused(zone: str) -> None:
    assert code_of(window, "2017-03-17", tz=zone) == "unknown_zone"


def test_misspelt_zone_is_answered_with_the_right_one() -> None:
    with pytest.raises(InputError, match="unknown_zone") as caught:
        window("2017-03-17", tz="Asia/Damscus")
    assert DAMASCUS in str(caught.value.fix)


@pytest.mark.parametrize(
    ("text", "code", "readings"),
    [
        ("2017-03-31T00:30", "nonexistent_time", ("2017-03-30T22:30:00Z", "2017-03-30T21:30:00Z")),
        ("2017-10-26T23:30", "ambiguous_time", ("2017-10-26T20:30:00Z", "2017-10-26T21:30:00Z")),
    ],
)
def test_local_time_of_a_clock_change_is_refused_with_both_readings(
    text: str, code: str, readings: tuple[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        window(text, tz=DAMASCUS)
    assert caught.value.code == code
    assert all(reading in str(caught.value.fix) for reading in readings)
    assert window(readings[0], tz=DAMASCUS).start == at(readings[0])


def test_day_that_the_zone_skipped_is_refused() -> None:
    assert code_of(window, "2011-12-30", tz="Pacific/Apia") == "nonexistent_time"
    assert window("2011-12-29", tz="Pacific/Apia").end == at("2011-12-30T09:59:59Z")


@given(
    st.datetimes(at("1901-01-01"), at("2025-12-31"), timezones=st.just(UTC)),
    st.sampled_from(sorted(zone_names())),
    st.sampled_from([TimePrecision.SECOND, TimePrecision.MINUTE]),
)
def test_any_second_can_be_written_in_any_zone_and_read_back(moment: datetime, name: str, unit: TimePrecision) -> None:
    tz, second = zone(name), moment.replace(microsecond=0)
    span = read(written(second, unit, tz), tz)
    assert span.start <= second <= span.end
    assert span.end - span.start < timedelta(minutes=1)
    assert span.unit is unit


def test_every_unit_is_written_and_read_back_as_itself() -> None:
    moment = at("2017-03-17T05:24:30Z")
    for unit in FORMATS:
        assert read(written(moment, unit, zone(DAMASCUS)), zone(DAMASCUS)).unit is unit
