"""EDTF text: what names a window, and what does not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from db.errors import InputError
from incidents.dates import zone
from incidents.edtf import read_edtf
from incidents.windows import parse_edtf

UTC_ZONE = zone("UTC")
TODAY = date(2026, 5, 6)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def code_of(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*args, **named)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "first", "last", "kind", "precision"),
    [
        ("2017-03-17", "2017-03-17T00:00:00Z", "2017-03-17T23:59:59Z", "moment_in_window", "day"),
        ("2017-03", "2017-03-01T00:00:00Z", "2017-03-31T23:59:59Z", "moment_in_window", "month"),
        ("2017", "2017-01-01T00:00:00Z", "2017-12-31T23:59:59Z", "moment_in_window", "year"),
        # each of these fails, or loses its time, in the edtf package
        ("2017-03-16T18:55:00", "2017-03-16T18:55:00Z", "2017-03-16T18:55:00Z", "moment_in_window", "second"),
        (
            "2017-03-20T20:00/2017-03-21T05:00",
            "2017-03-20T20:00:00Z",
            "2017-03-21T05:00:59Z",
            "duration",
            "part_of_day",
        ),
        ("2017-03-2X", "2017-03-20T00:00:00Z", "2017-03-29T23:59:59Z", "moment_in_window", "month"),
        ("2017-03-XX", "2017-03-01T00:00:00Z", "2017-03-31T23:59:59Z", "moment_in_window", "month"),
        ("2017-02-2X", "2017-02-20T00:00:00Z", "2017-02-28T23:59:59Z", "moment_in_window", "month"),
        ("2017-XX", "2017-01-01T00:00:00Z", "2017-12-31T23:59:59Z", "moment_in_window", "year"),
        ("2017-XX-31", "2017-01-31T00:00:00Z", "2017-12-31T23:59:59Z", "moment_in_window", "year"),
        ("201X", "2010-01-01T00:00:00Z", "2019-12-31T23:59:59Z", "moment_in_window", "year"),
        ("[2017-03-20..2017-03-21]", "2017-03-20T00:00:00Z", "2017-03-21T23:59:59Z", "moment_in_window", "days"),
        ("[2017-03-20, 2017-03-22]", "2017-03-20T00:00:00Z", "2017-03-22T23:59:59Z", "moment_in_window", "days"),
        ("[2017-03-22,2017-03-20]", "2017-03-20T00:00:00Z", "2017-03-22T23:59:59Z", "moment_in_window", "days"),
        ("2017-03-20/2017-03-21", "2017-03-20T00:00:00Z", "2017-03-21T23:59:59Z", "duration", "days"),
        ("2017-03-20~", "2017-03-20T00:00:00Z", "2017-03-20T23:59:59Z", "moment_in_window", "day"),
        ("2017-03?", "2017-03-01T00:00:00Z", "2017-03-31T23:59:59Z", "moment_in_window", "month"),
        ("2017-03-~20", "2017-03-20T00:00:00Z", "2017-03-20T23:59:59Z", "moment_in_window", "day"),
        ("2017-03-20%/2017-03-22?", "2017-03-20T00:00:00Z", "2017-03-22T23:59:59Z", "duration", "days"),
    ],
)
def test_edtf_names_a_window(text: str, first: str, last: str, kind: str, precision: str) -> None:
    assert read_edtf(text, UTC_ZONE) == (at(first), at(last), kind)
    made = parse_edtf(text, tz="UTC")
    assert made.precision == precision
    assert made.edtf == made.raw == text  # the qualifiers are kept though they move nothing


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2017-03-17/",  # an unknown end
        "/2017-03-17",
        "a/b",
        "2017/2018/2019",
        "..",
        "../..",
        "[..]",
        "[]",
        "[2017-03-17",
        "[2017-03-17,]",
        "{2017-03-17,2017-03-20}",  # all of these days: not one moment
        "2017-21",  # spring
        "Y17E8",
        "XXXX-03-17",
        "2X17-03-17",
        "2017-03-17~~",
        "2017-03-XXT10:00",
        "20170317",
        "2017-W11-5",
        "1489708800",
    ],
)
def test_nonsense_is_no_edtf(text: str) -> None:
    assert code_of(parse_edtf, text, tz="UTC") == "bad_edtf"
    assert code_of(parse_edtf, text, tz="UTC", allow_open=True) == "bad_edtf"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("17/03/2017", "slashed_date"),  # B28
        ("2017-02-30", "impossible_date"),  # B26
        ("2017-02-3X", "impossible_date"),
        ("2017-03-20/2026-05-08", "future_date"),  # B32
        ("9999", "year_out_of_range"),  # B27
    ],
)
def test_well_written_edtf_of_an_impossible_date_says_why(text: str, code: str) -> None:
    assert code_of(parse_edtf, text, tz="UTC", today=TODAY) == code
