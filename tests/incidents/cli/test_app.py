"""What commands share: days as instants, options that were given, sessions, and tables off a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from db.errors import InputError
from incidents.cli.app import PLAIN_WIDTH, console, counting, first_instant, given, instant, measuring


def test_a_day_is_its_first_and_its_last_second() -> None:
    assert first_instant("2017-08-01") == datetime(2017, 8, 1, tzinfo=UTC)
    assert instant("2017-08-01") == datetime(2017, 8, 1, 23, 59, 59, tzinfo=UTC)
    assert instant("2017-02") == datetime(2017, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert instant(None) is None
    assert first_instant(None) is None


@pytest.mark.parametrize("text", ["yesterday", "2017-02-30", "2017/.."])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        instant(text)


def test_options_that_were_not_given_keep_their_defaults_but_zero_and_no_are_given() -> None:
    assert given(a=None, b=[], c=0, d=False, e="") == {"c": 0, "d": False, "e": ""}


def test_off_a_terminal_tables_are_wide_and_plain(there: Any) -> None:
    plain = console()
    assert (plain.width, plain.no_color) == (PLAIN_WIDTH, True)
    table = there("find").stdout
    assert "\x1b" not in table
    assert max(len(line) for line in table.splitlines()) <= PLAIN_WIDTH


def test_progress_off_a_terminal_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("rows") as count, measuring("bytes") as measure:
        count(5)
        measure(5, 10)
    assert capsys.readouterr() == ("", "")
