"""Column types: instants keep their meaning, enumerations are stored by value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from db.errors import InputError
from db.types import UtcDateTime, enum_column, utc_now, utc_text

DIALECT = sqlite.dialect()
MOSUL = ZoneInfo("Asia/Baghdad")
AWARE = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001 - Hypothesis takes naive bounds
    datetime(9998, 12, 31),  # noqa: DTZ001 - Hypothesis takes naive bounds
    timezones=st.timezones() | st.just(UTC),
)


class Nowhere(tzinfo):
    """A zone that does not know its offset; Python calls such a time naive too."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None


@pytest.fixture
def column() -> UtcDateTime:
    return UtcDateTime()


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_naive_time_is_refused_everywhere(column: UtcDateTime, zone: tzinfo | None) -> None:
    naive = datetime(2017, 3, 17, 8, 0, tzinfo=zone)
    with pytest.raises(InputError, match="naive_time"):
        column.process_bind_param(naive, DIALECT)
    with pytest.raises(InputError, match="naive_time"):
        utc_text(naive)


def test_a_time_is_stored_in_utc(column: UtcDateTime) -> None:
    local = datetime(2017, 3, 17, 8, 30, tzinfo=MOSUL)
    assert column.process_bind_param(local, DIALECT) == datetime(2017, 3, 17, 5, 30)  # noqa: DTZ001 - as stored
    assert utc_text(local) == "2017-03-17 05:30:00.000000"


def test_nothing_stays_nothing(column: UtcDateTime) -> None:
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None


@pytest.mark.parametrize(
    "value",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-3))),
    ],
)
def test_a_time_outside_the_calendar_is_an_input_error(column: UtcDateTime, value: datetime) -> None:
    with pytest.raises(InputError, match="bad_time"):
        column.process_bind_param(value, DIALECT)


@given(AWARE)
def test_an_instant_comes_back_as_the_same_instant(value: datetime) -> None:
    column = UtcDateTime()
    back = column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT)
    assert back == value.astimezone(UTC)
    assert back is not None
    assert back.tzinfo is UTC


@given(AWARE)
def test_the_text_of_a_bulk_statement_is_what_the_column_type_stores(value: datetime) -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with engine.connect() as connection:
        table = sa.Table("t", sa.MetaData(), sa.Column("at", UtcDateTime()))
        table.create(connection)
        connection.execute(table.insert().values(at=value))
        assert connection.exec_driver_sql("SELECT at FROM t").scalar_one() == utc_text(value)
    engine.dispose()


@given(st.lists(AWARE, min_size=2, max_size=5))
def test_the_stored_text_sorts_as_time_does(values: list[datetime]) -> None:
    assert sorted(map(utc_text, values)) == [
        utc_text(value) for value in sorted(values, key=lambda v: v.astimezone(UTC))
    ]


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


class Colour(StrEnum):
    DEEP_RED = "deep_red"
    BLUE = "blue"


def test_an_enumeration_is_stored_by_value_with_a_check() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("colour", enum_column(Colour, name="colour")))
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with engine.connect() as connection:
        table.create(connection)
        connection.execute(table.insert().values(colour=Colour.DEEP_RED))
        assert connection.exec_driver_sql("SELECT colour FROM t").scalar_one() == "deep_red"
        assert connection.execute(sa.select(table.c.colour)).scalar_one() is Colour.DEEP_RED
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql("INSERT INTO t VALUES ('DEEP_RED')")
        with pytest.raises(sa.exc.StatementError, match="DEEP_RED"):
            connection.execute(table.insert().values(colour="DEEP_RED"))
    engine.dispose()
