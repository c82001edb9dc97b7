from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.tables.base import LINE, PARAGRAPH, SHORT
from db.vocabulary import EventKind
from incidents.inputs import (
    Code,
    Dates,
    Day,
    Degrees,
    Input,
    Instant,
    Line,
    Paragraph,
    RowNumber,
    WebAddress,
    Whole,
    span,
    validated,
)


class Form(Input):
    code: Code | None = None
    line: Line | None = None
    page: Paragraph | None = None
    url: WebAddress | None = None
    dates: Dates | None = None
    day: Day | None = None
    moment: Instant | None = None
    whole: Whole | None = None
    degrees: Degrees | None = None
    number: RowNumber | None = None
    kind: EventKind | None = None
    lines: tuple[Line, ...] = ()


class Owed(Input):
    line: Line


def read(**data: Any) -> Form:
    return validated(Form, data, where="form")


def refused(**data: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read(**data)
    return caught.value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param({"nmae": "x"}, "unknown_field", id="B14 unknown field"),
        pytest.param({"line": 3}, "invalid_value", id="a number where text is meant"),
        pytest.param({"line": ["x"]}, "invalid_value", id="a list where text is meant"),
        pytest.param({"line": ""}, "blank", id="empty text"),
        pytest.param({"line": " \t "}, "blank", id="blanks"),
        pytest.param({"line": "a\x00b"}, "control_character", id="B06 NUL"),
        pytest.param({"page": "a\x1bb"}, "control_character", id="B06 escape"),
        pytest.param({"line": "a\ud800b"}, "bad_unicode", id="B05 lone surrogate"),
        pytest.param({"code": "a\u202eb"}, "invisible_character", id="B58 right-to-left override in a code"),
        pytest.param({"code": "a\u2066b"}, "invisible_character", id="B58 isolate in a code"),
        pytest.param({"code": "a\u200bb"}, "invisible_character", id="B58 zero width in a code"),
        pytest.param({"code": "a\nb"}, "control_character", id="a line break in a code"),
        pytest.param({"code": "x" * (SHORT + 1)}, "too_long", id="B61 code"),
        pytest.param({"line": "x" * (LINE + 1)}, "too_long", id="B61 line"),
        pytest.param({"page": "x" * (PARAGRAPH + 1)}, "too_long", id="B61 paragraph"),
        pytest.param({"url": "file:///etc/passwd"}, "bad_url", id="B62 file"),
        pytest.param({"url": "javascript:alert(1)"}, "bad_url", id="B62 script"),
        pytest.param({"url": "http:///page"}, "bad_url", id="B62 no host"),
        pytest.param({"url": "airwars.org"}, "bad_url", id="B62 no scheme"),
        pytest.param({"dates": "2017-02-30"}, "impossible_date", id="B26"),
        pytest.param({"dates": "0001-01-01"}, "year_out_of_range", id="B27"),
        pytest.param({"dates": "17/03/2017"}, "slashed_date", id="B28"),
        pytest.param({"dates": "1489708800"}, "epoch_number", id="B29"),
        pytest.param({"dates": 0}, "invalid_value", id="B29 as a number"),
        pytest.param({"dates": "2017-03-27/2017-03-24"}, "end_before_start", id="B30"),
        pytest.param({"dates": "2999-01-01"}, "future_date", id="B32"),
        pytest.param({"dates": "20170317"}, "compact_date", id="B33"),
        pytest.param({"day": 0}, "bad_date", id="B29 a day as a number"),
        pytest.param({"day": "1489708800"}, "bad_date", id="B29 a day as digits"),
        pytest.param({"day": "20140923"}, "bad_date", id="B33 a compact day"),
        pytest.param({"day": "2014-02-30"}, "impossible_date", id="B26 a day"),
        pytest.param({"day": datetime(2014, 9, 23, tzinfo=UTC)}, "bad_date", id="a moment is no day"),
        pytest.param({"moment": 0}, "bad_date", id="B29 a moment as a number"),
        pytest.param({"moment": "1489708800"}, "bad_date", id="B29 a moment as digits"),
        pytest.param({"moment": "2018-01-02"}, "bad_date", id="a day is no moment"),
        pytest.param({"moment": "2018-01-02T03:04"}, "naive_time", id="a moment without a zone"),
        pytest.param({"moment": datetime(2018, 1, 2)}, "naive_time", id="a naive datetime"),  # noqa: DTZ001 - the case
        pytest.param({"moment": "2018-02-30T03:04Z"}, "impossible_date", id="B26 a moment"),
        pytest.param({"moment": "2999-01-01T00:00Z"}, "future_date", id="B32 a moment"),
        pytest.param({"number": True}, "invalid_value", id="true is no row"),
        pytest.param({"number": "7"}, "invalid_value", id="text is no row"),
        pytest.param({"number": 0}, "invalid_value", id="no row has the number 0"),
        pytest.param({"kind": "drone"}, "unknown_value", id="a word outside the list"),
    ],
)
def test_a_bad_field_is_named_with_a_code(data: dict[str, Any], code: str) -> None:
    error = refused(**data)
    assert error.code == code
    assert next(iter(data)) in str(error)


def test_an_unknown_field_lists_the_known_ones() -> None:
    assert "moment" in str(refused(nmae="x"))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError) as caught:
        validated(Owed, {}, where="row 7")
    assert caught.value.code == "missing_field"
    assert "row 7, line" in str(caught.value)


def test_an_offending_text_is_shown_escaped() -> None:
    assert "\u202e" not in str(refused(code="a\u202eb"))


def test_free_text_keeps_marks_and_loses_the_blanks_around_it() -> None:  # B58, B60
    assert read(line="  \u2067المنصورة\u2069 <img onerror=x> ").line == "\u2067المنصورة\u2069 <img onerror=x>"


def test_texts_of_the_full_length_are_kept() -> None:
    assert len(read(line="x" * LINE, page="y" * PARAGRAPH, code="z" * SHORT).page or "") == PARAGRAPH


def test_each_item_of_a_list_is_checked() -> None:
    assert refused(lines=["good", "bad\x00"]).code == "control_character"


@pytest.mark.parametrize("url", ["https://airwars.org/a", "HTTP://airwars.org", "http://0xA9FEA9FE/"])
def test_a_web_address_is_kept_as_it_stands(url: str) -> None:
    assert read(url=url).url == url


def test_a_day_and_a_moment_are_read() -> None:
    found = read(day="2014-09-23", moment="2018-01-02T03:04:05+02:00")
    assert found.day == date(2014, 9, 23)
    assert found.moment == datetime(2018, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert read(day=date(2014, 9, 23)).day == date(2014, 9, 23)


def test_a_moment_of_a_zone_ahead_is_not_the_future() -> None:
    assert read(moment=datetime.now(UTC) + timedelta(hours=1)).moment is not None


@pytest.mark.parametrize("value", [True, 3.0, "12", float("nan"), 10**30])
def test_a_count_and_a_degree_are_handed_on_as_given(value: object) -> None:
    found = read(whole=value, degrees=value)
    assert found.whole is value
    assert found.degrees is value


def test_an_input_is_not_changed_after_checking() -> None:
    found = read(line="x")
    with pytest.raises(ValueError, match="frozen"):
        setattr(found, "line", "y")  # noqa: B010 - a plain assignment is refused by the type checker already


def test_the_span_of_dates_is_closed_and_open_sides_stay_open() -> None:
    assert span(None) == (None, None)
    assert span("2017-03-24/..") == (datetime(2017, 3, 24, tzinfo=UTC), None)
    assert span("2017-03") == (datetime(2017, 3, 1, tzinfo=UTC), datetime(2017, 3, 31, 23, 59, 59, tzinfo=UTC))


VALUES = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.dictionaries(st.sampled_from(sorted(Form.model_fields)), VALUES))
def test_whatever_comes_in_the_answer_is_an_input_or_an_error_of_ours(data: dict[str, Any]) -> None:
    with suppress(InputError):
        assert isinstance(read(**data), Form)
