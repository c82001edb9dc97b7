"""One row of UCDP GED: what is taken, what is flagged, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.textfile import Row, read_table
from db.vocabulary import EventKind, PrecisionLevel, TimePrecision, WindowKind
from incidents.importers.ged_rows import KNOWN, REQUIRED, Event, is_tag_row, read_event

FEW = Path(__file__).parents[2] / "fixtures" / "ged"


def rows(name: str) -> dict[str, Row]:
    """The rows of a fixture by event id; the tag row has none."""
    table = read_table(FEW / name, required=REQUIRED, known=KNOWN)
    return {row.values["id"]: row for row in table if isinstance(row, Row)}


SYRIA, IRAQ = rows("syria_few.csv"), rows("iraq_few.csv")
AL_JINAH = SYRIA["244276"]


def event(found: Row | None = None, /, **cells: str) -> Event:
    """The event in a row, by default Al Jinah's, with some cells changed."""
    row = AL_JINAH if found is None else found
    return read_event(Row(row.line, row.values | cells, row.raw), "few.csv, line 2")


def reasons(found: Event) -> list[str]:
    """The reasons of the event's flags."""
    return [flag.reason for flag in found.flags]


def test_a_row_becomes_an_event_with_its_place_window_and_figures() -> None:
    found = event()
    assert (found.code, found.name) == ("ucdp-244276", "Al Jinah village, 2017-03-16 (UCDP 244276)")
    assert (found.kind, found.country) == (EventKind.STATE_BASED_VIOLENCE, "SY")
    assert (found.lon, found.lat, found.precision) == (36.802054, 36.117443, PrecisionLevel.SETTLEMENT)
    assert (found.figures.low, found.figures.best, found.figures.high, found.figures.civilians) == (50, 50, 62, 50)
    assert (found.window.tz, found.window.edtf) == ("Asia/Damascus", "2017-03-16")
    assert (found.window.precision, found.window.kind) == (TimePrecision.DAY, WindowKind.MOMENT_IN_WINDOW)
    assert found.window.start.isoformat() == "2017-03-15T22:00:00+00:00"
    assert found.window.end.isoformat() == "2017-03-16T21:59:59+00:00"
    assert len(found.articles) == 10
    assert found.flags == ()


def test_a_range_of_days_is_one_moment_in_it_and_keeps_its_code() -> None:
    found = event(IRAQ["114064"])
    assert found.window.edtf == "[2014-01-24..2014-01-25]"
    assert found.window.raw == "date_prec 2: 2014-01-24 to 2014-01-25"
    assert (found.window.precision, found.window.tz) == (TimePrecision.DAYS, "Asia/Baghdad")
    assert found.name == "Al Fallūjah town, 2014-01-24 to 2014-01-25 (UCDP 114064)"


def test_days_of_a_country_without_a_set_zone_are_of_utc_and_say_so() -> None:
    found = event(country="Yemen (North Yemen)")
    assert (found.country, found.window.tz) == ("YE", "UTC")
    assert "days of UTC" in (found.window.raw or "")


def test_the_code_of_the_country_is_believed_before_its_name() -> None:
    assert event(country="A name nobody knows", iso3="IRQ").country == "IQ"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"low": "51"}, "figure_order"),  # above best
        ({"best": "63", "deaths_civilians": "63"}, "figure_order"),  # above high
        ({"deaths_unknown": "1"}, "parts_sum"),
        ({"side_b": "Civilians", "deaths_b": "1", "deaths_civilians": "49"}, "deaths_of_no_side"),
        ({"date_end": "2017-03-17"}, "date_precision"),  # code 1 is one day
        ({"date_prec": "2"}, "date_precision"),  # code 2 is two to six
        ({"where_prec": "4", "adm_1": ""}, "no_adm_name"),
        ({"where_prec": "3", "adm_2": ""}, "no_adm_name"),
        ({"where_coordinates": ""}, "no_place_name"),
        ({"country": "Atlantis"}, "unknown_country"),
        ({"source_article": "AFP 15/7"}, "articles_unparsed"),
        ({"source_article": ""}, "no_article"),
        ({"number_of_sources": "3"}, "article_count"),
        ({"conflict_name": "x" * 5000}, "note_cut"),
    ],
)
def test_what_does_not_fit_together_is_taken_and_flagged(cells: dict[str, str], reason: str) -> None:
    assert reasons(event(**cells)) == [reason]


def test_a_window_longer_than_its_code_gets_the_coarser_precision() -> None:
    assert event(date_end="2017-03-30").window.precision is TimePrecision.MONTH


def test_an_empty_district_is_no_flag_where_it_is_not_needed() -> None:
    assert reasons(event(SYRIA["216112"])) == []


def test_the_last_row_without_a_line_end_is_flagged() -> None:
    cut = Row(2, AL_JINAH.values, AL_JINAH.raw.rstrip())
    assert reasons(read_event(cut, "few.csv, line 2")) == ["no_line_end"]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"id": ""}, "bad_id"),
        ({"id": "0"}, "bad_id"),
        ({"id": "12a"}, "bad_id"),
        ({"type_of_violence": "4"}, "unknown_value"),
        ({"where_prec": "8"}, "unknown_value"),
        ({"where_prec": ""}, "unknown_value"),
        ({"date_prec": "0"}, "unknown_value"),
        ({"best": "-1"}, "negative_count"),
        ({"best": "1.5"}, "not_an_integer"),
        ({"best": "dozens"}, "words_in_number_cell"),
        ({"best": ""}, "missing_count"),
        ({"high": "99999999"}, "count_too_large"),
        ({"latitude": "91"}, "out_of_range"),
        ({"longitude": "-181"}, "out_of_range"),
        ({"latitude": "36,1"}, "not_a_number"),
        ({"latitude": "nan"}, "not_a_number"),
        ({"latitude": ""}, "not_a_number"),
        ({"latitude": "0", "longitude": "0.0"}, "null_island"),
        ({"date_start": "2017-03-17"}, "end_before_start"),
        ({"date_start": "2017-02-30"}, "impossible_date"),
        ({"date_start": ""}, "bad_date"),
        ({"date_start": "2017-03"}, "bad_date"),
        ({"date_end": "16/03/2017"}, "slashed_date"),
        ({"date_end": "2990-01-01"}, "future_date"),
        ({"side_a": ""}, "bad_name"),
        ({"side_b": "?"}, "bad_name"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_reason(cells: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        event(**cells)
    assert caught.value.code == code


def test_the_midnights_of_later_versions_are_days() -> None:
    found = event(date_start="2017-03-16 00:00:00.000", date_end="2017-03-16 00:00:00.000")
    assert (found.window, found.days) == (event().window, "2017-03-16")


def test_only_the_row_under_the_header_is_a_row_of_tags() -> None:
    assert is_tag_row(IRAQ[""])
    assert not is_tag_row(AL_JINAH)
    assert not is_tag_row(Row(2, dict.fromkeys(REQUIRED, ""), "\n"))


@given(st.tuples(*[st.integers(0, 99_999)] * 3))
def test_figures_are_kept_as_they_stand_whatever_their_order(figures: tuple[int, int, int]) -> None:
    low, best, high = figures
    found = event(low=str(low), best=str(best), high=str(high))
    assert (found.figures.low, found.figures.best, found.figures.high) == figures
    assert ("figure_order" in reasons(found)) is not (low <= best <= high)
