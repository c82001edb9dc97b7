"""Intervals of a filter: days, moments, open ends, and what is none of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.errors import InputError
from incidents.intervals import read_interval

DAY = datetime(2017, 3, 17, tzinfo=UTC), datetime(2017, 3, 17, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017-03-17", DAY),
        ("2017-03-17/2017-03-17", DAY),
        ("2017-03-17/..", (DAY[0], None)),
        ("2017-03-17/", (DAY[0], None)),
        ("../2017-03-17", (None, DAY[1])),
        ("/2017-03-17", (None, DAY[1])),
        ("../..", (None, None)),
        ("2017-03-17T03:00:00+03:00", (DAY[0], DAY[0])),
        ("2017-03-17t00:00:00.000z/2017-03-17", DAY),
        ("1066-10-14/2999-12-31", (datetime(1066, 10, 14, tzinfo=UTC), datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC))),
    ],
)
def test_it_is_read_closed_at_both_ends(text: str, expected: tuple[datetime | None, datetime | None]) -> None:
    assert read_interval(text) == expected


@pytest.mark.parametrize(
    "text", ["", "..", "2017", "2017-02-30", "2017-03-17T08:00:00", "2017-03-17 08:00", "a/b",
             "2017-03-17/2017-03-18/..", "0000-01-01", "9999-12-31T23:59:59-01:00", "٢٠١٧-٠٣-١٧", "20170317"]
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="bad_datetime"):
        read_interval(text)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InputError, match="end_before_start"):
        read_interval("2018-01-01/2017-01-01")
