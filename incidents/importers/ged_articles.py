"""The articles that a row of UCDP GED names: office, date and headline of each.

Two forms occur. Rows coded since 2013 hold ``"office,date,headline";"office,date,headline"`` in ``source_article``
with the offices and the dates once more in ``source_office`` and ``source_date``, joined by semicolons. Older
rows hold free text ("AFP 15/7"), which names no publisher and no day that could be relied on: it is kept as it
stands and not split.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db.errors import InputError
from db.tables.base import LINE, PARAGRAPH, SHORT
from db.vocabulary import TimePrecision
from gazetteer.folding import fold
from incidents.dates import Span, read, refuse_future

BETWEEN = '";"'
_ITEM = re.compile(r"(?P<office>.+?),(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}),(?P<headline>.*)", re.DOTALL)
_UTC = ZoneInfo("UTC")


class Article(NamedTuple):
    """One article: ``code`` is made of its content, so that the same article has one code in every event.

    ``published`` is None where the date cannot be read; ``date`` is as given.
    """

    code: str
    office: str
    date: str
    title: str
    note: str | None

    @property
    def span(self) -> Span | None:
        """First and last second of the day of publication in UTC; None where the date cannot be read."""
        return day_of(self.date)


def read_articles(text: str, offices: str, dates: str) -> list[Article] | None:
    """The articles of one row, in its order; one named twice is listed twice.

    Args:
        text: the cell ``source_article``.
        offices: the cell ``source_office``.
        dates: the cell ``source_date``.

    Returns:
        None where the text is not of the form that can be split without guessing.
    """
    text = text.strip()
    if len(text) < len('""') or not (text.startswith('"') and text.endswith('"')):
        return None
    items = text[1:-1].split(BETWEEN)
    heads = list(zip(offices.split(";"), dates.split(";"), strict=False))
    if not len(heads) == len(items) == offices.count(";") + 1 == dates.count(";") + 1:
        heads = [("", "")] * len(items)
    found = [_article(item, *head) for item, head in zip(items, heads, strict=True)]
    return None if None in found else [article for article in found if article is not None]


def _article(item: str, office: str, date: str) -> Article | None:
    """One item; ``office`` and ``date`` say where its headline begins, as either may hold a comma."""
    office, date = office.strip(), date.strip()
    head, comma, headline = item.partition(f",{date},")
    if not (date and comma and head.strip() == office):
        match = _ITEM.fullmatch(item)
        if match is None:
            return None
        office, date, headline = match["office"].strip(), match["date"], match["headline"]
    if not _is_name(office) or len(date) > SHORT:
        return None
    return _build(office, date, headline.strip())


@lru_cache(maxsize=4096)
def _is_name(office: str) -> bool:
    return len(office) <= LINE and fold(office) != ""


@lru_cache(maxsize=4096)
def _build(office: str, date: str, headline: str) -> Article:
    digest = hashlib.sha256(json.dumps([office, date, headline], ensure_ascii=False).encode()).hexdigest()
    # The data set took headlines from web pages with their entities (&#8217;) and line breaks.
    title = " ".join(html.unescape(headline).split())
    notes = []
    if title == "":
        title = f"{office}, {date}"[:LINE]
        notes.append("UCDP gives no headline.")
    if len(title) > LINE:
        notes.append(f"Headline in full: {title}")
        title = f"{title[: LINE - 1]}…"
    if day_of(date) is None:
        notes.append(f"UCDP gives the date as “{date}”.")
    return Article(f"art-{digest[:16]}", office, date, title, " ".join(notes)[:PARAGRAPH] or None)


@lru_cache(maxsize=4096)
def day_of(text: str) -> Span | None:
    """The day that ``text`` (YYYY-MM-DD) names, in UTC; None where it names no day that has come."""
    try:
        span = read(text, _UTC)
        refuse_future(span, _UTC, None, text)
    except InputError:
        return None
    return span if span.unit is TimePrecision.DAY else None


def bounds(article: Article) -> tuple[str | None, datetime | None, datetime | None]:
    """The columns ``published``, ``published_start`` and ``published_end`` of the article's report."""
    span = article.span
    return (None, None, None) if span is None else (article.date, span.start, span.end)
