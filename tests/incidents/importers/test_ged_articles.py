"""The articles of a row of UCDP GED."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.importers.ged_articles import bounds, read_articles

TWO = '"SOHR,2016-01-28,Shelling, again";"ICG, Crisis Watch,2016-07-22,A "quoted" word"'


def test_items_are_split_where_the_offices_and_dates_say() -> None:
    first, second = read_articles(TWO, "SOHR;ICG, Crisis Watch", "2016-01-28;2016-07-22") or []
    assert (first.office, first.date, first.title) == ("SOHR", "2016-01-28", "Shelling, again")
    assert (second.office, second.title) == ("ICG, Crisis Watch", 'A "quoted" word')
    assert [str(bound) for bound in bounds(first)] == [
        "2016-01-28",
        "2016-01-28 00:00:00+00:00",
        "2016-01-28 23:59:59+00:00",
    ]


def test_items_are_split_at_their_dates_where_the_other_cells_do_not_match() -> None:
    found = read_articles(TWO, "SOHR", "") or []
    assert [article.office for article in found] == ["SOHR", "ICG, Crisis Watch"]


def test_one_article_has_one_code_whatever_row_names_it() -> None:
    alone = read_articles('"SOHR,2016-01-28,Shelling, again"', "SOHR", "2016-01-28") or []
    assert alone[0].code == (read_articles(TWO, "SOHR", "") or [])[0].code
    assert alone[0].code.startswith("art-")
    assert len(alone[0].code) == 20


@pytest.mark.parametrize(
    "date",
    ["1753-01-01", "2919-02-06", "2016-13-45", "in May"],  # the data set has the first two
)
def test_a_date_that_is_none_is_kept_as_a_note(date: str) -> None:
    (article,) = read_articles(f'"SOHR,{date},Clashes"', "SOHR", date) or []
    assert bounds(article) == (None, None, None)
    assert date in (article.note or "")


@pytest.mark.parametrize(
    "text",
    [
        "AFP 15/7",
        "Al-Sharqiyah, Baghdad, in Arabic 1300 gmt 12 May 06",
        "r 28/12",
        "",
        '"',
        '"no date here"',
        '"...,2016-01-28,an office without a letter"',
    ],
)
def test_free_text_is_not_split(text: str) -> None:
    assert read_articles(text, "", "") is None


def test_entities_and_line_breaks_of_web_pages_are_undone_in_the_title() -> None:
    (article,) = read_articles('"SOHR,2016-01-28,the regime&#8217;s\nhelicopters "', "SOHR", "2016-01-28") or []
    assert article.title == "the regime’s helicopters"


def test_a_headline_too_long_for_a_title_is_kept_whole_in_the_note() -> None:
    (article,) = read_articles(f'"SOHR,2016-01-28,{"word " * 200}"', "SOHR", "2016-01-28") or []
    assert len(article.title) == 500
    assert "word " * 199 in (article.note or "")


def test_an_article_without_a_headline_is_named_by_office_and_date() -> None:
    (article,) = read_articles('"SOHR,2016-01-28,"', "SOHR", "2016-01-28") or []
    assert (article.title, article.note) == ("SOHR, 2016-01-28", "UCDP gives no headline.")


@given(st.text(), st.text(), st.text())
def test_no_text_makes_the_reader_fail(text: str, offices: str, dates: str) -> None:
    for article in read_articles(f'"{text}"', offices, dates) or []:
        assert 1 <= len(article.title.strip()) <= 500
