from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session

from db.errors import AmbiguousError, AtlasError, ConflictError, InputError, NotFoundError
from incidents.reports import find_report, list_reports
from tests.incidents.factories import basics, report

PAGE = "https://airwars.org/cs598"


@pytest.fixture(autouse=True)
def sources(session: Session) -> None:
    basics(session)


def test_a_report_keeps_its_date_as_given_and_as_bounds(session: Session) -> None:
    row = report(session, "one", published="2017-03-24/2017-03-27", retrieved_at="2018-01-02T03:04:05+02:00")
    assert row.published == "2017-03-24/2017-03-27"
    assert row.published_start == datetime(2017, 3, 24, tzinfo=UTC)
    assert row.published_end == datetime(2017, 3, 27, 23, 59, 59, tzinfo=UTC)
    session.refresh(row)
    assert row.retrieved_at == datetime(2018, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_a_report_without_a_date_has_no_bounds(session: Session) -> None:
    row = report(session, "one", published=None)
    assert (row.published, row.published_start, row.published_end) == (None, None, None)


def test_a_report_is_found_by_code_address_or_archive(session: Session) -> None:
    row = report(session, "one", url=PAGE, archive_url="https://archive.example/1")
    for text in ("one", PAGE, "https://archive.example/1"):
        assert find_report(session, text).id == row.id


def test_an_address_of_two_reports_lists_both(session: Session) -> None:
    report(session, "one", url=PAGE)
    report(session, "two", archive_url=PAGE)
    with pytest.raises(AmbiguousError) as caught:
        find_report(session, PAGE)
    assert caught.value.candidates == ["one: one", "two: two"]


def test_an_unknown_report_is_refused_with_the_nearest(session: Session) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_report(session, "monitr-1")
    assert caught.value.code == "unknown_report"
    assert "Nearest: monitor-1" in str(caught.value)
    assert "incidents report add" in str(caught.value)


@pytest.mark.input
@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"code": "monitor-1"}, ConflictError, "duplicate_code"),
        ({"publisher": "nobody"}, NotFoundError, "unknown_organisation"),
        ({"url": "ftp://example.org"}, InputError, "bad_url"),
        ({"sha256": "A" * 64}, InputError, "invalid_value"),
        ({"retrieved_at": "2018-01-02T03:04:05"}, InputError, "naive_time"),
        ({"retrieved_at": 1489708800}, InputError, "bad_date"),
        ({"published": "last week"}, InputError, "bad_date"),
        ({"title": "x" * 501}, InputError, "too_long"),
        ({"title": "a\x00"}, InputError, "control_character"),
        ({"visibility": "secret"}, InputError, "unknown_value"),
    ],
)
def test_a_bad_report_is_refused(session: Session, given: dict[str, Any], error: type[AtlasError], code: str) -> None:
    with pytest.raises(error) as caught:
        report(session, **({"code": "one"} | given))
    assert caught.value.code == code


def test_reports_are_listed_by_code_or_by_words_of_the_title(session: Session) -> None:
    report(session, "a-one", title="The school at Mansoura")
    assert [row.code for row in list_reports(session, "SCHOOL")] == ["a-one"]
    assert list_reports(session)[0].code == "a-one"
    assert list_reports(session, "100%") == []
